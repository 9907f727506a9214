// Package step runs the Go benchmarks of model and engine and enters their
// figures. It starts no goroutine.
package step
