package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
	"strowger/switch/objects"
)

// maxIDs is how many objects can be asked for by id at once.
const maxIDs = 1000

// objectRoutes registers what reads and writes configuration objects.
func (s *Server) objectRoutes(api huma.API) {
	add(s, api, route{
		method: http.MethodPost, path: "/api/v1/objects", id: "applyObjects", tag: "configuration", maxBody: objects.MaxFile,
		summary: "Apply configuration objects: all or nothing",
		doc: "The body is the text of a file with objects in YAML. The answer says what is, or with dry_run would be, different. " +
			"Nothing changes where one object has a mistake; `problems` then names each of them with its line.",
	}, s.postObjects)
	add(s, api, route{
		method: http.MethodGet, path: "/api/v1/objects/{kind}", id: "getObjects", tag: "configuration",
		summary: "The configuration objects of a kind, or all", doc: "kind is a kind of object, in the singular or plural, or `all`.",
	}, s.getObjects)
}

type applyInput struct {
	DryRun  bool   `query:"dry_run" doc:"only say what would change"`
	Prune   bool   `query:"prune" doc:"remove objects that the file does not have, of the kinds that it has"`
	File    string `query:"file" maxLength:"256" doc:"name of the file, for the problems"`
	Expect  int64  `query:"expect" minimum:"0" doc:"version that must be in force; 0: any"`
	IfMatch string `header:"If-Match" maxLength:"32" doc:"the same as expect, in quotation marks"`
	RawBody []byte `contentType:"application/yaml"`
}

func (s *Server) service() (objects.Service, error) {
	if s.opts.Objects == nil {
		return nil, fault.New(fault.Unavailable, "objects", "", "this controller keeps no configuration objects")
	}
	return s.opts.Objects, nil
}

func (s *Server) postObjects(ctx context.Context, in *applyInput) (*body[objects.Result], error) {
	service, err := s.service()
	if err != nil {
		return nil, s.problem("objects", err)
	}
	expect, err := expected(in)
	if err == nil {
		err = checkText("file", in.File, 256, false)
	}
	if err != nil {
		return nil, s.problem("objects", err)
	}
	result, err := service.Apply(ctx, objects.Apply{
		YAML: in.RawBody, File: in.File, Prune: in.Prune, DryRun: in.DryRun, By: callerOf(ctx).by, Expect: expect,
	})
	if !in.DryRun {
		d := result.Diff
		s.audit(ctx, order{
			id: "applyObjects", subject: "configuration " + strconv.FormatInt(result.Version, 10),
			detail: strings.Join([]string{count(d.Created, "created"), count(d.Changed, "changed"), count(d.Removed, "removed")}, ", "),
		}, err)
	}
	if err != nil {
		return nil, s.problem("objects", err)
	}
	return reply(result), nil
}

func count(n int, word string) string { return strconv.Itoa(n) + " " + word }

// expected joins the two ways to name the version that must be in force.
func expected(in *applyInput) (int64, error) {
	if in.IfMatch == "" {
		return in.Expect, nil
	}
	v, err := strconv.ParseInt(strings.Trim(in.IfMatch, `"`), 10, 64)
	if err != nil || v <= 0 {
		return 0, fault.New(fault.Invalid, "objects", "", `If-Match is the version of the configuration in quotation marks, as in "7"`)
	}
	if in.Expect != 0 && in.Expect != v {
		return 0, fault.New(fault.Invalid, "objects", "", "expect and If-Match name two versions")
	}
	return v, nil
}

type objectsInput struct {
	Kind string   `path:"kind" minLength:"1" maxLength:"64"`
	IDs  []string `query:"id,explode" maxItems:"1000" doc:"only these; may be repeated"`
}

func (s *Server) getObjects(ctx context.Context, in *objectsInput) (*body[objects.Listing], error) {
	service, err := s.service()
	if err != nil {
		return nil, s.problem("objects", err)
	}
	var kinds []objects.Kind
	if in.Kind != "all" {
		kind, err := objects.ParseKind(in.Kind)
		if err != nil {
			return nil, s.problem("objects", err)
		}
		kinds = []objects.Kind{kind}
	} else if len(in.IDs) > 0 {
		return nil, s.problem("objects", fault.New(fault.Invalid, "objects", "", "ids belong to one kind: name it instead of all"))
	}
	if len(in.IDs) > maxIDs {
		return nil, s.problem("objects", fault.Newf(fault.Invalid, "objects", "", "at most %d ids can be asked for at once", maxIDs))
	}
	out, err := service.Get(ctx, kinds, in.IDs)
	if err != nil {
		return nil, s.problem("objects", err)
	}
	return reply(out), nil
}
