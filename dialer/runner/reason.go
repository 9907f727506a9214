package runner

// Reason says what a campaign does at a tick, or why it does nothing.
type Reason string

// The reasons, in the order in which they are looked at.
const (
	Stopped     Reason = "stopped"     // by somebody, or never started
	Paused      Reason = "paused"      // by somebody
	Removed     Reason = "removed"     // it is no longer in the configuration
	Starting    Reason = "starting"    // after a restart: attempts of before are being looked for
	Journal     Reason = "journal"     // what is ordered cannot be kept
	NodeDown    Reason = "node-down"   // no telephony server
	Pressure    Reason = "pressure"    // the machine has too much to do
	Database    Reason = "database"    // results cannot be stored, or leads not read
	Faults      Reason = "faults"      // several calls ended by a fault of ours: it is paused
	Budget      Reason = "budget"      // the legal budget is gone
	Inbound     Reason = "inbound"     // callers wait for the same agents
	NoAgents    Reason = "no-agents"   // nobody is signed in
	Unreachable Reason = "unreachable" // agents are there, but their stations take no such calls
	Breaker     Reason = "breaker"     // the trunks fail
	TrunkLimit  Reason = "trunk-limit" // all lines are in use
	RateLimit   Reason = "rate-limit"  // calls per second
	NoLeads     Reason = "no-leads"    // none may be called now
	Pacing      Reason = "pacing"      // the pacer says enough
	Dialing     Reason = "dialing"
)

// Reasons lists them all, for figures that show each.
func Reasons() []Reason {
	return []Reason{
		Stopped, Paused, Removed, Starting, Journal, NodeDown, Pressure, Database, Faults, Budget, Inbound, NoAgents, Unreachable, Breaker, TrunkLimit, RateLimit,
		NoLeads, Pacing, Dialing,
	}
}
