package icicheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"strowger/cti/ici"
	"strowger/switch/fault"
)

// Options say what is checked.
type Options struct {
	URL      string        // of the interface
	Login    string        // HTTP Basic user, empty: none
	Password string        // of Login
	CA       string        // PEM file of the authority of an https interface; empty: the system's
	User     string        // agent for whom to subscribe; empty: only what needs none
	Callback string        // address to receive events at, host:port; empty: a free port of the loopback
	Act      bool          // change the agent's work mode and back, log them in
	Wait     time.Duration // for an event; default 10 s
	Dial     string        // number that the agent calls; empty: none. Needs Act
	Call     bool          // wait for a call to the agent and go through it. Needs Act
	CallWait time.Duration // for somebody to answer Dial, or to call; default 1 min
}

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
	Events []Told  `json:"events,omitempty"` // of a call, in their order
}

// Report is the outcome of a check.
type Report struct {
	URL   string `json:"url"`
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
}

// check is a check under way.
type check struct {
	opt    Options
	http   *http.Client
	events *events
	report Report
	line   string // the agent's line, once known
	mode   string // the work mode to go back to
	told   []Told // of the call of the step under way
}

// essential marks steps without which the others make no sense.
const essential = true

// Run checks an interface. Its error says that the check itself could not be
// made (fault.Invalid: an option); what the interface does wrong is in the report.
func Run(ctx context.Context, opt Options) (Report, error) {
	c, err := newCheck(opt)
	if err != nil {
		return Report{}, err
	}
	if c.events, err = listen(ctx, c.opt.Callback); err != nil {
		return Report{}, err
	}
	defer c.events.close()
	defer c.http.CloseIdleConnections()
	steps := []struct {
		name      string
		essential bool
		do        func(context.Context) (string, error)
	}{
		{"GET answers 200", essential, c.landing},
		{"descriptions (?wsdl)", false, c.descriptions},
		{"exchangeProductInformation", essential, c.product},
		{"both namespace styles", false, c.styles},
		{"fault of an unknown user (2/2)", false, c.unknownUser},
		{"getWorkcenterCapability", false, c.workcenter},
		{"getAttributes, ping", false, c.ping},
		{"getUserPresence", false, c.presence},
		{"getPresenceQueueInfo", false, c.queues},
		{"figures of agents (IciMonitor)", false, c.figures},
		{"getAttributes, login", essential, c.login},
		{"subscribe to the user", essential, c.subscribeUser},
		{"subscribe to the line", false, c.subscribeLine},
		{"work mode and its event", false, c.workmode},
		{"a call is made (--dial)", false, c.makes},
		{"a call comes in (--call)", false, c.takes},
		{"unsubscribe", false, c.unsubscribe},
	}
	c.report = Report{URL: opt.URL, OK: true}
	for _, s := range steps {
		began := time.Now()
		c.told = nil
		detail, err := s.do(ctx)
		step := Step{Name: s.name, Result: OK, Millis: float64(time.Since(began).Microseconds()) / 1000, Detail: detail, Events: c.told}
		if err != nil {
			step.Result, step.Detail = resultOf(err), fault.ReasonOf(err)
		}
		c.report.Steps = append(c.report.Steps, step)
		if step.Result == Failed {
			c.report.OK = false
			if s.essential {
				break
			}
		}
	}
	return c.report, nil
}

// skip and warn are the ends of steps that are no failures.
type (
	skip string
	warn string
)

func (s skip) Error() string { return string(s) }
func (w warn) Error() string { return string(w) }

func resultOf(err error) string {
	switch err.(type) {
	case skip:
		return Skipped
	case warn:
		return Warning
	}
	return Failed
}

func newCheck(opt Options) (*check, error) {
	u, err := url.Parse(opt.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, "ici check", opt.URL, "write the address that the CRM is given, such as http://127.0.0.1:8181"+ici.DefaultBasePath)
	}
	if opt.Wait <= 0 {
		opt.Wait = 10 * time.Second
	}
	if opt.CallWait <= 0 {
		opt.CallWait = time.Minute
	}
	if (opt.Dial != "" || opt.Call) && (opt.User == "" || !opt.Act) {
		return nil, fault.New(fault.Invalid, "ici check", "", "calls need --user and --act: the agent is logged in for them")
	}
	if opt.Dial != "" && ici.CheckNumber(opt.Dial) != nil {
		return nil, fault.New(fault.Invalid, "ici check", opt.Dial, "a number is a plus sign, if any, and digits")
	}
	if opt.Callback == "" {
		opt.Callback = "127.0.0.1:0"
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if opt.CA != "" {
		pem, err := os.ReadFile(opt.CA)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "ici check", opt.CA, err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Invalid, "ici check", opt.CA, "the file holds no PEM certificate")
		}
	}
	opt.User = strings.TrimSpace(opt.User)
	return &check{opt: opt, http: &http.Client{
		Timeout: opt.Wait, Transport: &http.Transport{TLSClientConfig: secure, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext},
	}}, nil
}
