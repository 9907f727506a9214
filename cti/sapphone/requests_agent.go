package sapphone

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// stampLayout is how moments are written: UTC.
const stampLayout = "20060102150405"

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stampLayout)
}

// register adds an extension to those whose calls are announced (reference 2).
func (s *Server) register(_ context.Context, q *query) error {
	a, err := q.extension()
	if err != nil {
		return err
	}
	return s.push.register(plainNumber(a.Line), registration{
		system: q.conv.Peer.System, ext: q.args.text("ext"), user: printable(q.args.text("user")),
	})
}

// deregister removes it, and ends a wait.
func (s *Server) deregister(_ context.Context, q *query) error {
	a, err := q.extension()
	if err != nil {
		return err
	}
	number := plainNumber(a.Line)
	s.board.unpark(number, nil, codeWaitCancelled)
	if !s.push.deregister(number, q.conv.Peer.System) {
		return refuse(codeNotRegistered, "extension %s is not registered", short(q.args.text("ext")))
	}
	return nil
}

// agentOn returns a fresh picture with the agent at the extension, or the one
// that is named too.
func (q *query) agentOn(ctx context.Context) (*callmodel.View, *callmodel.Agent, error) {
	at, err := q.extension()
	if err != nil {
		return nil, nil, err
	}
	view, err := q.s.sw.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := newDirectory(view, q.s.now().ExtDigits)
	a := d.full[plainNumber(at.Line)]
	if id := q.args.text("agent_id"); id != "" {
		if a = d.agent(id); a == nil || plainNumber(a.Line) != plainNumber(at.Line) {
			return nil, nil, refuse(codeCredentials, "there is no agent %q with the line %s", short(id), at.Line)
		}
	}
	if a == nil {
		return nil, nil, refuse(codeExtension, "no agent has the line any more")
	}
	return view, a, nil
}

// queueOf is the queue of an agent that a request names, by itself in a list;
// none where it names none.
func (q *query) queueOf(v *callmodel.View, a *callmodel.Agent) ([]callmodel.QueueID, error) {
	name := q.args.text("queue")
	if name == "" {
		return nil, nil
	}
	queue := newDirectory(v, 0).queue(name)
	if queue == nil || !slices.Contains(a.Queues, queue.ID) {
		return nil, refuse(codeQueue, "the configuration gives agent %s no queue %q", a.ID, short(name))
	}
	return []callmodel.QueueID{queue.ID}, nil
}

// agentLogin logs an agent in, not ready. With a queue it signs them in to that
// one too; without, they are signed in to those of the last time. The switch
// keeps no passwords of agents, so one that is passed is not looked at. A station
// that asks for a passcode is not for SAPphone: the function answers when the
// agent is logged in, and has no place for the digits that they are to type.
func (s *Server) agentLogin(ctx context.Context, q *query) error {
	view, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	queue, err := q.queueOf(view, a)
	if err == nil && a.State == callmodel.LoggedOut && view.Config.AsksPasscode(a.ID, "") {
		return refuse(codeCredentials, "agent %s's station asks for a passcode, which SAPphone cannot show: log in with strowger agents login, over HTTP or over CTIPS", a.ID)
	}
	if err == nil && a.State == callmodel.LoggedOut {
		err = s.sw.Do(ctx, callmodel.Login{Cmd: q.by(), Agent: a.ID, State: callmodel.NotReady})
	}
	if err != nil || queue == nil {
		return err
	}
	return s.sw.Do(ctx, callmodel.SetAgentQueues{Cmd: q.by(), Agent: a.ID, In: queue})
}

// agentLogout logs an agent out; with a queue it signs them out of that one, and
// they stay logged in.
func (s *Server) agentLogout(ctx context.Context, q *query) error {
	view, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	queue, err := q.queueOf(view, a)
	switch {
	case err != nil:
		return err
	case a.State == callmodel.LoggedOut:
		return refuse(codeNotLoggedIn, "agent %s is logged out", a.ID)
	case queue != nil:
		return s.sw.Do(ctx, callmodel.SetAgentQueues{Cmd: q.by(), Agent: a.ID, Out: queue})
	}
	return s.sw.Do(ctx, callmodel.SetAgentState{Cmd: q.by(), Agent: a.ID, State: callmodel.LoggedOut})
}

// settable are the work modes that can be set.
var settable = map[string]callmodel.AgentState{
	"logged_off": callmodel.LoggedOut, "ready": callmodel.Ready, "not_ready": callmodel.NotReady,
}

// setWorkmode changes what an agent does. Ready and not ready end a wrap-up,
// for which there is no function of its own.
func (s *Server) setWorkmode(ctx context.Context, q *query) error {
	view, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	st, ok := settable[s.meta.meaning("workmode", q.args.text("workmode"))]
	switch {
	case !ok:
		return refuse(codeWorkmode, "work mode %q cannot be set", short(q.args.text("workmode")))
	case a.State == callmodel.LoggedOut && st != callmodel.LoggedOut:
		return refuse(codeNotLoggedIn, "agent %s is logged out", a.ID)
	}
	cmd := callmodel.SetAgentState{Cmd: q.by(), Agent: a.ID, State: st}
	if st == callmodel.NotReady {
		cmd.Reason = reasonNamed(view.Config, q.args.text("reason"))
	}
	if err := s.sw.Do(ctx, cmd); err != nil || st == callmodel.LoggedOut {
		return err
	}
	for _, c := range view.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if p.Agent != a.ID || p.State != callmodel.Ended || p.Processing != callmodel.WrapUp {
				continue
			}
			if err := s.sw.Do(ctx, callmodel.EndWrapUp{Cmd: q.by(), Conn: p.ID}); err != nil {
				s.log.Info("sapphone: a wrap-up had ended already", "agent", a.ID, "error", err)
			}
		}
	}
	return nil
}

// reasonNamed is a configured reason by id without regard to case, or by number.
func reasonNamed(cfg *callmodel.Config, name string) string {
	if cfg == nil {
		return name
	}
	for i := range cfg.Reasons {
		r := &cfg.Reasons[i]
		if strings.EqualFold(r.ID, name) || strconv.FormatInt(r.Number, 10) == strings.TrimLeft(name, "0") {
			return r.ID
		}
	}
	return name
}

func (s *Server) getWorkmode(ctx context.Context, q *query) error {
	view, a, err := q.agentOn(ctx)
	if err != nil {
		return err
	}
	q.out.set("workmode", s.board.say.workmode(workmodeSems[a.State]))
	q.out.set("since", stamp(view.WallTime(a.Since)))
	return nil
}

// The kinds of SPS_GETQUEUES: all, those that the agent is signed in to, and
// (any other) those that the agent can be signed in to.
const (
	queuesAll     = "0"
	queuesCurrent = "1"
)

func (s *Server) queues(ctx context.Context, q *query) error {
	view, err := s.sw.View(ctx)
	if err != nil {
		return err
	}
	kind := q.args.text("type")
	var own []callmodel.QueueID
	if ext := q.args.text("ext"); ext != "" || kind != "" && kind != queuesAll {
		_, a, err := q.agentOn(ctx)
		if err != nil {
			return err
		}
		if own = a.Queues; kind == queuesCurrent {
			own = a.SignedIn()
		}
	}
	d := newDirectory(view, 0)
	q.out.table("queues")
	for _, queue := range view.Queues {
		if kind == "" || kind == queuesAll || slices.Contains(own, queue.ID) {
			q.out.row("queues", map[string]string{"queue": d.queueName(queue.ID)})
		}
	}
	return nil
}
