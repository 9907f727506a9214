package link

import (
	"strings"
	"unicode"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// Dialplan arguments of our application: Stasis(app,in,${EXTEN}) for callers,
// argOut for legs that we originate, argScreened for those that come back from a detector.
const (
	argIn  = "in"
	argOut = "out"
)

// ingest turns events of Asterisk into facts. Of calls it keeps no state; what
// it remembers is what Asterisk does not say twice: open collections of digits,
// sounds under way, transfers by phone in their few milliseconds, and which
// phones can be reached. All but node, app and mint belong to the consumer.
type ingest struct {
	node   callmodel.NodeID
	app    string
	mint   func() callmodel.ID
	n      *linkCounters
	digits *digits
	plays  *plays
	inside *members
	refer  *refer
	phones *phones
	tracks *tracks
	tidy   func(...callmodel.ChannelID)
}

func newIngest(node callmodel.NodeID, app string, n *linkCounters, tidy func(...callmodel.ChannelID)) ingest {
	return ingest{
		node: node, app: app, n: n, digits: newDigits(n), plays: newPlays(n), inside: newMembers(),
		refer: newRefer(n, tidy), phones: &phones{node: node}, tracks: newTracks(), tidy: tidy,
	}
}

// facts appends the facts that an event means to out. Events of a leg come in
// the order in which things happened; those about transfers and bridges may be
// a little early or late against them (specs/asterisk.md 1.1).
func (g *ingest) facts(ev arispec.Event, out []callmodel.Input) []callmodel.Input {
	g.n.events.Add(1)
	switch e := ev.(type) {
	case *arispec.Unknown:
		g.n.unknown.Add(1)
	case *arispec.BridgeDestroyed:
		if b := callmodel.BridgeID(e.Bridge.ID); b.Ours() {
			return append(g.plays.close(target{bridge: b}, out), callmodel.BridgeGone{Bridge: b})
		}
	case *arispec.PlaybackFinished:
		return g.playbackFinished(&e.Playback, out)
	case *arispec.RecordingStarted:
		return g.recording(&e.Recording, ev, out)
	case *arispec.RecordingFinished:
		return g.recording(&e.Recording, ev, out)
	case *arispec.RecordingFailed:
		return g.recording(&e.Recording, ev, out)
	case *arispec.ContactStatusChange:
		return g.phones.changed(&e.Endpoint, out)
	case *arispec.PeerStatusChange:
		return g.phones.changed(&e.Endpoint, out)
	case *arispec.BridgeBlindTransfer:
		if e.Result == transferSuccess && e.Channel.ID != "" {
			return g.refer.transferred(channelID(&e.Channel), g.number(e.Exten), out)
		}
	case *arispec.BridgeAttendedTransfer:
		return g.refer.attended(e, out)
	case *arispec.StasisStart: // it decides itself what is held back
		if n := callmodel.RecordName(e.Channel.ID); n.Ours() {
			return g.listener(n, ev, out)
		}
		return g.about(&e.Channel, ev, out)
	default:
		if c := channelOf(ev); c != nil {
			if name := callmodel.RecordName(c.ID); name.Ours() {
				return g.listener(name, ev, out)
			}
			n := len(out)
			return g.refer.pass(channelID(c), g.about(c, ev, out), n)
		}
	}
	return out
}

// channelOf is the leg that an event is about, nil for an event about
// something else or without use.
func channelOf(ev arispec.Event) *arispec.Channel {
	switch e := ev.(type) {
	case *arispec.ChannelStateChange:
		return &e.Channel
	case *arispec.ChannelEnteredBridge:
		return e.Channel
	case *arispec.ChannelLeftBridge:
		return &e.Channel
	case *arispec.ChannelHold:
		return &e.Channel
	case *arispec.ChannelUnhold:
		return &e.Channel
	case *arispec.ChannelDtmfReceived:
		return &e.Channel
	case *arispec.ChannelHangupRequest:
		return &e.Channel
	case *arispec.StasisEnd:
		return &e.Channel
	case *arispec.ChannelDestroyed:
		return &e.Channel
	}
	return nil
}

// about appends the facts of an event about a leg. An event without the leg's
// id lacks its main field.
func (g *ingest) about(c *arispec.Channel, ev arispec.Event, out []callmodel.Input) []callmodel.Input {
	id := channelID(c)
	if id == "" {
		g.n.bad.Add(1)
		return out
	}
	var in callmodel.Input
	switch e := ev.(type) {
	case *arispec.StasisStart:
		return g.start(e, out)
	case *arispec.ChannelStateChange:
		in = g.stateChange(c)
	case *arispec.ChannelEnteredBridge:
		if b := callmodel.BridgeID(e.Bridge.ID); b.Ours() {
			g.inside.entered(id, b)
			in = callmodel.ChannelJoined{Channel: id, Bridge: b}
		}
	case *arispec.ChannelLeftBridge:
		if b := callmodel.BridgeID(e.Bridge.ID); b.Ours() {
			if g.inside.left(id, b) {
				in = callmodel.ChannelLeft{Channel: id, Bridge: b}
			}
		}
	case *arispec.ChannelHold:
		g.inside.hold(id, true)
		in = callmodel.ChannelHeld{Channel: id}
	case *arispec.ChannelUnhold:
		g.inside.hold(id, false)
		in = callmodel.ChannelUnheld{Channel: id}
	case *arispec.ChannelDtmfReceived:
		in = g.digits.received(id, e.Digit)
	case *arispec.ChannelHangupRequest:
		in = g.hangupRequest(e)
	case *arispec.StasisEnd:
		out = g.ended(id, out)
		in = callmodel.ChannelLeftApp{Channel: id}
		if g.refer.over(id) {
			// Its end was the transfer: Asterisk tells no other.
			in = callmodel.ChannelGone{Channel: id, Cause: callmodel.CauseNormal}
		}
	case *arispec.ChannelDestroyed:
		out = g.ended(id, out)
		in = callmodel.ChannelGone{Channel: id, Cause: causeOf(e.Cause), TechCause: e.TechCause}
	}
	if in == nil {
		return out
	}
	return append(out, in)
}

// ended closes what a leg leaves open, before its end is told. Asterisk tells
// the end of the sound that plays before the end of the leg, and nothing of
// sounds that are queued behind it.
func (g *ingest) ended(id callmodel.ChannelID, out []callmodel.Input) []callmodel.Input {
	g.digits.stop(id)
	g.inside.gone(id)
	return g.plays.close(target{channel: id}, out)
}

// playbackFinished is told for every sound of ours, known or not: after a
// restart of this process sounds of the one before may still play.
func (g *ingest) playbackFinished(p *arispec.Playback, out []callmodel.Input) []callmodel.Input {
	id := callmodel.PlayID(p.ID)
	if !strings.HasPrefix(p.ID, callmodel.OwnPrefix) {
		return out
	}
	to, known := g.plays.ended(id)
	if !known {
		to = playTarget(p.TargetURI)
	}
	return append(out, callmodel.PlayEnded{Channel: to.channel, Play: id, Failed: p.State == playFailed})
}

const playFailed = "failed"

// hangupRequest is the end of a caller's leg. Asterisk takes our subscription
// to a channel away when it leaves the application, so that the end itself
// (ChannelDestroyed) is told only of legs that we have originated, to which we
// are subscribed twice. Their cause is more exact, and is waited for.
func (g *ingest) hangupRequest(e *arispec.ChannelHangupRequest) callmodel.Input {
	if id := channelID(&e.Channel); id.Ours() {
		g.inside.hangsUp(id)
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

func (g *ingest) start(e *arispec.StasisStart, out []callmodel.Input) []callmodel.Input {
	if e.ReplaceChannel != nil {
		return g.refer.replaced(e, out)
	}
	id := channelID(&e.Channel)
	if id.Ours() {
		if in := screened(id, e.Args); in != nil {
			out = append(out, in)
		}
		return append(out, callmodel.ChannelUp{Node: g.node, Channel: id})
	}
	if len(e.Args) == 0 || e.Args[0] != argIn {
		g.n.foreign.Add(1)
		return out
	}
	a := parseArrival(e.Args[min(2, len(e.Args)):])
	in := callmodel.ChannelArrived{
		Node: g.node, Channel: id, Call: callmodel.CallID{ID: g.mint()}, Up: e.Channel.State == stateUp,
		Dialled: g.number(dialled(&e.Channel, e.Args)), Endpoint: endpointOf(e.Channel.Name), Headers: a.found(), Withheld: a.withheld(&e.Channel),
		SIPCallID: a.sipID,
	}
	if !in.Withheld {
		in.Caller, in.CallerName = g.number(e.Channel.Caller.Number), cleanName(e.Channel.Caller.Name)
	}
	return g.refer.arrived(e, in, &a, out)
}

// dialled is the number that a caller has dialled: the argument behind "in",
// or the extension of a dialplan that gives none.
func dialled(c *arispec.Channel, args []string) string {
	if len(args) > 1 {
		return args[1]
	}
	return c.Dialplan.Exten
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
