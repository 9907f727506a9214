package icicheck

import (
	"context"
	"net/http"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
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

// check is a check under way.
type check struct {
	opt    Options
	http   *http.Client
	events *events
	line   string // the agent's line, once known
	mode   string // the work mode to go back to
	told   []Told // of the call of the step under way
}

const opCheck = "ici check"

// Run checks an interface. Its error says that the check itself could not be
// made (fault.Invalid: an option); what the interface does wrong is in the report.
func Run(ctx context.Context, opt Options) (peercheck.Report, error) {
	c, err := newCheck(opt)
	if err != nil {
		return peercheck.Report{}, err
	}
	if c.events, err = listen(ctx, c.opt.Callback); err != nil {
		return peercheck.Report{}, err
	}
	defer c.events.Close()
	defer c.http.CloseIdleConnections()
	return peercheck.Run(ctx, opt.URL, []peercheck.Probe{
		peercheck.Essential("GET answers 200", c.landing),
		peercheck.Part("descriptions (?wsdl)", c.descriptions),
		peercheck.Essential("exchangeProductInformation", c.product),
		peercheck.Part("both namespace styles", c.styles),
		peercheck.Part("fault of an unknown user (2/2)", c.unknownUser),
		peercheck.Part("getWorkcenterCapability", c.workcenter),
		peercheck.Part("getAttributes, ping", c.ping),
		peercheck.Part("getUserPresence", c.presence),
		peercheck.Part("getPresenceQueueInfo", c.queues),
		peercheck.Part("figures of agents (IciMonitor)", c.figures),
		peercheck.Essential("getAttributes, login", c.login),
		peercheck.Essential("subscribe to the user", c.subscribeUser),
		peercheck.Part("subscribe to the line", c.subscribeLine),
		peercheck.Part("work mode and its event", c.workmode),
		peercheck.Part("a call is made (--dial)", c.makes),
		peercheck.Part("a call comes in (--call)", c.takes),
		peercheck.Part("unsubscribe", c.unsubscribe),
	}, func(s *peercheck.Step) {
		if c.told != nil {
			s.Events, c.told = c.told, nil
		}
	}), nil
}

func newCheck(opt Options) (*check, error) {
	if _, err := peercheck.Address(opCheck, opt.URL, "write the address that the CRM is given, such as http://127.0.0.1:8181"+ici.DefaultBasePath); err != nil {
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
	opt.User = strings.TrimSpace(opt.User)
	client, err := peercheck.Client(opCheck, opt.CA, opt.Wait)
	return &check{opt: opt, http: client}, err
}
