package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/switch/fault"
)

// defaultUpload bounds a file of leads or numbers, in bytes, where the options do not.
const defaultUpload = 1 << 30

// longTime is how long what takes its time may take: a file to come or to go, a
// list to be taken away.
const longTime = 2 * time.Hour

// ImportList is the answer to GET /api/v1/imports.
type ImportList struct {
	Imports []Import `json:"imports" nullable:"false" doc:"the newest first"`
}

// ImportErrors is the answer to GET /api/v1/imports/{no}/errors.
type ImportErrors struct {
	Errors []ImportError `json:"errors" nullable:"false" doc:"by line"`
	Next   int64         `json:"next,omitempty" doc:"give it as after for the next page"`
}

// long is a request whose answer takes its time.
type long struct{}

// Resolve keeps the connection open for so long.
func (long) Resolve(ctx huma.Context) []error {
	_, w := humago.Unwrap(ctx)
	takesLong(w)
	return nil
}

// takesLong moves the time limits of a request and of its answer; where there
// are none, none have to be moved.
func takesLong(w http.ResponseWriter) {
	c, end := http.NewResponseController(w), time.Now().Add(longTime)
	_ = c.SetReadDeadline(end)
	_ = c.SetWriteDeadline(end)
}

// upload is a request whose body is read as it comes.
type upload struct{ body io.Reader }

// Resolve keeps the body from being read into memory.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.body = ctx.BodyReader()
	return long{}.Resolve(ctx)
}

type (
	importInput struct {
		ListRef
		upload
		File       string   `query:"file" maxLength:"200" doc:"its name; .xlsx says that it is no CSV"`
		Atomic     bool     `query:"atomic" doc:"all rows or none; otherwise it can be resumed"`
		Charset    string   `query:"charset" maxLength:"32" doc:"such as utf-8 or windows-1252; found out where it is left out"`
		Delimiter  string   `query:"delimiter" maxLength:"4" doc:"found out where it is left out"`
		Sheet      string   `query:"sheet" maxLength:"64" doc:"of an XLSX file; the first where it is left out"`
		Map        []string `query:"map,explode" maxItems:"200" doc:"COLUMN=MEANING, as in phone=number:mobile; may be repeated; found out where it is left out"`
		Duplicates string   `query:"duplicates" enum:"skip,update,refuse" doc:"what becomes of a row that is there already; as the list says where it is left out"`
		DryRun     bool     `query:"dry_run" doc:"say what would be read, and read nothing"`
	}
	exportInput struct {
		ListRef
		Format string `query:"format" enum:"csv,xlsx" default:"csv"`
	}
	importsInput struct {
		List  string `query:"list" maxLength:"32" doc:"only into this list"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"at most this many"`
	}
	importNoInput     struct{ ImportRef }
	importErrorsInput struct {
		ImportRef
		After int64 `query:"after" minimum:"0" doc:"what the page before has given as next"`
		Limit int   `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"at most this many"`
	}
)

// ImportRef names an import in a path.
type ImportRef struct {
	No int64 `path:"no" minimum:"1" doc:"of the import"`
}

func (s *Server) importRoutes(api huma.API) {
	const imports, one = "/api/v1/imports", "/api/v1/imports/{no}"
	add(s, api, route{
		method: http.MethodPost, path: "/api/v1/lists/{id}/import", id: "importList", tag: "dialer", summary: "Read a file (CSV or XLSX) into a list", maxBody: s.opts.Dialer.MaxUpload,
		doc: "The body is the file. The answer comes when it is stored; the import goes on by itself, see GET /api/v1/imports/{no}. A list that is missing is made.",
	}, s.postImport)
	add(s, api, route{method: http.MethodGet, path: "/api/v1/lists/{id}/export", id: "exportList", tag: "dialer", summary: "The leads of a list as a file. Every request is audited"}, s.getExport)
	add(s, api, route{method: http.MethodGet, path: imports, id: "listImports", tag: "dialer", summary: "Files that were read into lists"}, func(ctx context.Context, in *importsInput) (*body[ImportList], error) {
		return look(s, opList, s.lists, func(l Lists) (ImportList, error) {
			list, err := l.Imports(ctx, in.List, in.Limit)
			return ImportList{append([]Import{}, list...)}, err
		})
	})
	add(s, api, route{method: http.MethodGet, path: one, id: "getImport", tag: "dialer", summary: "How far an import is"}, func(ctx context.Context, in *importNoInput) (*body[Import], error) {
		return look(s, opList, s.lists, func(l Lists) (Import, error) { return l.ImportByNumber(ctx, in.No) })
	})
	add(s, api, route{method: http.MethodGet, path: one + "/errors", id: "listImportErrors", tag: "dialer", summary: "Rows that were refused, with line and reason"}, func(ctx context.Context, in *importErrorsInput) (*body[ImportErrors], error) {
		return look(s, opList, s.lists, func(l Lists) (ImportErrors, error) {
			list, err := l.ImportErrors(ctx, in.No, in.After, in.Limit)
			out := ImportErrors{Errors: append([]ImportError{}, list...)}
			if len(list) == in.Limit {
				out.Next = list[len(list)-1].Line
			}
			return out, err
		})
	})
	for _, o := range []struct {
		name, id, summary string
		do                func(Lists, context.Context, int64) (Import, error)
	}{
		{"resume", "resumeImport", "Go on with an import that was stopped", Lists.ResumeImport},
		{"cancel", "cancelImport", "Stop an import; what it has read stays, unless it is all or nothing", Lists.CancelImport},
	} {
		add(s, api, route{method: http.MethodPost, path: one + "/" + o.name, id: o.id, tag: "dialer", summary: o.summary}, func(ctx context.Context, in *importNoInput) (*body[Import], error) {
			return act(ctx, s, order{id: o.id, subject: "import " + strconv.FormatInt(in.No, 10)}, s.lists, func(l Lists) (Import, error) { return o.do(l, ctx, in.No) })
		})
	}
}

func (s *Server) postImport(ctx context.Context, in *importInput) (*body[Import], error) {
	r := ImportRequest{
		List: in.ID, File: in.File, Atomic: in.Atomic, Charset: in.Charset, Delimiter: in.Delimiter, Sheet: in.Sheet, Duplicates: in.Duplicates, DryRun: in.DryRun, By: callerOf(ctx).by,
	}
	for _, m := range in.Map {
		column, means, found := strings.Cut(m, "=")
		if !found || column == "" || means == "" {
			return nil, s.problem(opList, fault.Newf(fault.Invalid, opList, in.ID, "map is COLUMN=MEANING, as in phone=number:mobile; %s is not", quoted(m)))
		}
		r.Mapping = append(r.Mapping, ColumnMapping{Column: column, Means: means})
	}
	if err := checkText("file", in.File, maxReason, false); err != nil {
		return nil, s.problem(opList, err)
	}
	return act(ctx, s, order{id: "importList", subject: "list " + in.ID, detail: in.File}, s.lists, func(l Lists) (Import, error) {
		out, err := l.Import(ctx, r, in.body)
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			err = fault.Newf(fault.Invalid, opList, in.ID, "the file is larger than %d MiB: divide it, and import one part after the other", s.opts.Dialer.MaxUpload>>20)
		}
		return out, err
	})
}

func (s *Server) getExport(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	l, err := s.lists()
	if err == nil {
		_, err = l.List(ctx, in.ID)
	}
	s.audit(ctx, order{id: "exportList", subject: "list " + in.ID, detail: in.Format}, err)
	if err != nil {
		return nil, s.problem(opList, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		takesLong(w)
		w.Header().Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[in.Format])
		w.Header().Set("Content-Disposition", `attachment; filename="`+in.ID+"."+in.Format+`"`)
		if err := l.Export(ctx, in.ID, in.Format, w); err != nil {
			s.opts.Logger.Error("rest: an export has failed half way", "list", in.ID, "error", err)
			panic(http.ErrAbortHandler) // so that nobody takes the part for the whole
		}
	}}, nil
}
