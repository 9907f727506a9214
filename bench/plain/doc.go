// Package plain is what suites compare an interface's messages with: a sink that
// answers at once, and a plain HTTP client that posts the same bytes to it at the
// same rate.
package plain
