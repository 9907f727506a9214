// Package behalf is what adapters share that give the switch commands on behalf
// of people: the passcode of a login, and how many refusals are written down.
package behalf
