package icicheck

import (
	"context"
	"net/http"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/stepcheck"
	"strowger/cti/ici"
	"strowger/switch/fault"
)

// opCheck is what errors begin with.
const opCheck = "ici check"

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

// Step is one line of the report.
type Step struct {
	stepcheck.Step
	Events []Told `json:"events,omitempty"` // of a call, in their order
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
	defer c.events.Close()
	defer c.http.CloseIdleConnections()
	steps := []struct {
		name      string
		essential bool
		do        func(context.Context) (string, error)
	}{
		{"GET answers 200", stepcheck.Essential, c.landing},
		{"descriptions (?wsdl)", false, c.descriptions},
		{"exchangeProductInformation", stepcheck.Essential, c.product},
		{"both namespace styles", false, c.styles},
		{"fault of an unknown user (2/2)", false, c.unknownUser},
		{"getWorkcenterCapability", false, c.workcenter},
		{"getAttributes, ping", false, c.ping},
		{"getUserPresence", false, c.presence},
		{"getPresenceQueueInfo", false, c.queues},
		{"figures of agents (IciMonitor)", false, c.figures},
		{"getAttributes, login", stepcheck.Essential, c.login},
		{"subscribe to the user", stepcheck.Essential, c.subscribeUser},
		{"subscribe to the line", false, c.subscribeLine},
		{"work mode and its event", false, c.workmode},
		{"a call is made (--dial)", false, c.makes},
		{"a call comes in (--call)", false, c.takes},
		{"unsubscribe", false, c.unsubscribe},
	}
	c.report = Report{URL: opt.URL, OK: true}
	for _, s := range steps {
		c.told = nil
		step := Step{Step: stepcheck.Do(s.name, func() (string, error) { return s.do(ctx) })}
		step.Events = c.told
		c.report.Steps = append(c.report.Steps, step)
		if step.Result == stepcheck.Failed {
			c.report.OK = false
			if s.essential {
				break
			}
		}
	}
	return c.report, nil
}

func newCheck(opt Options) (*check, error) {
	if _, err := stepcheck.URL(opCheck, opt.URL, "the CRM is", "http://127.0.0.1:8181"+ici.DefaultBasePath); err != nil {
		return nil, err
	}
	if opt.Wait <= 0 {
		opt.Wait = 10 * time.Second
	}
	if opt.CallWait <= 0 {
		opt.CallWait = time.Minute
	}
	if (opt.Dial != "" || opt.Call) && (opt.User == "" || !opt.Act) {
		return nil, fault.New(fault.Invalid, opCheck, "", "calls need --user and --act: the agent is logged in for them")
	}
	if opt.Dial != "" && ici.CheckNumber(opt.Dial) != nil {
		return nil, fault.New(fault.Invalid, opCheck, opt.Dial, "a number is a plus sign, if any, and digits")
	}
	if opt.Callback == "" {
		opt.Callback = "127.0.0.1:0"
	}
	client, err := stepcheck.Client(opCheck, opt.CA, opt.Wait)
	if err != nil {
		return nil, err
	}
	opt.User = strings.TrimSpace(opt.User)
	return &check{opt: opt, http: client}, nil
}
