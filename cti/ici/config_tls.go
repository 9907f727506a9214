package ici

import (
	"crypto/tls"

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
