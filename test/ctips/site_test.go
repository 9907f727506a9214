package ctips_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/sim"
	"strowger/test/simsite"
)

const patience = simsite.Patience

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

func newSite(t *testing.T, seed uint64) *site {
	t.Helper()
	s := &site{}
	s.ex, s.eng = simsite.Start(t, office(), sim.Options{Seed: seed}, func(ex *sim.Exchange) {
		for i := range agents {
			s.phones = append(s.phones, ex.Phone(strconv.Itoa(101+i), sim.PhonePolicy{
				Mode: sim.Answers, AnswerAfter: sim.Range{Max: 60 * time.Millisecond}, Talk: sim.Range{Min: 20 * time.Millisecond, Max: 600 * time.Millisecond}, Lines: 1,
			}))
		}
		ex.Trunk(ctitest.Trunk, 0)
		ex.Outside(ctitest.Outside, sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Range{Max: 60 * time.Millisecond}, Talk: sim.Range{Max: 400 * time.Millisecond}})
	})
	cfg := ctips.DefaultConfig()
	cfg.Listen, cfg.RequestTimeout = "127.0.0.1:0", time.Second
	var err error
	if s.srv, err = ctips.New(cfg, s.eng, nil, ctips.Observer{}); err != nil {
		t.Fatal(err)
	}
	simsite.Serve(t, s.eng, s.srv)
	s.url = fmt.Sprintf("http://%s%s", s.srv.Addr(), cfg.Path)
	return s
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
