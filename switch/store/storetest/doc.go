// Package storetest is the suite that every database behind package store has
// to pass. It holds no tests of its own and owns no goroutine beyond a test.
package storetest
