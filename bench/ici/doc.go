// Package ici is the suite that measures what the ICI interface adds to a plain
// HTTP POST: an engine on the simulated exchange in real time, a thousand agents
// who are all subscribed, and a sink that answers at once. The bytes that it has
// received are posted to it again, at the same rate, by a plain client; the two take
// turns.
// Everything that it starts has ended when [Run] returns.
package ici
