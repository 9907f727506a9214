// Package stepcheck is what the checks of interfaces share: steps with a result
// each, the HTTP client that they ask with, and a receiver of what is sent to
// their callback.
package stepcheck
