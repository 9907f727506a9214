package soap

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// authority issues certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// issue returns a certificate and its key, both as PEM.
func (a *authority) issue(subject pkix.Name, from, to time.Duration) (cert, key []byte) {
	a.t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: subject, NotBefore: now.Add(from), NotAfter: now.Add(to)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &k.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// put writes a certificate with its key into one file, or into two.
func (a *authority) put(file string, subject pkix.Name, from, to time.Duration) {
	a.t.Helper()
	cert, key := a.issue(subject, from, to)
	if strings.EqualFold(filepath.Ext(file), ".pem") {
		cert = append(cert, key...)
	} else {
		write(a.t, strings.TrimSuffix(file, filepath.Ext(file))+".key", key)
	}
	write(a.t, file, cert)
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// shown is the file of the certificate that a server is shown, which accepts
// those of an authority.
func shown(t *testing.T, c *ClientCertificates, by *authority) string {
	t.Helper()
	got, err := c.Pick(&tls.CertificateRequestInfo{
		AcceptableCAs: [][]byte{by.cert.RawSubject}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, Version: tls.VersionTLS13,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.list {
		if got == &c.list[i].pair {
			return filepath.Base(c.list[i].file)
		}
	}
	if len(got.Certificate) > 0 {
		t.Error("somebody else's certificate")
	}
	return ""
}

// A folder with all that may be in one: what is shown, to whom, and what is said of it.
func TestClientCertificates(t *testing.T) {
	t.Parallel()
	dir, ours, other := t.TempDir(), newAuthority(t, "ours"), newAuthority(t, "other")
	at := func(name string) string { return filepath.Join(dir, name) }
	org := []string{"Example, Inc"}
	ours.put(at("a.pem"), pkix.Name{CommonName: "switch", Organization: org}, -time.Hour, time.Hour)
	ours.put(at("b.crt"), pkix.Name{CommonName: "switch", OrganizationalUnit: []string{"Phones"}}, -time.Hour, 2*time.Hour)
	ours.put(at("expired.cer"), pkix.Name{CommonName: "switch"}, -2*time.Hour, -time.Hour)
	ours.put(at("future.PEM"), pkix.Name{CommonName: "later"}, time.Hour, 3*time.Hour)
	other.put(at("c.pem"), pkix.Name{CommonName: "elsewhere"}, -time.Hour, time.Hour)
	lonely, _ := ours.issue(pkix.Name{CommonName: "no key"}, -time.Hour, time.Hour)
	write(t, at("lonely.crt"), lonely)
	write(t, at("note.txt"), []byte("not a certificate"))
	write(t, at("huge.pem"), bytes.Repeat([]byte("x"), maxCertFile+1))
	if err := os.Mkdir(at("folder.pem"), 0o700); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]struct {
		usable         int
		ours, elsewise string
	}{
		"":                           {3, "b.crt", "c.pem"}, // the one that is valid longest
		"cn = SWITCH , ou=phones":    {1, "b.crt", ""},
		"OU=Phones,CN=switch":        {1, "b.crt", ""},
		"phone":                      {1, "b.crt", ""}, // a part of a value
		"example, inc":               {1, "a.pem", ""},
		"CN=switch":                  {0, "", ""}, // the whole subject of an expired one alone
		"switch":                     {2, "b.crt", ""},
		"elsewhere":                  {1, "", "c.pem"},
		"nobody":                     {0, "", ""},
		"CN=switch,O=Somebody else,": {0, "", ""},
	} {
		var log bytes.Buffer
		c, err := ReadClientCertificates(dir, filter, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatalf("%q: %v", filter, err)
		}
		if n, first, second := c.Usable(time.Now()), shown(t, c, ours), shown(t, c, other); n != want.usable || first != want.ours || second != want.elsewise {
			t.Errorf("%q: %d usable, shows %q and %q, want %+v", filter, n, first, second, want)
		}
		for _, left := range []string{"lonely.crt", "huge.pem"} {
			if !strings.Contains(log.String(), "level=WARN msg=\"a client certificate is left out: it cannot be loaded with its key\" file="+at(left)) {
				t.Errorf("%q: nothing is said of %s:\n%s", filter, left, log.String())
			}
		}
		if !strings.Contains(log.String(), "has expired\" file="+at("expired.cer")) || filter == "" && !strings.Contains(log.String(), "not shown yet\" file="+at("future.PEM")) {
			t.Errorf("nothing is said of those that are not valid:\n%s", log.String())
		}
		if none := strings.Contains(log.String(), "no client certificate can be shown"); none != (want.usable == 0) {
			t.Errorf("%q: none is said to be there: %v", filter, none)
		}
		if strings.Contains(log.String(), "PRIVATE") {
			t.Error("a key is in the log")
		}
	}
	files := CertificateFiles(dir)
	for _, want := range []string{dir, at("a.pem"), at("b.crt"), at("b.key"), at("lonely.crt")} {
		if !slices.Contains(files, want) {
			t.Errorf("%s is not watched", want)
		}
	}
	if slices.Contains(files, at("note.txt")) {
		t.Error("what is none is watched")
	}
}

func TestFolderOfCertificatesIsBounded(t *testing.T) {
	t.Parallel()
	dir, ca := t.TempDir(), newAuthority(t, "ours")
	if _, err := ReadClientCertificates(filepath.Join(dir, "none"), "", slog.New(slog.DiscardHandler)); !fault.Is(err, fault.Invalid) {
		t.Errorf("no folder: %v", err)
	}
	cert, key := ca.issue(pkix.Name{CommonName: "x"}, -time.Hour, time.Hour)
	for i := range maxCertFiles + 1 {
		write(t, filepath.Join(dir, fmt.Sprintf("%03d.pem", i)), append(cert[:len(cert):len(cert)], key...))
	}
	if _, err := ReadClientCertificates(dir, "", slog.New(slog.DiscardHandler)); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many: %v", err)
	}
	junk := t.TempDir()
	for i := range maxCertFiles + 1 {
		write(t, filepath.Join(junk, fmt.Sprintf("%03d.pem", i)), []byte("no certificate"))
	}
	if _, err := ReadClientCertificates(junk, "", slog.New(slog.DiscardHandler)); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many files that are none: %v", err)
	}
}
