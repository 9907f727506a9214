package rest

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
)

// ListList is the answer to GET /api/v1/lists.
type ListList struct {
	Lists []List `json:"lists" nullable:"false"`
}

// LeadWhyList is the answer to GET /api/v1/leads/why.
type LeadWhyList struct {
	Answers []LeadWhy `json:"answers" nullable:"false" doc:"one for each lead that is meant, and each campaign that would call it"`
}

const (
	opList = "list"
	opLead = "lead"
	// maxLeads bounds what brings a thousand leads, in bytes.
	maxLeads = 4 << 20
)

func (s *Server) lists() (Lists, error) {
	if s.opts.Dialer.Lists == nil {
		return nil, noDialer(opList)
	}
	return s.opts.Dialer.Lists, nil
}

// tell has a part of the dialer do something that has no answer but that it is done.
func tell(ctx context.Context, s *Server, o order, do func(Lists) error) (*struct{}, error) {
	_, err := act(ctx, s, o, s.lists, func(l Lists) (struct{}, error) { return struct{}{}, do(l) })
	return nil, err
}

type (
	listInput       struct{ ListRef }
	listCreateInput struct{ Body ListRequest }
	listRemoveInput struct {
		ListRef
		long
		Remove bool `query:"remove" doc:"take it away for good, with its leads; otherwise nobody of it is called any more"`
	}
	leadsPutInput struct {
		ListRef
		Body LeadsRequest
	}
	leadsInput struct {
		List   string `query:"list" maxLength:"32" doc:"only of this list"`
		State  string `query:"state" enum:"ready,later,taken,done,excluded,hidden" doc:"only in this state"`
		Number string `query:"number" maxLength:"40" doc:"only with this number"`
		Ref    string `query:"ref" maxLength:"64" doc:"only with this ref"`
		After  int64  `query:"after" minimum:"0" doc:"what the page before has given as next"`
		Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"at most this many"`
	}
	leadInput       struct{ LeadRef }
	leadChangeInput struct {
		LeadRef
		Body LeadChange
	}
	whyInput struct {
		Who string `query:"who" minLength:"1" maxLength:"128" required:"true" doc:"a lead's number, a telephone number, or list/ref"`
	}
)

// ListRef names a list in a path.
type ListRef struct {
	ID string `path:"id" minLength:"1" maxLength:"32" doc:"the list's"`
}

// LeadRef names a lead in a path.
type LeadRef struct {
	ID int64 `path:"id" minimum:"1" doc:"the lead's number"`
}

func (s *Server) listRoutes(api huma.API) {
	add(s, api, route{method: http.MethodGet, path: "/api/v1/lists", id: "listLists", tag: "dialer", summary: "The lists of leads"}, func(ctx context.Context, _ *noInput) (*body[ListList], error) {
		return look(s, opList, s.lists, func(l Lists) (ListList, error) {
			all, err := l.Lists(ctx)
			return ListList{append([]List{}, all...)}, err
		})
	})
	add(s, api, route{method: http.MethodGet, path: "/api/v1/lists/{id}", id: "getList", tag: "dialer", summary: "One list"}, func(ctx context.Context, in *listInput) (*body[List], error) {
		return look(s, opList, s.lists, func(l Lists) (List, error) { return l.List(ctx, in.ID) })
	})
	add(s, api, route{method: http.MethodPost, path: "/api/v1/lists", id: "createList", tag: "dialer", summary: "Make a list"}, func(ctx context.Context, in *listCreateInput) (*body[List], error) {
		for _, err := range []error{checkText("name", in.Body.Name, 320, false), checkText("consent_source", in.Body.ConsentSource, maxReason, false)} {
			if err != nil {
				return nil, s.problem(opList, err)
			}
		}
		return act(ctx, s, order{id: "createList", subject: "list " + in.Body.ID}, s.lists, func(l Lists) (List, error) { return l.CreateList(ctx, in.Body) })
	})
	add(s, api, route{method: http.MethodDelete, path: "/api/v1/lists/{id}", id: "removeList", tag: "dialer", summary: "Have nobody of a list called any more, or take it away", status: http.StatusNoContent},
		func(ctx context.Context, in *listRemoveInput) (*struct{}, error) {
			o := order{id: "removeList", subject: "list " + in.ID, detail: "closed"}
			if in.Remove {
				o.detail = "removed with its leads"
				ctx = context.WithoutCancel(ctx) // half a list is of no use to anybody, though who has asked does not wait
			}
			return tell(ctx, s, o, func(l Lists) error { return l.CloseList(ctx, in.ID, in.Remove) })
		})
	s.importRoutes(api)
	s.leadRoutes(api)
	s.blockRoutes(api)
}

func (s *Server) leadRoutes(api huma.API) {
	const one = "/api/v1/leads/{id}"
	add(s, api, route{method: http.MethodPost, path: "/api/v1/lists/{id}/leads", id: "putLeads", tag: "dialer", summary: "Make leads, or change those with the same ref", maxBody: maxLeads},
		func(ctx context.Context, in *leadsPutInput) (*body[LeadsResult], error) {
			o := order{id: "putLeads", subject: "list " + in.ID, detail: strconv.Itoa(len(in.Body.Leads)) + " leads"}
			return act(ctx, s, o, s.lists, func(l Lists) (LeadsResult, error) {
				out, err := l.PutLeads(ctx, in.ID, in.Body.Leads)
				out.Errors = append([]ImportError{}, out.Errors...)
				return out, err
			})
		})
	add(s, api, route{method: http.MethodGet, path: "/api/v1/leads", id: "listLeads", tag: "dialer", summary: "Leads, by number"}, s.getLeads)
	add(s, api, route{method: http.MethodGet, path: one, id: "getLead", tag: "dialer", summary: "One lead"}, func(ctx context.Context, in *leadInput) (*body[Lead], error) {
		return look(s, opLead, s.lists, func(l Lists) (Lead, error) { return l.Lead(ctx, in.ID) })
	})
	add(s, api, route{method: http.MethodPatch, path: one, id: "changeLead", tag: "dialer", summary: "Change a lead, or agree a call-back with it"}, func(ctx context.Context, in *leadChangeInput) (*body[Lead], error) {
		in.Body.By = callerOf(ctx).by
		return act(ctx, s, order{id: "changeLead", subject: leadSubject(in.ID)}, s.lists, func(l Lists) (Lead, error) { return l.ChangeLead(ctx, in.ID, in.Body) })
	})
	add(s, api, route{method: http.MethodDelete, path: one, id: "removeLead", tag: "dialer", summary: "Take a lead away for good", status: http.StatusNoContent}, func(ctx context.Context, in *leadInput) (*struct{}, error) {
		return tell(ctx, s, order{id: "removeLead", subject: leadSubject(in.ID)}, func(l Lists) error { return l.RemoveLead(ctx, in.ID) })
	})
	add(s, api, route{
		method: http.MethodGet, path: "/api/v1/leads/why", id: "explainLead", tag: "dialer", summary: "Why somebody is not called now",
		doc: "Everything that stands in the way, in each campaign that would call, and when it ends by itself.",
	}, func(ctx context.Context, in *whyInput) (*body[LeadWhyList], error) {
		return look(s, opLead, s.lists, func(l Lists) (LeadWhyList, error) {
			list, err := l.Why(ctx, in.Who)
			return LeadWhyList{append([]LeadWhy{}, list...)}, err
		})
	})
}

func leadSubject(id int64) string { return "lead " + strconv.FormatInt(id, 10) }

func (s *Server) getLeads(ctx context.Context, in *leadsInput) (*body[LeadList], error) {
	return look(s, opLead, s.lists, func(l Lists) (LeadList, error) {
		if in.List == "" && in.Number == "" {
			return LeadList{}, fault.New(fault.Invalid, opLead, "", "name a list or a number: there may be millions of leads")
		}
		list, err := l.Leads(ctx, LeadQuery{List: in.List, State: in.State, Number: in.Number, Ref: in.Ref, After: in.After, Limit: in.Limit})
		out := LeadList{Leads: append([]Lead{}, list...)}
		if len(list) == in.Limit {
			out.Next = list[len(list)-1].ID
		}
		return out, err
	})
}
