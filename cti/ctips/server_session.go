package ctips

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Status is what OpenConnection answers; the reference has success alone.
type Status int32

// The answers to OpenConnection.
const (
	StatusOpened      Status = iota
	StatusTooMany            // as many sessions as there may be are open
	StatusLogin              // user or password is wrong
	StatusTenant             // there is no such tenant, or it is not for this user
	StatusCallbackURL        // callbacks may not go there
	StatusNoAnswer           // the client's callback has not taken StartSession
	StatusNotReady           // the switch takes no sessions at the moment
)

// String names a status in logs and metrics.
func (s Status) String() string {
	switch s {
	case StatusOpened:
		return "opened"
	case StatusTooMany:
		return "too_many"
	case StatusLogin:
		return "login"
	case StatusTenant:
		return "tenant"
	case StatusCallbackURL:
		return "callback_url"
	case StatusNoAnswer:
		return "no_answer"
	case StatusNotReady:
		return "not_ready"
	}
	return "unknown"
}

var (
	openConnection  = AgentCallService.Operation("OpenConnection")
	closeConnection = AgentCallService.Operation("CloseConnection")
)

// cookie keeps proxies that look at cookies to one server. It opens nothing,
// and nobody has to send it back.
const cookie = "CTIPS_SessionId"

// dispatch carries out a request. It returns who asked where that is known.
func (s *Server) dispatch(ctx context.Context, r *soap.Request, call *Call, ns Namespaces) (any, *session, error) {
	if call.Op == openConnection {
		answer, err := s.open(ctx, r, call.Args[0].(*OpenConnectionArgs), ns)
		return answer, nil, err
	}
	c, err := s.admit(ctx, r, call)
	if err != nil {
		return nil, c, err
	}
	defer c.underWay.Add(-1)
	if c.underWay.Add(1) > s.now().share() {
		return nil, c, &soap.Fault{Code: soap.CodeServer, Text: "too many requests of this session at once; wait for the answers to some of them"}
	}
	r.After(s.out.Hold(c.lane())) // the reply goes before what the request brings about
	result, err := s.carryOut(ctx, r, c, call)
	if call.Op != closeConnection && c.is(SessionClosed) {
		s.desk.ended(c) // meanwhile: nobody waits for what has just been asked
	}
	return result, c, err
}

// admit finds the session of a request, and whether it may ask so now.
func (s *Server) admit(ctx context.Context, r *soap.Request, call *Call) (*session, error) {
	head, tenant, _ := HeadOf(call.Args[0]) // all operations but OpenConnection have one
	c := s.table.find(head.SessionID)
	if c != nil && s.now().BindAddress && c.peer != addrOf(r.Remote) {
		s.foreign(c, r)
		c = nil
	}
	if c == nil {
		return nil, malformed("there is no such session; call OpenConnection again")
	}
	switch {
	case tenant && head.TenantID != c.tenant:
		return c, malformed("TenantId is %d; this session is tenant %d's", head.TenantID, c.tenant)
	case !c.now().account.may(call.Op.Right):
		why := malformed("user %s has no right %q, which %s needs", c.user, call.Op.Right, call.Op.Name)
		s.forbidden(ctx, c, call, why)
		return c, why
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = time.Now()
	switch {
	case c.state == SessionClosed:
		return nil, malformed("there is no such session; call OpenConnection again")
	case c.state == SessionOpened && !call.Op.Opened, c.state == SessionOffline && !call.Op.Offline:
		return c, malformed("the session is %s; %s needs OnLine first", c.state, call.Op.Name)
	}
	return c, nil
}

// foreign notes that somebody else shows a session's id. Its owner is not
// bothered.
func (s *Server) foreign(c *session, r *soap.Request) {
	s.stats.foreign.Add(1)
	if now := time.Now().UnixNano(); now-s.stats.foreignLogged.Load() > int64(time.Minute) {
		s.stats.foreignLogged.Store(now)
		s.log.Warn("ctips: a session's id was shown from another address than its client's", "session", c.short(), "user", c.user, "client", c.peer.String(), "peer", r.Remote)
	}
}

// carryOut does what is about sessions alone, and hands on the rest.
func (s *Server) carryOut(ctx context.Context, r *soap.Request, c *session, call *Call) (any, error) {
	switch args := call.Args[0].(type) {
	case *CloseConnectionArgs:
		s.dispose(c, EndClosed)
		return int32(0), nil
	case *OnLineArgs:
		c.mu.Lock()
		if c.state != SessionClosed {
			c.state = SessionOnline
		}
		c.mu.Unlock()
		r.After(func() { s.listen(c) })
		return int32(0), nil
	case *OffLineArgs:
		s.offline(c)
		return int32(0), nil
	case *AddMessageClassArgs:
		return c.register(args.MessageClass, true)
	case *DeleteMessageClassArgs:
		return c.register(args.MessageClass, false)
	case *AddFilterArgs:
		return s.filter(ctx, c, args.FieldType, args.FieldValue, true)
	case *DeleteFilterArgs:
		return s.filter(ctx, c, args.FieldType, args.FieldValue, false)
	}
	if call.Op.Right == RightPanic && s.now().Trail != nil {
		return s.forced(ctx, c, call)
	}
	return s.desk.serve(ctx, c, call)
}

// offline stops events and heartbeats; what waits is not sent any more.
func (s *Server) offline(c *session) {
	c.mu.Lock()
	silence := c.silence
	c.silence, c.waiting = nil, &atomic.Int64{}
	if c.state != SessionClosed {
		c.state = SessionOffline
	}
	c.mu.Unlock()
	if silence != nil {
		silence()
	}
	c.missed.Store(0)
	s.out.Forget(c.lane(), c.lane())
}

// register adds or removes a class of events.
func (c *session) register(m MessageClass, wanted bool) (int32, error) {
	if m == MessageClassInvalid {
		return 0, malformed("MessageClass is missing or INVALID")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if wanted {
		c.wishes.classes[EventCategory(m)] = true // the same words in the same order
	} else {
		delete(c.wishes.classes, EventCategory(m))
	}
	return 0, nil
}

func (s *Server) filter(ctx context.Context, c *session, f FieldType, text string, wanted bool) (int32, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return 0, err
	}
	value, err := filterValue(view.Config, c.now().tenant, f, text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		old, is := c.wishes.gone(f, text)
		if wanted || !is {
			return 0, err
		}
		value = old
	}
	if !wanted {
		c.wishes.remove(f, value)
		return 0, nil
	}
	if !c.wishes.add(f, value) {
		return 0, malformed("a session has at most %d filters: take one away with DeleteFilter first", maxFilters)
	}
	return 0, nil
}

// open makes a session. Who may not have one gets a status, what cannot be
// understood a fault.
func (s *Server) open(ctx context.Context, r *soap.Request, args *OpenConnectionArgs, ns Namespaces) (*SessionObject, error) {
	switch {
	case args.UserCredentials == nil || args.UserCredentials.UserName == "":
		return nil, malformed("OpenConnection needs UserCredentials with UserName and Password")
	case len(args.TenantIDs) != 1:
		return nil, malformed("OpenConnection needs one TenantId in TenantIds, and no more than one")
	case args.ClientCallbackURL == "":
		return nil, malformed("OpenConnection needs a ClientCallbackURL")
	}
	c, status, err := s.consider(ctx, r, args, ns)
	switch {
	case faulty(err):
		s.troubles.note("a session was not opened", err)
		return nil, err
	case status != StatusOpened:
		s.stats.notOpened(status)
		s.troubles.note("a session was not opened ("+status.String()+")", err)
		s.log.Info("ctips: session refused", "peer", r.Remote, "user", clip(args.UserCredentials.UserName), "status", status.String(), "error", err)
		return &SessionObject{Status: int32(status)}, nil
	}
	value, err := newID() // says nothing about the session
	if err != nil {
		s.dispose(c, EndClosed)
		return nil, fault.Wrap(fault.Internal, "ctips: open", "", err)
	}
	r.SetCookie(&http.Cookie{Name: cookie, Value: value, Path: s.now().Path, HttpOnly: true, Secure: s.Secure(), SameSite: http.SameSiteStrictMode})
	s.stats.opened.Add(1)
	s.log.Info("ctips: session opened", "session", c.short(), "number", c.number, "user", c.user, "tenant", c.tenant, "peer", r.Remote, "callback", clip(c.url))
	return &SessionObject{SessionID: c.id}, nil
}

// faulty tells errors that are the answer from those that explain a status.
func faulty(err error) bool {
	return err != nil && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Conflict)
}

// consider goes through what a session needs, in the order in which it costs.
func (s *Server) consider(ctx context.Context, r *soap.Request, args *OpenConnectionArgs, ns Namespaces) (*session, Status, error) {
	const op = "ctips: open"
	peer, set := addrOf(r.Remote), s.now()
	who, err := s.auth.login(ctx, set.users, peer, args.UserCredentials.UserName, args.UserCredentials.Password)
	switch {
	case fault.Is(err, fault.Busy):
		return nil, 0, malformed("%s", fault.ReasonOf(err))
	case err != nil:
		return nil, StatusLogin, err
	}
	tenant := set.tenant(args.TenantIDs[0])
	if tenant == nil || !who.serves(tenant.ID) {
		return nil, StatusTenant, nil
	}
	c := &session{
		user: who.name, tenant: tenant.ID, peer: peer, ns: ns, action: actionsOf(r.Action, ns), url: strings.TrimSpace(args.ClientCallbackURL),
		since: time.Now(), last: time.Now(), wishes: newInterests(), waiting: &atomic.Int64{},
	}
	if c.jar, err = newJar(); err != nil {
		return nil, 0, err
	}
	with, err := s.reach(c, set)
	switch {
	case fault.Is(err, fault.Invalid):
		return nil, 0, malformed("ClientCallbackURL: %s", fault.ReasonOf(err))
	case err != nil:
		return nil, StatusCallbackURL, err
	}
	with.account, with.tenant = who, tenant
	c.with.Store(with)
	if err := s.desk.ready(); err != nil {
		return nil, StatusNotReady, fault.New(fault.Conflict, op, "", err.Error())
	}
	if c.id, err = newID(); err != nil {
		return nil, 0, fault.Wrap(fault.Internal, op, "", err)
	}
	number, ok := s.table.reserve()
	if !ok {
		return nil, StatusTooMany, nil
	}
	c.number = number
	if status, err := s.introduce(ctx, c, args.UserCredentials); err != nil {
		s.table.release()
		return nil, status, &fault.Error{Kind: fault.Conflict, Op: op, Subject: c.url, Reason: fault.ReasonOf(err), Err: err}
	}
	c.ctx, c.cancel = context.WithCancel(s.ctx) //nolint:contextcheck // it outlives the request
	c.state = SessionOpened
	if !s.table.enter(c) {
		c.end()
		return nil, 0, fault.New(fault.Stopped, op, "", "the server stops")
	}
	s.overtaken(c, set)
	return c, StatusOpened, nil
}

// overtaken looks again at a session that was opened while its settings were
// being replaced.
func (s *Server) overtaken(c *session, by *settings) {
	s.applying.Lock()
	defer s.applying.Unlock()
	if now := s.now(); now != by {
		s.suit(c, now)
	}
}

// introduce calls the client back with its session, as it can be called from
// now on.
func (s *Server) introduce(ctx context.Context, c *session, user *UserCredentials) (Status, error) {
	body, err := s.encode(c.ns, startSession, user, c.id)
	if err != nil {
		return StatusNoAnswer, err
	}
	limited, cancel := context.WithTimeout(ctx, s.now().CallbackTimeout)
	defer cancel()
	err = c.now().events.Post(limited, c.url, c.action(startSession), body, nil)
	switch {
	case fault.Is(err, fault.Denied):
		c.now().close()
		return StatusCallbackURL, err
	case err != nil:
		c.now().close()
		return StatusNoAnswer, err
	}
	return StatusOpened, nil
}
