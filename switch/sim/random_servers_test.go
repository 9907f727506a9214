package sim

import (
	"slices"
	"strings"
	"testing"

	"strowger/switch/callmodel"
)

const twinNode = callmodel.NodeID("twin")

// join gives the harness a second exchange, joined with the first.
func (h *harness) join(opt Options) {
	opt.Clock, opt.Seed, opt.Node = h.clock, h.seed+1, twinNode
	h.twin = New(opt)
	Join(h.ex, h.twin)
}

// all are the exchanges.
func (h *harness) all() []*Exchange {
	if h.twin == nil {
		return []*Exchange{h.ex}
	}
	return []*Exchange{h.ex, h.twin}
}

// at is the exchange of a name.
func (h *harness) at(node callmodel.NodeID) *Exchange {
	if h.twin != nil && node == h.twin.Node() {
		return h.twin
	}
	return h.ex
}

// one is any of them.
func (h *harness) one() *Exchange {
	if h.twin == nil {
		return h.ex
	}
	return h.all()[h.rng.IntN(2)]
}

// home is where phone i is: the even ones are at the second exchange.
func (h *harness) home(i int) *Exchange {
	if h.twin != nil && i%2 == 0 {
		return h.twin
	}
	return h.ex
}

func (h *harness) attach() {
	for _, e := range h.all() {
		if h.err == nil {
			h.err = e.attach(feed{h}, func() {})
		}
	}
}

func (h *harness) resync() {
	for _, e := range h.all() {
		e.Resync()
	}
	h.drain()
}

func (h *harness) idle() bool {
	return !slices.ContainsFunc(h.all(), func(e *Exchange) bool { return !e.idle() })
}

func (h *harness) hangUp(id callmodel.ChannelID) {
	for _, e := range h.all() {
		e.hangUp(id)
	}
}

// inventory is what lives on all exchanges.
func (h *harness) inventory() Inventory {
	v := h.ex.Inventory()
	if h.twin != nil {
		w := h.twin.Inventory()
		v.LinkUp = v.LinkUp && w.LinkUp
		v.Legs, v.Bridges, v.Tracks = append(v.Legs, w.Legs...), append(v.Bridges, w.Bridges...), append(v.Tracks, w.Tracks...)
		v.Timers, v.Vaults = v.Timers+w.Timers, v.Vaults+w.Vaults
	}
	return v
}

// twoServers says in a configuration where phones and trunks are.
func (h *harness) twoServers(cfg *callmodel.Config) {
	if h.twin == nil {
		return
	}
	for _, e := range h.all() {
		cfg.Nodes = append(cfg.Nodes, callmodel.NodeConfig{ID: e.Node(), Peer: PeerOf(e.Node())})
	}
	place := func(st *callmodel.Station) {
		if i := strings.IndexByte("123456789", st.Endpoint[1]) + 1; i%2 == 0 {
			st.Node = twinNode
		}
	}
	for i := range cfg.Stations {
		place(&cfg.Stations[i].Station)
	}
	for i := range cfg.Agents {
		place(&cfg.Agents[i].Station)
	}
	cfg.Trunks[1].Node = string(twinNode)
}

// checkServers checks that a listing, or the loss of a server, ends nothing as
// lost but what lived there or went through it.
func checkServers(in callmodel.Input, out callmodel.Output) error {
	var node callmodel.NodeID
	switch in := in.(type) {
	case callmodel.Resync:
		node = in.Node
	case callmodel.TimerFired:
		node = in.Key.Node
	}
	if node == "" {
		return nil
	}
	for _, e := range out.Events {
		if e.Kind != callmodel.EvCleared || e.Cause != callmodel.CauseLost {
			continue
		}
		if e.Node != node && !slices.ContainsFunc(e.Call.Conns, func(p callmodel.Connection) bool { return p.Via == node }) {
			return bad("the loss of a server ends its own calls only", "%s of %s ended a connection of call %d on %s", in.Tag(), node, e.Call.Number, e.Node)
		}
	}
	return nil
}

// elsewhere tells an order about whatever rings at a phone of another server's call.
func elsewhere(e callmodel.Effect) bool {
	o, ok := e.(callmodel.NotifyTalk)
	return ok && o.Call != (callmodel.CallID{}) && o.Endpoint != ""
}

// candidate is an agent as the model shows them to the router.
func candidate(v *callmodel.View, c *callmodel.Call, a *callmodel.Agent, cfg *callmodel.AgentConfig) callmodel.Candidate {
	out := callmodel.Candidate{Agent: a, Config: cfg, Off: slices.Contains(a.Off, c.Queue)}
	if len(v.Config.Nodes) == 0 {
		return out
	}
	at := a.Station.Node
	if at == "" {
		at = v.Config.Nodes[0].ID
	}
	looks := c.Kind == callmodel.KindCallback || c.Kind == callmodel.KindCampaign && c.DialMode == callmodel.DialPreview
	nothing := looks && !c.BridgeUp && !slices.ContainsFunc(c.Conns, func(p callmodel.Connection) bool {
		return p.Leg != callmodel.LegNone && p.Leg != callmodel.LegGone
	})
	out.Away = !slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return n.ID == at && n.Up }) || !nothing && at != c.Node && !sees(v, c.Node, at)
	out.Far = a.Station.Mode == callmodel.Nailed && at != c.Node && !nothing
	return out
}

// sees tells whether the model believes that a server reaches another one.
func sees(v *callmodel.View, from, to callmodel.NodeID) bool {
	key := PeerOf(to)
	if from != v.Config.Nodes[0].ID {
		key = string(from) + "/" + key
	}
	return v.Phones[key]
}

// TestRandomServers is TestRandom with two servers: phones, trunks, callers,
// outages and restarts at both.
func TestRandomServers(t *testing.T) {
	t.Parallel()
	if *seedFlag != 0 {
		if h := runSeedWith(*seedFlag, true, true); h.err != nil {
			t.Fatal(h.report())
		}
		return
	}
	var calls, through, cleared, restarts, lost, bitten uint64
	for i := range uint64(*seedsFlag) {
		h := runSeedWith(*firstFlag+i, false, true)
		if h.err != nil {
			t.Errorf("seed %d (%s) after %d inputs: %v\n  again with: go test ./switch/sim -run TestRandomServers -sim.seed=%d",
				h.seed, profiles[h.seed%uint64(len(profiles))].name, len(h.journal), h.err, h.seed)
		}
		calls += h.check.callsSeen
		through += h.through
		lost += h.lost
		for _, e := range h.all() {
			s := e.Stats()
			cleared, restarts, bitten = cleared+s.Cleared, restarts+s.Restarts, bitten+s.FaultsBitten()
		}
	}
	t.Logf("%d calls, %d legs through another server, %d restarts, %d servers given up, %d legs cleared after their server, %d facts, orders and links touched by faults",
		calls, through, restarts, lost, cleared, bitten)
	if through == 0 || restarts == 0 || lost == 0 || cleared == 0 || bitten == 0 {
		t.Error("something has not come about: the run proves nothing")
	}
}

// noteServers counts what a run with two servers has met.
func (h *harness) noteServers(out callmodel.Output) {
	for _, e := range out.Effects {
		if o, ok := e.(callmodel.Originate); ok && o.Via != "" {
			h.through++
		}
	}
	for _, e := range out.Events {
		if e.Kind == callmodel.EvIncident && strings.HasPrefix(e.Reason, "neither the controller") {
			h.lost++
		}
	}
}

// TestCheckServersIsNotBlind plants the end of another server's call.
func TestCheckServersIsNotBlind(t *testing.T) {
	conn := callmodel.ConnID{ID: callmodel.ID{1}}
	cleared := func(node, via callmodel.NodeID) callmodel.Output {
		c := &callmodel.Call{Node: node, Conns: []callmodel.Connection{{ID: conn, Via: via}}}
		return callmodel.Output{Events: []callmodel.Event{{Kind: callmodel.EvCleared, Call: c, Conn: conn, Node: node, Cause: callmodel.CauseLost}}}
	}
	for _, in := range []callmodel.Input{callmodel.Resync{Node: "a"}, callmodel.TimerFired{Key: callmodel.TimerKey{Kind: callmodel.TimerNode, Node: "a"}}} {
		if err := checkServers(in, cleared("b", "")); err == nil {
			t.Errorf("%s of a ended a call of b, and nobody said so", in.Tag())
		}
		for _, out := range []callmodel.Output{cleared("a", ""), cleared("b", "a")} {
			if err := checkServers(in, out); err != nil {
				t.Error(err)
			}
		}
	}
}
