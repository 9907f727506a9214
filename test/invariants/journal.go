package invariants

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/store/journal"
)

// Journal reads the controller's answer from its journal, over all its lives:
// every record is stepped through the model again. The journal must begin at
// record 1, as that of a test does. Rows are not in it; see [Answer.Count].
func Journal(dir string) (Answer, error) {
	names, err := filepath.Glob(filepath.Join(dir, "journal-*.seg"))
	if err != nil {
		return Answer{}, fault.Wrap(fault.Invalid, "invariants: journal", dir, err)
	}
	b := newBook()
	for i, name := range names {
		err := journal.ReadSegment(name, b.record)
		if info, e := os.Stat(name); e == nil && info.Size() == 0 {
			continue // kept ready
		}
		if err != nil && b.err == nil && i >= len(names)-2 {
			break // a controller was killed while it wrote
		}
		if err != nil {
			return Answer{}, err
		}
	}
	if b.last == 0 {
		return Answer{}, fault.New(fault.NotFound, "invariants: journal", dir, "there is no record")
	}
	return b.answer(), nil
}

var roles = map[callmodel.Role]string{callmodel.RoleCaller: "caller", callmodel.RoleAgent: "agent", callmodel.RoleParty: "party"}

// book collects the answer record by record.
type book struct {
	state  *callmodel.State
	last   uint64
	err    error
	now    callmodel.Instant
	calls  map[callmodel.CallID]*Call
	order  []*Call
	agents map[callmodel.AgentID]callmodel.AgentState
	items  map[string]*Item
	own    map[callmodel.ChannelID]callmodel.ConnID // whose leg it was first
	mates  map[callmodel.ConnID]map[string]bool
	a      Answer
}

func newBook() *book {
	return &book{
		state: callmodel.New(acd.Router{}), calls: map[callmodel.CallID]*Call{}, agents: map[callmodel.AgentID]callmodel.AgentState{}, items: map[string]*Item{},
		own: map[callmodel.ChannelID]callmodel.ConnID{}, mates: map[callmodel.ConnID]map[string]bool{},
		a: Answer{Standing: map[string]bool{}, Facts: map[string]int{}, Wraps: map[string]time.Duration{}},
	}
}

func (b *book) record(seq uint64, raw []byte) error {
	if b.last == 0 && seq != 1 {
		b.err = fault.Newf(fault.Unsupported, "invariants: journal", "", "it begins at record %d", seq)
		return b.err
	}
	if seq <= b.last {
		return nil
	}
	rec, err := engine.DecodeRecord(raw)
	if err != nil {
		b.err = err
		return err
	}
	b.last, b.now = seq, rec.Now
	out := b.state.Step(rec.Now, rec.Input)
	if out.Fault != nil {
		b.a.Refused = append(b.a.Refused, Refusal{What: rec.Input.Tag(), Reason: fault.ReasonOf(out.Fault)})
	}
	switch in := rec.Input.(type) {
	case callmodel.EffectDone:
		if in.Outcome == callmodel.Failed {
			b.a.Refused = append(b.a.Refused, Refusal{What: "order " + in.What, Reason: in.Reason + in.Kind})
		}
	case callmodel.ConfigLoaded:
		for i := range in.Config.Queues {
			q := &in.Config.Queues[i]
			b.a.Wraps[string(q.ID)] = q.WrapUp
		}
		for i := range in.Config.Agents {
			if e := in.Config.Agents[i].Station.Endpoint; !slices.Contains(b.a.Numbers, e) {
				b.a.Numbers = append(b.a.Numbers, e)
			}
		}
	}
	for i := range out.Events {
		b.event(&out.Events[i])
	}
	return nil
}

func (b *book) event(e *callmodel.Event) {
	if e.Call != nil {
		b.call(e)
	}
	if e.Recording != nil {
		for i := range e.Recording.Tracks {
			b.a.Standing[string(e.Recording.Tracks[i].Name)] = true
		}
	}
	switch e.Kind {
	case callmodel.EvAgentChanged:
		b.agent(e.Agent)
	case callmodel.EvCallbackChanged:
		b.callback(e.Callback)
	case callmodel.EvIncident:
		if strings.HasPrefix(e.Reason, callmodel.ContactBack) {
			b.a.Recovered = append(b.a.Recovered, Recovery{At: b.wall(b.now), Text: e.Reason})
		}
	case callmodel.EvHeld, callmodel.EvRetrieved, callmodel.EvTransferred, callmodel.EvParked, callmodel.EvEstablished:
		b.fact(strings.ToLower(e.Kind.String()) + ":" + e.Conn.String())
	case callmodel.EvDisposition:
		if p := e.Connection(); p != nil {
			b.fact("disposition:" + e.Conn.String() + ":" + strings.Join(p.Codes, ","))
		}
	default:
	}
}

func (b *book) fact(key string) { b.a.Facts[key]++ }

func (b *book) wall(t callmodel.Instant) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return b.state.WallTime(t)
}

func (b *book) call(e *callmodel.Event) {
	c := b.calls[e.Call.ID]
	if c == nil {
		c = &Call{ID: e.Call.ID.String(), Channels: map[string]bool{}}
		b.calls[e.Call.ID] = c
		b.order = append(b.order, c)
	}
	m := e.Call
	c.Kind, c.Caller, c.Queue, c.Outcome, c.Evidence = string(m.Kind), m.Caller, string(m.Queue), string(m.Outcome), m.Evidence
	if m.Kind == callmodel.KindCampaign {
		c.Lead, c.Number = m.ListID+"/"+m.Lead, m.Dialled
	}
	c.Arrived, c.Talking, c.Over, c.LostFrom = b.wall(m.ArrivedAt), b.wall(m.TalkingAt), b.wall(m.OverAt), b.wall(m.LostFrom)
	if e.Kind == callmodel.EvCallEnded {
		c.Ends++
	}
	c.Parties = c.Parties[:0]
	for i := range m.Conns {
		p := &m.Conns[i]
		c.Channels[string(p.Channel)] = true
		c.Parties = append(c.Parties, b.party(p))
	}
	for i := range m.Attached {
		if key := fmt.Sprintf("data:%s:%s:%s", c.ID, m.Attached[i].App, m.Attached[i].Data); b.a.Facts[key] == 0 {
			b.fact(key)
		}
	}
}

func (b *book) party(p *callmodel.Connection) *Party {
	out := &Party{
		ID: p.ID.String(), Hex: p.ID.Hex(), Device: p.Device, Agent: string(p.Agent), Channel: string(p.Channel), State: p.State.String(),
		Role: roles[p.Role], NoWrap: p.NoWrapUp, Maker: p.Maker, Created: b.wall(p.CreatedAt), Alerting: b.wall(p.AlertingAt), Connected: b.wall(p.ConnectedAt),
		Ended: b.wall(p.EndedAt), WrapEnded: b.wall(p.WrapUpEnd), LostFrom: b.wall(p.LostFrom),
	}
	b.remember(p)
	out.Mates = b.mates[p.ID]
	if leg := callmodel.ChannelID(callmodel.OwnPrefix + out.ID); b.own[leg] == p.ID {
		out.Own = string(leg)
	}
	if !p.Partner.IsZero() {
		out.Partner = p.Partner.String()
	}
	if p.Agent != "" && p.Station.Endpoint != "" {
		out.Device = p.Station.Endpoint
	}
	return out
}

// remember keeps what a connection loses in its life: its first leg, and the
// other call of its line.
func (b *book) remember(p *callmodel.Connection) {
	if _, taken := b.own[p.Channel]; !taken && p.Channel != "" {
		b.own[p.Channel] = p.ID
	}
	if p.Partner.IsZero() {
		return
	}
	if b.mates[p.ID] == nil {
		b.mates[p.ID] = map[string]bool{}
	}
	b.mates[p.ID][p.Partner.String()] = true
}

func (b *book) agent(a *callmodel.Agent) {
	b.fact("agent:" + string(a.ID) + ":" + a.State.String())
	if a.Standing != nil {
		b.a.Standing[string(a.Standing.Channel)] = true
	}
	if was, known := b.agents[a.ID]; known && was == a.State {
		return
	}
	b.agents[a.ID] = a.State
	now := b.wall(b.now)
	for i := range slices.Backward(b.a.Spans) {
		if s := &b.a.Spans[i]; s.Agent == string(a.ID) {
			s.To = now
			break
		}
	}
	b.a.Spans = append(b.a.Spans, Span{Agent: string(a.ID), State: a.State.String(), From: now})
}

func (b *book) callback(cb *callmodel.Callback) {
	id := "callback-" + cb.ID.String()
	i := b.items[id]
	if i == nil {
		i = &Item{ID: id}
		b.items[id] = i
		b.fact("item:" + id)
	}
	switch cb.State {
	case callmodel.CallbackDone:
		i.State = "done"
		i.Ends++
	case callmodel.CallbackActive:
		i.State = "active"
	default:
		i.State = "pending"
	}
}

func (b *book) answer() Answer {
	a := b.a
	a.Calls = b.order
	for _, i := range b.items {
		a.Items = append(a.Items, *i)
	}
	return a
}

// Count gives the calls the number of their rows, by id; rows without a call
// become calls of their own.
func (a *Answer) Count(rows []string) {
	byID := map[string]*Call{}
	for _, c := range a.Calls {
		c.Rows = 0
		byID[c.ID] = c
	}
	for _, id := range rows {
		c := byID[id]
		if c == nil {
			c = &Call{ID: id}
			byID[id] = c
			a.Calls = append(a.Calls, c)
		}
		c.Rows++
	}
}
