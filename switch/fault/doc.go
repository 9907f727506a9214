// Package fault is the only error vocabulary that crosses a folder.
//
// An [Error] says which operation failed, on what, and of which [Kind]; the
// adapters map Kind to their protocol's code by a table, and callers ask what
// an error allows ([Retryable]) instead of reading its text. It imports
// nothing but the standard library and owns no goroutine.
package fault
