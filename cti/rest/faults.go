package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/fault"
	"strowger/switch/objects"
)

// Problem is an error answer (RFC 9457, application/problem+json). Programs
// read Kind and Retryable, people read Detail.
type Problem struct {
	Type      string         `json:"type" doc:"urn:strowger:fault: and the kind"`
	Title     string         `json:"title" doc:"the HTTP status in words"`
	Status    int            `json:"status" doc:"HTTP status"`
	Kind      string         `json:"kind" doc:"what the caller can do about it"`
	Detail    string         `json:"detail" doc:"what, why and what to do"`
	Subject   string         `json:"subject,omitempty" doc:"id that it is about"`
	Retryable bool           `json:"retryable" doc:"the same request is safe to repeat and may succeed later"`
	Errors    []ProblemField `json:"errors,omitempty" doc:"each part of the request that is wrong"`
	// Problems are the mistakes in configuration objects.
	Problems []objects.Problem `json:"problems,omitempty" doc:"each mistake in the configuration objects, with its line"`

	retryAfter int
	challenge  bool // a token is wanted
}

// ProblemField is one mistake in a request.
type ProblemField struct {
	Location string `json:"location" doc:"such as body.state or query.limit"`
	Message  string `json:"message"`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// Error implements error.
func (p *Problem) Error() string { return p.Kind + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.challenge {
		h.Set("WWW-Authenticate", `Bearer realm="strowger"`)
	}
	return h
}

type answer struct {
	status     int
	retryAfter int // seconds; 0: no such header
}

// answers is the whole mapping from fault kinds to HTTP. It is never changed.
var answers = map[fault.Kind]answer{
	fault.Internal:    {status: http.StatusInternalServerError},
	fault.Invalid:     {status: http.StatusUnprocessableEntity},
	fault.NotFound:    {status: http.StatusNotFound},
	fault.Conflict:    {status: http.StatusConflict},
	fault.Denied:      {status: http.StatusForbidden},
	fault.Unsupported: {status: http.StatusNotImplemented},
	fault.Busy:        {status: http.StatusServiceUnavailable, retryAfter: 1},
	fault.Unavailable: {status: http.StatusServiceUnavailable, retryAfter: 5},
	fault.Unknown:     {status: http.StatusGatewayTimeout},
	fault.Overrun:     {status: http.StatusServiceUnavailable, retryAfter: 1},
	fault.Stale:       {status: http.StatusPreconditionFailed},
	fault.Stopped:     {status: http.StatusServiceUnavailable, retryAfter: 5},
}

// problemOf turns an error into its answer. The text of a defect stays in the log.
func problemOf(err error) *Problem {
	kind := fault.KindOf(err)
	a, ok := answers[kind]
	if !ok {
		kind, a = fault.Internal, answers[fault.Internal]
	}
	p := newProblem(a.status, kind, fault.ReasonOf(err))
	p.retryAfter = a.retryAfter
	p.Retryable = fault.Retryable(err)
	p.Subject = subjectOf(err)
	var mistakes objects.Problems
	if errors.As(err, &mistakes) {
		p.Problems = mistakes
	}
	if kind == fault.Internal {
		p.Detail = "a defect of the controller; its log says more"
	}
	return p
}

func newProblem(status int, kind fault.Kind, detail string) *Problem {
	word := strings.ReplaceAll(kind.String(), " ", "-")
	return &Problem{
		Type: "urn:strowger:fault:" + word, Title: http.StatusText(status), Status: status, Kind: word, Detail: detail,
	}
}

// write answers outside of huma.
func (p *Problem) write(w http.ResponseWriter) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the peer has gone: nobody is left to be told
}

// uniform is a huma.Transformer: it gives huma's own validation errors the
// shape of ours.
func uniform(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	kind := fault.Invalid
	if m.Status >= http.StatusInternalServerError {
		kind = fault.Internal
	}
	p := newProblem(m.Status, kind, m.Detail)
	for _, e := range m.Errors {
		if e != nil {
			p.Errors = append(p.Errors, ProblemField{Location: e.Location, Message: e.Message})
		}
	}
	if len(p.Errors) > 0 && p.Errors[0].Location != "" {
		p.Detail = p.Errors[0].Location + ": " + p.Errors[0].Message
	}
	return p, nil
}

func subjectOf(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Subject
	}
	return ""
}
