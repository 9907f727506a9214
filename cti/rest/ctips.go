package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
)

// CTIPS is the interface for applications of CTI Portal Server, as its
// operators see it.
type CTIPS interface {
	Status() CTIPSStatus
	Sessions() []CTIPSSession
	// Close ends a session; false: there is none of that id.
	Close(id string) bool
	// Reload reads the configuration file again.
	Reload(ctx context.Context) error
}

// CTIPSStatus is the answer to GET /api/v1/ctips.
type CTIPSStatus struct {
	Listeners  []CTIPSListener   `json:"listeners" nullable:"false"`
	Sessions   int               `json:"sessions" doc:"open now"`
	Opened     uint64            `json:"opened" doc:"sessions since the start"`
	Refused    map[string]uint64 `json:"refused" doc:"sessions that were not opened, by why"`
	Ended      map[string]uint64 `json:"ended" doc:"sessions that are over, by why"`
	Requests   uint64            `json:"requests"`
	Faults     uint64            `json:"faults" doc:"requests refused"`
	Pending    int               `json:"pending" doc:"requests whose outcome is awaited"`
	Late       uint64            `json:"late" doc:"outcomes that have not come in time"`
	Sent       uint64            `json:"sent" doc:"events that clients have taken"`
	Lost       uint64            `json:"lost" doc:"events that they have not, or that were dropped with a session"`
	Waiting    int64             `json:"waiting" doc:"events in queues"`
	Heartbeats uint64            `json:"heartbeats"`
	Missed     uint64            `json:"missed" doc:"heartbeats without an answer"`

	LastError   string     `json:"last_error,omitempty" doc:"the last thing that has gone wrong: a session that was not opened, a callback that was not answered"`
	LastErrorAt *time.Time `json:"last_error_at,omitempty"`
	Restart     []string   `json:"restart" nullable:"false" doc:"keys of ctips that were changed, and come into force at the next start"`
}

// CTIPSListener is an address on which the interface is served.
type CTIPSListener struct {
	Number      int    `json:"number"`
	Address     string `json:"address"`
	TLS         bool   `json:"tls"`
	Sessions    int    `json:"sessions"`
	MaxSessions int    `json:"max_sessions"`
	Deaf        bool   `json:"deaf" doc:"the switch's events do not reach it at the moment"`
}

// CTIPSSession is a session of a client application.
type CTIPSSession struct {
	ID            string     `json:"id" doc:"for operators: listener and number; what the client shows is kept secret"`
	User          string     `json:"user"`
	Tenant        int32      `json:"tenant"`
	Peer          string     `json:"peer" doc:"address of the client"`
	Callback      string     `json:"callback" doc:"where its events go"`
	State         string     `json:"state" enum:"opening,opened,online,offline,closed"`
	Since         time.Time  `json:"since"`
	LastRequest   time.Time  `json:"last_request_at"`
	LastHeartbeat *time.Time `json:"last_heartbeat_at,omitempty" doc:"that was answered"`
	Classes       []string   `json:"classes" nullable:"false" doc:"of events that it has registered for"`
	Filters       []string   `json:"filters" nullable:"false"`
	Sent          uint64     `json:"sent"`
	Lost          uint64     `json:"lost"`
	Waiting       int64      `json:"waiting"`
	Missed        int64      `json:"missed" doc:"heartbeats in a row"`
	LastError     string     `json:"last_error,omitempty" doc:"the last thing that has gone wrong with it"`
	LastErrorAt   *time.Time `json:"last_error_at,omitempty"`
}

// CTIPSSessions is the answer to GET /api/v1/ctips/sessions.
type CTIPSSessions struct {
	Sessions []CTIPSSession `json:"sessions" nullable:"false"`
}

type ctipsSessionInput struct {
	ID string `path:"id" pattern:"^[0-9]{1,3}-[0-9]{1,18}$" doc:"of GET /api/v1/ctips/sessions"`
}

func (s *Server) ctipsRoutes(api huma.API) {
	at := func(method, path, id, summary string) route {
		return route{method: method, path: "/api/v1/ctips" + path, id: id, tag: "ctips", summary: summary}
	}
	add(s, api, at(http.MethodGet, "", "getCTIPS", "The interface for applications of CTI Portal Server on one page"), func(context.Context, *noInput) (*body[CTIPSStatus], error) {
		i, err := s.ctips()
		if err != nil {
			return nil, s.problem("ctips", err)
		}
		return reply(i.Status()), nil
	})
	add(s, api, at(http.MethodGet, "/sessions", "listCTIPSSessions", "Sessions of client applications"), func(context.Context, *noInput) (*body[CTIPSSessions], error) {
		i, err := s.ctips()
		if err != nil {
			return nil, s.problem("ctips", err)
		}
		return reply(CTIPSSessions{i.Sessions()}), nil
	})
	add(s, api, at(http.MethodPost, "/sessions/{id}/close", "closeCTIPSSession", "Close a session; its client has to open another"), func(ctx context.Context, in *ctipsSessionInput) (*body[CTIPSStatus], error) {
		return s.onCTIPS(ctx, order{id: "closeCTIPSSession", subject: "ctips", detail: "session " + in.ID}, func(i CTIPS) error {
			if !i.Close(in.ID) {
				return fault.New(fault.NotFound, "ctips: close", in.ID, "there is no session of this id")
			}
			return nil
		})
	})
	add(s, api, at(http.MethodPost, "/reload", "reloadCTIPS", "Read the configuration file again"), func(ctx context.Context, _ *noInput) (*body[CTIPSStatus], error) {
		return s.onCTIPS(ctx, order{id: "reloadCTIPS", subject: "ctips"}, func(i CTIPS) error { return i.Reload(ctx) })
	})
}

// ctips is the interface, where it is served.
func (s *Server) ctips() (CTIPS, error) {
	if s.opts.CTIPS == nil {
		return nil, fault.New(fault.NotFound, "ctips", "", "the interface is off: set ctips.enabled in the configuration, and restart")
	}
	return s.opts.CTIPS, nil
}

// onCTIPS does what an overseer wants, and leaves a record of it.
func (s *Server) onCTIPS(ctx context.Context, o order, do func(CTIPS) error) (*body[CTIPSStatus], error) {
	i, err := s.ctips()
	if err != nil {
		return nil, s.problem("ctips", err)
	}
	e, err := s.intend(ctx, o)
	if err != nil {
		return nil, s.problem("ctips", err)
	}
	err = do(i)
	s.outcome(ctx, e, o, err)
	if err != nil {
		return nil, s.problem("ctips", err)
	}
	return reply(i.Status()), nil
}
