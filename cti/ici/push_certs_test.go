package ici

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/cti/session"
	"strowger/switch/fault"
)

// mutual is a CRM that wants to see a certificate, and the authority of all.
type mutual struct {
	t    *testing.T
	ca   *x509.Certificate
	key  *ecdsa.PrivateKey
	url  string
	seen chan string // who has shown a certificate
}

func newMutual(t *testing.T) *mutual {
	t.Helper()
	m := &mutual{t: t, seen: make(chan string, 10)}
	var err error
	if m.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	m.ca = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der := m.sign(m.ca, &m.key.PublicKey)
	if m.ca, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	own, err := tls.X509KeyPair(m.issue("crm", time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(m.ca)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { m.seen <- r.TLS.PeerCertificates[0].Subject.CommonName }))
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	m.url = srv.URL
	return m
}

func (m *mutual) sign(template *x509.Certificate, key *ecdsa.PublicKey) []byte {
	m.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, m.ca, key, m.key)
	if err != nil {
		m.t.Fatal(err)
	}
	return der
}

// issue makes a certificate for that time, and its key.
func (m *mutual) issue(name string, d time.Duration) (cert, key []byte) {
	m.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		m.t.Fatal(err)
	}
	der := m.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(d), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, &k.PublicKey)
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		m.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// file writes a certificate into a folder.
func (m *mutual) file(dir, name string, d time.Duration) {
	m.t.Helper()
	cert, key := m.issue(name, d)
	if err := os.WriteFile(filepath.Join(dir, name+".pem"), append(cert, key...), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// send sends one event there.
func (m *mutual) send(p *Push) error {
	m.t.Helper()
	return p.send(m.t.Context(), session.Message{Name: "userChanged", URL: m.url, Body: []byte("<x/>")}, func() {})
}

// TestClientCertificateOfAFolder: a CRM that asks is shown the certificate of the
// folder that the settings pick, a new one as soon as they are read again, and one
// that has expired never.
func TestClientCertificateOfAFolder(t *testing.T) {
	t.Parallel()
	m, dir, ca := newMutual(t), t.TempDir(), filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.ca.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	m.file(dir, "old", -time.Minute)
	cfg := DefaultConfig()
	cfg.CallbackCA, cfg.CallbackCertDir = ca, dir
	p, err := NewPush(cfg, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.send(p); err == nil || p.ClientCertificates() != 0 {
		t.Errorf("an expired certificate is shown: %v", err)
	}
	m.file(dir, "one", time.Minute)
	m.file(dir, "two", 2*time.Minute)
	for _, c := range []struct{ subject, want string }{{"", "two"}, {"CN=one", "one"}, {"ONE", "one"}} {
		cfg.CallbackCertSubject = c.subject
		if err := p.apply(cfg); err != nil {
			t.Fatal(err)
		}
		if err := m.send(p); err != nil {
			t.Errorf("%q: %v", c.subject, err)
			continue
		}
		if got := <-m.seen; got != c.want {
			t.Errorf("%q: %s is shown, want %s", c.subject, got, c.want)
		}
	}
	if p.ClientCertificates() != 1 {
		t.Errorf("%d can be shown", p.ClientCertificates())
	}
	for key, change := range map[string]func(*Config){
		"callbackCertDir":     func(c *Config) { c.CallbackCert, c.CallbackKey = "x", "y" },
		"callbackCertSubject": func(c *Config) { c.CallbackCertDir, c.CallbackCertSubject = "", "x" },
	} {
		bad := cfg
		change(&bad)
		if err := bad.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", key, err)
		}
	}
	cfg.CallbackCertDir = filepath.Join(dir, "none")
	if err := p.apply(cfg); !fault.Is(err, fault.Invalid) {
		t.Errorf("no folder: %v", err)
	}
}
