// Package rig is what benchmarks on a real Asterisk run on: a sandboxed
// Asterisk; 200 endpoints whose fixed contacts are one SIPp process that
// answers at once; a controller as a process of its own on a configuration
// file, with its journal; SIPp for the callers.
//
// Goroutines: those of the processes it starts (packages sandbox and sipp, and
// one that waits for the controller's end); all have ended when [With] returns.
package rig
