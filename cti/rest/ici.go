package rest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
)

// ICI is the interface for CRM systems, as its operators see it.
type ICI interface {
	Status() ICIStatus
	Clients() []ICIClient
	Items() []ICIItem
	Users() []ICIUser
	Queues() []ICIQueue
	Subscriptions() []ICISubscription
	Traced() []ICITraced
	// Start ends a stop; Stop has requests refused and no events sent.
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	// Reload reads the configuration file again.
	Reload(ctx context.Context) error
	// SetLogLevel changes how much is logged for a while.
	SetLogLevel(level string, d time.Duration) error
	// Trace keeps messages for a while; 0 ends it.
	Trace(d time.Duration, filter string) error
}

// ICIStatus is the answer to GET /api/v1/ici.
type ICIStatus struct {
	State           string     `json:"state" enum:"connected,not connected,paused,stopped"`
	Product         string     `json:"product"`
	Version         string     `json:"version"`
	HostID          string     `json:"host_id"`
	Address         string     `json:"address" doc:"where it listens"`
	TLS             bool       `json:"tls"`
	Started         *time.Time `json:"started_at,omitempty"`
	Time            time.Time  `json:"time"`
	Clients         int        `json:"clients" doc:"agents who are logged in"`
	Items           int        `json:"items"`
	Users           int        `json:"users"`
	Queues          int        `json:"queues"`
	Subscriptions   int        `json:"subscriptions" doc:"pairs of subscription and target"`
	Open            int        `json:"open" doc:"events sent that were not answered yet"`
	OpenMax         int        `json:"open_max" doc:"the most at once"`
	Workers         int        `json:"workers" doc:"limit of that for one CRM address"`
	Waiting         int        `json:"waiting" doc:"events in queues"`
	WaitingMax      int        `json:"waiting_max"`
	Sent            uint64     `json:"sent" doc:"events answered by a CRM"`
	Failed          uint64     `json:"failed" doc:"events given up"`
	Discarded       uint64     `json:"discarded" doc:"events dropped with an ended subscription"`
	ShortestSeconds float64    `json:"shortest_seconds" doc:"from an event to the CRM's reply"`
	AverageSeconds  float64    `json:"average_seconds"`
	LongestSeconds  float64    `json:"longest_seconds"`
	Requests        uint64     `json:"requests"`
	Faults          uint64     `json:"faults" doc:"requests refused"`
	LogLevel        string     `json:"log_level"`
	LogErrors       uint64     `json:"log_errors"`
	LogWarnings     uint64     `json:"log_warnings"`
	LastError       string     `json:"last_error,omitempty"`
	LastErrorAt     *time.Time `json:"last_error_at,omitempty"`
	TraceUntil      *time.Time `json:"trace_until,omitempty"`
	TraceFilter     string     `json:"trace_filter,omitempty"`
	Traced          int        `json:"traced" doc:"messages that GET /api/v1/ici/trace returns"`
	TraceLost       uint64     `json:"trace_lost" doc:"older ones, for want of room"`
}

// ICIClient is an agent's line.
type ICIClient struct {
	Line     string `json:"line"`
	User     string `json:"user"`
	Works    bool   `json:"works" doc:"calls can reach it"`
	LoggedIn bool   `json:"logged_in"`
	Followed bool   `json:"followed" doc:"a CRM has subscribed to it"`
}

// ICIItem is a call of an agent that a CRM knows.
type ICIItem struct {
	Handle     string `json:"handle"`
	Line       string `json:"line"`
	User       string `json:"user"`
	Status     string `json:"status"`
	Processing string `json:"processing"`
	Inbound    bool   `json:"inbound"`
	Call       string `json:"call" doc:"ULID"`
}

// ICIUser is an agent as a CRM is told.
type ICIUser struct {
	User     string   `json:"user"`
	Workmode string   `json:"workmode"`
	Queues   []string `json:"queues" nullable:"false"`
	Followed bool     `json:"followed"`
}

// ICIQueue is a queue under the id that a CRM knows.
type ICIQueue struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Queue string `json:"queue" doc:"the switch's own id"`
}

// ICISubscription is one application instance of a CRM.
type ICISubscription struct {
	Number    uint64     `json:"number"`
	AppURL    string     `json:"app_url" doc:"without its query"`
	AppID     string     `json:"app_id"`
	Users     []string   `json:"users" nullable:"false"`
	Lines     []string   `json:"lines" nullable:"false"`
	Forms     []string   `json:"forms" nullable:"false" doc:"figures that it watches: form, interval, instances"`
	Since     time.Time  `json:"since"`
	Sent      uint64     `json:"sent"`
	Failed    uint64     `json:"failed"`
	LastEvent string     `json:"last_event,omitempty"`
	LastAt    *time.Time `json:"last_at,omitempty"`
	LastError string     `json:"last_error,omitempty"`
}

// ICITraced is a message of a trace, its secrets left out.
type ICITraced struct {
	Time    time.Time `json:"time"`
	Event   bool      `json:"event" doc:"sent by the switch; else a request of a CRM"`
	Name    string    `json:"name"`
	Peer    string    `json:"peer"`
	Seconds float64   `json:"seconds"`
	Outcome string    `json:"outcome"`
	Request string    `json:"request"`
	Answer  string    `json:"answer,omitempty"`
}

// ICIList is the answer to the lists below /api/v1/ici/; what was not asked for
// is missing.
type ICIList struct {
	Clients       []ICIClient       `json:"clients,omitempty"`
	Items         []ICIItem         `json:"items,omitempty"`
	Users         []ICIUser         `json:"users,omitempty"`
	Queues        []ICIQueue        `json:"queues,omitempty"`
	Subscriptions []ICISubscription `json:"subscriptions,omitempty"`
	Trace         []ICITraced       `json:"trace,omitempty"`
}

// ICITraceRequest is the body of POST /api/v1/ici/trace.
type ICITraceRequest struct {
	Minutes int    `json:"minutes" minimum:"0" maximum:"60" doc:"how long messages are kept; 0 ends the trace"`
	Filter  string `json:"filter,omitempty" maxLength:"100" doc:"only messages that contain it: a user, an operation"`
}

// ICILogRequest is the body of POST /api/v1/ici/log-level.
type ICILogRequest struct {
	Level   string `json:"level" enum:"debug,info,warn,error" doc:"of the whole controller"`
	Minutes int    `json:"minutes" minimum:"1" maximum:"1440" doc:"then the configured level is back"`
}

type (
	iciTraceInput struct{ Body ICITraceRequest }
	iciLogInput   struct{ Body ICILogRequest }
)

func (s *Server) iciRoutes(api huma.API) {
	at := func(method, path, id, summary string) route {
		return route{method: method, path: "/api/v1/ici" + path, id: id, tag: "ici", summary: summary}
	}
	add(s, api, at(http.MethodGet, "", "getICI", "The interface for CRM systems on one page"), s.getICI)
	for _, l := range []struct {
		name, id, summary string
		read              func(ICI) ICIList
	}{
		{"clients", "listICIClients", "Agents' lines", func(i ICI) ICIList { return ICIList{Clients: i.Clients()} }},
		{"items", "listICIItems", "Calls that a CRM knows", func(i ICI) ICIList { return ICIList{Items: i.Items()} }},
		{"users", "listICIUsers", "Agents as a CRM is told", func(i ICI) ICIList { return ICIList{Users: i.Users()} }},
		{"queues", "listICIQueues", "Queues under the ids that a CRM knows", func(i ICI) ICIList { return ICIList{Queues: i.Queues()} }},
		{"subscriptions", "listICISubscriptions", "Who is sent events", func(i ICI) ICIList { return ICIList{Subscriptions: i.Subscriptions()} }},
		{"trace", "getICITrace", "Messages that a trace has kept, without secrets", func(i ICI) ICIList { return ICIList{Trace: i.Traced()} }},
	} {
		add(s, api, at(http.MethodGet, "/"+l.name, l.id, l.summary), func(context.Context, *noInput) (*body[ICIList], error) {
			i, err := s.ici()
			if err != nil {
				return nil, s.problem("ici", err)
			}
			return reply(l.read(i)), nil
		})
	}
	for _, o := range []struct {
		name, id, summary string
		do                func(context.Context, ICI) error
	}{
		{"start", "startICI", "Serve CRM systems again after a stop", func(ctx context.Context, i ICI) error { return i.Start(ctx) }},
		{"stop", "stopICI", "Refuse requests of CRM systems and send no events; calls go on", func(ctx context.Context, i ICI) error { return i.Stop(ctx) }},
		{"reload", "reloadICI", "Read the configuration file again", func(ctx context.Context, i ICI) error { return i.Reload(ctx) }},
	} {
		add(s, api, at(http.MethodPost, "/"+o.name, o.id, o.summary), func(ctx context.Context, _ *noInput) (*body[ICIStatus], error) {
			return s.onICI(ctx, o.id, "", o.do)
		})
	}
	add(s, api, at(http.MethodPost, "/trace", "traceICI", "Keep the messages of the next minutes, without secrets"), func(ctx context.Context, in *iciTraceInput) (*body[ICIStatus], error) {
		return s.onICI(ctx, "traceICI", strconv.Itoa(in.Body.Minutes)+" minutes", func(_ context.Context, i ICI) error {
			return i.Trace(time.Duration(in.Body.Minutes)*time.Minute, in.Body.Filter)
		})
	})
	add(s, api, at(http.MethodPost, "/log-level", "setICILogLevel", "Log more or less for a while"), func(ctx context.Context, in *iciLogInput) (*body[ICIStatus], error) {
		return s.onICI(ctx, "setICILogLevel", in.Body.Level+" for "+strconv.Itoa(in.Body.Minutes)+" minutes", func(_ context.Context, i ICI) error {
			return i.SetLogLevel(in.Body.Level, time.Duration(in.Body.Minutes)*time.Minute)
		})
	})
}

// ici is the interface, where it is served.
func (s *Server) ici() (ICI, error) {
	if s.opts.ICI == nil {
		return nil, fault.New(fault.NotFound, "ici", "", "the interface is off: set ici.enabled in the configuration, and restart")
	}
	return s.opts.ICI, nil
}

func (s *Server) getICI(context.Context, *noInput) (*body[ICIStatus], error) {
	i, err := s.ici()
	if err != nil {
		return nil, s.problem("ici", err)
	}
	return reply(i.Status()), nil
}

// onICI does what an administrator wants, and leaves a record of it.
func (s *Server) onICI(ctx context.Context, id, detail string, do func(context.Context, ICI) error) (*body[ICIStatus], error) {
	i, err := s.ici()
	if err != nil {
		return nil, s.problem("ici", err)
	}
	o := order{id: id, subject: "ici", detail: detail}
	e, err := s.intend(ctx, o)
	if err != nil {
		return nil, s.problem("ici", err)
	}
	err = do(ctx, i)
	s.outcome(ctx, e, o, err)
	if err != nil {
		return nil, s.problem("ici", err)
	}
	return reply(i.Status()), nil
}
