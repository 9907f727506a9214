// Package table lays out rows of text in columns for a terminal. What it
// prints comes from callers and CRM systems: control and direction characters
// are replaced, so that no name can move the cursor or forge a line.
package table
