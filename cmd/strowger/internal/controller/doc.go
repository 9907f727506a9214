// Package controller puts the concrete parts together: journal and store,
// engine, a telephony backend (Asterisk or the simulated exchange) and the
// northbound interfaces. It is the only place that knows them all; serve, run
// and the tests start it.
//
// It owns one goroutine, the recorder that turns ended calls into rows; the
// parts own theirs. Stop ends everything in the reverse order of Start, and
// leaves the calls up.
package controller
