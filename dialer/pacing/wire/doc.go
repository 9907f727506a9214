// Package wire speaks the protocol by which a simulator drives the pacer: JSON
// lines, one process or connection per shift.
//
// The first line is the hello, which gets no reply; each line after it is a
// state, and is answered with one line:
//
//	{"hello":{"agents":25,"trunk_limit":125,"grace":2,"ring_limit":22,"shift_ends":28800,"target":0.03}}
//	{"t":12.5,"agents":[[1,3.5,0],[2,4,1]],"ringing":[9.5],"waiting":0,"trunk_limit":125,"trunks":2,"answered":1,"abandoned":0,"log":[[12.1,0,0,4.6]]}
//	{"dial":3}
//
// All times are seconds since the shift began. An agent is [status, since,
// pending]: 0 offline, 1 idle, 2 talking, 3 wrapping; pending 1: a break was
// asked for. A line of the log is [t, kind, outcome, took], each line once: kind
// 0 dial ended, 1 bridged, 2 abandoned, 3 talk ended, 4 wrap-up ended; outcome 0
// human, 1 machine, 2 busy, 3 SIT, 4 no answer; took is since dialling, the
// wait, the conversation, the wrap-up.
//
// With Options.Why a reply has the sentence and the figures too, and lines that
// may be given up. The same form is the log of a campaign's decisions, so that
// a day can be decided again ([Replay]).
//
// Every line is bounded and checked; what is wrong is a fault that names the
// line. It keeps no goroutine and closes nothing.
package wire
