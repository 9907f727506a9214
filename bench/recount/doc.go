// Package recount is the suite that holds the controller's records and
// statistics against what Asterisk has written by itself: random callers, random
// agents, and afterwards every call looked up in both. Everything that it starts
// has ended when [Run] returns.
package recount
