package dialer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"strowger/dialer/pacing"
	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/sim"
)

// setupMean is how many seconds it takes on average until a phone rings.
const setupMean = 2.5

// street is where the people of a shift live: the nth number has the nth lot.
type street struct {
	weather weather
	begin   time.Time
	random  *rand.Rand
	lots    []lot
}

func newStreet(c Cell, seed uint64, begin time.Time) *street {
	return &street{weather: newWeather(c, stream(seed, 2), c.Hours*3600), begin: begin, random: stream(seed, 1)}
}

const streetPrefix = "4420"

func streetNumber(n int) string { return fmt.Sprintf("+%s%08d", streetPrefix, 70_000_000+n) }

// answers is what the exchange asks when a number is called. It is asked by one
// call at a time.
func (s *street) answers(number string) sim.PhonePolicy {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(number, "+"), streetPrefix))
	if err != nil || n < 70_000_000 {
		return sim.PhonePolicy{Mode: sim.NoSuchNumber}
	}
	for len(s.lots) <= n-70_000_000 {
		s.lots = append(s.lots, draw(s.random))
	}
	l := s.lots[n-70_000_000]
	how, after := s.weather.becomes(l, time.Since(s.begin).Seconds())
	p := sim.PhonePolicy{Mode: sim.Manual, RingAfter: sim.Exactly(duration(l.setup)), AnswerAfter: sim.Exactly(duration(after))}
	switch how {
	case pacing.Human:
		p.Mode = sim.Answers
	case pacing.Machine: // a detector that needs no time and is never wrong
		p.Mode = sim.Rejects
	case pacing.Busy:
		p.Mode, p.RingAfter = sim.Busy, sim.Exactly(duration(l.setup+after))
	case pacing.SIT:
		p.Mode, p.RingAfter = sim.NoSuchNumber, sim.Exactly(duration(l.setup+after))
	case pacing.NoAnswer:
	}
	return p
}

// seated is an agent of a shift, at a station whose line stands.
type seated struct {
	agent
	state  callmodel.AgentState
	from   float64 // since when
	conn   callmodel.ConnID
	wrap   float64 // work after the conversation, in seconds
	resume float64 // length of the break that follows
}

// become counts the time in a state.
func (p *seated) become(now float64, st callmodel.AgentState) {
	spent := now - p.from
	switch p.state {
	case callmodel.Reserved, callmodel.OnCall, callmodel.InWrapUp:
		p.work += spent
		p.there += spent
	case callmodel.Ready:
		p.there += spent
	case callmodel.LoggedOut, callmodel.NotReady:
	}
	p.state, p.from = st, now
}

// seat plans an agent's shift.
func (s *shift) seat(ctx context.Context, name string, r *rand.Rand) {
	p := &seated{state: callmodel.LoggedOut}
	login, breaks := p.rota(s.cell, s.length.Seconds(), r)
	s.mu.Lock()
	s.people[callmodel.AgentID(name)] = p
	s.mu.Unlock()
	s.sim.Phone(name, sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(ringing / 2)})
	s.at(login, func() { s.do(ctx, callmodel.Login{Agent: callmodel.AgentID(name), State: callmodel.Ready}) })
	for _, b := range breaks {
		s.at(b.at, func() { s.wantsBreak(ctx, callmodel.AgentID(name), b.length) })
	}
}

func (s *shift) at(seconds float64, do func()) {
	time.AfterFunc(duration(seconds)-time.Since(s.begin), do)
}

func (s *shift) wantsBreak(ctx context.Context, name callmodel.AgentID, length float64) {
	s.mu.Lock()
	p := s.people[name]
	there := p.state != callmodel.LoggedOut && p.state != callmodel.NotReady
	if there {
		p.resume = length
	}
	s.mu.Unlock()
	if there {
		s.do(ctx, callmodel.SetAgentState{Agent: name, State: callmodel.NotReady, Reason: "break"})
	}
}

// read follows what happens to customers and agents.
func (s *shift) read(ctx context.Context, sub port.Subscription) {
	for {
		batch, err := sub.Next(ctx)
		if err != nil {
			return
		}
		s.mu.Lock()
		for i := range batch {
			s.see(ctx, &batch[i])
		}
		s.mu.Unlock()
	}
}

func (s *shift) see(ctx context.Context, e *port.Stamped) {
	now := e.Wall.Sub(s.begin).Seconds()
	switch e.Kind {
	case callmodel.EvAnswered:
		s.result.Humans++
	case callmodel.EvEstablished:
		if conn := e.Connection(); conn.Role == callmodel.RoleAgent {
			s.result.Bridged++
			s.talk(ctx, s.people[conn.Agent], conn.ID, now)
		}
	case callmodel.EvCallEnded:
		if e.Call.Outcome == callmodel.OutcomeDropped {
			s.result.Dropped++
		}
		if e.Call.Outcome == callmodel.OutcomeCancelled {
			s.result.GivenUp++
		}
	case callmodel.EvAgentChanged:
		s.changed(ctx, e.Agent, now)
	default: // the rest is the controller's
	}
}

// talk is a conversation, which the agent ends.
func (s *shift) talk(ctx context.Context, p *seated, conn callmodel.ConnID, now float64) {
	talk, wrap := p.lasts(&s.street.weather, now, false)
	p.conn, p.wrap = conn, wrap*p.r.ExpFloat64()
	time.AfterFunc(duration(talk), func() { s.do(ctx, callmodel.DropAll{Conn: conn}) })
}

// changed is an agent's new state, from which the next thing follows that they do.
func (s *shift) changed(ctx context.Context, a *callmodel.Agent, now float64) {
	p := s.people[a.ID]
	if p == nil || a.State == p.state {
		return
	}
	p.become(now, a.State)
	switch a.State {
	case callmodel.InWrapUp:
		conn := p.conn
		time.AfterFunc(duration(p.wrap), func() { s.do(ctx, callmodel.Drop{Conn: conn}) })
	case callmodel.NotReady:
		if p.resume > 0 {
			time.AfterFunc(duration(p.resume), func() { s.do(ctx, callmodel.SetAgentState{Agent: a.ID, State: callmodel.Ready}) })
			p.resume = 0
		}
	case callmodel.LoggedOut, callmodel.Ready, callmodel.Reserved, callmodel.OnCall:
	}
}
