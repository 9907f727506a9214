package sim

import (
	"fmt"
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// checkDials checks what the dialer may rely on: nobody is called twice at a
// time, nobody is connected late, whoever gets no agent hears why or is let go,
// and no phone is given up too early.
func (k *checker) checkDials(out callmodel.Output, v *callmodel.View, timers []callmodel.Timer) error {
	set := map[callmodel.TimerKind]map[callmodel.CallID]bool{}
	for _, t := range timers {
		if set[t.Key.Kind] == nil {
			set[t.Key.Kind] = map[callmodel.CallID]bool{}
		}
		set[t.Key.Kind][t.Key.Call] = true
	}
	leads, numbers := map[string]callmodel.CallID{}, map[string]callmodel.CallID{}
	for _, c := range v.Calls {
		if c.Kind != callmodel.KindCampaign || len(c.Conns) == 0 {
			continue
		}
		up := slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return n.ID == c.Node && n.Up })
		if err := dialWaits(c, up, set); err != nil {
			return err
		}
		if c.Phase == callmodel.PhaseOver || c.Conns[0].State == callmodel.Ended {
			continue
		}
		lead, number := c.Campaign+"/"+c.ListID+"/"+c.Lead, c.Conns[0].Device
		if other, two := leads[lead]; two {
			return bad("one live attempt per lead", "%s: calls %s and %s", lead, other, c.ID)
		}
		if other, two := numbers[number]; two {
			return bad("one live attempt per number", "%s: calls %s and %s", number, other, c.ID)
		}
		leads[lead], numbers[number] = c.ID, c.ID
	}
	for i := range out.Events {
		if err := k.dialEvent(&out.Events[i], v); err != nil {
			return err
		}
	}
	for _, e := range out.Effects {
		if err := k.dialOrder(e, v); err != nil {
			return err
		}
	}
	return nil
}

// dialWaits checks that no wait of a customer can last for ever, and that one
// who has been dropped is told so. What is done at a server that is out of reach
// goes on when it is back.
func dialWaits(c *callmodel.Call, up bool, set map[callmodel.TimerKind]map[callmodel.CallID]bool) error {
	customer := &c.Conns[0]
	if c.Dial == nil {
		return bad("a campaign's call knows its stage", "call %d", c.Number)
	}
	here := customer.State != callmodel.Ended
	switch {
	case c.Phase == callmodel.PhaseAutomat && up && !set[callmodel.TimerScreen][c.ID] && !set[callmodel.TimerMessage][c.ID] && !set[callmodel.TimerConnect][c.ID]:
		return bad("every wait ends", "call %d is with an automat (%s) and has no timer", c.Number, c.Dial.Stage)
	case here && (c.Dial.Deadline != 0 || machineWaits(c)) && (c.Phase == callmodel.PhaseWaiting || c.Phase == callmodel.PhaseOffered) && c.TalkingAt == 0 && !set[callmodel.TimerConnect][c.ID]:
		return bad("every wait ends", "call %d waits for an agent until %d and has no timer", c.Number, c.Dial.Deadline)
	case here && c.Outcome == callmodel.OutcomeDropped && c.Phase != callmodel.PhaseOver && (c.Dial.Stage != callmodel.StageMessage || up && !set[callmodel.TimerMessage][c.ID]):
		return bad("who is dropped is told", "call %d: stage %s, message %q, which nobody waits for", c.Number, c.Dial.Stage, c.Dial.Play)
	}
	return nil
}

func (k *checker) dialEvent(e *callmodel.Event, v *callmodel.View) error {
	c := e.Call
	if c == nil || c.Kind != callmodel.KindCampaign || c.Dial == nil {
		return nil
	}
	switch e.Kind {
	case callmodel.EvEstablished:
		if late := c.TalkingAt.Sub(c.Dial.Deadline); c.Dial.Deadline != 0 && late > 0 {
			return bad("nobody is connected late", "call %d: an agent has it %s after the deadline", c.Number, late)
		}
		if c.Outcome == callmodel.OutcomeDropped {
			return bad("who is dropped gets no agent", "call %d", c.Number)
		}
	case callmodel.EvCallEnded:
		k.dialEnds[c.Outcome]++
		if c.Outcome == callmodel.OutcomeDropped && c.AnsweredAt == 0 {
			return bad("only who has answered is dropped", "call %d", c.Number)
		}
		if p := &c.Conns[0]; p.Dialed && p.AskedAt == 0 && c.DialMode != callmodel.DialPreview {
			return bad("a campaign calls", "call %d has ended and nobody was called", c.Number)
		}
	case callmodel.EvAnswered:
		if e.Conn != c.Conns[0].ID || c.AnsweredAt == 0 || c.AnsweredAt > v.Now {
			return bad("an answer is the customer's", "call %d: %s at %d", c.Number, e.Conn, c.AnsweredAt)
		}
	default:
	}
	return nil
}

// dialOrder checks orders about the legs of customers.
func (k *checker) dialOrder(e callmodel.Effect, v *callmodel.View) error {
	c := callOf(v, e.Head().Call)
	switch o := e.(type) {
	case callmodel.Originate:
		if want := c != nil && c.Kind == callmodel.KindCampaign && o.Conn == c.Conns[0].ID; o.Intent != want {
			return bad("the disk knows whom a campaign calls", "leg %s, intent %v", o.Channel, o.Intent)
		}
	case callmodel.Hangup:
		if c == nil || c.Kind != callmodel.KindCampaign || c.Dial == nil || o.Channel != c.Conns[0].Channel {
			return nil
		}
		p, cfg := &c.Conns[0], k.campaign(v, c)
		if cfg == nil || !c.Dial.Cancel || c.Dial.CutShort || c.AnsweredAt != 0 || c.EndedBy != "" || p.Leg == callmodel.LegUp {
			return nil
		}
		since := p.AskedAt
		if p.AlertingAt != 0 {
			since = p.AlertingAt
		}
		if rung := v.Now.Sub(since); rung < cfg.RingLeast {
			return bad("a phone rings long enough", "call %d was given up after %s, the least is %s", c.Number, rung, cfg.RingLeast)
		}
	}
	return nil
}

// campaign returns the configuration of a call's campaign, in the version that
// the call has pinned.
func (k *checker) campaign(v *callmodel.View, c *callmodel.Call) *callmodel.CampaignConfig {
	if cfg := k.configs[c.Config]; cfg != nil && cfg.Campaign(c.Campaign) != nil {
		return cfg.Campaign(c.Campaign)
	}
	return v.Config.Campaign(c.Campaign)
}

// dialInTime reports whether an agent could have a campaign's customer before
// the deadline: how long a station takes is the model's estimate.
func dialInTime(v *callmodel.View, c *callmodel.Call, a *callmodel.Agent) bool {
	if c.Dial == nil || c.Dial.Stage != callmodel.StageWaiting || c.Dial.Deadline == 0 {
		return true
	}
	takes := map[callmodel.AnswerMode]time.Duration{callmodel.Nailed: 200 * time.Millisecond, callmodel.CallOnAccept: 900 * time.Millisecond}[a.Station.Mode]
	return takes > 0 && v.Now.Add(takes) <= c.Dial.Deadline
}

// machineWaits reports whether a machine waits for an agent who wants to hear it.
func machineWaits(c *callmodel.Call) bool {
	return c.Dial.Verdict == callmodel.VerdictMachine && c.Dial.Stage == callmodel.StageWaiting
}

// dialTimerOwned reports whether somebody waits for a timer of a campaign's call.
func dialTimerOwned(c *callmodel.Call, p *callmodel.Connection, kind callmodel.TimerKind) bool {
	if c.Kind != callmodel.KindCampaign || c.Dial == nil || c.Phase == callmodel.PhaseOver {
		return false
	}
	switch kind {
	case callmodel.TimerConnect:
		return machineWaits(c) || c.Dial.Verdict == callmodel.VerdictMachine && c.Dial.Stage == callmodel.StageConnected || c.Dial.Deadline != 0 && c.Outcome != callmodel.OutcomeDropped
	case callmodel.TimerScreen:
		return c.Phase == callmodel.PhaseAutomat || c.Dial.Away
	case callmodel.TimerMessage:
		return c.Phase == callmodel.PhaseAutomat
	case callmodel.TimerPreview:
		return p != nil && p.State == callmodel.Alerting && !p.Accepted
	case callmodel.TimerRing:
		return c.Dial.Cancel && c.AnsweredAt == 0
	default:
		return false
	}
}

// checkDials: every attempt of a campaign has one row, with the result, the answer
// and the wishes that the model's last word about it has.
func (b *book) checkDials(events []port.Stamped) (errs []error) {
	calls := map[string]int{}
	for _, a := range b.attempts {
		if a.Dialer.Campaign != "" {
			calls[a.Call]++
		}
	}
	for _, e := range events {
		if e.Kind != callmodel.EvCallEnded || e.Call.Kind != callmodel.KindCampaign {
			continue
		}
		c, wish := e.Call, false
		if !c.Conns[0].Dialed {
			continue // the customer has gone on in another call, and the row is as of then
		}
		for i := range c.Conns {
			wish = wish || c.Conns[i].DoNotCall
		}
		a := b.attempts[c.Conns[0].ID.Hex()]
		d := &a.Dialer
		switch {
		case calls[c.ID.String()] != 1:
			errs = append(errs, fmt.Errorf("call %d has %d attempts", c.Number, calls[c.ID.String()]))
		case a.Call != c.ID.String() || d.Result != string(c.Outcome) || d.Lead != c.Lead || d.Mode != string(c.DialMode) || d.DoNotCall != wish,
			a.Answered.IsZero() != (c.AnsweredAt == 0), d.Dropped != (c.Outcome == callmodel.OutcomeDropped), d.Dropped && !d.Bridged.IsZero():
			errs = append(errs, fmt.Errorf("call %d is %s, answered at %d, wish %v; its row: %+v", c.Number, c.Outcome, c.AnsweredAt, wish, a))
		}
	}
	return errs
}

// dialScene makes calls 3 and 4 of the scene those of a campaign.
func dialScene(s *scene) {
	for i := 3; i <= 4; i++ {
		c := s.call(i)
		c.Kind, c.Campaign, c.Lead, c.Dial, c.DialMode = callmodel.KindCampaign, "spring", "L"+string(rune('0'+i)), &callmodel.DialState{Stage: callmodel.StageWaiting}, callmodel.DialPredictive
		c.Conns[0].Dialed, c.Conns[0].Role, c.Conns[0].Device, c.Conns[0].AskedAt, c.AnsweredAt = true, callmodel.RoleParty, "+4930"+string(rune('0'+i)), 1, 1
	}
}

// dialPlants break the rules about calls of campaigns.
func dialPlants() map[string]func(*scene) {
	plants := map[string]func(*scene){
		"one live attempt per lead":         func(s *scene) { s.call(3).Lead = s.call(4).Lead },
		"one live attempt per number":       func(s *scene) { s.conn(3, 0).Device = s.conn(4, 0).Device },
		"a campaign's call knows its stage": func(s *scene) { s.call(3).Dial = nil },
		"who is dropped is told":            func(s *scene) { s.call(3).Outcome = callmodel.OutcomeDropped },
		"every wait ends":                   func(s *scene) { s.call(3).Dial.Deadline = s.v.Now + 1 },
		"nobody is connected late": func(s *scene) {
			s.call(3).Dial.Deadline, s.call(3).TalkingAt = 5, 6
			s.event(callmodel.EvEstablished, 3, 0)
		},
		"an answer is the customer's": func(s *scene) {
			s.event(callmodel.EvAnswered, 3, 0)
			s.out.Events[len(s.out.Events)-1].Conn = otherConn
		},
		"the disk knows whom a campaign calls": func(s *scene) {
			s.out.Effects = []callmodel.Effect{callmodel.Originate{EffectHead: callmodel.EffectHead{ID: 99, Node: "n", Call: s.call(3).ID, Conn: s.conn(3, 0).ID}, Channel: "sw-x"}}
		},
		"a phone rings long enough": func(s *scene) {
			c := s.call(3)
			c.Dial.Cancel, c.AnsweredAt, c.Conns[0].Leg, c.Conns[0].AskedAt = true, 0, callmodel.LegRinging, s.v.Now-1
			s.out.Effects = []callmodel.Effect{callmodel.Hangup{EffectHead: callmodel.EffectHead{ID: 99, Node: "n", Call: c.ID, Conn: c.Conns[0].ID}, Channel: c.Conns[0].Channel}}
		},
	}
	for _, end := range []struct {
		rule  string
		spoil func(*callmodel.Call)
	}{
		{"only who has answered is dropped", func(c *callmodel.Call) { c.Outcome, c.AnsweredAt = callmodel.OutcomeDropped, 0 }},
		{"a campaign calls", func(c *callmodel.Call) { c.Conns[0].AskedAt = 0 }},
	} {
		plants[end.rule] = func(s *scene) {
			s.conn(3, 0).State = callmodel.Ended
			end.spoil(s.call(3))
			s.event(callmodel.EvCallEnded, 3, 0)
		}
	}
	for rule, plant := range plants {
		plants[rule] = func(s *scene) { dialScene(s); plant(s) }
	}
	return plants
}
