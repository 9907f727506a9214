package ici

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"sync/atomic"

	"strowger/switch/fault"
)

// ServerTLS loads the listener's certificate. It returns nil when TLS is off.
func (c *Config) ServerTLS() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := addCertificate(out, "tlsCert", c.TLSCert, c.TLSKey); err != nil {
		return nil, err
	}
	if c.TLSClientCA != "" {
		pool, err := authorities("tlsClientCA", c.TLSClientCA)
		if err != nil {
			return nil, err
		}
		out.ClientCAs, out.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	return out, nil
}

// callbackTLS loads what https callbacks need. It returns nil for the
// system's defaults.
func (c *Config) callbackTLS() (*tls.Config, error) {
	if c.CallbackCA == "" && c.CallbackCert == "" {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CallbackCert != "" {
		if err := addCertificate(out, "callbackCert", c.CallbackCert, c.CallbackKey); err != nil {
			return nil, err
		}
	}
	if c.CallbackCA != "" {
		pool, err := authorities("callbackCA", c.CallbackCA)
		if err != nil {
			return nil, err
		}
		out.RootCAs = pool
	}
	return out, nil
}

// certificates is the listener's TLS configuration of this moment: a
// certificate that was renewed is used from the next connection on.
type certificates struct{ now atomic.Pointer[tls.Config] }

// load reads the files again.
func (c *certificates) load(cfg *Config) error {
	next, err := cfg.ServerTLS()
	if err == nil {
		c.now.Store(next)
	}
	return err
}

// config is what the listener is opened with; nil: TLS is off.
func (c *certificates) config() *tls.Config {
	first := c.now.Load()
	if first == nil {
		return nil
	}
	out := first.Clone()
	out.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.now.Load(), nil }
	return out
}

func addCertificate(out *tls.Config, key, certFile, keyFile string) error {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Op: "ici: config", Subject: key, Reason: "the certificate or its key cannot be loaded", Err: err}
	}
	out.Certificates = []tls.Certificate{pair}
	return nil
}

func authorities(key, file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "ici: config", Subject: key, Reason: "the file cannot be read", Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, "ici: config", key, "the file holds no PEM certificate")
	}
	return pool, nil
}
