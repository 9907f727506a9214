// Package watch reads the switch's events for whoever tells others of them:
// from a picture on, in order, and again from a picture where the reader was
// too slow or the switch refused for a while. What lay between shows in the
// picture only as far as it is still so.
package watch
