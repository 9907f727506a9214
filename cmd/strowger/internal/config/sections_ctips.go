package config

import "time"

// The comments in this file are shown to operators, as those in sections.go.

// CTIPS is the section `ctips`.
type CTIPS struct {
	// Whether the interface is offered.
	Enabled bool `yaml:"enabled" default:"false"`
	// Address to listen on, host:port. Outside the loopback it needs users or ldap, an allow list, and should have TLS.
	Listen string `yaml:"listen" default:"127.0.0.1:8731"`
	// More addresses to listen on, each with sessions and a limit of its own, on the same switch: a client that loses one opens a session at another.
	Listeners []CTIPSListener `yaml:"listeners" jsonschema:"maxItems=8"`
	// Path of the service. Its description is at the same path with ?wsdl, that of the callback which clients implement beside it, at PublishEvents?wsdl.
	Path string `yaml:"path" default:"/CTIPS/AgentCallService" jsonschema:"pattern=^(/[A-Za-z0-9._~-]+)+$,maxLength=200" why:"begins with a slash, letters, digits and . _ ~ - between slashes"`
	// Scheme and host under which clients reach the interface, for its descriptions. Empty: as their requests show it.
	PublicURL string `yaml:"public_url" example:"https://cti.example.com" jsonschema:"maxLength=256,pattern=^https?://[A-Za-z0-9.:\\[\\]_-]+/?$" why:"http:// or https:// and a host"`
	// Addresses and networks (CIDR) that may connect.
	Allow []string `yaml:"allow" default:"127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// Addresses and networks (CIDR) of proxies whose X-Forwarded-Proto is believed.
	TrustedProxies []string `yaml:"trusted_proxies" example:"10.0.0.5" jsonschema:"maxItems=64"`
	// Certificate chain in PEM form. With tls_key: the interface speaks HTTPS.
	TLSCert string `yaml:"tls_cert" example:"/etc/strowger/ctips.crt"`
	// Private key in PEM form that belongs to tls_cert.
	TLSKey string `yaml:"tls_key" example:"/etc/strowger/ctips.key"`
	// Certificate authority in PEM form: only clients with a certificate from it may connect.
	TLSClientCA string `yaml:"tls_client_ca" example:"/etc/strowger/cti-ca.crt"`
	// Users of client applications. Without any, and without ldap, every name and password is taken, from this machine alone.
	Users []CTIPSUser `yaml:"users" jsonschema:"maxItems=1000"`
	// A directory of users that is asked about those who are not listed in users.
	LDAP CTIPSLDAP `yaml:"ldap"`
	// Parts of the switch that sessions see nothing beyond. Empty: one, number 1, with all queues and agents.
	Tenants []CTIPSTenant `yaml:"tenants" jsonschema:"maxItems=1000"`
	// SiteId of all events.
	Site int `yaml:"site" default:"1" jsonschema:"minimum=1,maximum=2147483647"`
	// How many sessions may be open at the same time, of each listener. One more is refused; nobody is sent away.
	MaxConnections int `yaml:"max_connections" default:"10" jsonschema:"minimum=1,maximum=10000"`
	// How often a client that is online is asked whether it lives.
	HeartbeatInterval time.Duration `yaml:"heartbeat_interval" default:"30s" min:"1s" max:"1h"`
	// After how many unanswered heartbeats in a row a session is closed.
	MissedHeartbeats int `yaml:"missed_heartbeats" default:"3" jsonschema:"minimum=1,maximum=999"`
	// Networks (CIDR), addresses and names that events may be sent to. With names, only these may stand in a client's URL, and they have to lead into the networks; without, any name that leads there. Empty: the address that the client itself comes from, and no other.
	CallbackAllow []string `yaml:"callback_allow" example:"10.1.0.0/16" jsonschema:"maxItems=256"`
	// How long to wait for a client's answer to an event.
	CallbackTimeout time.Duration `yaml:"callback_timeout" default:"5s" min:"100ms" max:"1m"`
	// Certificate authority in PEM form for clients that are called by https. Empty: those of this machine.
	CallbackCA string `yaml:"callback_ca" example:"/etc/strowger/cti-ca.crt"`
	// Certificate in PEM form that is shown to clients which are called by https.
	CallbackCert string `yaml:"callback_cert" example:"/etc/strowger/ctips-client.crt"`
	// Private key in PEM form that belongs to callback_cert.
	CallbackKey string `yaml:"callback_key" example:"/etc/strowger/ctips-client.key"`
	// How many events may wait for a session. One more, and the session is closed: its client is slower than the calls.
	QueueLength int `yaml:"queue_length" default:"10000" jsonschema:"minimum=1,maximum=1000000"`
	// How long a request may go without its outcome before it is told to have failed. Calls that ring, and states that wait for a call's end, are not bound by it.
	RequestTimeout time.Duration `yaml:"request_timeout" default:"30s" min:"1s" max:"1h"`
	// After how long without a request a session that is not online is closed.
	IdleTimeout time.Duration `yaml:"idle_timeout" default:"10m" min:"1s" max:"24h"`
	// Whether a session's id is good only from the address that opened the session.
	BindAddress bool `yaml:"bind_address" default:"true"`
	// What to do about members of a request that come in another order than the contract's. strict: refuse the request, as another server would lose them silently; any: take them.
	MemberOrder string `yaml:"member_order" default:"strict" jsonschema:"enum=strict,enum=any"`
	// Largest request, in bytes.
	MaxBody int `yaml:"max_body" default:"1048576" jsonschema:"minimum=1024,maximum=67108864"`
	// How many requests are served at the same time, of each listener; those of one session have half of the places. More are answered that the switch is busy.
	MaxInFlight int `yaml:"max_in_flight" default:"64" jsonschema:"minimum=1,maximum=10000"`
	// Namespaces of the descriptions. What a client uses itself is mirrored.
	Namespaces CTIPSNamespaces `yaml:"namespaces"`
	// Names (keys) of a call's twenty fields, in order. Those without one are UserData1 to UserData20.
	UserDataNames []string `yaml:"user_data_names" example:"Customer" jsonschema:"maxItems=20,maxLength=64"`
	// Longest field of a call's data, in characters.
	UserDataLength int `yaml:"user_data_length" default:"1024" jsonschema:"minimum=1,maximum=8192"`
	// Id of the reason that NotReadyPark stands for. Empty: the first reason that parks.
	ParkReason string `yaml:"park_reason" example:"park" jsonschema:"maxLength=64"`
}

// CTIPSListener is one of `ctips.listeners`.
type CTIPSListener struct {
	// Address to listen on, host:port.
	Listen string `yaml:"listen" example:"127.0.0.1:8732" jsonschema:"required,minLength=1"`
	// Certificate chain in PEM form. With tls_key: this address speaks HTTPS.
	TLSCert string `yaml:"tls_cert" example:"/etc/strowger/ctips.crt"`
	// Private key in PEM form that belongs to tls_cert.
	TLSKey string `yaml:"tls_key" example:"/etc/strowger/ctips.key"`
	// Certificate authority in PEM form: only clients with a certificate from it may connect.
	TLSClientCA string `yaml:"tls_client_ca" example:"/etc/strowger/cti-ca.crt"`
}

// CTIPSUser is one of `ctips.users`.
type CTIPSUser struct {
	// Name as the application gives it in UserCredentials. Each name once.
	Name string `yaml:"name" example:"desktop" jsonschema:"required,minLength=1,maxLength=256"`
	// What `strowger ctips password` makes of the user's password. Written as it is, or file:/path, or env:NAME.
	PasswordHash Secret `yaml:"password_hash" example:"file:/etc/strowger/desktop.hash" jsonschema:"required,minLength=1,maxLength=512"`
	// What the user may do. monitor: sessions, events, snapshots, reads; agent: log in and out, states, dispositions; call: calls; route: answer route requests; panic: PanicLogout.
	Rights []string `yaml:"rights" example:"monitor" jsonschema:"required,minItems=1,maxItems=5,enum=monitor,enum=agent,enum=call,enum=route,enum=panic"`
	// Tenants for which the user may open sessions. Empty: all.
	Tenants []string `yaml:"tenants" example:"1" jsonschema:"maxItems=1000,pattern=^[1-9][0-9]{0\\,9}$" why:"numbers of tenants"`
}

// CTIPSTenant is one of `ctips.tenants`.
type CTIPSTenant struct {
	// TenantId of the tenant.
	ID int `yaml:"id" example:"1" jsonschema:"required,minimum=1,maximum=2147483647"`
	// Ids of its queues.
	Queues []string `yaml:"queues" example:"support" jsonschema:"maxItems=10000"`
	// Ids of its agents.
	Agents []string `yaml:"agents" example:"anna" jsonschema:"maxItems=10000"`
}

// CTIPSNamespaces is the section `ctips.namespaces`.
type CTIPSNamespaces struct {
	// Namespace of operations.
	Service string `yaml:"service" default:"http://tempuri.org/" jsonschema:"minLength=1,maxLength=512"`
	// Namespace of types and members.
	Data string `yaml:"data" default:"http://schemas.datacontract.org/2004/07/Aspect.CTIPS" jsonschema:"minLength=1,maxLength=512"`
	// Namespace of the callback's operations. Empty: that of the service, or the client's own.
	Callback string `yaml:"callback" example:"http://tempuri.org/" jsonschema:"maxLength=512"`
}

// CTIPSLDAP is the section `ctips.ldap`.
type CTIPSLDAP struct {
	// The directory's address: ldaps://host or ldaps://host:port. ldap:// only on this machine. Empty: no directory is asked.
	URL string `yaml:"url" example:"ldaps://dc1.corp.example" jsonschema:"maxLength=256"`
	// As what a user signs in there, with %s for the name: a DN, or a principal such as %s@corp.example.
	Bind string `yaml:"bind" example:"%s@corp.example" jsonschema:"maxLength=512"`
	// Below which entry the user's own is looked for. Needed where bind is no DN.
	Base string `yaml:"base" example:"dc=corp,dc=example" jsonschema:"maxLength=512"`
	// How it is found, with %s for the name.
	Filter string `yaml:"filter" example:"(sAMAccountName=%s)" jsonschema:"maxLength=512"`
	// Certificate authority in PEM form of the directory. Empty: those of this machine.
	CA string `yaml:"ca" example:"/etc/strowger/corp-ca.crt"`
	// How long one login may take.
	Timeout time.Duration `yaml:"timeout" default:"5s" min:"100ms" max:"1m"`
	// Groups whose members have rights. A user of several has the rights of all.
	Groups []CTIPSGroup `yaml:"groups" jsonschema:"maxItems=100"`
}

// CTIPSGroup is one of `ctips.ldap.groups`.
type CTIPSGroup struct {
	// The group's DN.
	DN string `yaml:"dn" example:"cn=cti,ou=groups,dc=corp,dc=example" jsonschema:"required,minLength=1,maxLength=512"`
	// What its members may do; as for users.
	Rights []string `yaml:"rights" example:"monitor" jsonschema:"required,minItems=1,maxItems=5,enum=monitor,enum=agent,enum=call,enum=route,enum=panic"`
}
