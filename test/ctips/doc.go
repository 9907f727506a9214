// Package ctips holds the tests that run the CTIPS server on the engine, the
// journal and the simulated exchange, with clients that speak to it over HTTP:
// the whole road of a call but for Asterisk, in a second or two. Its own tests
// (cti/ctips) use a fake switch, because an adapter may not know the engine.
package ctips
