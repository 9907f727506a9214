package sapphone

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// query is one call on its way through a function.
type query struct {
	s     *Server
	b     *bound
	call  *Call
	conv  *Conversation
	args  arguments
	out   *answer
	queue func() // gives the place among the calls under way back; once
}

// handler serves one function. What it returns becomes the return code.
type handler func(s *Server, ctx context.Context, q *query) error

var _ Dispatcher = (*Server)(nil)

// Describe implements [Dispatcher].
func (s *Server) Describe(function string) (*Function, bool) {
	b := s.meta.named(function)
	if b == nil {
		return nil, false
	}
	return &b.fn, true
}

// Open implements [Dispatcher].
func (s *Server) Open(p Peer) (*Conversation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch limit := s.limitOf(p.Transport); {
	case !s.end.Open():
		return nil, fault.New(fault.Stopped, "sapphone: open", p.Remote, "the interface does not run")
	case s.perTransport[p.Transport] >= limit:
		s.stats.openRefused.Add(1)
		return nil, fault.Newf(fault.Busy, "sapphone: open", p.Remote, "there are already %d conversations: raise sapphone.max_conversations, or REG_COUNT of the connection string", limit)
	}
	s.lastConversation++
	c := &Conversation{ID: s.lastConversation, Peer: p}
	c.done, c.cancel = context.WithCancelCause(context.Background())
	s.open[c.ID] = c
	s.perTransport[p.Transport]++
	s.stats.conversations.Add(1)
	return c, nil
}

// limitOf is how many conversations a transport may have.
func (s *Server) limitOf(transport string) int {
	if transport == TransportTypeT && s.registrations > 0 {
		return min(s.registrations, s.now().MaxConversations)
	}
	return s.now().MaxConversations
}

var errClosed = fault.New(fault.Stopped, "sapphone", "", "the conversation is over")

// Close implements [Dispatcher].
func (s *Server) Close(c *Conversation) {
	if c == nil {
		return
	}
	s.mu.Lock()
	_, there := s.open[c.ID]
	if there {
		delete(s.open, c.ID)
		s.perTransport[c.Peer.Transport]--
		s.stats.conversations.Add(-1)
	}
	s.mu.Unlock()
	c.cancel(errClosed)
}

// Dispatch implements [Dispatcher].
func (s *Server) Dispatch(ctx context.Context, c *Conversation, call Call) (Reply, error) {
	b := s.meta.named(call.Function)
	if b == nil {
		s.stats.unknown.Add(1)
		s.log.Info("sapphone: unknown function", "function", short(call.Function), "peer", c.Peer.Remote)
		return Reply{}, raise(NotFoundException, "Function %s not available", short(call.Function))
	}
	if c.done.Err() != nil || !s.begin() {
		return Reply{}, raise(StoppedException, "the conversation is over, or the switch stops")
	}
	defer s.calls.Done()
	if !s.enter(ctx) {
		s.stats.busy.Add(1)
		return Reply{}, raise(BusyException, "too many calls at once; try again")
	}
	s.strange(b.fn.Name, call.Unknown)
	left := false
	q := &query{s: s, b: b, call: &call, conv: c, args: arguments{b, &call}, out: newAnswer(b), queue: func() {
		if !left {
			left = true
			<-s.slots
		}
	}}
	defer q.queue()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.done, func() { cancel(errClosed) })()
	return s.serve(ctx, q)
}

// maxStrange bounds the parameters that are remembered as named in the log.
const maxStrange = 256

// strange names parameters in the log that a SAP system passes and the metadata
// do not have, each once: what they say is ignored.
func (s *Server) strange(function string, names []string) {
	for _, name := range names {
		key := function + "." + short(printable(name))
		s.mu.Lock()
		known := s.named[key] || len(s.named) >= maxStrange
		if !known {
			s.named[key] = true
		}
		s.mu.Unlock()
		if !known {
			s.log.Warn("sapphone: SAP passes a parameter that the metadata do not have; it is ignored. Import the metadata of this system", "parameter", key)
		}
	}
}

// slotPatience is how long a call waits for its turn: at the begin of a shift
// everybody comes at once.
const slotPatience = 5 * time.Second

// enter takes a place among the calls under way. How many wait for one is
// bounded by the conversations.
func (s *Server) enter(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(slotPatience)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// serve runs a function and turns what it says into its answer.
func (s *Server) serve(ctx context.Context, q *query) (reply Reply, err error) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			s.stats.panics.Add(1)
			s.log.Error("sapphone: panic in a function", "function", q.b.sem, "panic", p, "stack", string(debug.Stack()))
			reply, err = Reply{}, raise(SystemException, "internal error; the switch's log has the details")
		}
	}()
	failure := s.run(ctx, q)
	code := codeOf(q.b.sem, failure)
	s.stats.result(q.b.sem, code)
	s.observe.Request(q.b.sem, time.Since(began), failure)
	s.report(q, code, failure)
	s.trace.note(q, s.meta.code(code), time.Since(began))
	var own *refusal
	if code != codeOK && !(errors.As(failure, &own) && own.partial) {
		q.out = newAnswer(q.b) // nothing of what was gathered holds
	}
	q.out.set("rc", s.meta.code(code))
	return q.out.reply(q.call), nil
}

func (s *Server) run(ctx context.Context, q *query) error {
	f := functions[q.b.sem]
	if s.paused.Load() && !f.paused {
		return refuse(codeNotConnected, "an operator has stopped the interface")
	}
	if f.serve == nil || !q.b.supported || s.now().ReferenceOnly && f.beyond {
		return refuse(codeNotSupported, "the metadata or the configuration switch it off, or this switch cannot do it")
	}
	return f.serve(s, ctx, q)
}

func (s *Server) report(q *query, code string, failure error) {
	var own *refusal
	switch {
	case failure == nil:
		s.log.Debug("sapphone: call", "function", q.b.sem, "peer", q.conv.Peer.Remote)
	case code == codeInternal:
		s.log.Error("sapphone: call failed", "function", q.b.sem, "code", s.meta.code(code), "peer", q.conv.Peer.Remote, "error", failure)
	case errors.As(failure, &own) && (code == codeWaitTimeout || code == codeWaitCancelled):
		s.log.Debug("sapphone: wait ended", "code", s.meta.code(code), "peer", q.conv.Peer.Remote)
	default:
		s.log.Info("sapphone: call refused", "function", q.b.sem, "code", s.meta.code(code), "peer", q.conv.Peer.Remote, "error", failure)
	}
}

// leaveQueue says that the call waits from now on and takes no place among
// those under way.
func (q *query) leaveQueue() { q.queue() }

// by is who asked, for the audit trail.
func (q *query) by() callmodel.Cmd {
	who := printable(q.conv.Peer.User)
	if who == "" {
		who = q.conv.Peer.Transport
	}
	return callmodel.Cmd{By: "sapphone " + who}
}

// extension is the agent at the extension that was named.
func (q *query) extension() (*callmodel.Agent, error) {
	ext := q.args.text("ext")
	if a := q.s.board.extension(ext); a != nil {
		return a, nil
	}
	return nil, refuse(codeExtension, "no agent has the line %q, or several have", short(ext))
}

// deliver hands an incoming call over.
func (q *query) deliver(n notice) {
	for sem, v := range n.values {
		q.out.set(sem, v)
	}
	q.out.table("calldata")
	for _, line := range splitText(n.data, dataWidth(q.b, "calldata", "line")) {
		q.out.row("calldata", map[string]string{"line": line})
	}
}
