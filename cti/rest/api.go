package rest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"strowger/switch/fault"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of the routes (OpenAPI 3.1, JSON), as it is
// committed and served at /api/v1/openapi.json.
func OpenAPI() []byte { return openAPI }

const apiVersion = "1.0.0"

func apiConfig() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Strowger", Version: apiVersion,
				Description: "State and commands of the telephony switch controller. The unix socket may do everything; " +
					"the TCP listener shows everything, and changes what the role of a token allows (x-roles of each operation). " +
					"Times are RFC 3339 in UTC, durations are seconds. Destinations are numbers, or kind:value as in queue:support.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{tokenScheme: {
					Type: "http", Scheme: "bearer", Description: "a secret of rest.tokens; not needed on the unix socket",
				}},
			},
		},
		// No OpenAPIPath, DocsPath and SchemasPath: the committed description is
		// served, and huma's own documentation page loads scripts from elsewhere.
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{uniform},
	}
}

// schemaName keeps the words of configuration objects apart from our own.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if strings.Contains(t.PkgPath(), "/switch/objects") {
		return "Object" + name
	}
	return name
}

// route describes one operation for huma; who may do it stands in the table
// of permissions.
type route struct {
	method, path string
	id, tag      string
	summary, doc string
	status       int   // of success; 0: 200
	maxBody      int64 // 0: 64 KiB
}

// build registers every route and returns the mux. The rules it fills are the
// only ones that the guard knows (access.go).
func (s *Server) build() *http.ServeMux {
	mux := http.NewServeMux()
	api := humago.New(mux, apiConfig())
	s.rules = map[string]rule{}
	get := func(path, id, tag, summary string) route {
		return route{method: http.MethodGet, path: path, id: id, tag: tag, summary: summary}
	}
	add(s, api, get("/api/v1/status", "getStatus", "status", "The controller on one page"), s.getStatus)
	add(s, api, get("/api/v1/snapshot", "getSnapshot", "status", "Everything at one moment"), s.getSnapshot)
	add(s, api, get("/api/v1/calls", "listCalls", "calls", "List calls"), s.getCalls)
	add(s, api, get("/api/v1/calls/{id}", "getCall", "calls", "One call, by ULID, hexadecimal id or number"), s.getCall)
	add(s, api, get("/api/v1/calls/{id}/explain", "explainCall", "calls", "Why a call went to this agent, or waits"), s.getExplanation)
	add(s, api, get("/api/v1/parking", "listParking", "calls", "The parked calls"), s.getParking)
	add(s, api, get("/api/v1/agents", "listAgents", "agents", "List agents"), s.getAgents)
	add(s, api, get("/api/v1/agents/{id}", "getAgent", "agents", "One agent"), s.getAgent)
	add(s, api, get("/api/v1/queues", "listQueues", "queues", "List queues"), s.getQueues)
	add(s, api, get("/api/v1/queues/{id}", "getQueue", "queues", "One queue"), s.getQueue)
	add(s, api, get("/api/v1/events", "streamEvents", "status", "Follow what happens (server-sent events)"), s.getEvents)
	add(s, api, get("/api/v1/audit", "listAudit", "status", "Forced actions: who did what to whom"), s.getAudit)
	add(s, api, get("/healthz", "getHealth", "monitoring", "Whether the process lives"), s.getHealth)
	add(s, api, get("/readyz", "getReady", "monitoring", "Whether calls are being served; 503 with reasons if not"), s.getReady)
	s.commands(api)
	s.dataRoutes(api)
	s.callbackRoutes(api)
	s.recordingRoutes(api)
	s.objectRoutes(api)
	s.recordRoutes(api)
	s.superviseRoutes(api)
	s.iciRoutes(api)
	s.sapphoneRoutes(api)
	s.ctipsRoutes(api)
	s.campaignRoutes(api)
	s.listRoutes(api)
	s.describe(api.OpenAPI())
	s.built = api.OpenAPI()
	s.plain(mux, "GET /api/v1/openapi.json", serveBytes("application/json", openAPI))
	if s.opts.Metrics != nil {
		s.plain(mux, "GET /metrics", s.opts.Metrics)
	}
	s.pages(mux)
	return mux
}

// permit makes a route's rule, if the table of permissions has a row for it.
func (s *Server) permit(pattern, id string, maxBody int64) roleSet {
	p, ok := permissions[id]
	if ok {
		s.rules[pattern] = rule{id: id, roles: p.roles, maxBody: maxBody}
	}
	return p.roles
}

// plain adds a route that is not part of the API.
func (s *Server) plain(mux *http.ServeMux, pattern string, h http.Handler) {
	s.permit(pattern, pattern, maxBody)
	mux.Handle(pattern, h)
}

func add[I, O any](s *Server, api huma.API, r route, h func(context.Context, *I) (*O, error)) {
	if r.maxBody == 0 {
		r.maxBody = maxBody
	}
	roles := s.permit(r.method+" "+r.path, r.id, r.maxBody)
	op := huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Description: r.doc, Tags: []string{r.tag},
		MaxBodyBytes: r.maxBody, DefaultStatus: r.status, Extensions: map[string]any{"x-roles": roles.names()},
	}
	if !roles.has(RoleReader) {
		op.Security = []map[string][]string{{tokenScheme: {}}}
	}
	huma.Register(api, op, h)
}

// tokenScheme names the way to authenticate in the description.
const tokenScheme = "token"

// describe adds what huma cannot know: our form of errors and the event stream.
func (s *Server) describe(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	problem := schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			op.Responses["default"] = &huma.Response{
				Description: "Problem (RFC 9457)",
				Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
			}
		}
	}
	delete(schemas.Map(), "ErrorModel")
	delete(schemas.Map(), "ErrorDetail")
	change := schemas.Schema(reflect.TypeFor[Event](), true, "")
	end := schemas.Schema(reflect.TypeFor[StreamEnd](), true, "")
	events := doc.Paths["/api/v1/events"].Get
	events.Description = "Messages: `snapshot` (data: Snapshot) once, then `change` (data: Event) for each event without a gap, " +
		"`alive` every 15 seconds where nothing happens, and `end` (data: StreamEnd) before the server closes the stream. " +
		"A client that comes back gets a new snapshot; Last-Event-ID is not needed."
	events.Responses["200"] = &huma.Response{
		Description: "A stream of server-sent events",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{
			Description: "the data of one message",
			OneOf:       []*huma.Schema{schemas.Schema(reflect.TypeFor[Snapshot](), true, ""), change, end},
		}}},
	}
	ready := doc.Paths["/readyz"].Get
	ready.Responses["503"] = &huma.Response{
		Description: "Not ready",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[ReadyAnswer](), true, "")}},
	}
}

// camel turns wrap-up-end into wrapUpEnd.
func camel(name string) string {
	parts := strings.Split(name, "-")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
	}
	return strings.Join(parts, "")
}

func serveBytes(contentType string, b []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(b) // the peer has gone: nobody is left to be told
	})
}

// Describe returns the description of the routes as the code has them: what
// openapi.json must be.
func (s *Server) Describe() ([]byte, error) {
	b, err := json.Marshal(s.built)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "rest: describe", "", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, fault.Wrap(fault.Internal, "rest: describe", "", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
