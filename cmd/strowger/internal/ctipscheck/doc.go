// Package ctipscheck plays an application written for CTI Portal Server against
// a running server of that interface, ours or another, and reports step by step
// what works: the sample client of the interface's reference, and what it does
// not dare.
package ctipscheck
