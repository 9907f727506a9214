package callmodel

import (
	"fmt"
	"strconv"
	"time"
)

func name(table []string, i int, kind string) string {
	if i > 0 && i < len(table) {
		return table[i]
	}
	return kind + " " + strconv.Itoa(i)
}

var (
	connStates  = []string{"", "initiated", "queued", "alerting", "connected", "hold", "held", "ended"}
	processings = []string{"", "not-in-process", "active", "wrap-up"}
	agentStates = []string{"", "logged-out", "not-ready", "ready", "reserved", "on-call", "wrap-up"}
	phases      = []string{"", "waiting", "offered", "talking", "over", "dialing", "menu", "routing", "parked", "automat"}
	legStates   = []string{"", "none", "asked", "down", "ringing", "up", "gone"}
	results     = []string{"", "done", "failed", "unknown"}
	roles       = []string{"", "caller", "agent", "party"}
	eventKinds  = []string{
		"", "CallStarted", "Queued", "Delivered", "Established", "Held", "Retrieved", "Cleared",
		"WrapUpEnded", "CallEnded", "DataChanged", "AgentChanged", "NodeUp", "NodeDown", "ConfigChanged", "Incident",
		"Originated", "Failed", "Diverted", "Transferred", "Conferenced", "PartyChanged", "Parked", "Menu", "RouteRequest",
		"RouteEnded", "CallbackChanged", "QueueChanged", "Disposition", "PlayEnded", "PhoneChanged", "Recording",
		"SupervisionStarted", "SupervisionChanged", "SupervisionEnded", "Passcode",
		"Answered", "Screened", "Message",
	}
)

var mirrorKinds = []string{"", "MirrorCall", "MirrorAgent", "MirrorQueue", "MirrorUp", "MirrorDown"}

// String returns the state in lower case, as it appears in every output.
func (s ConnState) String() string { return name(connStates, int(s), "state") }

// String returns the processing state in lower case.
func (p Processing) String() string { return name(processings, int(p), "processing") }

// String returns the agent state in lower case.
func (s AgentState) String() string { return name(agentStates, int(s), "agent state") }

// String returns the phase in lower case.
func (p Phase) String() string { return name(phases, int(p), "phase") }

// String returns the leg state in lower case.
func (l LegState) String() string { return name(legStates, int(l), "leg") }

// String returns the result in lower case.
func (r Result) String() string { return name(results, int(r), "result") }

// String returns the role in lower case.
func (r Role) String() string { return name(roles, int(r), "role") }

// String returns CSTA's name of the event where there is one.
func (k EventKind) String() string {
	if k >= EvMirrorCall {
		return name(mirrorKinds, int(k-EvMirrorCall)+1, "event")
	}
	return name(eventKinds, int(k), "event")
}

// ParseAgentState reads what AgentState.String writes.
func ParseAgentState(s string) (AgentState, bool) {
	for i, n := range agentStates {
		if i > 0 && n == s {
			return AgentState(i), true
		}
	}
	return 0, false
}

type textBuf []byte

func (b *textBuf) word(s string) { *b = append(*b, s...) }

func (b *textBuf) kv(k, v string) {
	if v == "" {
		return
	}
	*b = append(append(append(append(*b, ' '), k...), '='), v...)
}

func (b *textBuf) num(k string, v int64) {
	if v != 0 {
		*b = strconv.AppendInt(append(append(append(*b, ' '), k...), '='), v, 10)
	}
}

func (b *textBuf) flag(k string, on bool) {
	if on {
		*b = append(append(*b, ' '), k...)
	}
}

// AppendText appends the event's one-line form: the same in scenario files,
// traces and the journal's hash.
func (e *Event) AppendText(dst []byte) []byte {
	b := textBuf(dst)
	b.word(e.Kind.String())
	if e.Call != nil {
		b.num("call", e.Call.Number)
		b.kv("phase", e.Call.Phase.String())
		b.kv("outcome", string(e.Call.Outcome))
	}
	if p := e.Connection(); p != nil {
		b.num("conn", p.Number)
		b.kv("device", p.Device)
		b.kv("state", p.State.String())
		b.kv("work", p.Processing.String())
		if p.Role == RoleAgent {
			b.kv("can", writtenOps(p).String())
		}
	}
	if e.Agent != nil {
		b.kv("agent", string(e.Agent.ID))
		b.kv("is", e.Agent.State.String())
		if e.Agent.Pending != 0 {
			b.kv("then", e.Agent.Pending.String())
		}
		b.kv("elsewhere", string(e.Agent.Elsewhere))
		for _, q := range e.Agent.Off {
			b.kv("off", string(q))
		}
	}
	if e.Queue != nil {
		b.kv("queue", string(e.Queue.ID))
		b.kv("service", string(e.Queue.Service))
	}
	if e.Callback != nil {
		b.kv("callback", e.Callback.Number)
		b.kv("state", string(e.Callback.State))
		b.num("failures", int64(e.Callback.Failures))
	}
	if e.Recording != nil {
		b.num("recording", e.Recording.Number)
		b.num("parts", int64(e.Recording.Parts))
		b.kv("is", e.Recording.State())
	}
	if e.Mirror != nil {
		b.mirrored(e.Mirror)
	}
	if v := e.Supervision; v != nil {
		b.kv("supervisor", string(v.Supervisor))
		b.kv("with", string(v.Agent))
		b.kv("mode", string(v.Mode))
		b.flag("heard", v.HeardAt != 0)
	}
	b.kv("node", string(e.Node))
	b.num("cause", int64(e.Cause))
	if e.Reason != "" {
		b.kv("reason", strconv.Quote(e.Reason))
	}
	return b
}

// writtenOps are the capabilities that the text form names: those of the
// versions whose journals are to be replayed. They did not know that a call on
// hold can be consulted from, and named consult for every party that is held.
func writtenOps(p *Connection) OpSet {
	ops := Capabilities(p)
	if p.Role == RoleAgent && p.State == Hold {
		ops &^= OpSet(OpConsult)
	}
	if p.Role == RoleAgent && p.State == Held {
		ops |= OpSet(OpConsult)
	}
	return ops
}

// String is AppendText as a string.
func (e *Event) String() string { return string(e.AppendText(nil)) }

// AppendEffect appends the effect's one-line form, with ids as they are.
func AppendEffect(dst []byte, e Effect) []byte {
	b := textBuf(dst)
	b.word(e.What())
	switch e := e.(type) {
	case Originate:
		b.kv("channel", string(e.Channel))
		b.kv("endpoint", e.Endpoint)
		b.kv("dial", e.Dial)
		b.kv("caller", e.CallerID)
		b.flag("auto-answer", e.AutoAnswer)
		b.kv("via", string(e.Via))
		b.kv("timeout", e.Timeout.Round(time.Millisecond).String())
		b.flag("intent", e.Intent)
	case Answer:
		b.kv("channel", string(e.Channel))
	case Ring:
		b.kv("channel", string(e.Channel))
	case StopRing:
		b.kv("channel", string(e.Channel))
	case StartMusic:
		b.kv("channel", string(e.Channel))
		b.kv("class", e.Class)
	case StopMusic:
		b.kv("channel", string(e.Channel))
	case Play, StopPlay, Collect, StopCollect, SendDTMF, MuteLeg, NotifyTalk, Decide:
		b.sound(e)
	case CreateBridge:
		b.kv("bridge", string(e.Bridge))
	case Join:
		b.kv("bridge", string(e.Bridge))
		for _, c := range e.Channels {
			b.kv("channel", string(c))
		}
	case Leave:
		b.kv("bridge", string(e.Bridge))
		b.kv("channel", string(e.Channel))
	case DestroyBridge:
		b.kv("bridge", string(e.Bridge))
	case ClearPeer:
		b.kv("at", string(e.Node))
		b.kv("peer", string(e.Peer))
	case Tap:
		b.kv("channel", string(e.Channel))
		b.kv("of", string(e.Of))
		b.flag("whisper", e.Whisper)
	case Hangup:
		b.kv("channel", string(e.Channel))
		b.num("cause", int64(e.Cause))
	case Screen:
		b.kv("channel", string(e.Channel))
		b.kv("detector", e.Detector)
		b.kv("limit", e.Limit.String())
		b.flag("beep", e.Beep)
		b.flag("keep", e.Keep)
	case RecordStart, RecordStop:
		b.recordText(e)
	default:
		b.word(fmt.Sprintf(" %+v", e))
	}
	return b
}

// sound is AppendEffect for what is played, heard and asked.
func (b *textBuf) sound(e Effect) {
	switch e := e.(type) {
	case Play:
		b.kv("play", string(e.Play))
		b.kv("channel", string(e.Channel))
		b.kv("bridge", string(e.Bridge))
		for _, m := range e.Media {
			b.kv("media", m)
		}
	case StopPlay:
		b.kv("play", string(e.Play))
	case Collect:
		b.kv("channel", string(e.Channel))
		b.num("number", int64(e.Collect))
		b.num("max", int64(e.Max))
		b.kv("terminators", e.Terminators)
		b.flag("secret", e.Secret)
	case StopCollect:
		b.kv("channel", string(e.Channel))
	case SendDTMF:
		b.kv("channel", string(e.Channel))
		b.num("digits", int64(len(e.Digits))) // they may be a PIN
	case MuteLeg:
		b.kv("channel", string(e.Channel))
		b.flag("on", e.On)
	case NotifyTalk:
		b.kv("channel", string(e.Channel))
		b.kv("endpoint", e.Endpoint)
	case Decide:
		b.kv("decision", e.Decision.ID)
		b.num("step", int64(e.Step))
	}
}

// Hash sums up an output: the journal keeps it, so that a replay that comes
// to another result is noticed (DESIGN.md 4). FNV-1a over the text forms.
func (o *Output) Hash(scratch []byte) (uint64, []byte) {
	const offset, prime = 14695981039346656037, 1099511628211
	b := scratch[:0]
	for i := range o.Events {
		b = append(o.Events[i].AppendText(b), '\n')
	}
	for _, e := range o.Effects {
		b = append(AppendEffect(b, e), '\n')
	}
	h := uint64(offset)
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
	}
	return h, b
}
