package sapphone

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Defaults of [Config].
const (
	DefaultListen           = "127.0.0.1:8182" // loopback: nobody else until the site says so
	DefaultPath             = soapPath         // as SAP systems have it
	DefaultMaxBody          = 1 << 20          // bytes of a request
	DefaultMaxInFlight      = 256              // calls served at once, without those that wait for a call
	DefaultMaxConversations = 5000
	DefaultMaxWaiting       = 2500
	DefaultMaxWait          = 10 * time.Minute
	DefaultVersion          = "5.11A" // of the interface; SAP calls newer functions only where it is high enough
	DefaultProductName      = "Strowger"
	DefaultTimeout          = 20 * time.Second // for SAP's reply
	DefaultConnectTimeout   = 3 * time.Second
	DefaultQueueLength      = 64 // announcements waiting for one extension
	DefaultMaxRegistered    = 10_000
	defaultLoopback4        = "127.0.0.0/8"
	defaultLoopback6        = "::1/128"
	maxServerName           = 32
	maxClients              = 16
)

// The transports.
const (
	TransportSOAP  = "soap-rfc"
	TransportTypeT = "type-t"
)

// Config holds every setting of the SAPphone adapter. [DefaultConfig] fills
// it, Validate checks it.
type Config struct {
	Enabled bool   // serve the interface at all; default false (reference OII.SAPphoneEnabled)
	Listen  string // address and port of the SOAP-RFC transport
	Path    string // its path

	AllowClients []string // networks that may connect, default loopback; of all transports
	User         string   // HTTP Basic user of SOAP-RFC; empty switches authentication off
	Password     string   // its password; never logged
	TLSCert      string   // PEM file; switches TLS on together with TLSKey
	TLSKey       string   // PEM file
	TLSClientCA  string   // PEM file; when set, clients must show a certificate of this authority

	MaxBody          int64         // bytes of a request
	MaxInFlight      int           // calls served at once, without those that wait for a call
	MaxConversations int           // open at once, of each transport
	MaxWaiting       int           // agents in SPS_WAITFORCALL at once
	MaxWait          time.Duration // longest and usual time of SPS_WAITFORCALL

	Metadata         string // file that replaces parts of the default metadata; may be empty
	InterfaceVersion string // answered to XCHGVERSION
	ReferenceOnly    bool   // answer "not supported" where the reference's product does
	ExtDigits        int    // how many last digits of a number may stand for it; 0: only the whole number
	ServerName       string // what SAP calls us, until XCHGPARAMS says it (reference OII.SAPphoneServerName)
	StateFile        string // keeps that name over restarts; empty: it is not kept

	Servers []string // connection strings of the server side
	Clients []string // connection strings of the client side; with passwords
	// ClientNets are the networks that the client side may connect to, default loopback.
	ClientNets     []string
	ClientCA       string        // PEM file of authorities for https; empty means the system's
	Campaigns      []Campaign    // whose lists of calls are taken; empty: none
	Popup          bool          // announce calls with SPS_NEW_CALL, default true (reference OII.SAPphonePopup)
	Timeout        time.Duration // longest wait for SAP's reply
	ConnectTimeout time.Duration
	QueueLength    int             // announcements waiting for one extension
	MaxRegistered  int             // extensions registered at once
	Backoff        []time.Duration // between tries, default 1 s, 5 s, 15 s

	ici.LensConfig // as ICI's

	ProductName    string
	ProductVersion string
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	shared := ici.DefaultConfig()
	return Config{
		Listen: DefaultListen, Path: DefaultPath, AllowClients: []string{defaultLoopback4, defaultLoopback6},
		MaxBody: DefaultMaxBody, MaxInFlight: DefaultMaxInFlight, MaxConversations: DefaultMaxConversations,
		MaxWaiting: DefaultMaxWaiting, MaxWait: DefaultMaxWait, InterfaceVersion: DefaultVersion,
		ClientNets: []string{defaultLoopback4, defaultLoopback6}, Popup: true, Timeout: DefaultTimeout,
		ConnectTimeout: DefaultConnectTimeout, QueueLength: DefaultQueueLength, MaxRegistered: DefaultMaxRegistered,
		Backoff:    []time.Duration{time.Second, 5 * time.Second, 15 * time.Second},
		LensConfig: shared.Lens(), ProductName: DefaultProductName,
	}
}

// Validate checks every setting and returns the first that is wrong as
// fault.Invalid, with the key as subject.
func (c *Config) Validate() error {
	for _, check := range []func() error{c.checkListener, c.checkNumbers, c.checkStrings, c.checkCampaigns, c.LensConfig.Validate} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// opConfig is what errors about the configuration are of.
const opConfig = "sapphone: config"

func wrong(key, format string, args ...any) error {
	return fault.New(fault.Invalid, opConfig, key, fmt.Sprintf(format, args...))
}

func (c *Config) checkListener() error {
	door := soap.Door{Listen: c.Listen, Path: c.Path, Allow: c.AllowClients, User: c.User, Password: c.Password, TLS: c.certificates()}
	return door.Check(opConfig, "path", DefaultPath, "the SAP systems")
}

func (c *Config) checkNumbers() error {
	positive := []struct {
		key string
		n   int64
	}{
		{"maxBody", c.MaxBody},
		{"maxInFlight", int64(c.MaxInFlight)},
		{"maxConversations", int64(c.MaxConversations)},
		{"maxWaiting", int64(c.MaxWaiting)},
		{"maxWait", int64(c.MaxWait / time.Second)},
		{"timeout", int64(c.Timeout)},
		{"connectTimeout", int64(c.ConnectTimeout)},
		{"queueLength", int64(c.QueueLength)},
		{"maxRegistered", int64(c.MaxRegistered)},
	}
	for _, p := range positive {
		if p.n <= 0 {
			return wrong(p.key, "must be greater than zero")
		}
	}
	switch {
	case c.ExtDigits < 0 || c.ExtDigits > extLen:
		return wrong("extDigits", "must be 0 to %d", extLen)
	case len(c.InterfaceVersion) > 6 || c.InterfaceVersion == "":
		return wrong("interfaceVersion", "has 1 to 6 characters, as %s", DefaultVersion)
	case len(c.ServerName) > maxServerName:
		return wrong("serverName", "has at most %d characters", maxServerName)
	}
	return nil
}

func (c *Config) checkStrings() error {
	if _, err := c.servers(); err != nil {
		return err
	}
	if len(c.Clients) > maxClients {
		return wrong("clients", "there are more than %d", maxClients)
	}
	if _, err := c.clients(); err != nil {
		return err
	}
	if _, err := networks("clientNets", c.ClientNets); err != nil {
		return err
	}
	if len(c.Clients) > 0 && len(c.ClientNets) == 0 {
		return wrong("clientNets", "is empty, so no system of clients could be connected to; list their networks")
	}
	return nil
}

// servers parses the connection strings of the server side.
func (c *Config) servers() ([]ServerString, error) {
	out := make([]ServerString, 0, len(c.Servers))
	for i, text := range c.Servers {
		s, err := ParseServer(text)
		if err != nil {
			return nil, wrong(fmt.Sprintf("servers.%d", i), "%s: %s", subjectOf(err), fault.ReasonOf(err))
		}
		out = append(out, s)
	}
	return out, nil
}

// Gateways are the connection strings of the server side, parsed; call Validate first.
func (c *Config) Gateways() ([]ServerString, error) { return c.servers() }

// clients parses the connection strings of the client side. Like systems count once.
func (c *Config) clients() ([]ClientString, error) {
	var out []ClientString
	seen := map[string]bool{}
	for i, text := range c.Clients {
		s, err := ParseClient(text)
		if err != nil {
			return nil, wrong(fmt.Sprintf("clients.%d", i), "%s: %s", subjectOf(err), fault.ReasonOf(err))
		}
		if u, _ := s.URL(); !seen[u] { // ParseClient has tried it
			seen[u] = true
			out = append(out, s)
		}
	}
	return out, nil
}

// hostsOf are the hosts that the client side names itself.
func hostsOf(clients []ClientString) []string {
	var out []string
	for _, c := range clients {
		text, _ := c.URL() // was parsed before
		if u, err := url.Parse(text); err == nil {
			if _, err := netip.ParseAddr(u.Hostname()); err != nil {
				out = append(out, strings.ToLower(u.Hostname()))
			}
		}
	}
	return out
}

// networks parses one of the lists of networks.
func networks(key string, list []string) ([]netip.Prefix, error) {
	return soap.NetworksOf(opConfig, key, list)
}

// subjectOf is what an error is about.
func subjectOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Subject
	}
	return ""
}
