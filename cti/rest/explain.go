package rest

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// maxEnded is how many ended calls' decisions are remembered.
const maxEnded = 1000

// endedCall is what is remembered of a call that is over.
type endedCall struct {
	id     callmodel.CallID
	number int64
	answer Explanation
}

// Explanation says why a call went to whom it went, or why it waits.
type Explanation struct {
	Call            string    `json:"call" doc:"ULID"`
	Number          int64     `json:"number"`
	Phase           string    `json:"phase"`
	Live            bool      `json:"live" doc:"false: the call has ended"`
	Queue           string    `json:"queue,omitempty"`
	Position        int       `json:"position,omitempty" doc:"place in the queue, 1 is next"`
	EstimateSeconds float64   `json:"estimate_seconds,omitempty" doc:"of the wait, when the call came into the queue"`
	Decision        *Decision `json:"decision,omitempty" doc:"the last one of the router; none where the call was never at anybody's turn"`
	Verdicts        []Verdict `json:"verdicts" nullable:"false" doc:"per agent of the queue, the chosen first"`
	More            int       `json:"more,omitempty" doc:"agents that are left out of the verdicts"`
	Text            []string  `json:"text" nullable:"false" doc:"the same in sentences"`
}

// Decision is one decision of the router.
type Decision struct {
	At            *time.Time `json:"at,omitempty"`
	Queue         string     `json:"queue"`
	Strategy      string     `json:"strategy"`
	WaitedSeconds float64    `json:"waited_seconds"`
	Need          []Skill    `json:"need,omitempty" doc:"skills that were asked for then"`
	Agents        []string   `json:"agents" nullable:"false" doc:"who was chosen"`
}

// Verdict is why one agent was, or was not, chosen.
type Verdict struct {
	Agent string `json:"agent"`
	Why   string `json:"why"`
	Key   int64  `json:"key,omitempty" doc:"what the strategy compares, lower is better"`
}

func decisionOf(d *callmodel.RouteDecision, t timeline) *Decision {
	if d == nil {
		return nil
	}
	out := &Decision{At: t.time(d.At), Queue: string(d.Queue), Strategy: string(d.Strategy), WaitedSeconds: seconds(d.Waited), Agents: []string{}}
	for _, n := range d.Need {
		out.Need = append(out.Need, Skill{Skill: n.Skill, Level: n.Level})
	}
	for _, v := range d.Agents {
		if v.Why == callmodel.WhyChosen {
			out.Agents = append(out.Agents, string(v.Agent))
		}
	}
	return out
}

func (s *Server) explain(v *callmodel.View, c *callmodel.Call, t timeline) Explanation {
	out := Explanation{
		Call: c.ID.String(), Number: c.Number, Phase: c.Phase.String(), Live: true, Queue: string(c.Queue),
		EstimateSeconds: seconds(c.Estimate), Decision: decisionOf(c.Decided, t), Verdicts: []Verdict{}, Text: []string{},
	}
	if c.Decided == nil {
		out.Text = append(out.Text, undecided(c))
		return out
	}
	out.More = c.Decided.More
	for _, v := range c.Decided.Agents {
		out.Verdicts = append(out.Verdicts, Verdict{Agent: string(v.Agent), Why: string(v.Why), Key: v.Key})
	}
	if s.opts.Explain != nil {
		out.Text = append(out.Text, s.opts.Explain(v, c)...)
	}
	return out
}

// undecided says why there is no decision.
func undecided(c *callmodel.Call) string {
	switch c.Phase {
	case callmodel.PhaseIVR:
		return "the caller is in a menu: nobody has been chosen yet"
	case callmodel.PhaseRouting:
		return "a client has been asked where the call shall go: nobody has been chosen yet"
	case callmodel.PhaseWaiting:
		return "nobody could be chosen yet: no agent of the queue has been free since the call came"
	case callmodel.PhaseAutomat:
		return "a customer of a campaign has answered, and no agent is looked for: it is not known yet whether that is a person, or a message is told"
	case callmodel.PhaseOffered, callmodel.PhaseTalking, callmodel.PhaseDialing, callmodel.PhaseParked, callmodel.PhaseOver:
	}
	return "no queue has chosen an agent for this call: it was made, or sent, to a number or to a person"
}

func (s *Server) getExplanation(ctx context.Context, in *idInput) (*body[Explanation], error) {
	id, number, err := parseRef("call", in.ID)
	if err != nil {
		return nil, s.problem("explain", err)
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("explain", err)
	}
	if c := findCall(v, id, number); c != nil {
		out := s.explain(v, c, viewTimes(v, s.opts.Clock.Now()))
		out.Position = positions(v)[c.ID]
		return reply(out), nil
	}
	past := s.ended.newest(1, func(e *endedCall) bool { return number == 0 && e.id.ID == id || number != 0 && e.number == number })
	if len(past) == 1 {
		return reply(past[0].answer), nil
	}
	return nil, s.problem("explain", fault.Newf(fault.NotFound, "explain", in.ID,
		"the call has ended or never was: decisions are kept while a call lives, and of the last %d after that", maxEnded))
}

// follow remembers the decisions of calls that end, until the server stops.
// The first subscription is open when it returns.
func (s *Server) follow(ctx context.Context) {
	_, sub, err := s.opts.Switch.Watch(ctx, "rest decisions")
	s.loops.Go(func() {
		for {
			if err == nil {
				err = s.remember(s.streams, sub)
			}
			switch {
			case s.streams.Err() != nil, fault.Is(err, fault.Stopped):
				return
			case !fault.Is(err, fault.Overrun):
				s.opts.Logger.Warn("rest: decisions of calls that end are not seen; trying again", "err", err)
				if !wait(s.streams, time.Second) {
					return
				}
			}
			_, sub, err = s.opts.Switch.Watch(s.streams, "rest decisions")
		}
	})
}

// remember reads events until the subscription breaks.
func (s *Server) remember(ctx context.Context, sub port.Subscription) error {
	defer sub.Close()
	var v *callmodel.View // for names and the configuration: an old one does
	var taken time.Time
	for {
		batch, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		for i := range batch {
			e := &batch[i]
			if e.Kind != callmodel.EvCallEnded || e.Call == nil || e.Call.Decided == nil {
				continue
			}
			if now := time.Now(); v == nil || now.Sub(taken) > rememberView {
				if v, err = s.opts.Switch.View(ctx); err != nil {
					return err
				}
				taken = now
			}
			answer := s.explain(v, e.Call, eventTimes(e))
			answer.Live = false
			s.ended.add(endedCall{id: e.Call.ID, number: e.Call.Number, answer: answer})
		}
		if !wait(ctx, rememberPause) { // nobody asks for it at once: fewer, larger batches cost less
			return ctx.Err()
		}
	}
}

// What remembering decisions may cost: how often events are read, and how old
// the picture may be that names are taken from.
const (
	rememberPause = 100 * time.Millisecond
	rememberView  = 10 * time.Second
)

// wait reports whether the time has passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
