// Package port holds the only interfaces between the core and the rest:
// Switch for clients (cti/*, dialer, cmd), Feed and Effector for the telephony
// backends (ari/link, sip/leg, sim), Journal and Clock for the engine. It has
// no code of its own and owns no goroutine.
package port
