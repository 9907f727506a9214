// Package test holds the tests that join parts: the rules of the house
// (layers, files, words) and the end-to-end tests on a real Asterisk with real
// SIP phones. It may import everything, and nothing imports it.
//
// The tests on a real Asterisk share one instance, which TestMain stops; see
// testAsterisk. A layer that cannot run here is skipped by skipLayer, which
// makes it part of the last lines of make test and a failure on CI.
package test
