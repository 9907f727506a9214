package ici

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Defaults of [Config].
const (
	DefaultListen            = "127.0.0.1:8181"            // loopback: nobody else until the site says so
	DefaultBasePath          = "/OII/OII.asmx"             // what CRM destinations of this interface are set to
	DefaultMaxBody           = 1 << 20                     // bytes of a request
	DefaultMaxInFlight       = 256                         // requests served at once
	DefaultSoapWait          = 250 * time.Millisecond      // reference 4.2 SOAP_WAIT_MS
	DefaultSoapTimeout       = 100 * time.Second           // reference 4.2 SOAP_TIMEOUT_MS
	DefaultConnectTimeout    = 3 * time.Second             // to the CRM
	DefaultCallbackWorkers   = 25                          // requests at once to one CRM, as OII's thread count
	DefaultQueueLength       = 256                         // events waiting for one agent session
	DefaultMaxSubscriptions  = 10000                       // pairs of key and target
	DefaultMaxPerURL         = 5000                        // the same for one appUrl
	DefaultCadMaxBytes       = 32 << 10                    // attached data; every phoneCallChanged repeats it
	DefaultProductName       = "Strowger"                  // in exchangeProductInformation
	DefaultICIVersion        = "3.07"                      // of the specification that is followed
	DefaultFaultHTTPStatus   = 500                         // SOAP 1.1 section 6.2
	DefaultMaxFailures       = 20                          // in a row, then a subscription ends
	DefaultMaxSilence        = 24 * time.Hour              // without contact, then a subscription ends
	DefaultBusyStatus        = 5 * time.Second             // reference 4.3 OII.BusyStatusDuration
	DefaultEventSoapAction   = actionBase + "IciEventBean" // by analogy with the services'; no capture shows it
	defaultLoopback4         = "127.0.0.0/8"
	defaultLoopback6         = "::1/128"
	defaultLoopbackName      = "localhost"
	capabilityProfileDefault = "default"
	capabilityProfileStrict  = "strict"
	namespaceQualified       = "qualified"
	namespaceUnqualified     = "unqualified"
	eventStyleAuto           = "auto"
	documentStyleMark        = "style=document"
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

	CallbackHosts   []string      `json:"callbackHosts"`   // names allowed in appUrl, default localhost; ".crm.example" allows all below
	CallbackNets    []string      `json:"callbackNets"`    // networks that may be called back, default loopback; holds for names too
	CallbackPorts   []uint16      `json:"callbackPorts"`   // ports that may be called back, empty allows all
	CallbackCA      string        `json:"callbackCA"`      // PEM file of authorities for https callbacks; empty means the system's
	CallbackCert    string        `json:"callbackCert"`    // PEM file of our client certificate; may be empty
	CallbackKey     string        `json:"callbackKey"`     // PEM file
	CallbackWorkers int           `json:"callbackWorkers"` // requests at once to one appUrl, default 25
	ConnectTimeout  time.Duration `json:"connectTimeout"`  // to the CRM, default 3 s

	SoapTimeout time.Duration `json:"soapTimeout"` // longest wait for the CRM's reply, default 100 s
	SoapWait    time.Duration `json:"soapWait"`    // after this the next event is sent without the reply, default 250 ms
	QueueLength int           `json:"queueLength"` // events waiting for one agent session, default 256
	MaxFailures int           `json:"maxFailures"` // failures in a row that end a subscription, default 20
	MaxSilence  time.Duration `json:"maxSilence"`  // time without contact that ends a subscription, default 24 h

	MaxSubscriptions       int `json:"maxSubscriptions"`       // default 10000
	MaxSubscriptionsPerURL int `json:"maxSubscriptionsPerURL"` // default 5000

	CadMaxBytes        int           `json:"cadMaxBytes"`        // longest attached data, default 32 KiB
	ChildNamespace     string        `json:"childNamespace"`     // of responses: qualified (default) or unqualified
	EventStyle         string        `json:"eventStyle"`         // of events: unqualified (default), qualified, or auto: qualified when appUrl has style=document
	EventSoapAction    string        `json:"eventSoapAction"`    // SOAPAction of events
	CmsHostID          string        `json:"cmsHostId"`          // identifies this switch to the CRM; default: given by the caller
	CmsHostIDOutside   bool          `json:"cmsHostIdOutside"`   // repeat cmsHostId after response, default true
	FaultHTTPStatus    int           `json:"faultHttpStatus"`    // 500 (default) or 200 for peers that drop bodies of failed requests
	CapabilityProfile  string        `json:"capabilityProfile"`  // default: the reference's lists; strict: without what cannot succeed now
	ReplayOnSubscribe  bool          `json:"replayOnSubscribe"`  // send one phoneCallChanged per live call after a container subscription
	AutoUnsubscribe    bool          `json:"autoUnsubscribe"`    // getAttributes ends the user's old subscriptions, default true (reference ICIUSER_AUTOMATIC_UNSUBSCRIBE)
	IgnoreOperDirect   bool          `json:"ignoreOperDirect"`   // calls to an agent's own number that never were in a queue are not shown; consultations are; default true (reference OII.IgnoreOperDirect)
	IgnoreCdtOutbound  bool          `json:"ignoreCdtOutbound"`  // calls that agents made outside ICI are not shown, default true (reference OII.IgnoreCdtOutbound)
	ShowBusyStatus     bool          `json:"showBusyStatus"`     // a call that failed for a busy line shows it before it ends, default false (reference OII.ShowBusyStatus)
	BusyStatusDuration time.Duration `json:"busyStatusDuration"` // for so long, default 5 s (reference OII.BusyStatusDuration)

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
		CallbackHosts: []string{defaultLoopbackName}, CallbackNets: []string{defaultLoopback4, defaultLoopback6},
		CallbackWorkers: DefaultCallbackWorkers, ConnectTimeout: DefaultConnectTimeout,
		SoapTimeout: DefaultSoapTimeout, SoapWait: DefaultSoapWait, QueueLength: DefaultQueueLength,
		MaxFailures: DefaultMaxFailures, MaxSilence: DefaultMaxSilence,
		MaxSubscriptions: DefaultMaxSubscriptions, MaxSubscriptionsPerURL: DefaultMaxPerURL,
		CadMaxBytes: DefaultCadMaxBytes, ChildNamespace: namespaceQualified, EventStyle: namespaceUnqualified,
		EventSoapAction: DefaultEventSoapAction, CmsHostIDOutside: true, FaultHTTPStatus: DefaultFaultHTTPStatus,
		CapabilityProfile: capabilityProfileDefault, AutoUnsubscribe: true,
		IgnoreOperDirect: true, IgnoreCdtOutbound: true, BusyStatusDuration: DefaultBusyStatus,
		ProductName: DefaultProductName, ICIVersion: DefaultICIVersion,
	}
}

// Validate checks every setting and returns the first that is wrong as
// fault.Invalid, with the key as subject.
func (c *Config) Validate() error {
	for _, check := range []func() error{c.checkListener, c.checkCallback, c.checkNumbers, c.checkStyle} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func wrong(key, format string, args ...any) error {
	return fault.New(fault.Invalid, "ici: config", key, fmt.Sprintf(format, args...))
}

func (c *Config) checkListener() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return wrong("listen", "must be address:port: %v", err)
	}
	if !strings.HasPrefix(c.BasePath, "/") || strings.ContainsAny(c.BasePath, "?# {}") {
		return wrong("basePath", "must be a path that begins with / such as %s", DefaultBasePath)
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
			return wrong("publicURL", "must be http://host:port or https://host:port without a path")
		}
	}
	if _, err := prefixes("allowClients", c.AllowClients); err != nil {
		return err
	}
	switch {
	case len(c.AllowClients) == 0:
		return wrong("allowClients", "is empty, so nobody could connect; list the CRM's networks")
	case (c.User == "") != (c.Password == ""):
		return wrong("password", "user and password are set together or not at all")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return wrong("tlsKey", "tlsCert and tlsKey are set together or not at all")
	case c.TLSClientCA != "" && c.TLSCert == "":
		return wrong("tlsClientCA", "needs tlsCert and tlsKey")
	}
	return nil
}

func (c *Config) checkCallback() error {
	if _, err := prefixes("callbackNets", c.CallbackNets); err != nil {
		return err
	}
	for _, h := range c.CallbackHosts {
		if h == "" || h == "." || strings.ContainsAny(h, "/:@?#* ") {
			return wrong("callbackHosts", "%q is no host name; write a name, or .name for all below it", h)
		}
	}
	switch {
	case len(c.CallbackHosts) > 0 && len(c.CallbackNets) == 0:
		return wrong("callbackNets", "is empty, so no host of callbackHosts could be connected to; list their networks")
	case (c.CallbackCert == "") != (c.CallbackKey == ""):
		return wrong("callbackKey", "callbackCert and callbackKey are set together or not at all")
	}
	return nil
}

func (c *Config) checkNumbers() error {
	positive := []struct {
		key string
		n   int64
	}{
		{"maxBody", c.MaxBody},
		{"maxInFlight", int64(c.MaxInFlight)},
		{"callbackWorkers", int64(c.CallbackWorkers)},
		{"connectTimeout", int64(c.ConnectTimeout)},
		{"soapTimeout", int64(c.SoapTimeout)},
		{"soapWait", int64(c.SoapWait)},
		{"queueLength", int64(c.QueueLength)},
		{"maxFailures", int64(c.MaxFailures)},
		{"maxSilence", int64(c.MaxSilence)},
		{"maxSubscriptions", int64(c.MaxSubscriptions)},
		{"maxSubscriptionsPerURL", int64(c.MaxSubscriptionsPerURL)},
		{"cadMaxBytes", int64(c.CadMaxBytes)},
		{"busyStatusDuration", int64(c.BusyStatusDuration)},
	}
	for _, p := range positive {
		if p.n <= 0 {
			return wrong(p.key, "must be greater than zero")
		}
	}
	switch {
	case c.CadMaxBytes > MaxAttachedData:
		return wrong("cadMaxBytes", "must not be greater than %d", MaxAttachedData)
	case c.SoapWait > c.SoapTimeout:
		return wrong("soapWait", "must not be longer than soapTimeout")
	case c.FaultHTTPStatus != 200 && c.FaultHTTPStatus != 500:
		return wrong("faultHttpStatus", "must be 500 or 200")
	}
	return nil
}

func (c *Config) checkStyle() error {
	choices := []struct {
		key, value string
		allowed    []string
	}{
		{"childNamespace", c.ChildNamespace, []string{namespaceQualified, namespaceUnqualified}},
		{"eventStyle", c.EventStyle, []string{namespaceUnqualified, namespaceQualified, eventStyleAuto}},
		{"capabilityProfile", c.CapabilityProfile, []string{capabilityProfileDefault, capabilityProfileStrict}},
	}
	for _, choice := range choices {
		if !oneOf(choice.value, choice.allowed) {
			return wrong(choice.key, "must be one of %s", strings.Join(choice.allowed, ", "))
		}
	}
	return nil
}

func oneOf(v string, allowed []string) bool {
	for _, a := range allowed {
		if v == a {
			return true
		}
	}
	return false
}

// prefixes parses networks; a plain address means that address alone.
func prefixes(key string, list []string) ([]netip.Prefix, error) {
	out, err := soap.Networks(list)
	if err != nil {
		return nil, wrong(key, "%s", fault.ReasonOf(err))
	}
	return out, nil
}

// Clients returns AllowClients parsed; call Validate first.
func (c *Config) Clients() ([]netip.Prefix, error) { return prefixes("allowClients", c.AllowClients) }

// Style returns how responses are written.
func (c *Config) Style() Style {
	return Style{Unqualified: c.ChildNamespace == namespaceUnqualified, CmsHostIDOutside: c.CmsHostIDOutside}
}

// Strict reports whether capability lists leave out what cannot succeed now.
func (c *Config) Strict() bool { return c.CapabilityProfile == capabilityProfileStrict }

// busyFor returns how long a busy line shows, 0 for not at all.
func (c *Config) busyFor() time.Duration {
	if !c.ShowBusyStatus {
		return 0
	}
	return c.BusyStatusDuration
}

// qualifiedEvents decides the form of events for one appUrl.
func (c *Config) qualifiedEvents(appURL string) bool {
	switch c.EventStyle {
	case namespaceQualified:
		return true
	case eventStyleAuto:
		return strings.Contains(appURL, documentStyleMark)
	}
	return false
}
