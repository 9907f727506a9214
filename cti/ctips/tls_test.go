package ctips

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
)

// Over https in both directions: the client has to show a certificate to us,
// and we trust the authority of its callback and show ours there.
func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key, trusting := ctitest.Certificate(t)
	r := newRig(t, func(c *Config) {
		c.TLS = soap.Certificates{Cert: cert, Key: key, CA: cert}
		c.CallbackTLS = soap.Certificates{Cert: cert, Key: key, CA: cert}
	})
	r.url = strings.Replace(r.url, "http:", "https:", 1)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	bare := trusting.Transport.(*http.Transport)
	shown := bare.Clone()
	shown.TLSClientConfig.Certificates = []tls.Certificate{pair}
	r.http = &http.Client{Transport: shown}

	s := unstarted()
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: bare.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	c := r.opened(s)
	c.all()
	c.must("OnLine", &OnLineArgs{c.head()})
	c.beat(t)
	c.hold(1, 2, 3)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 2 {
		t.Errorf("got %+v", got)
	}

	strange := newSink(t)
	if got := r.opens(openArgs(strings.Replace(strange.URL, "http:", "https:", 1))); got.Status != int32(StatusNoAnswer) {
		t.Errorf("a callback that speaks no TLS: %+v", got)
	}
	if resp, err := trusting.Get(r.url + "?wsdl"); err == nil { //nolint:noctx // a test
		_ = resp.Body.Close()
		t.Error("a client without a certificate was let in")
	}
}

// Callbacks go to servers of known authorities only.
func TestUntrustedCallback(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := unstarted()
	s.StartTLS() // with the certificate of a test
	t.Cleanup(s.Close)
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusNoAnswer) || len(s.started) != 0 {
		t.Errorf("%+v", got)
	}
}

// Clients outside the list are not served.
func TestSourceFilter(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.AllowClients = []string{"127.0.0.3"} })
	resp, _ := r.post("text/xml", "", []byte("x"))
	if resp.StatusCode != http.StatusForbidden || r.srv.Guard().Denied.Load() != 1 {
		t.Errorf("status %d", resp.StatusCode)
	}
}
