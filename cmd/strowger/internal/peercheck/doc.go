// Package peercheck is what the checks of interfaces share: each plays the
// program at the other end of an interface (a CRM, an application) step by step,
// receives what the interface sends, and reports what works and what does not.
package peercheck
