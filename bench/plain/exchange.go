package plain

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/sim"
	"strowger/switch/store/journal"
)

const (
	queueNumber = "600"
	talk        = time.Second
)

// Exchange is a switch in this process: an engine with a journal on the
// simulated exchange in real time, one queue, and agents at desk phones who
// answer after 100 ms and talk for a second.
type Exchange struct {
	Engine *engine.Engine
	sim    *sim.Exchange
	stop   []func() error
}

// StartExchange starts a switch with so many agents, who are logged out.
func StartExchange(ctx context.Context, agents int) (*Exchange, error) {
	x := &Exchange{}
	if err := x.start(ctx, agents); err != nil {
		return nil, errors.Join(err, x.Stop())
	}
	return x, nil
}

func (x *Exchange) start(ctx context.Context, agents int) error {
	dir, err := os.MkdirTemp("", "bench-exchange")
	if err != nil {
		return err
	}
	x.stop = append(x.stop, func() error { return os.RemoveAll(dir) })
	log, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		return err
	}
	x.stop = append(x.stop, log.Close)
	x.sim = sim.New(sim.Options{RingDelay: 10 * time.Millisecond, MaxChannels: 20000})
	x.Engine = engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: x.sim})
	if err := x.Engine.Start(ctx, model(agents)); err != nil {
		return err
	}
	x.stop = append(x.stop, func() error { return x.Engine.Stop(context.WithoutCancel(ctx)) })
	if err := x.sim.Start(ctx, x.Engine); err != nil {
		return err
	}
	x.stop = append(x.stop, func() error { x.sim.Stop(); return nil })
	for i := range agents {
		x.sim.Phone(Agent(i), sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(100 * time.Millisecond)})
	}
	return nil
}

// Stop ends everything that StartExchange has started.
func (x *Exchange) Stop() error {
	var failed error
	for i := len(x.stop) - 1; i >= 0; i-- {
		failed = errors.Join(failed, x.stop[i]())
	}
	x.stop = nil
	return failed
}

// Agent and Line name the agent of a number from 0 on.
func Agent(i int) string { return "agent" + strconv.Itoa(i) }

// Line is the agent's own number.
func Line(i int) string { return strconv.Itoa(10000 + i) }

func model(n int) *callmodel.Config {
	cfg := &callmodel.Config{Queues: []callmodel.QueueConfig{{
		ID: "bench", Number: 1, Name: "Bench", Address: queueNumber, Strategy: callmodel.LongestIdle, RingTimeout: 15 * time.Second, Answer: callmodel.AnswerAgent,
	}}}
	for i := range n {
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{
			ID: callmodel.AgentID(Agent(i)), Number: int64(i + 1), Name: Agent(i), Line: Line(i), Queues: []callmodel.QueueID{"bench"},
			Station: callmodel.Station{Endpoint: Agent(i), Mode: callmodel.Handset},
		})
	}
	return cfg
}

// Calls places calls to the queue evenly, and returns how many.
func (x *Exchange) Calls(ctx context.Context, perSecond int, length time.Duration) (calls int, err error) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for end := time.Now().Add(length); time.Now().Before(end); calls++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return calls, ctx.Err()
		}
		if _, err := x.sim.Place(queueNumber, sim.Caller{Number: "4930123456", Talk: talk}); err != nil {
			return calls, err
		}
	}
	return calls, nil
}
