package ici

import (
	"errors"
	"strings"
	"testing"

	"strowger/switch/fault"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	good := DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for key, spoil := range map[string]func(*Config){
		"listen":             func(c *Config) { c.Listen = "8181" },
		"basePath":           func(c *Config) { c.BasePath = "OII" },
		"publicURL":          func(c *Config) { c.PublicURL = "http://x/path" },
		"allowClients":       func(c *Config) { c.AllowClients = nil },
		"password":           func(c *Config) { c.User = "crm" },
		"tlsKey":             func(c *Config) { c.TLSCert = "x" },
		"tlsClientCA":        func(c *Config) { c.TLSClientCA = "x" },
		"callbackHosts":      func(c *Config) { c.CallbackHosts = []string{"http://crm"} },
		"callbackNets":       func(c *Config) { c.CallbackNets = []string{"10.0.0.0/33"} },
		"callbackKey":        func(c *Config) { c.CallbackCert = "x" },
		"maxBody":            func(c *Config) { c.MaxBody = 0 },
		"soapWait":           func(c *Config) { c.SoapWait = 2 * c.SoapTimeout },
		"busyStatusDuration": func(c *Config) { c.BusyStatusDuration = 0 },
		"cadMaxBytes":        func(c *Config) { c.CadMaxBytes = MaxAttachedData + 1 },
		"faultHttpStatus":    func(c *Config) { c.FaultHTTPStatus = 404 },
		"childNamespace":     func(c *Config) { c.ChildNamespace = "" },
		"eventStyle":         func(c *Config) { c.EventStyle = "document" },
		"capabilityProfile":  func(c *Config) { c.CapabilityProfile = "loose" },
	} {
		c := DefaultConfig()
		spoil(&c)
		var e *fault.Error
		if err := c.Validate(); !errors.As(err, &e) || e.Kind != fault.Invalid || e.Subject != key || e.Reason == "" {
			t.Errorf("%s: %v", key, err)
		}
	}
	c := DefaultConfig()
	c.CallbackNets = nil
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "callbackNets") {
		t.Errorf("hosts without networks: %v", err)
	}
	c.AllowClients = []string{"10.1.2.3", "10.2.0.9/16"}
	nets, err := c.Clients()
	if err != nil || len(nets) != 2 || nets[0].String() != "10.1.2.3/32" || nets[1].String() != "10.2.0.0/16" {
		t.Errorf("%v, %v", nets, err)
	}
	c.EventStyle = eventStyleAuto
	if !c.qualifiedEvents("http://x/?style=document") || c.qualifiedEvents("http://x/") {
		t.Error("eventStyle auto does not follow the appUrl")
	}
	if tls, err := c.ServerTLS(); tls != nil || err != nil {
		t.Errorf("TLS is on by default: %v", err)
	}
}
