package soap

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"strowger/switch/fault"
)

// Certificates names PEM files: our own certificate with its key, and the
// authorities that the other side's certificate must be of. Empty: none.
type Certificates struct {
	Cert, Key string
	CA        string
}

// ServerTLS loads what a listener needs: with CA set, clients must show a
// certificate of it. It returns nil when there is no certificate. Errors are
// fault.Invalid, with the file as subject.
func (c Certificates) ServerTLS() (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	out, pool, err := c.load()
	if err == nil && pool != nil {
		out.ClientCAs, out.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	return out, err
}

// ClientTLS loads what a client needs. It returns nil for the system's defaults.
func (c Certificates) ClientTLS() (*tls.Config, error) {
	if c.CA == "" && c.Cert == "" {
		return nil, nil
	}
	out, pool, err := c.load()
	if err == nil {
		out.RootCAs = pool
	}
	return out, err
}

func (c Certificates) load() (*tls.Config, *x509.CertPool, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, nil, &fault.Error{Kind: fault.Invalid, Op: "tls", Subject: c.Cert, Reason: "the certificate or its key cannot be loaded", Err: err}
		}
		out.Certificates = []tls.Certificate{pair}
	}
	if c.CA == "" {
		return out, nil, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, nil, &fault.Error{Kind: fault.Invalid, Op: "tls", Subject: c.CA, Reason: "the file cannot be read", Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, fault.New(fault.Invalid, "tls", c.CA, "the file holds no PEM certificate")
	}
	return out, pool, nil
}

// Renewable is what a listener is opened with whose certificates change while it
// is open: every connection has those that now returns, which is never nil.
func Renewable(now func() *tls.Config) *tls.Config {
	out := now().Clone()
	out.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return now(), nil }
	return out
}
