// Package client speaks to a running controller over its unix socket, in the
// shapes of cti/rest. Its errors are faults with a reason for the person at
// the terminal. It keeps no state and owns no goroutine but the one of an open
// [Stream].
package client
