package callmodel_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// dialConfig has campaigns of every kind, agents at each kind of station and a
// queue of inbound callers that the same agents serve.
func dialConfig(version uint64) *callmodel.Config {
	cfg := &callmodel.Config{
		Version: version,
		Queues: []callmodel.QueueConfig{
			{ID: "q1", Number: 1, Name: "Q", Address: "801", DNIS: []string{"802"}, RingTimeout: 9 * time.Second, WrapUp: 4 * time.Second, Answer: callmodel.AnswerTreatment, DialRule: "de"},
		},
		Plan:      numbering.Plan{Country: "49", IDD: "00", Trunk: "0"},
		Trunks:    []numbering.Trunk{{ID: "t", Number: 1, Endpoint: "trunk", MaxCalls: 4}},
		Routes:    []numbering.Route{{ID: "all", Number: 1, Prefixes: []string{""}, Trunks: []string{"t"}}},
		DialRules: []numbering.DialRule{{ID: "de", Number: 1, Allow: []string{"49"}}},
	}
	for i, m := range []callmodel.AnswerMode{callmodel.Nailed, callmodel.CallOnAccept, callmodel.Handset} {
		id := callmodel.AgentID(fmt.Sprintf("a%d", i+1))
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{
			ID: id, Number: int64(i + 1), Line: fmt.Sprintf("10%d", i+1), Queues: []callmodel.QueueID{"q1"},
			Station: callmodel.Station{Endpoint: string(id), Mode: m, AcceptTimeout: 3 * time.Second},
		})
	}
	screen := callmodel.ScreenConfig{Detector: callmodel.DetectorAudio, Sample: 50}
	media := []string{"sound:sorry"}
	cfg.Campaigns = []callmodel.CampaignConfig{
		{ID: "plain", Dropped: media, OptOut: "9"},
		{ID: "silent", Preview: callmodel.PreviewConfig{Timer: 2 * time.Second, AtEnd: callmodel.PreviewSkip}},
		{ID: "screened", Screen: screen, Dropped: media, From: callmodel.FromGreeting},
		{ID: "machines", Screen: screen, Dropped: media, Machine: callmodel.MachineMessage, MachineMedia: media, Message: media, OptOut: "9"},
		{ID: "all", Screen: screen, Dropped: media, Machine: callmodel.MachineAgent, Message: media},
	}
	for i := range cfg.Campaigns {
		cfg.Campaigns[i].Number, cfg.Campaigns[i].Queue = int64(i+1), "q1"
	}
	return cfg
}

// TestHostileDials drives campaigns with arbitrary inputs, timers in their
// order, and checks what must hold whatever happens.
func TestHostileDials(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &hostile{t: t, s: callmodel.New(router{}), now: 1, legs: []callmodel.ChannelID{"c1", "sw-unknown"}, cfg: 1}
		h.step(callmodel.ConfigLoaded{Config: dialConfig(1)})
		h.step(callmodel.Resync{Node: "n", Epoch: "1", Fresh: true})
		for _, a := range []callmodel.AgentID{"a1", "a2", "a3"} {
			h.step(callmodel.SetAgentState{Agent: a, State: callmodel.Ready})
		}
		for _, a := range h.s.View().Agents {
			if a.Standing != nil {
				h.step(callmodel.ChannelUp{Node: "n", Channel: a.Standing.Channel})
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			h.until(h.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond))
			h.dialStep(h.drawDial())
		}
	})
}

// until moves the clock, with every timer that runs out on the way.
func (h *hostile) until(to callmodel.Instant) {
	for range 1000 {
		ts := h.s.Timers()
		if len(ts) == 0 || ts[0].Due > to {
			h.now = max(h.now, to)
			return
		}
		h.now = max(h.now, ts[0].Due)
		h.dialStep(callmodel.TimerFired{Key: ts[0].Key, Gen: ts[0].Gen})
	}
	h.t.Fatal("timers run out without end")
}

func (h *hostile) drawDial() callmodel.Input {
	var answered []callmodel.ChannelID
	for _, c := range h.s.View().Calls {
		if c.Kind == callmodel.KindCampaign && c.Phase != callmodel.PhaseOver {
			answered = append(answered, c.Conns[0].Channel)
		}
	}
	if len(answered) == 0 {
		answered = append(answered, "sw-unknown")
	}
	ch := pick(h, "customer", answered)
	verdicts := []callmodel.ScreenVerdict{"human", "machine", "unsure", "fax", "sit", "silence", "gone", "rings", "odd"}
	switch rapid.IntRange(0, 15).Draw(h.t, "dial") {
	case 0, 1, 2:
		h.next++
		return callmodel.Dial{
			Call: testCall(h.next), Campaign: pick(h, "campaign", []string{"plain", "silent", "screened", "machines", "all"}), List: "l",
			Lead: pick(h, "lead", []string{"1", "2", "3"}), Number: pick(h, "number", []string{"+49301", "+49302", "+49303"}) + "4567",
			Mode: pick(h, "mode", []callmodel.DialMode{callmodel.DialPredictive, callmodel.DialProgressive, callmodel.DialMessage, callmodel.DialPreview}),
		}
	case 3:
		return callmodel.CancelDial{Call: pick(h, "call", h.calls()), Now: rapid.Bool().Draw(h.t, "now")}
	case 4, 5:
		return callmodel.ChannelUp{Node: "n", Channel: ch}
	case 6, 7:
		return callmodel.Screened{Channel: ch, Verdict: pick(h, "verdict", verdicts), Greeting: time.Duration(rapid.IntRange(0, 3000).Draw(h.t, "greeting")) * time.Millisecond, Beep: rapid.Bool().Draw(h.t, "beep"), Open: rapid.Bool().Draw(h.t, "open")}
	case 8:
		return callmodel.ChannelLeftApp{Channel: ch}
	case 9:
		for _, c := range h.s.View().Calls {
			if c.Dial != nil && c.Dial.Play != "" {
				return callmodel.PlayEnded{Play: c.Dial.Play, Failed: rapid.Bool().Draw(h.t, "failed")}
			}
		}
		return callmodel.ChannelRinging{Node: "n", Channel: ch}
	case 10:
		return callmodel.DigitReceived{Channel: ch, Collect: uint32(rapid.IntRange(0, 2).Draw(h.t, "collect")), Digit: pick(h, "digit", []string{"9", "5"})}
	case 11:
		for _, c := range h.s.View().Calls { // what a server does with a join
			for i := range c.Conns {
				if c.Conns[i].JoinAsked {
					return callmodel.ChannelJoined{Channel: c.Conns[i].Channel, Bridge: c.Bridge}
				}
			}
		}
		return h.fact()
	case 12:
		return callmodel.EffectDone{
			What: pick(h, "what", []string{"screen", "play", "originate", "join"}), Call: pick(h, "call", h.calls()), Conn: pick(h, "conn", h.conns()), Channel: ch,
			Outcome: pick(h, "outcome", []callmodel.Result{callmodel.Failed, callmodel.Unknown}), Gone: rapid.Bool().Draw(h.t, "gone"), Later: rapid.Bool().Draw(h.t, "later"),
		}
	case 13:
		if rapid.Bool().Draw(h.t, "back") {
			return h.dialResync()
		}
		return h.internal()
	case 14:
		if rapid.Bool().Draw(h.t, "reject") {
			return callmodel.Reject{Conn: pick(h, "conn", h.conns()), Result: pick(h, "result", []callmodel.CallbackResult{"", callmodel.ResultSkip, callmodel.ResultAgentRejected})}
		}
		if in := h.command(); in.Tag() != (callmodel.ConfigLoaded{}).Tag() {
			return in
		}
		h.cfg++
		return callmodel.ConfigLoaded{Config: dialConfig(h.cfg)}
	}
	return h.fact()
}

// dialResync is a listing after a loss of contact, with what the server's own records have.
func (h *hostile) dialResync() callmodel.Input {
	r, _ := h.resync().(callmodel.Resync)
	r.Back, r.AsOf = true, h.now
	r.Since = max(1, h.now.Add(-time.Duration(rapid.IntRange(0, 9000).Draw(h.t, "away"))*time.Millisecond))
	if rapid.Bool().Draw(h.t, "covered") {
		r.Covers = max(1, r.Since.Add(-5*time.Second))
	}
	for _, ch := range h.legs {
		if ch.Ours() && rapid.IntRange(0, 3).Draw(h.t, "ended") == 0 {
			r.Ended = append(r.Ended, callmodel.LegEnd{Channel: ch, At: r.Since, Cause: callmodel.CauseBusy})
		}
	}
	return r
}

func (h *hostile) dialStep(in callmodel.Input) {
	before := map[callmodel.CallID]*callmodel.Call{}
	for _, c := range h.s.View().Calls {
		before[c.ID] = c
	}
	h.step(in)
	v := h.s.View()
	due := map[callmodel.TimerKey]bool{}
	for _, t := range h.s.Timers() {
		t.Key.Conn = callmodel.ConnID{}
		due[t.Key] = true
	}
	up := len(v.Nodes) > 0 && v.Nodes[0].Up
	for i, c := range v.Calls {
		if c.Kind != callmodel.KindCampaign {
			continue
		}
		for _, o := range v.Calls[:i] {
			if o.Kind == c.Kind && (o.Conns[0].Device == c.Conns[0].Device || o.Campaign == c.Campaign && o.Lead == c.Lead) {
				h.t.Fatalf("calls %d and %d are both for %s/%s at %s", o.Number, c.Number, c.Campaign, c.Lead, c.Conns[0].Device)
			}
		}
		if why := wrongDial(c, before[c.ID], h.now, up, func(k callmodel.TimerKind) bool { return due[callmodel.TimerKey{Kind: k, Call: c.ID}] }); why != "" {
			h.t.Fatalf("call %d (%s, %s, %+v): %s", c.Number, c.Phase, c.Outcome, *c.Dial, why)
		}
	}
}

// wrongDial says what must not be of a campaign's call, or "".
func wrongDial(c, was *callmodel.Call, now callmodel.Instant, up bool, waits func(callmodel.TimerKind) bool) string {
	d, p := c.Dial, &c.Conns[0]
	if c.Phase == callmodel.PhaseOver {
		if cut := was != nil && was.Phase == callmodel.PhaseDialing && was.Dial.Stage == callmodel.StageRinging && c.Outcome == callmodel.OutcomeCancelled; cut && d.Cancel && !d.CutShort {
			if from := cmp.Or(p.AlertingAt, p.AskedAt); now.Sub(from) < callmodel.DefaultRingLeast {
				return fmt.Sprintf("given up after %v of ringing", now.Sub(from))
			}
		}
		return ""
	}
	stages := map[callmodel.DialStage][]callmodel.Phase{
		callmodel.StageRinging:   {callmodel.PhaseDialing},
		callmodel.StageScreening: {callmodel.PhaseAutomat}, callmodel.StageBeep: {callmodel.PhaseAutomat}, callmodel.StageMessage: {callmodel.PhaseAutomat},
		callmodel.StageWaiting: {callmodel.PhaseWaiting, callmodel.PhaseOffered},
	}
	switch want := stages[d.Stage]; {
	case want != nil && !slices.Contains(want, c.Phase):
		return "the stage does not fit the phase"
	case d.Stage == callmodel.StageRinging && !waits(callmodel.TimerTarget):
		return "it may ring for ever"
	case c.Phase == callmodel.PhaseAutomat && up && !waits(callmodel.TimerScreen) && !waits(callmodel.TimerMessage) && !waits(callmodel.TimerConnect):
		return "nothing ends it"
	case d.Stage == callmodel.StageWaiting && d.Deadline != 0 && !waits(callmodel.TimerConnect):
		return "it waits without an end"
	}
	for i := range c.Conns[1:] {
		q := &c.Conns[1+i]
		old := (*callmodel.Connection)(nil)
		if was != nil {
			old = was.Conn(q.ID)
		}
		late := q.ConnectedAt != 0 && (old == nil || old.ConnectedAt == 0) && d.Deadline != 0 && was != nil && was.Dial.Stage == callmodel.StageWaiting
		if late && q.ConnectedAt > d.Deadline {
			return fmt.Sprintf("an agent has them %v late", q.ConnectedAt.Sub(d.Deadline))
		}
	}
	if c.Outcome == callmodel.OutcomeDropped && c.Phase != callmodel.PhaseAutomat {
		return "dropped, and not told so"
	}
	return ""
}
