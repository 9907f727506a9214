package link

import (
	"strings"
	"unicode"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// Dialplan arguments of our application: Stasis(app,in,${EXTEN}) for callers,
// argOut for legs that we originate.
const (
	argIn  = "in"
	argOut = "out"
)

// ingest turns events of Asterisk into facts. It keeps no call state.
type ingest struct {
	node callmodel.NodeID
	app  string
	mint func() callmodel.ID
	n    *linkCounters
}

// fact returns the fact that an event means, or nil.
func (g *ingest) fact(ev arispec.Event) callmodel.Input {
	g.n.events.Add(1)
	switch e := ev.(type) {
	case *arispec.Unknown:
		g.n.unknown.Add(1)
	case *arispec.BridgeDestroyed:
		if b := callmodel.BridgeID(e.Bridge.ID); b.Ours() {
			return callmodel.BridgeGone{Bridge: b}
		}
	case *arispec.StasisStart:
		return g.about(&e.Channel, g.start(e))
	case *arispec.ChannelStateChange:
		return g.about(&e.Channel, g.stateChange(&e.Channel))
	case *arispec.ChannelEnteredBridge:
		if b := callmodel.BridgeID(e.Bridge.ID); e.Channel != nil && b.Ours() {
			return g.about(e.Channel, callmodel.ChannelJoined{Channel: channelID(e.Channel), Bridge: b})
		}
	case *arispec.ChannelLeftBridge:
		if b := callmodel.BridgeID(e.Bridge.ID); b.Ours() {
			return g.about(&e.Channel, callmodel.ChannelLeft{Channel: channelID(&e.Channel), Bridge: b})
		}
	case *arispec.ChannelHold:
		return g.about(&e.Channel, callmodel.ChannelHeld{Channel: channelID(&e.Channel)})
	case *arispec.ChannelUnhold:
		return g.about(&e.Channel, callmodel.ChannelUnheld{Channel: channelID(&e.Channel)})
	case *arispec.ChannelHangupRequest:
		return g.about(&e.Channel, g.hangupRequest(e))
	case *arispec.StasisEnd:
		return g.about(&e.Channel, callmodel.ChannelLeftApp{Channel: channelID(&e.Channel)})
	case *arispec.ChannelDestroyed:
		return g.about(&e.Channel, callmodel.ChannelGone{Channel: channelID(&e.Channel), Cause: causeOf(e.Cause), TechCause: e.TechCause})
	}
	return nil
}

// about drops a fact about a channel without an id: the event lacks its main field.
func (g *ingest) about(c *arispec.Channel, in callmodel.Input) callmodel.Input {
	if c.ID == "" {
		g.n.bad.Add(1)
		return nil
	}
	return in
}

// hangupRequest is the end of a caller's leg. Asterisk takes our subscription
// to a channel away when it leaves the application, so that the end itself
// (ChannelDestroyed) is told only of legs that we have originated, to which we
// are subscribed twice. Their cause is more exact, and is waited for.
func (g *ingest) hangupRequest(e *arispec.ChannelHangupRequest) callmodel.Input {
	if channelID(&e.Channel).Ours() {
		return nil
	}
	return callmodel.ChannelGone{Channel: channelID(&e.Channel), Cause: causeOf(e.Cause), TechCause: e.TechCause}
}

func channelID(c *arispec.Channel) callmodel.ChannelID { return callmodel.ChannelID(c.ID) }

func causeOf(c int) callmodel.Cause {
	if c < 0 || c > 127 {
		return 0
	}
	return callmodel.Cause(c)
}

func (g *ingest) start(e *arispec.StasisStart) callmodel.Input {
	if channelID(&e.Channel).Ours() {
		return callmodel.ChannelUp{Node: g.node, Channel: channelID(&e.Channel)}
	}
	if len(e.Args) == 0 || e.Args[0] != argIn {
		g.n.foreign.Add(1)
		return nil
	}
	dialled := e.Channel.Dialplan.Exten
	if len(e.Args) > 1 {
		dialled = e.Args[1]
	}
	return callmodel.ChannelArrived{
		Node: g.node, Channel: channelID(&e.Channel), Call: callmodel.CallID{ID: g.mint()},
		Dialled: g.number(dialled), Caller: g.number(e.Channel.Caller.Number), CallerName: cleanName(e.Channel.Caller.Name),
		Up: e.Channel.State == stateUp,
	}
}

// States of a channel that matter here.
const (
	stateUp      = "Up"
	stateRinging = "Ringing"
)

// stateChange follows ringing of our legs and the answer of callers. That one
// of our legs is up counts from its StasisStart: before it Asterisk refuses to
// put it into a bridge (specs/asterisk.md P14).
func (g *ingest) stateChange(c *arispec.Channel) callmodel.Input {
	ours := channelID(c).Ours()
	switch {
	case ours && c.State == stateRinging:
		return callmodel.ChannelRinging{Node: g.node, Channel: channelID(c)}
	case !ours && c.State == stateUp:
		return callmodel.ChannelUp{Node: g.node, Channel: channelID(c)}
	}
	return nil
}

// maxNumber is the longest number that the switch looks at.
const maxNumber = 32

// number keeps a number as it is when it is one, and empties it otherwise: an
// anonymous caller, or somebody who tries what a dialplan would interpret.
func (g *ingest) number(s string) string {
	if s == "" || len(s) > maxNumber {
		return g.refuse(s)
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && c != '*' && c != '#' && (c != '+' || i > 0) {
			return g.refuse(s)
		}
	}
	return s
}

func (g *ingest) refuse(s string) string {
	if s != "" {
		g.n.numbers.Add(1)
	}
	return ""
}

// maxName is the longest caller name, in runes.
const maxName = 64

// cleanName keeps what can be printed: no control characters (they would
// become SIP header lines), no bidirectional controls, at most maxName runes.
func cleanName(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || r == '"' || r == '\\' {
			continue
		}
		if n++; n > maxName {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
