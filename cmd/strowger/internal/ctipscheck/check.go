package ctipscheck

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
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

// Run checks an interface. Its error says that the check itself could not be
// made (fault.Invalid: an option); what the interface does wrong is in the report.
func Run(ctx context.Context, opt Options) (peercheck.Report, error) {
	c, err := newCheck(ctx, opt)
	if err != nil {
		return peercheck.Report{}, err
	}
	defer c.sink.Close()
	defer c.http.CloseIdleConnections()
	defer c.leave(ctx)
	return peercheck.Run(ctx, opt.URL, c.steps(), nil), nil
}

func failed(format string, args ...any) error {
	return fault.Newf(fault.Invalid, op, "", format, args...)
}

func newCheck(ctx context.Context, opt Options) (*check, error) {
	u, err := peercheck.Address(op, opt.URL, "write the address that applications are given, such as http://127.0.0.1:8731"+ctips.DefaultPath)
	if err != nil {
		return nil, err
	}
	if opt.Act && opt.Agent == "" {
		return nil, fault.New(fault.Invalid, op, "", "--act needs --agent: the agent is logged in and out")
	}
	opt.User, opt.Tenant, opt.Wait = cmp.Or(opt.User, defaultUser), cmp.Or(opt.Tenant, 1), cmp.Or(opt.Wait, defaultWait)
	client, err := peercheck.Client(op, opt.CA, opt.Wait)
	if err != nil {
		return nil, err
	}
	c := &check{opt: opt, base: u, http: client}
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
