// Package mutants shows that guards are guarded: each [Mutant] takes one guard
// out of the program, and a named test must then fail. A guard whose absence
// no test notices can be lost unnoticed.
//
// The tree is never touched: the go command gets the changed file by -overlay,
// and so does the controller that tests on real Asterisk build (see
// [OverlayEnv]). A mutant whose text is no longer found, or no longer
// compiles, is an error: it shows nothing.
//
//	go run ./test/mutants/run -list
//	go run ./test/mutants/run -run 'socket' -real
package mutants
