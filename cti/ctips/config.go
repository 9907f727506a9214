package ctips

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Defaults of [Config].
const (
	DefaultListen          = "127.0.0.1:8731" // loopback: nobody else until the site says so
	DefaultPath            = "/CTIPS/AgentCallService"
	DefaultSite            = 1
	DefaultMaxConnections  = 10 // as the original has it
	DefaultHeartbeat       = 30 * time.Second
	DefaultMissed          = 3
	DefaultCallbackTimeout = 5 * time.Second
	DefaultQueueLength     = 10_000
	DefaultRequestTimeout  = 30 * time.Second
	DefaultIdleTimeout     = 10 * time.Minute
	DefaultMaxBody         = 1 << 20 // bytes of a request
	DefaultMaxInFlight     = 64
	DefaultUserDataLength  = 1024
	// UserDataFields is how many fields of a call's data there are.
	UserDataFields = 20

	defaultLoopback4 = "127.0.0.0/8"
	defaultLoopback6 = "::1/128"
	maxMissed        = 999
	maxHeartbeat     = time.Hour
	shortest         = time.Millisecond // of all durations
	maxSessions      = 10_000
	maxQueue         = 1_000_000
	maxUserData      = 8192 // characters of a string that .NET reads by default
)

// Config holds every setting of one listener. [DefaultConfig] fills it,
// Validate checks it.
type Config struct {
	Listen string // address and port
	Path   string // of the service; its descriptions and those of the callback are beside it
	// PublicURL is what clients call us by, scheme and host, where that is not
	// what their requests show; empty: as they do.
	PublicURL      string
	AllowClients   []string // networks that may connect, default loopback
	TrustedProxies []string // networks whose X-Forwarded-Proto is believed
	TLS            soap.Certificates

	Users     []User    // who may open sessions
	Directory Directory // asked about those who are not in Users; nil: nobody
	Trail     Trail     // of forced requests; nil: they are not written down
	Tenants   []Tenant  // empty: one, number 1, that has everything
	Site      int32     // SiteId of all events

	MaxConnections    int // sessions at once
	HeartbeatInterval time.Duration
	MissedHeartbeats  int // in a row, then a session is closed

	// CallbackAllow lists the networks, addresses and names that callbacks may
	// go to. With names, only these may stand in a URL, and they have to lead
	// into the networks; without, any name that leads there. Empty: a client's
	// own address alone.
	CallbackAllow   []string
	CallbackTimeout time.Duration     // for the answer to a callback
	CallbackTLS     soap.Certificates // for callbacks over https; CA empty means the system's
	QueueLength     int               // events that may wait for a session

	RequestTimeout time.Duration // for the outcome of what should not take long
	IdleTimeout    time.Duration // of sessions that are not online
	BindAddress    bool          // a session is its client's address's alone
	Order          Order         // of members in requests
	MaxBody        int64
	MaxInFlight    int // requests at once, of one session half of them

	// Namespaces are those of the descriptions. Sessions have their clients'
	// own, but for Callback where it is set.
	Namespaces     Namespaces
	UserDataNames  []string // keys of a call's fields; those without one are UserData1 to UserData20
	UserDataLength int      // characters of a field
	ParkReason     string   // id of the reason that NotReadyPark stands for; empty: the first that parks
}

// User is somebody who may open sessions.
type User struct {
	Name   string
	Hash   string // see [HashPassword]
	Rights []Right
	// Tenants that may be served; empty: all.
	Tenants []int32
}

// Tenant is a part of the switch that sessions see nothing beyond.
type Tenant struct {
	ID     int32
	Queues []callmodel.QueueID
	Agents []callmodel.AgentID
	All    bool // everything, whatever the two lists say: there is no other tenant then
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Listen: DefaultListen, Path: DefaultPath, AllowClients: []string{defaultLoopback4, defaultLoopback6}, Site: DefaultSite,
		MaxConnections: DefaultMaxConnections, HeartbeatInterval: DefaultHeartbeat, MissedHeartbeats: DefaultMissed,
		CallbackTimeout: DefaultCallbackTimeout, QueueLength: DefaultQueueLength, RequestTimeout: DefaultRequestTimeout,
		IdleTimeout: DefaultIdleTimeout, BindAddress: true, MaxBody: DefaultMaxBody, MaxInFlight: DefaultMaxInFlight,
		UserDataLength: DefaultUserDataLength,
	}
}

const opConfig = "ctips: config"

func badSetting(key, format string, args ...any) error {
	return fault.New(fault.Invalid, opConfig, key, fmt.Sprintf(format, args...))
}

// Validate checks every setting and returns the first that is wrong as
// fault.Invalid, with the key as subject.
func (c *Config) Validate() error {
	for _, check := range []func() error{c.checkListener, c.checkNumbers, c.checkUsers, c.checkTenants, c.checkCallbacks, c.checkData} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkListener() error {
	door := soap.Door{Listen: c.Listen, Path: c.Path, Allow: c.AllowClients, TLS: c.TLS}
	if err := door.Check(opConfig, "path", DefaultPath, "the client applications"); err != nil {
		return err
	}
	if c.Path == "/" || strings.HasSuffix(c.Path, "/") {
		return badSetting("path", "must not end with a slash: %s is one that would do", DefaultPath)
	}
	if c.PublicURL != "" && !strings.HasPrefix(c.PublicURL, "http://") && !strings.HasPrefix(c.PublicURL, "https://") {
		return badSetting("public_url", "must begin with http:// or https://")
	}
	_, err := soap.NetworksOf(opConfig, "trusted_proxies", c.TrustedProxies)
	return err
}

func (c *Config) checkNumbers() error {
	for _, n := range []struct {
		key       string
		n, lo, hi int64
	}{
		{"site", int64(c.Site), 1, 1<<31 - 1},
		{"max_connections", int64(c.MaxConnections), 1, maxSessions},
		{"missed_heartbeats", int64(c.MissedHeartbeats), 1, maxMissed},
		{"queue_length", int64(c.QueueLength), 1, maxQueue},
		{"max_body", c.MaxBody, 1, 64 << 20},
		{"max_in_flight", int64(c.MaxInFlight), 1, 10_000},
		{"user_data_length", int64(c.UserDataLength), 1, maxUserData},
	} {
		if n.n < n.lo || n.n > n.hi {
			return badSetting(n.key, "is %d; it has to be from %d to %d", n.n, n.lo, n.hi)
		}
	}
	for _, d := range []struct {
		key   string
		d, hi time.Duration
	}{
		{"heartbeat_interval", c.HeartbeatInterval, maxHeartbeat},
		{"callback_timeout", c.CallbackTimeout, time.Minute},
		{"request_timeout", c.RequestTimeout, time.Hour},
		{"idle_timeout", c.IdleTimeout, 24 * time.Hour},
	} {
		if d.d < shortest || d.d > d.hi {
			return badSetting(d.key, "is %v; it has to be from %v to %v", d.d, shortest, d.hi)
		}
	}
	if c.Order != OrderStrict && c.Order != OrderAny {
		return badSetting("member_order", "is neither strict nor any")
	}
	return nil
}

func (c *Config) checkUsers() error {
	seen := map[string]bool{}
	for i, u := range c.Users {
		key := fmt.Sprintf("users.%d", i)
		switch {
		case u.Name == "" || seen[u.Name]:
			return badSetting(key, "has no name, or one that another has")
		case len(u.Rights) == 0:
			return badSetting(key, "user %s has no rights", u.Name)
		}
		seen[u.Name] = true
		if _, err := parseHash(u.Hash); err != nil {
			return badSetting(key, "user %s: %s", u.Name, fault.ReasonOf(err))
		}
		for _, r := range u.Rights {
			if !r.Known() {
				return badSetting(key, "there is no right %q", r)
			}
		}
		for _, id := range u.Tenants {
			if c.tenant(id) == nil {
				return badSetting(key, "user %s: there is no tenant %d", u.Name, id)
			}
		}
	}
	if len(c.Users) > 0 || c.Directory != nil {
		return nil
	}
	nets, err := soap.NetworksOf(opConfig, "allow", c.AllowClients)
	if err != nil {
		return err
	}
	for _, n := range nets {
		if !n.Addr().IsLoopback() {
			return badSetting("users", "nobody is listed, so everybody could open sessions from %s", n)
		}
	}
	return nil
}

func (c *Config) checkTenants() error {
	seen, queues, agents := map[int32]bool{}, map[callmodel.QueueID]int32{}, map[callmodel.AgentID]int32{}
	for i, t := range c.Tenants {
		key := fmt.Sprintf("tenants.%d", i)
		switch {
		case t.ID <= 0 || seen[t.ID]:
			return badSetting(key, "its id must be greater than zero and its own")
		case t.All && len(c.Tenants) > 1:
			return badSetting(key, "tenant %d has everything, so there can be no other", t.ID)
		}
		seen[t.ID] = true
		for _, q := range t.Queues {
			if other, taken := queues[q]; taken {
				return badSetting(key, "queue %s is tenant %d's already", q, other)
			}
			queues[q] = t.ID
		}
		for _, a := range t.Agents {
			if other, taken := agents[a]; taken {
				return badSetting(key, "agent %s is tenant %d's already", a, other)
			}
			agents[a] = t.ID
		}
	}
	return nil
}

func (c *Config) checkCallbacks() error {
	hosts, nets := splitAllow(c.CallbackAllow)
	if len(hosts) > 0 && len(nets) == 0 {
		return badSetting("callback_allow", "has names alone; list the networks too in which their addresses are")
	}
	if (c.CallbackTLS.Cert == "") != (c.CallbackTLS.Key == "") {
		return badSetting("callback_key", "callback_cert and callback_key are set together or not at all")
	}
	return nil
}

func (c *Config) checkData() error {
	if n := len(c.UserDataNames); n > UserDataFields {
		return badSetting("user_data_names", "has %d names; there are %d fields", n, UserDataFields)
	}
	seen := map[string]bool{}
	for _, name := range c.UserDataNames {
		if name == "" || seen[name] {
			return badSetting("user_data_names", "a name is empty or twice there")
		}
		seen[name] = true
	}
	return nil
}

// tenant finds a tenant by its number, or nil.
func (c *Config) tenant(id int32) *Tenant {
	if len(c.Tenants) == 0 && id == everything.ID {
		return &everything
	}
	for i := range c.Tenants {
		if c.Tenants[i].ID == id {
			return &c.Tenants[i]
		}
	}
	return nil
}

// share is how many requests of one session are served at once: another finds
// room too.
func (c *Config) share() int64 { return int64(max(1, c.MaxInFlight/2)) }

// splitAllow tells names from networks. What is neither is a name that nothing has.
func splitAllow(list []string) (hosts []string, nets []netip.Prefix) {
	for _, s := range list {
		if n, err := soap.Networks([]string{s}); err == nil {
			nets = append(nets, n...)
		} else {
			hosts = append(hosts, strings.ToLower(s))
		}
	}
	return hosts, nets
}
