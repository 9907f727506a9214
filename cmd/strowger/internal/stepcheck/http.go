package stepcheck

import (
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

const (
	dialTimeout = 5 * time.Second
	readTimeout = 10 * time.Second // of a message to the callback
)

// URL checks the address of an interface; example is one that would do, as who
// has to be given it.
func URL(op, raw, who, example string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fault.New(fault.Invalid, op, raw, "write the address that "+who+" given, such as "+example)
	}
	return u, nil
}

// Client asks an interface. ca is a PEM file of the authority of one over https;
// empty: the system's.
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
		Timeout: wait, Transport: &http.Transport{TLSClientConfig: secure, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext},
	}, nil
}

// Receiver is the callback of a check.
type Receiver struct {
	URL string
	Bad chan error // the first thing that went wrong

	http *http.Server
	done chan struct{}
}

// Receive listens at addr; what comes to path is h's.
func Receive(ctx context.Context, op, addr, path string, h http.Handler) (*Receiver, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, addr, "cannot listen for events: "+err.Error()+"; give another --callback")
	}
	r := &Receiver{URL: "http://" + l.Addr().String() + path, Bad: make(chan error, 1), done: make(chan struct{})}
	r.http = &http.Server{Handler: h, ReadTimeout: readTimeout}
	go func() {
		defer close(r.done)
		if err := r.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			r.Trouble(err)
		}
	}()
	return r, nil
}

// Close ends the receiver.
func (r *Receiver) Close() {
	_ = r.http.Close() // nobody waits for an answer any more
	<-r.done
}

// Trouble notes what went wrong.
func (r *Receiver) Trouble(err error) {
	select {
	case r.Bad <- err:
	default: // one is enough
	}
}
