package ici

import (
	"crypto/tls"
	"log/slog"
	"sync/atomic"

	"strowger/cti/soap"
)

// ServerTLS loads the listener's certificate. It returns nil when TLS is off.
func (c *Config) ServerTLS() (*tls.Config, error) {
	return c.certificates().ServerTLS()
}

// callbackTLS loads what https callbacks need. Its configuration is nil for the
// system's defaults, its certificates are where there is a folder of them.
func (c *Config) callbackTLS(log *slog.Logger) (*tls.Config, *soap.ClientCertificates, error) {
	out, err := soap.Certificates{Cert: c.CallbackCert, Key: c.CallbackKey, CA: c.CallbackCA}.ClientTLS()
	if err != nil || c.CallbackCertDir == "" {
		return out, nil, err
	}
	certs, err := soap.ReadClientCertificates(c.CallbackCertDir, c.CallbackCertSubject, log)
	if err != nil {
		return nil, nil, err
	}
	if out == nil {
		out = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	out.GetClientCertificate = certs.Pick
	return out, certs, nil
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
	if c.now.Load() == nil {
		return nil
	}
	return soap.Renewable(c.now.Load)
}

// certificates are those of the listener.
func (c *Config) certificates() soap.Certificates {
	return soap.Certificates{Cert: c.TLSCert, Key: c.TLSKey, CA: c.TLSClientCA}
}
