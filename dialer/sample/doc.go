// Package sample keeps the first seconds of some of the calls that were taken
// for machines, so that people can say how many of them were people: those
// count against a campaign's budget as if they had been dropped.
//
// A sample is a file in a folder and a row in the table screen_samples. Both
// are bounded: in number, and in how long they are kept.
//
// It has no goroutine; its functions may be used by several.
package sample
