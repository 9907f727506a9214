package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
)

// SAPphone is the interface of RFC function modules, as its operators see it.
type SAPphone interface {
	Status() SAPphoneStatus
	// Start ends a stop; Stop has functions refused and no calls announced.
	Start()
	Stop()
	// Reload reads the configuration file again.
	Reload(ctx context.Context) error
}

// SAPphoneStatus is the answer to GET /api/v1/sapphone.
type SAPphoneStatus struct {
	State         string           `json:"state" enum:"running,stopped"`
	Address       string           `json:"address" doc:"where SOAP-RFC listens"`
	TLS           bool             `json:"tls"`
	ServerName    string           `json:"server_name,omitempty" doc:"what SAP calls this switch; without it no call is announced"`
	Waiting       int              `json:"waiting" doc:"agents in SPS_WAITFORCALL"`
	Registered    int              `json:"registered" doc:"extensions whose calls are announced"`
	Conversations int              `json:"conversations" doc:"open now, of all ways"`
	Calls         uint64           `json:"calls" doc:"functions that were called"`
	Refused       uint64           `json:"refused" doc:"of them answered with another return code than 000"`
	Announced     uint64           `json:"announced" doc:"calls and ends of calls that a SAP system has taken"`
	Lost          uint64           `json:"lost" doc:"announcements that were given up"`
	Gateways      []string         `json:"gateways" nullable:"false" doc:"ports for destinations of type T"`
	Systems       []SAPphoneSystem `json:"systems" nullable:"false" doc:"SAP systems that are told of calls"`
}

// SAPphoneSystem is a SAP system that is told of calls.
type SAPphoneSystem struct {
	URL    string `json:"url"`
	Client string `json:"client,omitempty"`
	State  string `json:"state" enum:"works,failing,left alone" doc:"by its last answers"`
}

func (s *Server) sapphoneRoutes(api huma.API) {
	at := func(method, path, id, summary string) route {
		return route{method: method, path: "/api/v1/sapphone" + path, id: id, tag: "sapphone", summary: summary}
	}
	add(s, api, at(http.MethodGet, "", "getSAPphone", "The interface of RFC function modules on one page"), func(context.Context, *noInput) (*body[SAPphoneStatus], error) {
		i, err := s.sapphone()
		if err != nil {
			return nil, s.problem("sapphone", err)
		}
		return reply(i.Status()), nil
	})
	for _, o := range []struct {
		name, id, summary string
		do                func(context.Context, SAPphone) error
	}{
		{"start", "startSAPphone", "Serve SAP systems again after a stop", func(_ context.Context, i SAPphone) error { i.Start(); return nil }},
		{"stop", "stopSAPphone", "Refuse functions, end waits and announce nothing; calls go on", func(_ context.Context, i SAPphone) error { i.Stop(); return nil }},
		{"reload", "reloadSAPphone", "Read the configuration file again", func(ctx context.Context, i SAPphone) error { return i.Reload(ctx) }},
	} {
		add(s, api, at(http.MethodPost, "/"+o.name, o.id, o.summary), func(ctx context.Context, _ *noInput) (*body[SAPphoneStatus], error) {
			return s.onSAPphone(ctx, o.id, o.do)
		})
	}
}

// sapphone is the interface, where it is served.
func (s *Server) sapphone() (SAPphone, error) {
	if s.opts.SAPphone == nil {
		return nil, fault.New(fault.NotFound, "sapphone", "", "the interface is off: set sapphone.enabled in the configuration, and restart")
	}
	return s.opts.SAPphone, nil
}

// onSAPphone does what an administrator wants, and leaves a record of it.
func (s *Server) onSAPphone(ctx context.Context, id string, do func(context.Context, SAPphone) error) (*body[SAPphoneStatus], error) {
	i, err := s.sapphone()
	if err != nil {
		return nil, s.problem("sapphone", err)
	}
	o := order{id: id, subject: "sapphone"}
	e, err := s.intend(ctx, o)
	if err != nil {
		return nil, s.problem("sapphone", err)
	}
	err = do(ctx, i)
	s.outcome(ctx, e, o, err)
	if err != nil {
		return nil, s.problem("sapphone", err)
	}
	return reply(i.Status()), nil
}
