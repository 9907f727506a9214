package ctipscheck

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"strowger/cti/ctips"
	"strowger/switch/fault"
)

// Options say what is checked.
type Options struct {
	URL      string        // of the service
	User     string        // of OpenConnection; empty: strowger-check
	Password string        // of the user
	Tenant   int32         // TenantId; 0: 1
	CA       string        // PEM file of the authority of an https interface; empty: the system's
	Callback string        // address to receive events at, host:port; empty: a free port of the address that reaches the server
	Agent    string        // login name of an agent; empty: none
	Station  string        // where the agent logs in; empty: the agent's own
	Act      bool          // log the agent in and out
	Wait     time.Duration // for an answer or an event; default 10 s
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
}

// Report is the outcome of a check.
type Report struct {
	URL   string `json:"url"`
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
}

const (
	op          = "ctips check"
	defaultUser = "strowger-check"
	defaultWait = 10 * time.Second
)

// check is a check under way.
type check struct {
	opt     Options
	base    *url.URL
	http    *http.Client
	sink    *sink
	session string // the id, once there is one
	request int32  // the last RequestId
	agent   int32  // the agent's number, once logged in
}

// essential marks steps without which the others make no sense.
const essential = true

// Run checks an interface. Its error says that the check itself could not be
// made (fault.Invalid: an option); what the interface does wrong is in the report.
func Run(ctx context.Context, opt Options) (Report, error) {
	c, err := newCheck(ctx, opt)
	if err != nil {
		return Report{}, err
	}
	defer c.sink.close()
	defer c.http.CloseIdleConnections()
	defer c.leave(ctx)
	report := Report{URL: opt.URL, OK: true}
	for _, s := range c.steps() {
		began := time.Now()
		detail, err := s.do(ctx)
		step := Step{Name: s.name, Result: OK, Millis: float64(time.Since(began).Microseconds()) / 1000, Detail: detail}
		if err != nil {
			step.Result, step.Detail = resultOf(err), cmp.Or(fault.ReasonOf(err), err.Error())
		}
		report.Steps = append(report.Steps, step)
		report.OK = report.OK && step.Result != Failed
		if step.Result == Failed && s.essential {
			break
		}
	}
	return report, nil
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

func failed(format string, args ...any) error {
	return fault.Newf(fault.Invalid, op, "", format, args...)
}

func newCheck(ctx context.Context, opt Options) (*check, error) {
	u, err := url.Parse(opt.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, op, opt.URL, "write the address that applications are given, such as http://127.0.0.1:8731"+ctips.DefaultPath)
	}
	if opt.Act && opt.Agent == "" {
		return nil, fault.New(fault.Invalid, op, "", "--act needs --agent: the agent is logged in and out")
	}
	opt.User, opt.Tenant, opt.Wait = cmp.Or(opt.User, defaultUser), cmp.Or(opt.Tenant, 1), cmp.Or(opt.Wait, defaultWait)
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if opt.CA != "" {
		pem, err := os.ReadFile(opt.CA)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, op, opt.CA, err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Invalid, op, opt.CA, "the file holds no PEM certificate")
		}
	}
	c := &check{opt: opt, base: u, http: &http.Client{
		Timeout: opt.Wait, Transport: &http.Transport{TLSClientConfig: secure, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext},
	}}
	at := opt.Callback
	if at == "" {
		if at, err = ownAddress(ctx, u); err != nil {
			return nil, err
		}
	}
	c.sink, err = listen(ctx, at)
	return c, err
}

// ownAddress is the address by which this machine reaches the server, and so
// the one that the server can call back.
func ownAddress(ctx context.Context, u *url.URL) (string, error) {
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", fault.New(fault.Unavailable, op, u.Host, "no connection: "+err.Error()+"; is the controller running, and its ctips.listen reachable from here?")
	}
	defer func() { _ = conn.Close() }() // it has told what it was asked
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return "", fault.Wrap(fault.Internal, op, u.Host, err)
	}
	return net.JoinHostPort(host, "0"), nil
}

// leave closes a session that a failed step has left open.
func (c *check) leave(ctx context.Context) {
	if c.session != "" {
		_, _ = c.ask(context.WithoutCancel(ctx), "CloseConnection", &ctips.CloseConnectionArgs{SessionID: c.session}) // it is closed for want of heartbeats otherwise
	}
}
