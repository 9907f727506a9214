package test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/objects"
)

// TestCTIPSFlowsWithoutAsterisk plays the flows of the reference for the same
// clients with the call model alone, whose clock the test moves.
func TestCTIPSFlowsWithoutAsterisk(t *testing.T) {
	t.Parallel()
	for _, kind := range ctipsKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sw := ctipsSwitch(t)
			base := "http" + serveCTIPS(t, sw, nil)
			p := &ctipsPlay{t: t, exchange: &ctipsFake{t: t, sw: sw}}
			p.all(kind, base)
			p.silent()
		})
	}
}

// ctipsSwitch is a switch with the objects of the flows.
func ctipsSwitch(t *testing.T) *ctitest.FakeSwitch {
	t.Helper()
	set, err := objects.Check("ctips", []byte(ctipsObjects))
	if err != nil {
		t.Fatal(err)
	}
	sw := ctitest.NewFakeSwitch(numbered(set.Config()))
	t.Cleanup(sw.Stop)
	return sw
}

// serveCTIPS starts the interface for a switch until the test ends, and returns
// what its addresses begin with, but for the scheme.
func serveCTIPS(t *testing.T, sw *ctitest.FakeSwitch, adjust func(*ctips.Config)) string {
	t.Helper()
	hash, err := ctips.HashPassword(ctipsSecret)
	if err != nil {
		t.Fatal(err)
	}
	cfg := ctips.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	cfg.Users = []ctips.User{{Name: "crm", Hash: hash, Rights: []ctips.Right{ctips.RightMonitor, ctips.RightAgent, ctips.RightCall, ctips.RightRoute}}}
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := ctips.New(cfg, sw, nil, ctips.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), waitFor)
		defer cancel()
		if err := srv.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return "://" + srv.Addr() + "/CTIPS"
}

// numbered gives objects the numbers that the store would give them.
func numbered(c *callmodel.Config) *callmodel.Config {
	for i := range c.Queues {
		c.Queues[i].Number = int64(i + 1)
	}
	for i := range c.Agents {
		c.Agents[i].Number = int64(i + 1)
	}
	for i := range c.Trunks {
		c.Trunks[i].Number = int64(i + 1)
	}
	return c
}

// ctipsFake are telephones of a switch in this process.
type ctipsFake struct {
	t     *testing.T
	sw    *ctitest.FakeSwitch
	call  callmodel.CallID
	calls int
}

func (f *ctipsFake) dial(number string) {
	f.calls++
	f.call = callmodel.CallID{ID: f.sw.NewID()}
	f.sw.Put(callmodel.ChannelArrived{
		Node: ctitest.Node, Channel: callmodel.ChannelID(fmt.Sprintf("customer-%d", f.calls)), Call: f.call, Dialled: number, Caller: "4917055501", Endpoint: "trunk",
	})
}

func (f *ctipsFake) lift(agent string) { f.sw.Lift(f.conn(agent)) }
func (f *ctipsFake) pass(seconds int)  { f.sw.Advance(time.Duration(seconds) * time.Second) }

func (f *ctipsFake) hangUp(who string) {
	if who == "customer" {
		f.sw.HangUp(f.call)
		return
	}
	f.sw.Clear(f.conn(who), callmodel.CauseNormal)
}

// conn is an agent's newest live connection.
func (f *ctipsFake) conn(agent string) callmodel.ConnID {
	f.t.Helper()
	view, err := f.sw.View(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	var found *callmodel.Connection
	for _, c := range view.Calls {
		for k := range c.Conns {
			if p := &c.Conns[k]; p.Agent == callmodel.AgentID(agent) && p.State != callmodel.Ended && (found == nil || p.Number > found.Number) {
				found = p
			}
		}
	}
	if found == nil {
		f.t.Fatalf("%s has no call", agent)
	}
	return found.ID
}
