// Package lead holds the plain words of the dialer: who is to be called, at
// which numbers and when, what a claim of leads asks for and gets, how an
// attempt ended, and why a lead is not called now.
//
// It does nothing: package dialer/list keeps leads in SQL, dialer/rule says
// when they may be called and what follows from a result, dialer/runner calls
// them. All three speak these types and none of them needs another.
package lead
