package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Supervision is a supervisor who is with an agent.
type Supervision struct {
	ID         string     `json:"id" doc:"ULID"`
	Number     int64      `json:"number"`
	Supervisor string     `json:"supervisor" doc:"agent id"`
	Agent      string     `json:"agent" doc:"who is supervised"`
	Call       string     `json:"call" doc:"ULID of the call that the agent's phone is in"`
	Connection string     `json:"connection" doc:"ULID of the agent's connection in it"`
	Mode       string     `json:"mode" enum:"listen,whisper,barge,take-over" doc:"take-over while the supervisor's phone is being called for it"`
	By         string     `json:"by,omitempty" doc:"who has asked for it"`
	Leg        string     `json:"leg" doc:"the supervisor's phone"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	HeardAt    *time.Time `json:"heard_at,omitempty" doc:"when the supervisor was with the agent for the first time"`
}

// SupervisionList is the answer to GET /api/v1/supervisions.
type SupervisionList struct {
	Supervisions []Supervision `json:"supervisions" nullable:"false"`
}

// SuperviseRequest is the body of POST /api/v1/supervisions.
type SuperviseRequest struct {
	Supervisor string `json:"supervisor" minLength:"1" maxLength:"128" doc:"the supervisor's agent id: an agent with the capability director, whose phone is called"`
	Agent      string `json:"agent,omitempty" maxLength:"128" doc:"who is supervised; one of agent, connection and call is given"`
	Connection string `json:"connection,omitempty" maxLength:"128" doc:"ULID, hexadecimal id or number of the agent's connection"`
	Call       string `json:"call,omitempty" maxLength:"128" doc:"ULID, hexadecimal id or number of a call: its newest agent is supervised"`
	Mode       string `json:"mode" enum:"listen,whisper,barge,take-over" doc:"who hears the supervisor: nobody, the agent, all; or take the agent's place"`
}

// ModeRequest is the body of POST /api/v1/supervisions/{id}/mode.
type ModeRequest struct {
	Mode string `json:"mode" enum:"listen,whisper,barge" doc:"who hears the supervisor: nobody, the agent, all"`
}

type modeInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"the supervisor's agent id"`
	Body ModeRequest
}

type superviseInput struct{ Body SuperviseRequest }

func (s *Server) superviseRoutes(api huma.API) {
	add(s, api, route{method: http.MethodGet, path: "/api/v1/supervisions", id: "listSupervisions", tag: "supervision", summary: "Who is with which agent"}, s.getSupervisions)
	post := func(path, id, summary string) route {
		return route{
			method: http.MethodPost, path: "/api/v1/supervisions" + path, id: id, tag: "supervision", summary: summary, status: http.StatusAccepted,
			doc: "Accepted means that the switch has taken the command; what comes of it is told as events. The record of forced actions has an entry before the answer is given.",
		}
	}
	add(s, api, post("", "startSupervision", "Call a supervisor's phone to listen to an agent, to whisper, to barge in or to take over"), s.postSupervise)
	add(s, api, post("/{id}/mode", "setSupervision", "Change who hears the supervisor"), s.postSuperviseMode)
	add(s, api, post("/{id}/take-over", "takeOver", "Put the supervisor in the agent's place"), s.postTakeOver)
	add(s, api, post("/{id}/end", "endSupervision", "Take the supervisor out; the call goes on"), s.postEndSupervision)
}

func supervisionOf(v *callmodel.Supervision, t timeline) Supervision {
	return Supervision{
		ID: v.ID.String(), Number: v.Number, Supervisor: string(v.Supervisor), Agent: string(v.Agent), Call: v.Call.String(), Connection: v.Conn.String(),
		Mode: string(v.Mode), By: v.By, Leg: v.Leg.String(), StartedAt: t.time(v.StartedAt), HeardAt: t.time(v.HeardAt),
	}
}

func (s *Server) getSupervisions(ctx context.Context, _ *noInput) (*body[SupervisionList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("supervisions", err)
	}
	out, t := SupervisionList{Supervisions: []Supervision{}}, viewTimes(v, s.opts.Clock.Now())
	for _, x := range v.Supervisions {
		if !x.Over {
			out.Supervisions = append(out.Supervisions, supervisionOf(x, t))
		}
	}
	return reply(out), nil
}

// private hides an event about a supervision from who may not see it: an agent
// who is listened to is not told, but for the sound that the queue may want.
func private(who caller, e *port.Stamped, out Event) Event {
	if e.Supervision == nil || permissions["listSupervisions"].roles.has(who.role) {
		return out
	}
	return Event{Seq: out.Seq, Time: out.Time, Kind: "Private"}
}

// supervised finds the connection that a request names.
func (s *Server) supervised(ctx context.Context, b SuperviseRequest) (place, error) {
	given := slices.DeleteFunc([]string{b.Agent, b.Connection, b.Call}, func(x string) bool { return x == "" })
	if len(given) != 1 {
		return place{}, wrong("agent", "or connection or call says who is supervised: exactly one of them is given")
	}
	if b.Connection != "" {
		return s.findConnection(ctx, b.Connection)
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return place{}, err
	}
	if b.Call != "" {
		id, number, err := parseRef("call", b.Call)
		if err != nil {
			return place{}, err
		}
		if c := findCall(v, id, number); c != nil && c.AgentConn() != nil {
			p := c.AgentConn()
			return place{id: p.ID, call: c, agent: p.Agent}, nil
		}
		return place{}, fault.New(fault.NotFound, "call", b.Call, "no such live call with an agent")
	}
	who := callmodel.AgentID(strings.ToLower(b.Agent))
	for _, a := range v.Agents {
		if a.ID == who && !a.Conn.IsZero() {
			return place{id: a.Conn, call: findCall(v, a.Call.ID, 0), agent: who}, nil
		}
	}
	return place{}, fault.New(fault.NotFound, "agent", b.Agent, "no such agent, or they have no call")
}

func (s *Server) postSupervise(ctx context.Context, in *superviseInput) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	who := callmodel.AgentID(strings.ToLower(in.Body.Supervisor))
	want := order{id: "startSupervision", subject: "supervisor " + string(who), detail: in.Body.Mode}
	at, err := s.supervised(ctx, in.Body)
	if err != nil {
		s.audit(ctx, want, err)
		return nil, s.problem("supervise", err)
	}
	want.subject, want.agent, want.detail = at.id.String(), at.agent, in.Body.Mode+" by "+string(who)
	var cmd callmodel.Command = callmodel.Supervise{Cmd: s.cmd(ctx), Conn: at.id, Supervisor: who, Mode: callmodel.SuperviseMode(in.Body.Mode)}
	if in.Body.Mode == string(callmodel.TakingOver) {
		cmd = callmodel.TakeOver{Cmd: s.cmd(ctx), Conn: at.id, Supervisor: who}
	}
	if err := s.do(ctx, cmd, want); err != nil {
		return nil, err
	}
	out := Accepted{Operation: in.Body.Mode, Agent: string(who), Connection: at.id.String()}
	if at.call != nil {
		out.Call = at.call.ID.String()
	}
	return reply(out), nil
}

// onSupervision gives a command about a supervision that goes on.
func (s *Server) onSupervision(ctx context.Context, operation, name, supervisor, detail string, mk func(callmodel.Cmd, callmodel.AgentID) callmodel.Command) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	who := callmodel.AgentID(strings.ToLower(supervisor))
	want := order{id: operation, subject: "supervisor " + string(who), detail: detail}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem(name, err)
	}
	for _, x := range v.Supervisions {
		if x.Supervisor == who && !x.Over {
			want.agent = x.Agent
		}
	}
	if err := s.do(ctx, mk(s.cmd(ctx), who), want); err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: name, Agent: string(who)}), nil
}

func (s *Server) postSuperviseMode(ctx context.Context, in *modeInput) (*body[Accepted], error) {
	return s.onSupervision(ctx, "setSupervision", "mode", in.ID, in.Body.Mode, func(c callmodel.Cmd, who callmodel.AgentID) callmodel.Command {
		return callmodel.SetSupervision{Cmd: c, Supervisor: who, Mode: callmodel.SuperviseMode(in.Body.Mode)}
	})
}

func (s *Server) postTakeOver(ctx context.Context, in *idInput) (*body[Accepted], error) {
	return s.onSupervision(ctx, "takeOver", "take-over", in.ID, "", func(c callmodel.Cmd, who callmodel.AgentID) callmodel.Command {
		return callmodel.TakeOver{Cmd: c, Supervisor: who}
	})
}

func (s *Server) postEndSupervision(ctx context.Context, in *idInput) (*body[Accepted], error) {
	return s.onSupervision(ctx, "endSupervision", "end", in.ID, "", func(c callmodel.Cmd, who callmodel.AgentID) callmodel.Command {
		return callmodel.EndSupervision{Cmd: c, Supervisor: who}
	})
}
