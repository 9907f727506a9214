package ici

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Defaults of [Config].
const (
	DefaultListen          = "127.0.0.1:8181" // loopback: nobody else until the site says so
	DefaultBasePath        = "/OII/OII.asmx"  // what CRM destinations of this interface are set to
	DefaultMaxBody         = 1 << 20          // bytes of a request
	DefaultMaxInFlight     = 256              // requests served at once
	DefaultProductName     = "Strowger"       // in exchangeProductInformation
	DefaultICIVersion      = "3.07"           // of the specification that is followed
	DefaultFaultHTTPStatus = 500              // SOAP 1.1 section 6.2
	defaultLoopback4       = "127.0.0.0/8"
	defaultLoopback6       = "::1/128"
	defaultLoopbackName    = "localhost"
	namespaceQualified     = "qualified"
	namespaceUnqualified   = "unqualified"
)

// Config holds every setting of the ICI adapter. [DefaultConfig] fills it,
// Validate checks it. Durations are Go durations, sizes are bytes.
type Config struct {
	Enabled   bool   `json:"enabled"`   // serve the interface at all; default false
	Listen    string `json:"listen"`    // address and port, default DefaultListen
	BasePath  string `json:"basePath"`  // path of the base URL, default DefaultBasePath; the services are beside it
	PublicURL string `json:"publicURL"` // scheme://host[:port] written into the WSDL; default: what the client used

	AllowClients []string `json:"allowClients"` // networks that may connect, default loopback
	User         string   `json:"user"`         // HTTP Basic user; empty switches authentication off
	Password     string   `json:"password"`     // its password; never logged
	MaxBody      int64    `json:"maxBody"`      // bytes of a request, default 1 MiB
	MaxInFlight  int      `json:"maxInFlight"`  // requests served at once, default 256

	TLSCert     string `json:"tlsCert"`     // PEM file; switches TLS on together with TLSKey
	TLSKey      string `json:"tlsKey"`      // PEM file
	TLSClientCA string `json:"tlsClientCA"` // PEM file; when set, clients must show a certificate of this authority

	ChildNamespace   string `json:"childNamespace"`   // of responses: qualified (default) or unqualified
	CmsHostID        string `json:"cmsHostId"`        // identifies this switch to the CRM; default: given by the caller
	CmsHostIDOutside bool   `json:"cmsHostIdOutside"` // repeat cmsHostId after response, default true
	FaultHTTPStatus  int    `json:"faultHttpStatus"`  // 500 (default) or 200 for peers that drop bodies of failed requests

	CallSettings
	StaffSettings
	DataSettings
	DeliverySettings
	MonitorSettings

	ProductName    string `json:"productName"`    // in exchangeProductInformation
	ProductVersion string `json:"productVersion"` // in exchangeProductInformation; given by the caller
	ICIVersion     string `json:"iciVersion"`     // in exchangeProductInformation
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Listen: DefaultListen, BasePath: DefaultBasePath,
		AllowClients: []string{defaultLoopback4, defaultLoopback6},
		MaxBody:      DefaultMaxBody, MaxInFlight: DefaultMaxInFlight,
		ChildNamespace: namespaceQualified, CmsHostIDOutside: true, FaultHTTPStatus: DefaultFaultHTTPStatus,
		ProductName: DefaultProductName, ICIVersion: DefaultICIVersion,
		CallSettings: defaultCallSettings(), StaffSettings: defaultStaffSettings(),
		DataSettings: defaultDataSettings(), DeliverySettings: defaultDeliverySettings(),
		MonitorSettings: defaultMonitorSettings(),
	}
}

// Validate checks every setting and returns the first that is wrong as
// fault.Invalid, with the key as subject.
func (c *Config) Validate() error {
	for _, check := range []func() error{
		c.checkListener, c.checkNumbers, c.checkStyle,
		c.CallSettings.validate, c.StaffSettings.validate, c.DataSettings.validate, c.DeliverySettings.validate, c.MonitorSettings.validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// opConfig is what errors about the configuration are of.
const opConfig = "ici: config"

func wrong(key, format string, args ...any) error {
	return fault.New(fault.Invalid, opConfig, key, fmt.Sprintf(format, args...))
}

func (c *Config) checkListener() error {
	door := soap.Door{Listen: c.Listen, Path: c.BasePath, Allow: c.AllowClients, User: c.User, Password: c.Password, TLS: c.certificates()}
	if err := door.Check(opConfig, "basePath", DefaultBasePath, "the CRM"); err != nil {
		return err
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
			return wrong("publicURL", "must be http://host:port or https://host:port without a path")
		}
	}
	return nil
}

func (c *Config) checkNumbers() error {
	if err := positive([]setting{{"maxBody", c.MaxBody}, {"maxInFlight", int64(c.MaxInFlight)}}); err != nil {
		return err
	}
	if c.FaultHTTPStatus != 200 && c.FaultHTTPStatus != 500 {
		return wrong("faultHttpStatus", "must be 500 or 200")
	}
	return nil
}

func (c *Config) checkStyle() error {
	return choice("childNamespace", c.ChildNamespace, namespaceQualified, namespaceUnqualified)
}

// setting is a number with the key it is set by.
type setting struct {
	key string
	n   int64
}

// positive refuses the first number that is not above zero.
func positive(list []setting) error {
	for _, p := range list {
		if p.n <= 0 {
			return wrong(p.key, "must be greater than zero")
		}
	}
	return nil
}

// choice refuses a word that is not among the allowed.
func choice(key, value string, allowed ...string) error {
	if !slices.Contains(allowed, value) {
		return wrong(key, "must be one of %s", strings.Join(allowed, ", "))
	}
	return nil
}

// prefixes parses networks; a plain address means that address alone.
func prefixes(key string, list []string) ([]netip.Prefix, error) {
	return soap.NetworksOf(opConfig, key, list)
}

// Clients returns AllowClients parsed; call Validate first.
func (c *Config) Clients() ([]netip.Prefix, error) { return prefixes("allowClients", c.AllowClients) }

// Style returns how responses are written.
func (c *Config) Style() Style {
	return Style{Unqualified: c.ChildNamespace == namespaceUnqualified, CmsHostIDOutside: c.CmsHostIDOutside, SendDTMF: c.SendDTMFOperation}
}
