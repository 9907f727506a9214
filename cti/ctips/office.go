package ctips

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// office is the desk of a running server: what requests and events mean.
type office struct {
	*board
	requests

	late atomic.Uint64 // outcomes that have not come in time

	gone struct {
		sync.Mutex
		list []requester // sessions whose requests nobody waits for any more
	}
}

var _ desk = (*office)(nil)

// New makes a server; nothing listens before Start. Several may serve one
// switch, each with sessions of its own. Errors are fault.Invalid with the
// configuration key as subject.
func New(cfg Config, sw port.Switch, log *slog.Logger, observe Observer) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return newServer(cfg, sw, func(s *Server) desk {
		b := newBoard(rulesOf(&s.now().Config), public{s}, log)
		return &office{board: b, requests: requests{sw: sw, b: b}}
	}, log, observe)
}

// rulesOf takes what the meaning of things depends on out of the settings.
func rulesOf(cfg *Config) rules {
	return rules{
		Site: cfg.Site, DataNames: cfg.UserDataNames, DataLength: cfg.UserDataLength, ParkReason: cfg.ParkReason,
		RequestTimeout: cfg.RequestTimeout, Tenant: cfg.owner,
	}
}

// owner is the tenant of a queue, or else of an agent, or of what is neither's;
// 0 for none.
func (c *Config) owner(q callmodel.QueueID, a callmodel.AgentID) int32 {
	if len(c.Tenants) == 0 {
		return everything.ID
	}
	for i := range c.Tenants {
		switch t := &c.Tenants[i]; {
		case t.All, q != "" && t.HasQueue(q), q == "" && a != "" && t.HasAgent(a):
			return t.ID
		}
	}
	return 0
}

// public are a server's sessions.
type public struct{ s *Server }

// publish implements outlet.
func (p public) publish(ev Event, to addressee) {
	asker, _ := to.who.(*session)
	p.s.publish(ev, audience{asker: asker, request: to.request, alone: to.only, at: to.at})
}

func (s *session) tenantID() int32  { return s.tenant }
func (s *session) userName() string { return s.user }

func (o *office) ready() error {
	switch {
	case o.exhausted.Load():
		return fault.New(fault.Unavailable, "ctips: open", "", "call numbers do not fit into the protocol any more")
	case o.deaf.Load():
		return fault.New(fault.Unavailable, "ctips: open", "", "events of the switch are being missed; try again in a moment")
	}
	return nil
}

func (o *office) serve(ctx context.Context, from *session, call *Call) (int32, error) {
	return o.requests.serve(ctx, from, call)
}

// ended may be called while the board is locked.
func (o *office) ended(c *session) {
	o.gone.Lock()
	defer o.gone.Unlock()
	o.gone.list = append(o.gone.list, c)
}

// rule implements desk.
func (o *office) rule(cfg *Config) { o.restate(rulesOf(cfg)) }

// run watches over outcomes that do not come, until ctx ends.
func (o *office) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(10*time.Millisecond, min(time.Second, o.requestTimeout()/10))):
			o.gone.Lock()
			list := o.gone.list
			o.gone.list = nil
			o.gone.Unlock()
			for _, c := range list {
				o.forget(c)
			}
			if n := o.expire(); n > 0 {
				o.late.Add(uint64(n)) //nolint:gosec // a count
			}
		}
	}
}

func (o *office) figures() (pending int, late uint64) { return o.waiting(), o.late.Load() }
