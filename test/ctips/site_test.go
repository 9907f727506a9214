package ctips_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/port"
	"strowger/switch/sim"
	"strowger/switch/store/journal"
)

const patience = 20 * time.Second

// site is a simulated exchange with a controller and its CTIPS server.
type site struct {
	ex     *sim.Exchange
	eng    *engine.Engine
	srv    *ctips.Server
	url    string
	phones []*sim.Phone
}

// agents is how many there are; they work at 101, 102 and so on.
const agents = 8

// office is two services that agents serve, one that nobody serves and one
// whose calls a client routes. Its times are short.
func office() *callmodel.Config {
	c := ctitest.Config()
	support := c.Queues[0]
	support.RingTimeout, support.WrapUp = 400*time.Millisecond, 200*time.Millisecond
	tech, empty, routed := support, support, support
	tech.ID, tech.Number, tech.Address, tech.DNIS = "tech", 2, "601", nil
	empty.ID, empty.Number, empty.Address, empty.DNIS = "empty", 3, "602", nil
	routed.ID, routed.Number, routed.Address, routed.DNIS = "routed", 4, "603", nil
	routed.Route = callmodel.ExternalRoute{Timeout: 300 * time.Millisecond, Default: callmodel.Dest{Kind: callmodel.DestQueue, Value: "tech"}}
	c.Queues = []callmodel.QueueConfig{support, tech, empty, routed}
	c.Agents = nil
	for i := range agents {
		line := strconv.Itoa(101 + i)
		a := callmodel.AgentConfig{
			ID: callmodel.AgentID("agent" + line), Number: int64(i + 1), Name: "Agent " + line, Line: line, DialRule: "all", MultiLine: i%2 == 0,
			Queues: []callmodel.QueueID{"support", "tech"}, Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset, AcceptTimeout: time.Second},
		}
		if i%3 == 1 {
			a.Station.Mode = callmodel.CallOnAccept
		}
		c.Agents = append(c.Agents, a)
	}
	c.Reasons = []callmodel.ReasonConfig{{ID: "lunch", Number: 1, For: "not-ready", Park: true}, {ID: "wrong", Number: 2, For: "reject"}}
	c.Dispositions = []callmodel.DispositionConfig{{ID: "sold", Number: 1, Success: true}}
	return c
}

// later ends a part when the test does, the last one first.
func later(t *testing.T, what string, stop func(context.Context) error) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := stop(ctx); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	})
}

func newSite(t *testing.T, seed uint64) *site {
	t.Helper()
	log, _, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	later(t, "journal", func(context.Context) error { return log.Close() })
	s := &site{ex: sim.New(sim.Options{Seed: seed})}
	s.eng = engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: s.ex})
	if err := s.eng.Start(t.Context(), office()); err != nil {
		t.Fatal(err)
	}
	later(t, "engine", s.eng.Stop)
	for i := range agents {
		s.phones = append(s.phones, s.ex.Phone(strconv.Itoa(101+i), sim.PhonePolicy{
			Mode: sim.Answers, AnswerAfter: sim.Range{Max: 60 * time.Millisecond}, Talk: sim.Range{Min: 20 * time.Millisecond, Max: 600 * time.Millisecond}, Lines: 1,
		}))
	}
	s.ex.Trunk(ctitest.Trunk, 0)
	s.ex.Outside(ctitest.Outside, sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Range{Max: 60 * time.Millisecond}, Talk: sim.Range{Max: 400 * time.Millisecond}})
	if err := s.ex.Start(t.Context(), s.eng); err != nil {
		t.Fatal(err)
	}
	later(t, "exchange", func(context.Context) error { s.ex.Stop(); return nil })
	cfg := ctips.DefaultConfig()
	cfg.Listen, cfg.RequestTimeout = "127.0.0.1:0", time.Second
	if s.srv, err = ctips.New(cfg, s.eng, nil, ctips.Observer{}); err != nil {
		t.Fatal(err)
	}
	if err := s.srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	later(t, "ctips", s.srv.Stop)
	s.url = fmt.Sprintf("http://%s%s", s.srv.Addr(), cfg.Path)
	up(t, s.eng)
	return s
}

// up waits until the exchange is in step.
func up(t *testing.T, sw port.Switch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	view, sub, err := sw.Watch(ctx, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	for ready := len(view.Nodes) > 0 && view.Nodes[0].Up; !ready; {
		batch, err := sub.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			ready = ready || batch[i].Kind == callmodel.EvNodeUp
		}
	}
}

// view is the switch's picture.
func (s *site) view(t *testing.T) *callmodel.View {
	t.Helper()
	v, err := s.eng.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
