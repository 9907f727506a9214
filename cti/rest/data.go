package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// maxDataBody is the largest body with attached data; the model bounds the data itself.
const maxDataBody = 1 << 20

// dataRoutes registers what reads and writes attached data.
func (s *Server) dataRoutes(api huma.API) {
	r := func(method, id, summary string, status int) route {
		return route{method: method, path: "/api/v1/connections/{id}/data", id: id, tag: "calls", summary: summary, status: status, maxBody: maxDataBody}
	}
	add(s, api, r(http.MethodGet, "getData", "The data that travels with a connection's call", 0), s.getData)
	add(s, api, r(http.MethodPut, "replaceData", "Store attached data; applications that are not listed are removed", http.StatusAccepted),
		func(ctx context.Context, in *connInput[DataRequest]) (*body[Accepted], error) {
			return s.setData(ctx, in, true)
		})
	add(s, api, r(http.MethodPatch, "changeData", "Store attached data; applications that are not listed stay as they are", http.StatusAccepted),
		func(ctx context.Context, in *connInput[DataRequest]) (*body[Accepted], error) {
			return s.setData(ctx, in, false)
		})
}

func (s *Server) getData(ctx context.Context, in *idInput) (*body[DataAnswer], error) {
	at, err := s.findConnection(ctx, in.ID)
	if err == nil && at.call == nil {
		err = fault.New(fault.NotFound, "connection", in.ID, "no such connection: the call has ended or never was")
	}
	if err != nil {
		return nil, s.problem("getData", err)
	}
	if err := s.ownLine(ctx, order{id: "getData", subject: at.id.String(), agent: at.agent}); err != nil {
		return nil, err
	}
	out := DataAnswer{Entries: []AttachedEntry{}}
	for _, d := range at.call.Attached {
		out.Entries = append(out.Entries, AttachedEntry{App: d.App, Media: d.Media, Data: d.Data})
	}
	return reply(out), nil
}

func (s *Server) setData(ctx context.Context, in *connInput[DataRequest], replace bool) (*body[Accepted], error) {
	o := Operation{Name: "set-data", id: "changeData"}
	if replace {
		o.id = "replaceData"
	}
	return s.onConnection(ctx, o, in.ID, "", func(c callmodel.Cmd, id callmodel.ConnID) (callmodel.Command, error) {
		entries, err := attachedEntries(in.Body.Entries)
		return callmodel.SetData{Cmd: c, Conn: id, Entries: entries, Replace: replace}, err
	})
}

// attachedEntries reads attached data that a client gives.
func attachedEntries(from []AttachedEntry) ([]callmodel.AttachedData, error) {
	var out []callmodel.AttachedData
	seen := map[string]bool{}
	for _, e := range from {
		if err := checkAttached(e); err != nil {
			return nil, err
		}
		if seen[e.App] {
			return nil, wrong("entries", "the application %s stands there twice", e.App)
		}
		seen[e.App] = true
		out = append(out, callmodel.AttachedData{App: e.App, Media: e.Media, Data: e.Data})
	}
	return out, nil
}
