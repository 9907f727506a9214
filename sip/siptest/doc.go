// Package siptest makes tests with real SIP phones read like a conversation:
// a [Phone] dials, expects, answers and hears, and every wait that fails ends
// the test with what was on the line instead.
//
// A [Trunk] is the world outside: it takes calls to any number by a script per
// number, and shows what arrived.
//
// It wraps sip/ua and adds nothing to SIP. All phones of a test share one
// pacer and are stopped by t.Cleanup; [CheckGoroutines] then finds what they
// left behind. Helpers call t.Fatal, so they belong to the test's goroutine.
package siptest
