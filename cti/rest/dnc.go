package rest

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// DoNotCallList is the answer to GET /api/v1/dnc and to its check.
type DoNotCallList struct {
	Entries []DoNotCall `json:"entries" nullable:"false"`
	Next    string      `json:"next,omitempty" doc:"give it as after for the next page"`
}

// DoNotCallRequest is the body of POST /api/v1/dnc.
type DoNotCallRequest struct {
	Entries []DoNotCall `json:"entries" minItems:"1" maxItems:"10000" nullable:"false"`
}

// DoNotCallResult is what has become of entries that were sent.
type DoNotCallResult struct {
	Added int `json:"added" doc:"the others were there"`
}

// opBlock names what is done to the do-not-call list.
const opBlock = "do-not-call"

type (
	blockInput   struct{ Body DoNotCallRequest }
	unblockInput struct {
		Number string `query:"number" minLength:"2" maxLength:"40" required:"true" doc:"a number, or the beginning of numbers, as it stands in the list"`
		Scope  string `query:"scope" maxLength:"49" default:"tenant" doc:"system, tenant or campaign:ID"`
	}
	blockedInput struct {
		Scope  string `query:"scope" maxLength:"49" doc:"only of this scope"`
		Prefix string `query:"prefix" maxLength:"40" doc:"only numbers that begin so"`
		After  string `query:"after" maxLength:"40" doc:"what the page before has given as next"`
		Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"at most this many"`
	}
	blockCheckInput struct {
		Number string `query:"number" minLength:"2" maxLength:"40" required:"true" doc:"with the country code, or as it is dialled here"`
	}
	blockImportInput struct {
		upload
		Scope  string `query:"scope" maxLength:"49" default:"tenant" doc:"system, tenant or campaign:ID"`
		Source string `query:"source" maxLength:"200" doc:"where the numbers are from"`
	}
)

func (s *Server) blockRoutes(api huma.API) {
	const list = "/api/v1/dnc"
	add(s, api, route{method: http.MethodGet, path: list, id: "listDoNotCall", tag: "dialer", summary: "Who is not called"}, func(ctx context.Context, in *blockedInput) (*body[DoNotCallList], error) {
		return look(s, opBlock, s.lists, func(l Lists) (DoNotCallList, error) {
			entries, err := l.Blocked(ctx, DoNotCallQuery{Scope: in.Scope, Prefix: in.Prefix, After: in.After, Limit: in.Limit})
			out := DoNotCallList{Entries: append([]DoNotCall{}, entries...)}
			if len(entries) >= in.Limit { // all entries of a number come together
				last := entries[len(entries)-1]
				out.Next = last.Number + last.Prefix
			}
			return out, err
		})
	})
	add(s, api, route{method: http.MethodGet, path: list + "/check", id: "checkDoNotCall", tag: "dialer", summary: "What forbids to call a number; nothing: nothing does"}, func(ctx context.Context, in *blockCheckInput) (*body[DoNotCallList], error) {
		return look(s, opBlock, s.lists, func(l Lists) (DoNotCallList, error) {
			entries, err := l.CheckNumber(ctx, in.Number)
			return DoNotCallList{Entries: append([]DoNotCall{}, entries...)}, err
		})
	})
	add(s, api, route{method: http.MethodPost, path: list, id: "addDoNotCall", tag: "dialer", summary: "Have numbers, or areas, not be called", maxBody: maxLeads}, func(ctx context.Context, in *blockInput) (*body[DoNotCallResult], error) {
		by := callerOf(ctx).by
		for i := range in.Body.Entries {
			e := &in.Body.Entries[i]
			e.By = by
			if (e.Number == "") == (e.Prefix == "") {
				return nil, s.problem(opBlock, wrong("entries", "entry %d: write a number or a prefix, and not both", i+1))
			}
			if err := checkText("entries", e.Source, maxReason, false); err != nil {
				return nil, s.problem(opBlock, err)
			}
		}
		o := order{id: "addDoNotCall", subject: "do-not-call list", detail: strconv.Itoa(len(in.Body.Entries)) + " entries"}
		return act(ctx, s, o, s.lists, func(l Lists) (DoNotCallResult, error) {
			added, err := l.Block(ctx, in.Body.Entries)
			return DoNotCallResult{added}, err
		})
	})
	add(s, api, route{method: http.MethodDelete, path: list, id: "removeDoNotCall", tag: "dialer", summary: "Allow a number to be called again", status: http.StatusNoContent}, func(ctx context.Context, in *unblockInput) (*struct{}, error) {
		o := order{id: "removeDoNotCall", subject: "do-not-call list", detail: in.Scope + " " + quoted(in.Number)}
		return tell(ctx, s, o, func(l Lists) error { return l.Unblock(ctx, in.Number, in.Scope, callerOf(ctx).by) })
	})
	add(s, api, route{
		method: http.MethodPost, path: list + "/import", id: "importDoNotCall", tag: "dialer", summary: "Read a file of numbers that are not called", maxBody: s.opts.Dialer.MaxUpload,
		doc: "The body is the file: a number a line, or in the first column of a CSV.",
	}, func(ctx context.Context, in *blockImportInput) (*body[BlockedResult], error) {
		o := order{id: "importDoNotCall", subject: "do-not-call list", detail: in.Scope + " " + in.Source}
		return act(ctx, s, o, s.lists, func(l Lists) (BlockedResult, error) {
			out, err := l.ImportBlocked(ctx, BlockedImport{Scope: in.Scope, Source: in.Source, By: callerOf(ctx).by}, in.body)
			out.Errors = append([]ImportError{}, out.Errors...)
			return out, err
		})
	})
}
