package ici

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Limits of a trace.
const (
	maxTraced     = 500       // messages kept; older ones are lost
	maxTracedSize = 16 << 10  // bytes of one message
	MaxTraceTime  = time.Hour // then it switches itself off
)

// Traced is one message of a trace, without secrets: data of applications,
// notes, digits and texts are left out, and of telephone numbers all but the
// last three digits.
type Traced struct {
	At      time.Time
	Out     bool   // an event of ours; else a request of the CRM
	Name    string // of the operation or event
	Peer    string // address of the CRM, without its query
	Took    time.Duration
	Outcome string // ok, or what went wrong
	Request string // the message
	Answer  string // empty for an event
}

// TraceState says what is being traced.
type TraceState struct {
	Until  time.Time // zero: nothing
	Filter string
	Kept   int
	Lost   uint64 // overwritten by newer ones
}

// Tracer keeps the last messages while it is switched on.
type Tracer struct {
	mu     sync.Mutex
	until  time.Time
	filter string
	ring   []Traced
	next   int
	lost   uint64
}

// On starts a trace of at most [MaxTraceTime], with what the last one has kept
// thrown away. Only messages that contain filter are kept; empty: all.
func (t *Tracer) On(d time.Duration, filter string) error {
	if d <= 0 || d > MaxTraceTime {
		return fault.New(fault.Invalid, "ici: trace", "", "a trace lasts more than nothing and at most an hour")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until, t.filter, t.ring, t.next, t.lost = time.Now().Add(d), strings.ToLower(strings.TrimSpace(filter)), nil, 0, 0
	return nil
}

// Off ends the trace; what was kept can still be read.
func (t *Tracer) Off() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = time.Time{}
}

// Messages returns what was kept, oldest first.
func (t *Tracer) Messages() []Traced {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(append(make([]Traced, 0, len(t.ring)), t.ring[t.next:]...), t.ring[:t.next]...)
}

func (t *Tracer) state() TraceState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TraceState{Until: t.until, Filter: t.filter, Kept: len(t.ring), Lost: t.lost}
}

func (t *Tracer) on() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Now().Before(t.until)
}

// keep adds a message whose texts still have their secrets.
func (t *Tracer) keep(m Traced) {
	if !t.on() {
		return
	}
	m.Request, m.Answer, m.Peer = masked(m.Request), masked(m.Answer), withoutQuery(m.Peer)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.filter != "" && !strings.Contains(strings.ToLower(m.Name+" "+m.Request), t.filter) {
		return
	}
	if len(t.ring) < maxTraced {
		t.ring = append(t.ring, m)
		return
	}
	t.ring[t.next] = m
	t.next = (t.next + 1) % maxTraced
	t.lost++
}

var (
	// secretElements hold what callers, agents and applications have said.
	secretElements = regexp.MustCompile(`(<(?:[\w.-]+:)?(?:attachedData|extraData|notes|digits|dtmf|content|contentText|itemData|postingText|appUrl|description)(?:\s[^<>]*)?>)[^<]+(</)`)
	// markup inside a text is a document of somebody's.
	innerDocument = regexp.MustCompile(`>[^<>]*&lt;[^<]*<`)
	wholeNumber   = regexp.MustCompile(`>\s*\+?[0-9]+([0-9]{3})\s*<`)
)

// masked leaves the secrets of a message out.
func masked(text string) string {
	if len(text) > maxTracedSize {
		text = text[:maxTracedSize]
		text = text[:strings.LastIndexByte(text, '<')+1] // no half of a secret at the end
	}
	text = secretElements.ReplaceAllString(text, "${1}(left out)${2}")
	text = innerDocument.ReplaceAllString(text, ">(left out)<")
	return wholeNumber.ReplaceAllString(text, ">...${1}<")
}

func withoutQuery(url string) string {
	url, _, _ = strings.Cut(url, "?")
	return url
}

// traced keeps a request of the CRM.
func (s *Server) traced(r *soap.Request, req *Request, reply Reply, began time.Time, err error) {
	if !s.trace.on() {
		return
	}
	m := Traced{At: began, Name: req.Op.String(), Peer: r.Remote, Took: time.Since(began), Outcome: "ok"}
	if err != nil {
		m.Outcome = fault.ReasonOf(err)
	}
	m.Request = written(func(out *soap.Encoder) error {
		return EncodeRequest(out, req.Op, req.Params, Style{SendDTMF: s.now().SendDTMFOperation})
	})
	if err == nil {
		m.Answer = written(func(out *soap.Encoder) error { return EncodeResponse(out, req, reply, s.now().Style()) })
	}
	s.trace.keep(m)
}

// written is what a message looks like; a defect shows instead of it.
func written(write func(*soap.Encoder) error) string {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := write(out); err != nil {
		return "it cannot be shown: " + fault.ReasonOf(err)
	}
	out.EndEnvelope()
	body, err := out.Bytes()
	if err != nil {
		return "it cannot be shown: " + fault.ReasonOf(err)
	}
	return string(body)
}
