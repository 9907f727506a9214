package ici

import (
	"crypto/tls"
	"sync/atomic"

	"strowger/cti/soap"
)

// ServerTLS loads the listener's certificate. It returns nil when TLS is off.
func (c *Config) ServerTLS() (*tls.Config, error) {
	return soap.Certificates{Cert: c.TLSCert, Key: c.TLSKey, CA: c.TLSClientCA}.ServerTLS()
}

// callbackTLS loads what https callbacks need. It returns nil for the
// system's defaults.
func (c *Config) callbackTLS() (*tls.Config, error) {
	return soap.Certificates{Cert: c.CallbackCert, Key: c.CallbackKey, CA: c.CallbackCA}.ClientTLS()
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
