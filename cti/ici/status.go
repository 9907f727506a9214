package ici

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/switch/callmodel"
)

// States of the interface, as an operator sees them.
const (
	StateConnected    = "connected"     // a telephony server is in step, requests are served
	StateNotConnected = "not connected" // no telephony server is
	StatePaused       = "paused"        // by an operator
	StateStopped      = "stopped"
)

// statusEvery is how often the status is written to the log (reference 12).
const statusEvery = time.Minute

// Status is the interface on one page (reference 3.4.2).
type Status struct {
	Title, Version, HostID string
	State                  string
	Started                time.Time // zero: not yet
	Now                    time.Time
	Address                string
	TLS                    bool

	Clients, Items, Users, Queues, Subscriptions int
	Sending                                      Sending
	Requests, Faults                             uint64
	Log                                          LogFigures
	Trace                                        TraceState
}

// Sending are the figures of events on their way to CRM systems.
type Sending struct {
	Open, OpenMax, Workers   int // requests without a reply, the most at once, the limit for each address
	Waiting, WaitingMax      int // in queues
	Sent, Failed, Discarded  uint64
	Shortest, Average, Worst time.Duration // from the event to the CRM's reply
}

// Status describes the interface at this moment.
func (s *Server) Status() Status {
	set, d := s.now(), s.push.Delivery()
	out := Status{
		Title: set.ProductName, Version: set.ProductVersion, HostID: set.CmsHostID, State: s.state(), Now: time.Now(), Address: s.Addr(), TLS: set.TLSCert != "",
		Subscriptions: int(s.push.Stats.Subscriptions.Load()), Requests: s.soap.Stats.Requests.Load(), Faults: s.soap.Stats.Faults.Load(),
		Log: s.logged.figures(), Trace: s.trace.state(),
	}
	out.Started = s.end.Began()
	out.Clients, out.Items, out.Users, out.Queues = s.board.sizes()
	out.Sending = Sending{
		Open: int(d.Open.Load()), OpenMax: int(d.OpenMax.Load()), Workers: set.CallbackWorkers,
		Waiting: int(d.Waiting.Load()), WaitingMax: int(d.WaitingMax.Load()),
		Sent: d.Sent.Load(), Failed: d.Failed.Load(), Discarded: d.Discarded.Load() + s.push.Stats.Lost.Load(),
	}
	out.Sending.Shortest, out.Sending.Average, out.Sending.Worst = s.push.took.figures()
	return out
}

func (s *Server) state() string {
	switch {
	case !s.end.Open():
		return StateStopped
	case s.paused.Load():
		return StatePaused
	case !s.board.connected() || s.follower.Stats.Deaf.Load():
		return StateNotConnected
	}
	return StateConnected
}

// report writes the status to the log every minute until ctx ends.
func (s *Server) report(ctx context.Context) {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			st := s.Status()
			s.log.Info("ici: status", "state", st.State, "clients", st.Clients, "users", st.Users, "items", st.Items, "subs", st.Subscriptions, "soap", st.Sending.String())
		case <-ctx.Done():
			return
		}
	}
}

// String is the line that administrators of such interfaces know.
func (s Sending) String() string {
	return fmt.Sprintf("%d/%d/%d q=%d/%d ms=%d/%d/%d #=%d", s.Open, s.OpenMax, s.Workers, s.Waiting, s.WaitingMax,
		s.Shortest.Milliseconds(), s.Average.Milliseconds(), s.Worst.Milliseconds(), s.Sent)
}

// timing sums up how long messages took.
type timing struct {
	mu                    sync.Mutex
	n                     int64
	total, shortest, most time.Duration
}

func (t *timing) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == 0 || d < t.shortest {
		t.shortest = d
	}
	t.n, t.total, t.most = t.n+1, t.total+d, max(t.most, d)
}

func (t *timing) figures() (shortest, average, most time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == 0 {
		return 0, 0, 0
	}
	return t.shortest, t.total / time.Duration(t.n), t.most
}

// ClientInfo is an agent's phone line as the interface knows it.
type ClientInfo struct {
	Line, User string
	Works      bool // calls can reach it
	LoggedIn   bool
	Followed   bool // somebody has subscribed to it
}

// ItemInfo is a live item, without what callers said or attached.
type ItemInfo struct {
	Handle, Line, User string
	Status, Processing string
	Inbound            bool
	Call               string // the switch's own id
}

// UserInfo is an agent as a CRM is told.
type UserInfo struct {
	User, Workmode string
	Queues         []string
	Followed       bool
}

// QueueInfo is a queue under the id that a CRM knows.
type QueueInfo struct{ ID, Name, Queue string }

// Clients lists the lines.
func (s *Server) Clients() []ClientInfo {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]ClientInfo, 0, len(b.agents))
	for _, a := range b.inOrder() {
		out = append(out, ClientInfo{
			Line: Number(a.Line), User: string(a.ID), Works: !b.down[a.ID], LoggedIn: a.State != callmodel.LoggedOut, Followed: b.push.Subscribed(LineTarget(a.Line)),
		})
	}
	return out
}

// Items lists the live items.
func (s *Server) Items() []ItemInfo {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]ItemInfo, 0, len(b.live))
	for _, i := range b.items() {
		p, told := i.call.Conn(i.id), b.live[i.id].told
		out = append(out, ItemInfo{
			Handle: told.CallHandle, Line: told.LineNumber, User: string(p.Agent), Status: told.CallStatus.Description,
			Processing: told.ProcessingStatus.Description, Inbound: told.Inbound, Call: i.call.ID.String(),
		})
	}
	return out
}

// Users lists the agents.
func (s *Server) Users() []UserInfo {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]UserInfo, 0, len(b.users))
	for _, a := range b.inOrder() {
		u := b.users[a.ID]
		info := UserInfo{User: u.UserID, Workmode: u.CurrentWorkmode.Description, Followed: b.push.Subscribed(UserTarget(u.UserID))}
		for _, q := range u.CurrentQueues {
			info.Queues = append(info.Queues, q.ID)
		}
		out = append(out, info)
	}
	return out
}

// Queues lists the queues.
func (s *Server) Queues() []QueueInfo {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]QueueInfo, 0, len(b.dir.queues))
	for id, q := range b.dir.queues {
		e := queueElement(q, id)
		out = append(out, QueueInfo{ID: e.ID, Name: e.Description, Queue: string(id)})
	}
	slices.SortFunc(out, func(x, y QueueInfo) int { return cmp.Compare(strings.ToLower(x.Queue), strings.ToLower(y.Queue)) })
	return out
}

func (b *board) sizes() (clients, items, users, queues int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.agents {
		if a.State != callmodel.LoggedOut {
			clients++
		}
	}
	return clients, len(b.live), len(b.users), len(b.dir.queues)
}

func (b *board) connected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.failed
}
