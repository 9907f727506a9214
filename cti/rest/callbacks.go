package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Callback is a customer who is to be called back.
type Callback struct {
	ID         string     `json:"id" doc:"ULID"`
	Number     string     `json:"number" doc:"the customer's"`
	Queue      string     `json:"queue"`
	State      string     `json:"state" enum:"scheduled,waiting,active,done"`
	CreatedAt  *time.Time `json:"created_at,omitempty"`
	QueuedAt   *time.Time `json:"queued_at,omitempty" doc:"when the customer began to wait"`
	NextAt     *time.Time `json:"next_at,omitempty" doc:"not before"`
	LastAt     *time.Time `json:"last_at,omitempty" doc:"of the last attempt"`
	HandledAt  *time.Time `json:"handled_at,omitempty"`
	ExpireAt   *time.Time `json:"expire_at,omitempty"`
	Attempts   int        `json:"attempts"`
	Failures   int        `json:"failures"`
	MaxCalls   int        `json:"max_calls"`
	LastResult string     `json:"last_result,omitempty"`
	Skills     []Skill    `json:"skills,omitempty"`
	Priority   int        `json:"priority,omitempty"`
	Gateway    string     `json:"gateway,omitempty"`
	Notes      string     `json:"notes,omitempty"`
	Extra      string     `json:"extra,omitempty"`
	Call       string     `json:"call,omitempty" doc:"id of the live attempt"`
	From       string     `json:"from,omitempty" doc:"id of the call in which the customer asked for it"`
	Campaign   string     `json:"campaign,omitempty"`
	ListID     string     `json:"list_id,omitempty" doc:"entry of the campaign's list of calls"`
}

// CallbackList is the answer to GET /api/v1/callbacks.
type CallbackList struct {
	Callbacks []Callback `json:"callbacks" nullable:"false" doc:"in order of creation"`
	Total     int        `json:"total" doc:"how many match; more than are listed where the limit was reached"`
}

func callbackOf(c *callmodel.Callback, t timeline) Callback {
	out := Callback{
		ID: c.ID.String(), Number: c.Number, Queue: string(c.Queue), State: string(c.State),
		CreatedAt: t.time(c.CreatedAt), QueuedAt: t.time(c.QueuedAt), NextAt: t.time(c.NextAt), LastAt: t.time(c.LastAt),
		HandledAt: t.time(c.HandledAt), ExpireAt: t.time(c.ExpireAt), Attempts: int(c.Calls), Failures: c.Failures, MaxCalls: c.MaxCalls,
		LastResult: string(c.LastResult), Priority: c.Priority, Gateway: c.Gateway, Notes: c.Notes, Extra: c.Extra,
		Campaign: c.Campaign, ListID: c.ListID,
	}
	for _, n := range c.Skills {
		out.Skills = append(out.Skills, Skill{Skill: n.Skill, Level: n.Level})
	}
	if !c.Call.IsZero() {
		out.Call = c.Call.String()
	}
	if !c.From.IsZero() {
		out.From = c.From.String()
	}
	return out
}

func (s *Server) callbackRoutes(api huma.API) {
	const path = "/api/v1/callbacks"
	add(s, api, route{method: http.MethodGet, path: path, id: "listCallbacks", tag: "callbacks", summary: "List callbacks"}, s.getCallbacks)
	add(s, api, route{
		method: http.MethodPost, path: path, id: "createCallback", tag: "callbacks",
		summary: "Ask for a call to a customer by a queue", status: http.StatusAccepted,
	}, s.postCallback)
	add(s, api, route{
		method: http.MethodPatch, path: path + "/{id}", id: "updateCallback", tag: "callbacks",
		summary: "Report the result of an attempt, or remove a callback", status: http.StatusAccepted,
	}, s.patchCallback)
}

type callbacksInput struct {
	Queue string `query:"queue" maxLength:"128" doc:"only callbacks of this queue"`
	State string `query:"state" enum:"scheduled,waiting,active,done" doc:"only callbacks in this state"`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"500" doc:"at most this many"`
}

func (s *Server) getCallbacks(ctx context.Context, in *callbacksInput) (*body[CallbackList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("callbacks", err)
	}
	if in.Queue != "" && findQueue(v, in.Queue) == nil {
		return nil, s.problem("callbacks", noQueue(v, in.Queue))
	}
	t := viewTimes(v, s.opts.Clock.Now())
	out := CallbackList{Callbacks: []Callback{}}
	for _, c := range v.Callbacks {
		if in.Queue != "" && string(c.Queue) != in.Queue || in.State != "" && string(c.State) != in.State {
			continue
		}
		out.Total++
		if len(out.Callbacks) < in.Limit {
			out.Callbacks = append(out.Callbacks, callbackOf(c, t))
		}
	}
	return reply(out), nil
}

type callbackBody struct {
	Body CallbackRequest
}

func (s *Server) postCallback(ctx context.Context, in *callbackBody) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	id := callmodel.CallbackID{ID: s.opts.Switch.NewID()}
	cmd, err := s.createCallback(s.cmd(ctx), id, in.Body)
	if err != nil {
		return nil, s.problem("callback", err)
	}
	if err := s.do(ctx, cmd, order{id: "createCallback", subject: id.String(), detail: "queue " + in.Body.Queue}); err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: "create-callback", Callback: id.String(), Queue: in.Body.Queue}), nil
}

func (s *Server) createCallback(c callmodel.Cmd, id callmodel.CallbackID, b CallbackRequest) (callmodel.Command, error) {
	number, err := dialable("number", b.Number)
	if err != nil {
		return nil, err
	}
	if err := checkName("queue", b.Queue); err != nil {
		return nil, err
	}
	for _, t := range []struct {
		field, text string
		most        int
		long        bool
	}{{"gateway", b.Gateway, maxName, false}, {"notes", b.Notes, callmodel.MaxCallbackText, true}, {"extra", b.Extra, callmodel.MaxCallbackText, true}, {"campaign", b.Campaign, callmodel.MaxCampaign, false}, {"list_id", b.ListID, callmodel.MaxListID, false}} {
		if err := checkText(t.field, t.text, t.most, t.long); err != nil {
			return nil, err
		}
	}
	cmd := callmodel.CreateCallback{
		Cmd: c, ID: id, Number: number, Queue: callmodel.QueueID(b.Queue), Priority: b.Priority, Gateway: b.Gateway, Notes: b.Notes, Extra: b.Extra,
		Campaign: b.Campaign, ListID: b.ListID,
	}
	if cmd.At, cmd.Until, err = s.window(b.At, b.Until); err != nil {
		return nil, err
	}
	cmd.Skills, err = skillNeeds("skills", b.Skills)
	return cmd, err
}

// window is the time in which a callback may be made: a begin that has passed is now.
func (s *Server) window(from, to *time.Time) (at, until time.Time, err error) {
	now := s.opts.Clock.Now()
	if from != nil {
		if from.Sub(now) > maxAhead {
			return at, until, wrong("at", "is more than a year from now")
		}
		if from.After(now) {
			at = from.UTC()
		}
	}
	if to != nil {
		until = to.UTC()
	}
	return at, until, nil
}

// change reads what a callback becomes.
func (s *Server) change(b *CallbackChange) (*callmodel.CallbackChange, error) {
	if b == nil {
		return nil, nil
	}
	number, err := dialable("number", b.Number)
	if err == nil {
		err = checkText("extra", b.Extra, callmodel.MaxCallbackText, true)
	}
	out := &callmodel.CallbackChange{Number: number, Priority: b.Priority, Extra: b.Extra}
	if err == nil {
		out.At, out.Until, err = s.window(b.At, b.Until)
	}
	return out, err
}

type callbackUpdateBody struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"ULID or its hexadecimal form"`
	Body CallbackUpdate
}

func (s *Server) patchCallback(ctx context.Context, in *callbackUpdateBody) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	id, number, err := parseRef("callback", in.ID)
	if err == nil && number != 0 {
		err = fault.New(fault.Invalid, "callback", in.ID, "a callback is named by 26 base-32 or by 32 hexadecimal characters")
	}
	if err == nil && in.Body.Notes != nil {
		err = checkText("notes", *in.Body.Notes, callmodel.MaxCallbackText, true)
	}
	var change *callmodel.CallbackChange
	if err == nil {
		change, err = s.change(in.Body.Change)
	}
	if err != nil {
		return nil, s.problem("callback", err)
	}
	cmd := callmodel.UpdateCallback{
		Cmd: s.cmd(ctx), ID: callmodel.CallbackID{ID: id}, Result: callmodel.CallbackResult(in.Body.Result), Notes: in.Body.Notes, Change: change,
	}
	if err := s.do(ctx, cmd, order{id: "updateCallback", subject: id.String(), detail: in.Body.Result}); err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: "update-callback", Callback: id.String()}), nil
}
