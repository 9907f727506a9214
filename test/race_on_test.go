//go:build race

package test

// raceFlags build the program as the tests are built.
var raceFlags = []string{"-race"}
