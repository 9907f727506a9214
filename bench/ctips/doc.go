// Package ctips is the suite that measures what the CTIPS interface adds to a
// plain HTTP POST: an engine on the simulated exchange in real time, ten
// clients who want every event of every agent and call, and a sink that answers
// at once. The bytes that it has received are then posted to it again, at the
// same rate, by a plain client. Everything that it starts has ended when [Run]
// returns.
package ctips
