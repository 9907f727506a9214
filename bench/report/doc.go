// Package report collects the figures of a benchmark run, prints them as a
// table and appends them to a file of JSON lines. It measures nothing and
// starts no goroutine.
package report
