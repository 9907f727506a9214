package ctitest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/switch/fault"
)

// Server is an adapter's server.
type Server interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Serve starts an adapter's server on a switch. It is stopped at the end of the
// test, and has to leave no subscription then.
func Serve(t testing.TB, fake *FakeSwitch, srv Server) {
	t.Helper()
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
		if n := fake.Watchers(); n != 0 {
			t.Errorf("%d subscriptions to the switch are left", n)
		}
	})
}

// StartsOnce checks that a server that runs cannot be started again, nor one at
// its address; that it can be stopped twice; and that it does not start after that.
func StartsOnce(t testing.TB, running, sameAddress Server) {
	t.Helper()
	if err := sameAddress.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("an address in use: %v", err)
	}
	if err := running.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second start: %v", err)
	}
	for range 2 {
		if err := running.Stop(t.Context()); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if err := running.Start(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("a start after the stop: %v", err)
	}
	if err := sameAddress.Stop(t.Context()); err != nil {
		t.Errorf("stop of a server that never ran: %v", err)
	}
}

// DeafSwitch checks that a server does not start on a switch that cannot be watched.
func DeafSwitch(t testing.TB, fake *FakeSwitch, srv Server) {
	t.Helper()
	fake.Fail(fault.New(fault.Busy, "watch", "", "too many readers"))
	if err := srv.Start(t.Context()); !fault.Is(err, fault.Busy) {
		t.Errorf("a switch that cannot be watched: %v", err)
	}
}

// Certificate makes a certificate for 127.0.0.1, which is also localhost, in two
// PEM files, and a client that trusts it.
func Certificate(t testing.TB) (certFile, keyFile string, client *http.Client) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(client.CloseIdleConnections)
	return pemFile(t, "cert.pem", "CERTIFICATE", der), pemFile(t, "key.pem", "PRIVATE KEY", keyDER), client
}

func pemFile(t testing.TB, name, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
