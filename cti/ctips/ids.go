package ctips

import (
	"math"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// noCall is what clients write for "no call"; they write 0, too.
const noCall = -1

// narrow is a number of the switch on the wire, where integers have 32 bits.
// One that does not fit is no number at all: it is never wrapped.
func narrow(n int64) (int32, bool) {
	if n < 1 || n > math.MaxInt32 {
		return 0, false
	}
	return int32(n), true
}

// given reports whether a client has named something: 0 and -1 are nothing.
func given(n int32) bool { return n != 0 && n != noCall }

// directory finds agents and services by what clients call them. It belongs to
// one version of the configuration and does not change.
type directory struct {
	cfg      *callmodel.Config
	agents   map[int32]*callmodel.AgentConfig
	services map[int32]*callmodel.QueueConfig
	trunks   map[string]int32
	switches map[callmodel.NodeID]int32
	serving  map[callmodel.QueueID][]int32 // numbers of the agents who serve a queue
}

// newDirectory indexes a configuration; nil is an empty one.
func newDirectory(cfg *callmodel.Config) *directory {
	if cfg == nil {
		cfg = &callmodel.Config{}
	}
	d := &directory{
		cfg: cfg, agents: map[int32]*callmodel.AgentConfig{}, services: map[int32]*callmodel.QueueConfig{},
		trunks: map[string]int32{}, switches: map[callmodel.NodeID]int32{}, serving: map[callmodel.QueueID][]int32{},
	}
	for i := range cfg.Agents {
		if n, ok := narrow(cfg.Agents[i].Number); ok {
			d.agents[n] = &cfg.Agents[i]
			for _, q := range cfg.Agents[i].Queues {
				d.serving[q] = append(d.serving[q], n)
			}
		}
	}
	for i := range cfg.Queues {
		if n, ok := narrow(cfg.Queues[i].Number); ok {
			d.services[n] = &cfg.Queues[i]
		}
	}
	for i := range cfg.Trunks {
		n, _ := narrow(cfg.Trunks[i].Number)
		d.trunks[cfg.Trunks[i].ID] = n
	}
	for i := range cfg.Nodes {
		d.switches[cfg.Nodes[i].ID] = int32(i) + 1
	}
	return d
}

// agentID is the number of an agent, 0 for nobody.
func (d *directory) agentID(id callmodel.AgentID) int32 {
	if a := d.cfg.Agent(id); a != nil {
		n, _ := narrow(a.Number)
		return n
	}
	return 0
}

// serviceID is the number of a queue, 0 for none.
func (d *directory) serviceID(id callmodel.QueueID) int32 {
	if q := d.cfg.Queue(id); q != nil {
		n, _ := narrow(q.Number)
		return n
	}
	return 0
}

// serviceIDs are the numbers of an agent's queues, in their order.
func (d *directory) serviceIDs(queues []callmodel.QueueID) []int32 {
	out := make([]int32, 0, len(queues))
	for _, q := range queues {
		if n := d.serviceID(q); n != 0 {
			out = append(out, n)
		}
	}
	return out
}

// switchID is the place of a telephony server in the configuration; with one
// server it has number 1.
func (d *directory) switchID(node callmodel.NodeID) int32 {
	if n := d.switches[node]; n != 0 {
		return n
	}
	return 1
}

// agent finds an agent by login name, else by number.
func (d *directory) agent(name string) *callmodel.AgentConfig {
	name = strings.TrimSpace(name)
	if a := d.cfg.Agent(callmodel.AgentID(strings.ToLower(name))); a != nil {
		return a
	}
	return d.agents[number(name)]
}

// service finds a queue by number, else by its id.
func (d *directory) service(name string) *callmodel.QueueConfig {
	name = strings.TrimSpace(name)
	if q := d.services[number(name)]; q != nil {
		return q
	}
	return d.cfg.Queue(callmodel.QueueID(name))
}

// station finds a station by id or number.
func (d *directory) station(name string) *callmodel.StationConfig {
	name = strings.TrimSpace(name)
	if st := d.cfg.Station(callmodel.StationID(name)); st != nil {
		return st
	}
	n := number(name)
	for i := range d.cfg.Stations {
		if st := &d.cfg.Stations[i]; n != 0 && st.Number == int64(n) {
			return st
		}
	}
	return nil
}

// number reads a positive number, 0 where there is none.
func number(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 {
		return 0
	}
	return int32(n)
}

// place is a destination in the client's words.
type place struct {
	kind  DestinationType
	name  string // number of the agent or service, else digits
	dial  string // that would be dialled to get there
	queue callmodel.QueueID
	agent callmodel.AgentID
}

// place tells what a destination as ordered means: a queue's id or number, an
// agent's login name or line, or digits.
func (d *directory) place(dialled string) place {
	to, ok := d.cfg.Number(dialled)
	if !ok {
		switch {
		case d.cfg.Queue(callmodel.QueueID(dialled)) != nil:
			to = callmodel.Dest{Kind: callmodel.DestQueue, Value: dialled}
		case d.cfg.Agent(callmodel.AgentID(dialled)) != nil:
			to = callmodel.Dest{Kind: callmodel.DestAgent, Value: dialled}
		}
	}
	return d.placeOf(to, dialled)
}

// placeOf is a destination that is known by its kind; dialled is what was ordered.
func (d *directory) placeOf(to callmodel.Dest, dialled string) place {
	switch to.Kind {
	case callmodel.DestQueue:
		if q := d.cfg.Queue(callmodel.QueueID(to.Value)); q != nil {
			return place{kind: DestinationService, name: strconv.FormatInt(q.Number, 10), dial: shown(dialled, to.Value, q.Address), queue: q.ID}
		}
	case callmodel.DestAgent:
		if a := d.cfg.Agent(callmodel.AgentID(to.Value)); a != nil {
			return place{kind: DestinationAgent, name: strconv.FormatInt(a.Number, 10), dial: shown(dialled, to.Value, a.Line), agent: a.ID}
		}
	case callmodel.DestNumber:
		return d.place(dialled)
	case callmodel.DestIVR, callmodel.DestAnnounce, callmodel.DestHangup:
	}
	return place{kind: DestinationExternal, name: dialled, dial: dialled}
}

// shown is what was dialled, or the number of what was ordered by its name.
func shown(dialled, id, number string) string {
	if dialled == id && number != "" {
		return number
	}
	return dialled
}
