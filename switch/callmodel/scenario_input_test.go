package callmodel_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// input runs one input line and returns the output lines. An offset "+5s" in
// front moves the clock first.
func (s *scenario) input(f []string) string {
	s.now = s.now.Add(time.Millisecond)
	if strings.HasPrefix(f[0], "+") {
		s.now = s.now.Add(s.duration(f[0][1:]))
		f = f[1:]
	}
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	ch := callmodel.ChannelID(s.id(arg(1)))
	switch f[0] {
	case "arrive": // CHANNEL NUMBER CALLER
		return s.step(callmodel.ChannelArrived{Node: "a1", Channel: ch, Call: callmodel.CallID{ID: s.mint()}, Dialled: f[2], Caller: f[3]})
	case "ringing":
		return s.step(callmodel.ChannelRinging{Node: "a1", Channel: ch})
	case "up":
		return s.step(callmodel.ChannelUp{Node: "a1", Channel: ch})
	case "held":
		return s.step(callmodel.ChannelHeld{Channel: ch})
	case "unheld":
		return s.step(callmodel.ChannelUnheld{Channel: ch})
	case "joined": // CHANNEL BRIDGE
		return s.step(callmodel.ChannelJoined{Channel: ch, Bridge: callmodel.BridgeID(s.id(f[2]))})
	case "left":
		return s.step(callmodel.ChannelLeft{Channel: ch, Bridge: callmodel.BridgeID(s.id(f[2]))})
	case "left-app":
		return s.step(callmodel.ChannelLeftApp{Channel: ch})
	case "gone": // CHANNEL CAUSE [TECH]
		tech := 0
		if arg(3) != "" {
			tech = s.number(f[3])
		}
		return s.step(callmodel.ChannelGone{Channel: ch, Cause: callmodel.Cause(s.number(f[2])), TechCause: tech})
	case "bridge-gone":
		return s.step(callmodel.BridgeGone{Bridge: callmodel.BridgeID(s.id(arg(1)))})
	case "down":
		return s.step(callmodel.NodeDown{Node: "a1", Cause: "websocket closed"})
	case "resync":
		return s.step(s.resync(f[1:]))
	case "fire": // KIND CONN
		return s.fire(f[1], arg(2))
	case "record-done": // WHAT TRACK OUTCOME [gone|later]
		return s.step(s.recordDone(f[1:]))
	case "effect": // WHAT CHANNEL|- CONN OUTCOME [gone|later]
		return s.step(s.effectDone(f[1:]))
	}
	return s.command(f, arg)
}

func (s *scenario) command(f []string, arg func(int) string) string {
	agent := callmodel.AgentID(arg(1))
	switch f[0] {
	case "ready":
		return s.step(callmodel.SetAgentState{Agent: agent, State: callmodel.Ready})
	case "not-ready":
		return s.step(callmodel.SetAgentState{Agent: agent, State: callmodel.NotReady, Reason: arg(2)})
	case "logout":
		return s.step(callmodel.SetAgentState{Agent: agent, State: callmodel.LoggedOut})
	case "set-state":
		st, _ := callmodel.ParseAgentState(arg(2))
		return s.step(callmodel.SetAgentState{Agent: agent, State: st})
	case "accept":
		return s.step(callmodel.Accept{Conn: s.conn(arg(1))})
	case "reject":
		return s.step(callmodel.Reject{Conn: s.conn(arg(1))})
	case "drop":
		return s.step(callmodel.Drop{Conn: s.conn(arg(1))})
	case "drop-line":
		return s.step(callmodel.DropLine{Agent: agent})
	case "hold":
		return s.step(callmodel.HoldCall{Conn: s.conn(arg(1))})
	case "retrieve":
		return s.step(callmodel.Retrieve{Conn: s.conn(arg(1))})
	case "require-wrap-up":
		return s.step(callmodel.RequireWrapUp{Conn: s.conn(arg(1))})
	case "end-wrap-up":
		return s.step(callmodel.EndWrapUp{Conn: s.conn(arg(1))})
	case "set-data": // CONN APP DATA
		return s.step(callmodel.SetData{Conn: s.conn(arg(1)), Entries: []callmodel.AttachedData{{App: arg(2), Media: "text/xml", Data: arg(3)}}})
	case "stale-drop":
		return s.step(callmodel.Drop{Cmd: callmodel.Cmd{ValidUntil: s.now - 1}, Conn: s.conn(arg(1))})
	}
	if f[0] == "show" { // call NUMBER|agent ID FIELD...
		return s.show(f[1], f[2], f[3:])
	}
	if f[0] == "do" {
		return s.step(s.anyInput(f[1], f[2:]))
	}
	s.t.Fatalf("unknown input %q", f)
	return ""
}

// show prints fields of a call or an agent, which no event spells out.
func (s *scenario) show(kind, id string, fields []string) string {
	v := s.state.View()
	var of any
	for _, c := range v.Calls {
		if kind == "call" && fmt.Sprint(c.Number) == id {
			of = c
		}
	}
	for _, a := range v.Agents {
		if kind == "agent" && string(a.ID) == id {
			of = a
		}
	}
	raw, err := json.Marshal(of)
	m := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		s.t.Fatalf("show %s %s: %v", kind, id, err)
	}
	var b strings.Builder
	for _, f := range fields {
		if m[f] == nil {
			m[f] = json.RawMessage("-")
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", kind, id, f, m[f])
	}
	return b.String()
}

// anyInput makes an input of its tag and its fields: key=text, key:=JSON. #2 is
// connection 2, @1 the id of call 1, @new a new id, %NAME a leg, bridge or sound.
func (s *scenario) anyInput(tag string, fields []string) callmodel.Input {
	m := map[string]json.RawMessage{}
	for _, f := range fields {
		k, v, _ := strings.Cut(f, "=")
		if strings.HasSuffix(k, ":") {
			m[strings.TrimSuffix(k, ":")] = json.RawMessage(v)
			continue
		}
		switch {
		case strings.HasPrefix(v, "#"):
			v = s.conn(v[1:]).String()
		case v == "@new":
			v = s.mint().String()
		case strings.HasPrefix(v, "@"):
			v = s.id("call" + v[1:])
		case strings.HasPrefix(v, "%"):
			v = s.id(v[1:])
		}
		raw, _ := json.Marshal(v) // a string
		m[k] = raw
	}
	body, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	in, err := callmodel.DecodeInput(tag, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", tag, body, err)
	}
	return in
}

// mint makes reproducible call ids.
func (s *scenario) mint() callmodel.ID {
	s.ids++
	var id callmodel.ID
	id[0], id[15] = 1, byte(s.ids)
	return id
}

// fire lets a pending timer run out, moving the clock to its due time.
func (s *scenario) fire(kind, conn string) string {
	for _, t := range s.state.Timers() {
		if t.Key.Kind.String() == kind && (conn == "" || t.Key.Conn == s.conn(conn)) {
			s.now = max(s.now, t.Due)
			return s.step(callmodel.TimerFired{Key: t.Key, Gen: t.Gen})
		}
	}
	return "no such timer is pending\n"
}

func (s *scenario) effectDone(f []string) callmodel.Input {
	outcomes := map[string]callmodel.Result{"done": callmodel.Done, "failed": callmodel.Failed, "unknown": callmodel.Unknown}
	in := callmodel.EffectDone{What: f[0], Outcome: outcomes[f[3]]}
	if f[1] != "-" {
		in.Channel = callmodel.ChannelID(s.id(f[1]))
	}
	in.Conn = s.conn(f[2])
	if c := s.state.CallByConn(in.Conn); c != nil {
		in.Call = c.ID
	}
	for _, o := range f[4:] {
		in.Gone = in.Gone || o == "gone"
		in.Later = in.Later || o == "later"
	}
	return in
}

// evidence reads "back[:AGO]", "covers:AGO", "ended:CHANNEL:AGO:CAUSE" and
// "missed:CHANNEL:NUMBER:CALLER:AGO:AGO:CAUSE[:fallback]".
func (s *scenario) evidence(in *callmodel.Resync, f []string) bool {
	ago := func(i int) callmodel.Instant { return s.now.Add(-s.duration(f[i])) }
	switch f[0] {
	case "back":
		in.Back = true
		if len(f) > 1 {
			in.Since = ago(1)
		}
	case "covers":
		in.Covers = ago(1)
	case "ended":
		in.Ended = append(in.Ended, callmodel.LegEnd{Channel: callmodel.ChannelID(s.id(f[1])), At: ago(2), Cause: callmodel.Cause(s.number(f[3]))})
	case "missed":
		in.Missed = append(in.Missed, callmodel.MissedCall{
			Channel: callmodel.ChannelID(s.id(f[1])), Call: callmodel.CallID{ID: s.mint()}, Dialled: f[2], Caller: f[3],
			At: ago(4), EndedAt: ago(5), Cause: callmodel.Cause(s.number(f[6])), Fallback: len(f) > 7,
		})
	default:
		return false
	}
	return true
}

// resync reads "EPOCH [fresh] [-AGE] [CHANNEL:LEG[:NUMBER:CALLER]]... [BRIDGE=CH,CH]...".
func (s *scenario) resync(f []string) callmodel.Input {
	legs := map[string]callmodel.LegState{"down": callmodel.LegDown, "ringing": callmodel.LegRinging, "up": callmodel.LegUp}
	in := callmodel.Resync{Node: "a1", Epoch: f[0], AsOf: s.now}
	for _, w := range f[1:] {
		if w == "fresh" {
			in.Fresh = true
			continue
		}
		if age, ok := strings.CutPrefix(w, "-"); ok { // the listing was begun so long ago
			in.AsOf = s.now.Add(-s.duration(age))
			continue
		}
		if s.evidence(&in, strings.Split(w, ":")) {
			continue
		}
		if b, chans, ok := strings.Cut(w, "="); ok {
			fact := callmodel.BridgeFact{Bridge: callmodel.BridgeID(s.id(b))}
			for c := range strings.SplitSeq(chans, ",") {
				if c != "" {
					fact.Channels = append(fact.Channels, callmodel.ChannelID(s.id(c)))
				}
			}
			in.Bridges = append(in.Bridges, fact)
			continue
		}
		p := strings.Split(w, ":")
		if p[0] == "record" {
			in.Recordings = append(in.Recordings, callmodel.RecordName(s.id(p[1])))
			continue
		}
		fact := callmodel.ChannelFact{Channel: callmodel.ChannelID(s.id(p[0])), Leg: legs[p[1]]}
		if !fact.Channel.Ours() {
			fact.Inbound, fact.Call = true, callmodel.CallID{ID: s.mint()}
		}
		if len(p) == 4 {
			fact.Dialled, fact.Caller = p[2], p[3]
		}
		in.Channels = append(in.Channels, fact)
	}
	return in
}
