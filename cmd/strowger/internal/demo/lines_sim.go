package demo

import (
	"context"
	"fmt"
	"sync"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/sim"
)

// simLines are the phones and callers of a simulated exchange.
type simLines struct {
	ex     *sim.Exchange
	agents []Agent
	phones map[string]*sim.Phone // by line

	ctx    context.Context // ends the watchers of phones
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// NewSimulatedLines gives every agent a phone at a simulated exchange. Its
// controller starts and stops the exchange.
func NewSimulatedLines(ex *sim.Exchange, agents []Agent) Lines {
	l := &simLines{ex: ex, agents: agents, phones: map[string]*sim.Phone{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	for _, a := range agents {
		l.phones[a.Line] = ex.Phone(a.Line, sim.PhonePolicy{Mode: sim.Manual})
	}
	return l
}

func (l *simLines) Sound() bool { return false }

func (l *simLines) Start(ctx context.Context) error { return l.ex.WaitLink(ctx) }

func (l *simLines) Stop(context.Context) error {
	l.cancel()
	l.wg.Wait()
	return nil
}

func (l *simLines) Call(_ context.Context, from Caller, dialled string) (Leg, error) {
	leg, err := l.ex.Place(dialled, sim.Caller{Number: from.Number, Name: from.Name})
	if err != nil {
		return nil, err
	}
	return simCaller{leg}, nil
}

func (l *simLines) Next(ctx context.Context, a Agent) (Ring, error) {
	p := l.phones[a.Line]
	err := l.ex.Wait(ctx, "a call at phone "+a.Line, func(v sim.Inventory) bool {
		for _, leg := range v.Legs {
			if leg.Endpoint == a.Line && (leg.State == callmodel.LegRinging || leg.State == callmodel.LegUp) {
				return true
			}
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	leg := &simPhone{Phone: p, done: make(chan struct{})}
	l.wg.Go(func() {
		defer close(leg.done)
		// An exchange that stops ends the call as well.
		_ = p.WaitState(l.ctx, callmodel.LegNone)
	})
	return leg, nil
}

func (l *simLines) Hear(ctx context.Context, caller Leg, agent Agent) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, hearLimit)
	defer cancel()
	c, ok := caller.(simCaller)
	if !ok {
		return "", fault.New(fault.Internal, "demo: hear", agent.Line, "this is no simulated call")
	}
	if err := c.WaitTalking(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("both ways: the caller and agent %s are joined (there is no sound in a simulation)", agent.Line), nil
}

// simCaller is a caller's leg.
type simCaller struct{ *sim.CallerLeg }

func (c simCaller) Hangup(context.Context) error {
	c.CallerLeg.Hangup()
	return nil
}

func (c simCaller) Why() string { return fmt.Sprintf("cause %d", c.Cause()) }

// simPhone is the call on an agent's phone.
type simPhone struct {
	*sim.Phone
	done chan struct{}
}

func (p *simPhone) Answered() bool { return p.LegState() == callmodel.LegUp }

func (p *simPhone) Answer(context.Context) error { return p.Phone.Answer() }

func (p *simPhone) Reject(context.Context) error { return p.Phone.Reject() }

func (p *simPhone) Hangup(context.Context) error { return p.Phone.Hangup() }

func (p *simPhone) Done() <-chan struct{} { return p.done }

func (p *simPhone) Why() string { return "hung up by the other side" }
