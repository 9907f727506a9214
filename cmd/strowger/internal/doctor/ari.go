package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"strowger/ari/arispec"
	"strowger/cmd/strowger/internal/controller"
	"strowger/switch/fault"
)

// reload makes Asterisk read http.conf and ari.conf again.
const (
	reloadHTTP = "asterisk -rx 'module reload http'"
	reloadARI  = "asterisk -rx 'module reload res_ari.so'"
	noARI      = "ARI does not answer"
)

// openARI prepares the client; nothing is sent yet.
func (e *examiner) openARI() {
	a := e.cfg.Asterisk
	e.close = func() {}
	t, err := arispec.NewHTTP(arispec.HTTPConfig{URL: controller.ARIRoot(a.ARIURL), User: a.ARIUser, Password: a.ARIPassword.Reveal(), MaxConns: 8})
	if err != nil {
		e.client = nil
		return
	}
	e.close = t.Close
	limit := min(e.timeout, a.RESTTimeout)
	if limit <= 0 {
		limit = e.timeout
	}
	e.client, err = arispec.New(arispec.Config{Transport: t, Timeout: limit})
	if err != nil {
		e.client = nil
	}
}

// reachARI asks for version and clock, and finds out why there is no answer.
func (e *examiner) reachARI(ctx context.Context) []Finding {
	url := e.cfg.Asterisk.ARIURL
	if e.client == nil {
		return []Finding{fail("ari.config", "asterisk.ari_url or asterisk.ari_user cannot be used", "", "strowger config validate")}
	}
	info, err := e.client.AsteriskGetInfo(ctx, arispec.AsteriskGetInfoParams{})
	if err != nil {
		return []Finding{e.explainARI(ctx, err)}
	}
	e.learn(func(f *facts) { f.info = info })
	return []Finding{ok("ari", "%s answers, and accepts the user %s", url, e.cfg.Asterisk.ARIUser)}
}

// explainARI turns a failed request into a finding with its own fix.
func (e *examiner) explainARI(ctx context.Context, err error) Finding {
	a := e.cfg.Asterisk
	if status, answered := arispec.Answered(err); answered {
		return e.explainStatus(ctx, status, err)
	}
	const why = "without ARI the controller cannot see or steer any call; the dialplan serves callers alone"
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail("ari.refused", "nothing listens on "+a.ARIURL+": Asterisk is not running, or its HTTP server is off", why,
			"systemctl start asterisk   and in http.conf: enabled = yes, bindaddr = 127.0.0.1, bindport = 8088; then: "+reloadHTTP)
	case errors.As(err, &dns):
		return fail("ari.name", fmt.Sprintf("the name %s in asterisk.ari_url has no address", dns.Name), why, "correct asterisk.ari_url, or add the name to /etc/hosts")
	case errors.As(err, &cert):
		return fail("ari.certificate", "the certificate of "+a.ARIURL+" is not accepted: "+cert.Err.Error(), why,
			"install its certificate authority: cp ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates")
	case errors.As(err, &record):
		return fail("ari.tls", a.ARIURL+" does not speak TLS", why, "write http:// in asterisk.ari_url, or set tlsenable = yes and tlsbindaddr in http.conf")
	case isTimeout(err):
		return fail("ari.timeout", a.ARIURL+" does not answer in time: a firewall drops the packets, or Asterisk hangs", why,
			"on the Asterisk host: asterisk -rx 'http show status'   (hangs too: systemctl restart asterisk; else open the port for this host)")
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return fail("ari.closed", a.ARIURL+" closes the connection without an answer: too many HTTP sessions, or another program", why,
			"http.conf: sessionlimit = 1000   then: "+reloadHTTP)
	}
	return fail("ari.not-ari", a.ARIURL+" does not answer as ARI does: "+rootCause(err), why,
		"asterisk -rx 'http show status'   and write the address it shows into asterisk.ari_url")
}

// explainStatus is for an error that a server answered with.
func (e *examiner) explainStatus(ctx context.Context, status int, err error) Finding {
	a := e.cfg.Asterisk
	switch status {
	case http.StatusUnauthorized:
		return fail("ari.login", fmt.Sprintf("Asterisk refuses the user %s or its password", a.ARIUser),
			"asterisk.ari_user and ari_password must be a section of ari.conf and its `password`",
			fmt.Sprintf("ari.conf: [%s] with password = the value of asterisk.ari_password   then: %s", a.ARIUser, reloadARI))
	case http.StatusForbidden:
		return fail("ari.acl", fmt.Sprintf("Asterisk does not let the user %s in from this host", a.ARIUser),
			"an ACL of the ARI user shuts this address out", fmt.Sprintf("ari.conf, [%s]: permit = this host's address   then: %s", a.ARIUser, reloadARI))
	case http.StatusNotFound:
		server, asked := e.serverName(ctx)
		if asked && !strings.HasPrefix(server, "Asterisk") {
			return fail("ari.not-asterisk", fmt.Sprintf("another server answers on %s (it calls itself %q)", a.ARIURL, server),
				"asterisk.ari_url must be the address of Asterisk's own HTTP server", "asterisk -rx 'http show status'   and write the address it shows into asterisk.ari_url")
		}
		return fail("ari.not-found", "Asterisk's HTTP server has no ARI at "+controller.ARIRoot(a.ARIURL),
			"ARI is off, its modules are not loaded, or http.conf puts a `prefix` before every path",
			"remove `prefix` from http.conf, set enabled = yes in [general] of ari.conf; then: "+reloadHTTP+"; "+reloadARI+"; asterisk -rx 'http show status'")
	}
	return fail("ari.error", fmt.Sprintf("%s answers %s", a.ARIURL, fault.ReasonOf(err)), "ARI is there and does not work", "asterisk -rx 'module show like res_ari'   and look into Asterisk's log")
}

// serverName reads how the HTTP server calls itself.
func (e *examiner) serverName(ctx context.Context) (name string, asked bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.cfg.Asterisk.ARIURL, nil)
	if err != nil {
		return "", false
	}
	t := &http.Transport{Proxy: nil}
	defer t.CloseIdleConnections()
	resp, err := t.RoundTrip(req)
	if err != nil {
		return "", false
	}
	_ = resp.Body.Close() // only the head is of interest
	name = resp.Header.Get("Server")
	return name[:min(len(name), 60)], true
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// rootCause is the innermost text, for causes without a type.
func rootCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			text := err.Error()
			return text[:min(len(text), 160)]
		}
		err = inner
	}
}

// asteriskTime asks for Asterisk's clock, and how far ours is ahead of it.
func (e *examiner) asteriskTime(ctx context.Context) (now time.Time, ahead time.Duration, err error) {
	sent := time.Now()
	pong, err := e.client.AsteriskPing(ctx)
	if err != nil {
		return time.Time{}, 0, err
	}
	middle := sent.Add(time.Since(sent) / 2)
	var d arispec.Date
	if err := d.UnmarshalJSON([]byte(`"` + pong.Timestamp + `"`)); err != nil {
		return time.Time{}, 0, fault.Wrap(fault.Invalid, "ari ping", "", err)
	}
	return d.Time, middle.Sub(d.Time), nil
}
