package peercheck

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"strowger/switch/fault"
)

// Results of a step.
const (
	OK      = "ok"
	Warning = "warning"
	Failed  = "failed"
	Skipped = "skipped"
)

// Step is one line of the report.
type Step struct {
	Name   string  `json:"name"`
	Result string  `json:"result"`
	Millis float64 `json:"ms"`
	Detail string  `json:"detail,omitempty"`
	Events any     `json:"events,omitempty"` // a list of what was told meanwhile, where the check keeps it
}

// Report is the outcome of a check.
type Report struct {
	URL   string `json:"url"`
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
}

// Skip and Warn are the ends of steps that are no failures: there was nothing to
// do, and it works but should be looked at.
type (
	Skip string
	Warn string
)

func (s Skip) Error() string { return string(s) }
func (w Warn) Error() string { return string(w) }

// Probe is a step to make; see [Essential] and [Part].
type Probe struct {
	name      string
	essential bool
	do        func(context.Context) (detail string, err error)
}

// Essential is a step without which the others make no sense. do returns what
// there is to say when it works.
func Essential(name string, do func(context.Context) (detail string, err error)) Probe {
	return Probe{name: name, essential: true, do: do}
}

// Part is a step that the others can do without.
func Part(name string, do func(context.Context) (detail string, err error)) Probe {
	return Probe{name: name, do: do}
}

// Run makes the steps in order, to the end or to the first essential one that
// fails. done, which may be nil, is handed each when it is over.
func Run(ctx context.Context, at string, probes []Probe, done func(*Step)) Report {
	report := Report{URL: at, OK: true}
	for _, p := range probes {
		began := time.Now()
		detail, err := p.do(ctx)
		step := Step{Name: p.name, Result: OK, Millis: float64(time.Since(began).Microseconds()) / 1000, Detail: detail}
		if err != nil {
			step.Result, step.Detail = resultOf(err), cmp.Or(fault.ReasonOf(err), err.Error())
		}
		if done != nil {
			done(&step)
		}
		report.Steps = append(report.Steps, step)
		if step.Result != Failed {
			continue
		}
		report.OK = false
		if p.essential {
			break
		}
	}
	return report
}

func resultOf(err error) string {
	switch err.(type) {
	case Skip:
		return Skipped
	case Warn:
		return Warning
	}
	return Failed
}

// Address reads the address of an interface. Its error, fault.Invalid of op, is
// the advice.
func Address(op, raw, advice string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, op, raw, advice)
	}
	return u, nil
}

// Client makes the client that asks. ca is a PEM file of the authority of an
// https interface, empty for the system's. Errors are fault.Invalid of op.
func Client(op, ca string, wait time.Duration) (*http.Client, error) {
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, op, ca, err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Invalid, op, ca, "the file holds no PEM certificate")
		}
	}
	return &http.Client{
		Timeout: wait, Transport: &http.Transport{TLSClientConfig: secure, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext},
	}, nil
}

// Sink is where the interface sends to.
type Sink struct {
	URL string
	// Bad has what was wrong with it first.
	Bad chan error

	http *http.Server
	done chan struct{}
}

// Listen opens a sink at host:port, whose URL has that path. Errors are
// fault.Invalid of op.
func Listen(ctx context.Context, op, addr, path string, h http.Handler) (*Sink, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, addr, "cannot listen for events: "+err.Error()+"; give another --callback")
	}
	s := &Sink{
		URL: "http://" + l.Addr().String() + path, Bad: make(chan error, 1),
		http: &http.Server{Handler: h, ReadTimeout: 10 * time.Second}, done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.Trouble(err)
		}
	}()
	return s, nil
}

// Trouble notes what is wrong with what was sent.
func (s *Sink) Trouble(err error) {
	select {
	case s.Bad <- err:
	default: // one is enough
	}
}

// Close ends it; nobody waits for an answer any more.
func (s *Sink) Close() {
	_ = s.http.Close() // the sender is on its own
	<-s.done
}
