package rest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// What another program on a telephony server serves stands in the same lists as
// ours, with the field mirror, which names the program. It is shown, and no
// order about it is taken.

// MirrorState is how well another program's queues are seen.
type MirrorState struct {
	Node     string     `json:"node"`
	Kind     string     `json:"kind" doc:"the program, such as app_queue"`
	Up       bool       `json:"up" doc:"false: what is shown of it is old"`
	SyncedAt *time.Time `json:"synced_at,omitempty" doc:"when it was last compared with what is shown, where that showed a difference"`
	Cause    string     `json:"cause,omitempty" doc:"why it is not up"`
	Queues   int        `json:"queues"`
	Agents   int        `json:"agents"`
	Waiting  int        `json:"waiting" doc:"callers without an agent"`
	Talking  int        `json:"talking"`
	LeftOut  int        `json:"left_out,omitempty" doc:"queues, members and callers beyond what can be mirrored"`
}

// Membership is an agent's part in one queue of another program.
type Membership struct {
	Agent     string     `json:"agent" doc:"id of the mirrored agent: INTERFACE@NODE"`
	Queue     string     `json:"queue" doc:"id of the mirrored queue: NAME@NODE"`
	Interface string     `json:"interface" doc:"as the other program names it"`
	Name      string     `json:"name,omitempty"`
	Penalty   int        `json:"penalty,omitempty"`
	Paused    bool       `json:"paused,omitempty"`
	Reason    string     `json:"reason,omitempty" doc:"of the pause"`
	Phone     string     `json:"phone,omitempty" enum:"free,in-use,ringing,off" doc:"what the phone does, for whomever"`
	InCall    bool       `json:"in_call,omitempty" doc:"with a call of this queue"`
	Calls     uint64     `json:"calls,omitempty" doc:"taken"`
	LastCall  *time.Time `json:"last_call,omitempty" doc:"when it ended, by the server's clock"`
	Source    string     `json:"source,omitempty" doc:"static, dynamic or realtime"`
	RingInUse bool       `json:"ring_in_use,omitempty" doc:"may be called while the phone is in use"`
	Removed   bool       `json:"removed,omitempty" doc:"in events: is a member no more"`
}

func membershipOf(m *callmodel.MirrorMember) Membership {
	out := Membership{
		Agent: string(callmodel.MirrorAgentID(m.Interface, m.Node)), Queue: string(m.Queue), Interface: m.Interface, Name: m.Name, Penalty: m.Penalty,
		Paused: m.Paused, Reason: m.Reason, Phone: string(m.Phone), InCall: m.InCall, Calls: m.Calls, Source: m.Source, RingInUse: m.RingInUse,
	}
	if m.LastCall > 0 {
		at := time.Unix(m.LastCall, 0).UTC()
		out.LastCall = &at
	}
	return out
}

// mirrorStates sums up each mirror.
func mirrorStates(v *callmodel.View, t timeline) []MirrorState {
	if v.Mirror == nil {
		return nil
	}
	var out []MirrorState
	for _, n := range v.Mirror.Nodes {
		s := MirrorState{Node: string(n.ID), Kind: n.Kind, Up: n.Up, SyncedAt: t.time(n.SyncedAt), Cause: n.Cause, LeftOut: n.Left}
		if n.Up {
			s.Cause = ""
		}
		for _, q := range v.Mirror.Queues {
			if q.Node == n.ID {
				s.Queues++
			}
		}
		seen := map[string]bool{}
		for _, m := range v.Mirror.Members {
			if m.Node == n.ID {
				seen[m.Interface] = true
			}
		}
		s.Agents = len(seen)
		for _, c := range v.Mirror.Calls {
			switch {
			case c.Node != n.ID:
			case c.Phase == callmodel.PhaseTalking:
				s.Talking++
			default:
				s.Waiting++
			}
		}
		out = append(out, s)
	}
	return out
}

func mirrorKind(q *callmodel.MirrorQueue) string {
	if q == nil {
		return ""
	}
	return q.Kind
}

// mirroredCall is a mirrored call as a call.
func mirroredCall(c *callmodel.MirrorCall, kind string, t timeline) Call {
	out := Call{
		ID: c.ID.String(), Number: c.Number, Live: true, Mirror: kind, Kind: "inbound", Phase: c.Phase.String(), Outcome: string(c.Outcome), Node: string(c.Node),
		Caller: c.Caller, CallerName: c.CallerName, Queue: string(c.Queue), Position: c.Position,
		ArrivedAt: t.time(c.JoinedAt), TalkingAt: t.time(c.TalkingAt), OverAt: t.time(c.OverAt), AgeSeconds: t.span(c.JoinedAt, c.OverAt),
		Connections: []Connection{}, Attached: []Attached{},
	}
	end := c.TalkingAt
	if end == 0 {
		end = c.OverAt
	}
	out.WaitingSeconds = t.span(c.JoinedAt, end)
	out.TalkingSeconds = t.span(c.TalkingAt, c.OverAt)
	iface := c.Member
	if iface == "" && len(c.Rings) > 0 {
		iface = c.Rings[0]
	}
	if iface != "" {
		out.Agent = string(callmodel.MirrorAgentID(iface, c.Node))
	}
	return out
}

// mirroredCalls lists what another program's queues have.
func mirroredCalls(v *callmodel.View, t timeline) []Call {
	if v.Mirror == nil {
		return nil
	}
	kinds := map[callmodel.QueueID]string{}
	for _, q := range v.Mirror.Queues {
		kinds[q.ID] = q.Kind
	}
	var out []Call
	for _, c := range v.Mirror.Calls {
		out = append(out, mirroredCall(c, kinds[c.Queue], t))
	}
	return out
}

// atInterface finds the call that occupies each interface.
func atInterface(v *callmodel.View) map[callmodel.AgentID]*callmodel.MirrorCall {
	out := map[callmodel.AgentID]*callmodel.MirrorCall{}
	for _, c := range v.Mirror.Calls {
		if c.Phase == callmodel.PhaseTalking {
			out[callmodel.MirrorAgentID(c.Member, c.Node)] = c
		}
		for _, r := range c.Rings {
			out[callmodel.MirrorAgentID(r, c.Node)] = c
		}
	}
	return out
}

// mirroredAgents lists who serves another program's queues: one agent for each
// interface, however many queues it is in.
func mirroredAgents(v *callmodel.View, t timeline) []Agent {
	if v.Mirror == nil {
		return nil
	}
	kinds := map[callmodel.NodeID]string{}
	for _, n := range v.Mirror.Nodes {
		kinds[n.ID] = n.Kind
	}
	own := ownPhones(v)
	calls := atInterface(v)
	index := map[callmodel.AgentID]int{}
	out := []Agent{}
	for _, m := range v.Mirror.Members {
		id := callmodel.MirrorAgentID(m.Interface, m.Node)
		i, known := index[id]
		if !known {
			i = len(out)
			index[id] = i
			out = append(out, Agent{
				ID: string(id), Mirror: kinds[m.Node], Node: string(m.Node), Name: m.Name, Queues: []string{}, Memberships: []Membership{},
				Station: Station{Endpoint: m.Endpoint}, SamePhone: own.at(m.Node, m.Endpoint),
			})
			if c := calls[id]; c != nil {
				out[i].Call = c.ID.String()
			}
		}
		a := &out[i]
		state, reason := m.State(calls[id])
		if a.State == "" || busier(state.String(), a.State) {
			a.State, a.Reason = state.String(), reason
		}
		a.Queues = append(a.Queues, string(m.Queue))
		a.Memberships = append(a.Memberships, membershipOf(m))
		a.Handled += m.Calls
		if a.Name == "" {
			a.Name = m.Name
		}
	}
	slices.SortStableFunc(out, func(x, y Agent) int { return cmp.Or(cmp.Compare(x.Node, y.Node), cmp.Compare(x.ID, y.ID)) })
	return out
}

// phone is an endpoint at a server; without a server it is the first one's.
type phone struct {
	node     callmodel.NodeID
	endpoint string
}

type phones map[phone]string

// ownPhones are our agents' phones; who is logged in at one wins.
func ownPhones(v *callmodel.View) phones {
	own := phones{}
	for _, a := range v.Agents {
		at := phone{a.Station.Node, a.Station.Endpoint}
		if _, taken := own[at]; !taken || a.State != callmodel.LoggedOut {
			own[at] = string(a.ID)
		}
	}
	return own
}

func (p phones) at(node callmodel.NodeID, endpoint string) string {
	return cmp.Or(p[phone{node, endpoint}], p[phone{"", endpoint}])
}

// busier orders states of one person in several queues: what they do in one
// counts more than that they could be called by another.
func busier(a, b string) bool {
	order := []string{callmodel.OnCall.String(), callmodel.Reserved.String(), callmodel.Ready.String(), callmodel.NotReady.String(), callmodel.LoggedOut.String()}
	return slices.Index(order, a) < slices.Index(order, b)
}

// mirroredQueues lists another program's queues.
func mirroredQueues(v *callmodel.View, t timeline) []Queue {
	if v.Mirror == nil {
		return nil
	}
	calls := atInterface(v)
	index := map[callmodel.QueueID]int{}
	var out []Queue
	for _, q := range v.Mirror.Queues {
		index[q.ID] = len(out)
		out = append(out, Queue{
			ID: string(q.ID), Mirror: q.Kind, Node: string(q.Node), Name: q.Name, DNIS: []string{}, Strategy: q.Strategy, Priority: q.Priority,
			MaxWaiting: q.MaxWaiting, WaitingCalls: []string{}, Agents: map[string]int{}, Answered: q.Answered, Abandoned: q.Abandoned,
			ServiceSeconds: seconds(q.Level), HandleSeconds: seconds(q.Talk),
		})
	}
	waiting := slices.Clone(v.Mirror.Calls)
	slices.SortStableFunc(waiting, func(a, b *callmodel.MirrorCall) int { return cmp.Compare(a.Position, b.Position) })
	for _, c := range waiting {
		i, ok := index[c.Queue]
		if !ok {
			continue
		}
		q := &out[i]
		switch c.Phase {
		case callmodel.PhaseTalking:
			q.Talking++
		case callmodel.PhaseOffered:
			q.Offered++
		default:
			q.Waiting++
			q.WaitingCalls = append(q.WaitingCalls, c.ID.String())
		}
		if c.Phase != callmodel.PhaseTalking {
			q.LongestWaitSeconds = max(q.LongestWaitSeconds, t.span(c.JoinedAt, 0))
		}
	}
	for _, m := range v.Mirror.Members {
		if i, ok := index[m.Queue]; ok {
			state, _ := m.State(calls[callmodel.MirrorAgentID(m.Interface, m.Node)])
			out[i].Agents[state.String()]++
		}
	}
	for i := range out {
		q := &out[i]
		q.Arrived = q.Answered + q.Abandoned + uint64(q.Waiting+q.Offered+q.Talking)
	}
	return out
}

// pictureMirrored adds to an event what it says of another program's queues.
func pictureMirrored(out *Event, m *callmodel.Mirrored, removed bool, t timeline) {
	kind := mirrorKind(m.Queue)
	if m.Call != nil {
		c := mirroredCall(m.Call, kind, t)
		out.Call = &c
	}
	if m.Member != nil {
		member := membershipOf(m.Member)
		member.Removed = removed
		out.Member = &member
	}
	if m.Queue != nil {
		out.Queue = &Service{ID: string(m.Queue.ID), Mirror: kind}
	}
}

func mirrorsQueue(v *callmodel.View, id string) bool {
	return v.Mirror != nil && slices.ContainsFunc(v.Mirror.Queues, func(q *callmodel.MirrorQueue) bool { return string(q.ID) == id })
}

func mirrorsAgent(v *callmodel.View, id string) bool {
	return v.Mirror != nil && slices.ContainsFunc(v.Mirror.Members, func(m *callmodel.MirrorMember) bool {
		return strings.EqualFold(string(callmodel.MirrorAgentID(m.Interface, m.Node)), id)
	})
}

func findMirrored(v *callmodel.View, id callmodel.ID, number int64) *callmodel.MirrorCall {
	if v.Mirror == nil {
		return nil
	}
	for _, c := range v.Mirror.Calls {
		if !id.IsZero() && c.ID.ID == id || id.IsZero() && c.Number == number {
			return c
		}
	}
	return nil
}
