// Package cputime reads how much processor time a process, and the whole
// machine, have used: /proc/PID/stat and /proc/stat, see proc(5). Linux only.
// It starts no goroutine.
package cputime
