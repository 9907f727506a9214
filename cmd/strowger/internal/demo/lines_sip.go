package demo

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"strowger/media/rtpio"
	"strowger/sip/ua"
	"strowger/switch/fault"
)

const (
	hearLimit  = 5 * time.Second
	expiry     = 2 * time.Minute // of the phones' registrations
	sipBusy    = 486
	trunkCalls = 2 * maxLive
)

// sipLines are real SIP phones and a trunk at an Asterisk.
type sipLines struct {
	server string
	agents []Agent
	log    *slog.Logger
	pacer  *rtpio.Pacer
	trunk  *ua.UA
	phones map[string]*sipPhone // by line
}

// sipPhone is an agent's phone and the call on it.
type sipPhone struct {
	*ua.UA
	tone float64

	mu      sync.Mutex
	leg     *ua.Call
	changed chan struct{}
}

// NewSIPLines makes phones that register at server (host:port), and a trunk
// there. Error: Invalid.
func NewSIPLines(server string, agents []Agent, log *slog.Logger) (Lines, error) {
	l := &sipLines{server: server, agents: agents, log: log, pacer: rtpio.NewPacer(), phones: map[string]*sipPhone{}}
	var err error
	l.trunk, err = ua.New(ua.Config{User: "trunk-demo", Server: server, MaxCalls: trunkCalls, Pacer: l.pacer, Logger: log})
	for _, a := range agents {
		if err != nil {
			break
		}
		p := &sipPhone{tone: a.Tone, changed: make(chan struct{})}
		p.UA, err = ua.New(ua.Config{User: a.Line, Password: a.Password, Server: server, Expires: expiry, Pacer: l.pacer, Logger: log})
		l.phones[a.Line] = p
	}
	if err != nil {
		l.pacer.Stop()
		return nil, err
	}
	return l, nil
}

func (l *sipLines) Sound() bool { return true }

func (l *sipLines) Start(ctx context.Context) error {
	if err := l.trunk.Start(ctx); err != nil {
		return err
	}
	for _, a := range l.agents {
		p := l.phones[a.Line]
		if err := p.Start(ctx); err != nil {
			return err
		}
		if err := p.Register(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends all phones at the same time: each may wait for answers.
func (l *sipLines) Stop(ctx context.Context) error {
	var wg sync.WaitGroup
	stop := func(u *ua.UA) {
		wg.Go(func() {
			if err := u.Stop(ctx); err != nil {
				l.log.Debug("a phone did not stop cleanly", "phone", u.User(), "error", err)
			}
		})
	}
	stop(l.trunk)
	for _, p := range l.phones {
		stop(p.UA)
	}
	wg.Wait()
	l.pacer.Stop()
	return nil
}

func (l *sipLines) Call(ctx context.Context, from Caller, dialled string) (Leg, error) {
	c, err := l.trunk.Call(ctx, dialled, ua.CallOptions{FromUser: from.Number, DisplayName: from.Name})
	if err != nil {
		return nil, err
	}
	return &sipLeg{Call: c, tone: from.Tone}, c.SendTone(from.Tone)
}

func (l *sipLines) Next(ctx context.Context, a Agent) (Ring, error) {
	p := l.phones[a.Line]
	c, err := p.WaitIncoming(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.leg = c
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	return &sipLeg{Call: c, tone: p.tone}, c.SendTone(p.tone)
}

// talking returns the call that is up on a phone; the switch may know of it a
// moment before the phone's owner does.
func (p *sipPhone) talking(ctx context.Context) (*ua.Call, error) {
	for {
		p.mu.Lock()
		c, changed := p.leg, p.changed
		p.mu.Unlock()
		if c != nil {
			select {
			case <-c.Ended():
			default:
				return c, c.WaitAnswered(ctx)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fault.New(fault.Unavailable, "demo: hear", p.User(), "there is no call on the phone")
		}
	}
}

func (l *sipLines) Hear(ctx context.Context, caller Leg, agent Agent) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, hearLimit)
	defer cancel()
	out, ok := caller.(*sipLeg)
	if !ok {
		return "", fault.New(fault.Internal, "demo: hear", agent.Line, "this is no call over SIP")
	}
	in, err := l.phones[agent.Line].talking(ctx)
	if err != nil {
		return "", err
	}
	heard := make(chan error, 1)
	go func() { heard <- in.Heard().WaitTone(ctx, out.tone) }()
	errCaller := out.Heard().WaitTone(ctx, agent.Tone)
	errAgent := <-heard
	switch {
	case errCaller != nil:
		return "", fault.New(fault.Unavailable, "demo: hear", agent.Line, fmt.Sprintf("the caller does not hear agent %s: %s", agent.Line, fault.ReasonOf(errCaller)))
	case errAgent != nil:
		return "", fault.New(fault.Unavailable, "demo: hear", agent.Line, fmt.Sprintf("agent %s does not hear the caller: %s", agent.Line, fault.ReasonOf(errAgent)))
	}
	return fmt.Sprintf("both ways: the caller hears agent %s (%.0f Hz, %.0f dBFS), the agent hears the caller (%.0f Hz, %.0f dBFS)",
		agent.Line, agent.Tone, out.Heard().Level(), out.tone, in.Heard().Level()), nil
}

// sipLeg is a call over SIP.
type sipLeg struct {
	*ua.Call
	tone float64
}

func (c *sipLeg) Answered() bool { return c.AutoAnswer() || closed(c.Call.Answered()) }

func (c *sipLeg) Reject(ctx context.Context) error { return c.Call.Reject(ctx, sipBusy) }

func (c *sipLeg) Done() <-chan struct{} { return c.Ended() }

func (c *sipLeg) Why() string {
	e := c.Snapshot().End
	switch {
	case e.Code != 0:
		return fmt.Sprintf("SIP %d %s", e.Code, e.Reason)
	case e.Reason != "":
		return e.Reason
	}
	return "hung up by the other side"
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
