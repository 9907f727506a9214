// Package ici holds the tests that run the ICI server on the engine, the
// journal and the simulated exchange: the whole road of a call but for
// Asterisk, in a second. Its own tests (cti/ici) use a fake switch, because
// an adapter may not know the engine.
package ici
