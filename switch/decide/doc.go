// Package decide asks HTTP servers where calls shall go: it carries out
// callmodel.Decide and gives the answers back as callmodel.Decision. It is
// no telephony backend; [Client.Split] puts it in front of one.
//
// # The question
//
// POST to the decision's URL, Content-Type application/json. The body is a
// callmodel.Ask:
//
//	{"call": "01KJ...",            the call's id, the same in every interface
//	 "caller": "+49301234",       as the caller's side sent it; empty: withheld
//	 "caller_name": "Miller",     left out where there is none
//	 "dialled": "600",
//	 "queue": "support",          left out where the call is in none
//	 "menu": "main/lookup",       menu and node; left out where the call is in none
//	 "values": [{"key": "customer", "value": "4711"}]}   what menus and decisions have stored;
//	                              of a secret entry one asterisk per digit
//
// Headers: Strowger-Decision is the decision's id, Strowger-Step the number of
// the step: the same call and step is the same question. It is never sent twice.
//
// # The answer
//
// Status 200 with JSON of at most 64 KiB, and nothing else in it:
//
//	{"to": "queue:support",       where to go on: a node of the same menu, or kind:value
//	 "set": {"tier": "gold"}}     to store with the call; may be left out
//
// kind is queue, agent, ivr, number, announce or hangup. At most [MaxSet]
// values; a key is a letter and up to 63 letters, digits, "_", "-" and ".", a
// value has at most [MaxValue] bytes without control characters. An answer
// that breaks a rule is no answer.
//
// Redirects are followed where they keep the method (307 and 308), at most
// [maxRedirects] times, to the same host and port by the same scheme. There is no
// proxy, no cookie and no retry.
//
// # What becomes of it
//
// Exactly one Decision goes to the feed for each order: Done with the answer;
// Failed where the server cannot be reached, answers something else or was not
// asked at all; Unknown where the deadline passed after the question had been
// sent. The menu then takes its default. The deadline is the decision's
// timeout, at most [MaxTimeout]. After [Options].MaxFailures failures in a row
// a decision is not asked for [Options].Pause, then once to see whether it is
// back. More than [Options].MaxInFlight questions at once are refused.
//
// Goroutines: one per question under way, owned by [Client]; [Client.Stop]
// cancels and awaits them.
package decide
