package config

import (
	"slices"
	"strings"
	"time"
)

// The field comments in this file are shown to operators: by `strowger config
// explain`, in the example file, in the JSON Schema and below every error.
// Tags: yaml = key; default, example = as written in YAML (lists separated by
// commas); jsonschema = bounds, a comma inside a pattern is written \\,;
// why = the bound in words; min, max = bounds of a duration; later = values
// that this version knows of and does not offer.

// Config is a complete, checked configuration. Durations are time.Duration,
// relative paths are resolved against the configuration file's folder.
type Config struct {
	// How to reach the Asterisk server that this controller drives.
	Asterisk Asterisk `yaml:"asterisk"`
	// The waiting queues: which dialled number leads into them and how they choose an agent.
	Queues []Queue `yaml:"queues" jsonschema:"maxItems=1000"`
	// The people who take calls, each with the phone (station) they use.
	Agents []Agent `yaml:"agents" jsonschema:"maxItems=5000"`
	// The SAP ICI interface: the SOAP endpoint that a CRM system connects to.
	ICI ICI `yaml:"ici"`
	// The status page, health checks, metrics, and the local socket of the command line.
	HTTP HTTP `yaml:"http"`
	// Where records and the journal are kept.
	Store Store `yaml:"store"`
	// What is logged, and how.
	Log Log `yaml:"log"`
	// Upper bounds that keep the controller responsive under overload.
	Limits Limits `yaml:"limits"`

	// File is the path the configuration was read from, empty when it came from the environment alone.
	File string `yaml:"-" jsonschema:"-"`
	// Warnings are findings that do not prevent a start.
	Warnings []Problem `yaml:"-" jsonschema:"-"`
}

// Asterisk is the section `asterisk`.
type Asterisk struct {
	// Base address of Asterisk's HTTP server (http.conf), without a path. ARI is found below it at /ari.
	ARIURL string `yaml:"ari_url" default:"http://127.0.0.1:8088"`
	// User name of the ARI account, the section name in ari.conf.
	ARIUser string `yaml:"ari_user" default:"strowger" jsonschema:"minLength=1,maxLength=80,pattern=^[^\\s:\\[\\]]+$" why:"no spaces, colons or square brackets"`
	// Password of the ARI account, the same as `password` in ari.conf. Written as it is, or file:/path, or env:NAME.
	ARIPassword Secret `yaml:"ari_password" example:"change-me" jsonschema:"required,minLength=1,maxLength=256"`
	// Name of the Stasis application: the dialplan hands calls over with Stasis(NAME).
	App string `yaml:"app" default:"strowger" jsonschema:"pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"letters, digits, _ and -, at most 40"`
	// Address of the manager interface (manager.conf), host:port. AMI is used only when ami_user is set; calls never depend on it.
	AMIAddr string `yaml:"ami_addr" default:"127.0.0.1:5038"`
	// User name of the AMI account, the section name in manager.conf. Empty: AMI is not used.
	AMIUser string `yaml:"ami_user" example:"strowger" jsonschema:"maxLength=80"`
	// Password of the AMI account, `secret` in manager.conf. Written as it is, or file:/path, or env:NAME.
	AMIPassword Secret `yaml:"ami_password" example:"file:/etc/strowger/ami.secret" jsonschema:"maxLength=256"`
	// Dialplan context in which calls for the controller arrive. Never "stasis-" followed by the name in app: Asterisk makes that one itself.
	Context string `yaml:"context" default:"strowger-in" jsonschema:"pattern=^[A-Za-z0-9_-]{1\\,79}$" why:"letters, digits, _ and -, at most 79"`
	// Name of this Asterisk in records and metrics. Do not change it while calls are up.
	Node string `yaml:"node" default:"asterisk-1" jsonschema:"pattern=^[A-Za-z0-9._-]{1\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// How many ARI requests may wait for their answer at the same time.
	RESTInFlight int `yaml:"rest_in_flight" default:"64" jsonschema:"minimum=1,maximum=1024"`
	// How long one ARI request may take. After that its outcome is unknown and is settled by events.
	RESTTimeout time.Duration `yaml:"rest_timeout" default:"3s" min:"100ms" max:"1m"`
}

// Queue is one entry of the list `queues`.
type Queue struct {
	// Short name of the queue. Agents refer to it, records keep it: choose it once.
	ID string `yaml:"id" example:"support" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{0\\,39}$" why:"small letters, digits and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Support" jsonschema:"maxLength=80"`
	// The queue's own number: what an agent dials or transfers to.
	Number string `yaml:"number" example:"600" jsonschema:"required,pattern=^[0-9]{1\\,15}$" why:"digits only, at most 15"`
	// Dialled numbers that lead into this queue, with or without a leading +. The queue's own number needs no entry.
	DNIS []string `yaml:"dnis" example:"+49301000600" jsonschema:"maxItems=1000,pattern=^[+]?[0-9]{1\\,32}$" why:"digits, with or without a leading +, at most 32"`
	// How the next agent is chosen. longest-idle: who has been without a call for the longest time.
	Strategy string `yaml:"strategy" default:"longest-idle" jsonschema:"enum=longest-idle"`
	// How long a call is offered to one agent before it goes back to the head of the queue and the agent is set not ready.
	RingTimeout time.Duration `yaml:"ring_timeout" default:"15s" min:"1s" max:"5m"`
	// Time for the agent's follow-up work after a call; it ends earlier on command. 0 = none.
	WrapUp time.Duration `yaml:"wrap_up" default:"10s" min:"0s" max:"24h"`
	// Music class that waiting callers hear (musiconhold.conf).
	Music string `yaml:"music" default:"default" jsonschema:"pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"letters, digits, _ and -, at most 40"`
	// When the caller's call is answered. agent: only when an agent takes it; treatment: when music or a prompt starts, or by an agent who is free at once; at-once: on arrival.
	Answer string `yaml:"answer" default:"treatment" jsonschema:"enum=agent,enum=treatment,enum=at-once"`
	// How many callers may wait. One more is refused as busy.
	MaxWaiting int `yaml:"max_waiting" default:"500" jsonschema:"minimum=1,maximum=5000"`
	// A free agent who serves several queues takes the caller of the queue with the higher number first.
	Priority int `yaml:"priority" default:"0" jsonschema:"minimum=-100,maximum=100"`
}

// DialledNumbers returns what leads into the queue: its number and its DNIS,
// each once and without a leading +, as the supplied dialplan hands them over.
func (q Queue) DialledNumbers() []string {
	out := []string{q.Number}
	for _, d := range q.DNIS {
		if d = strings.TrimPrefix(d, "+"); !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// Agent is one entry of the list `agents`.
type Agent struct {
	// Login name. Capital and small letters are the same.
	ID string `yaml:"id" example:"agent101" jsonschema:"required,pattern=^[^/\\s\\x00-\\x1f\\x7f]{1\\,64}$" why:"no slash, no spaces, at most 64 characters"`
	// Name that people read.
	Name string `yaml:"name" example:"Agent 101" jsonschema:"maxLength=80"`
	// Number of the agent's line. A CRM addresses the agent's calls by it.
	Line string `yaml:"line" example:"101" jsonschema:"required,pattern=^[0-9]{1\\,15}$" why:"digits only, at most 15"`
	// The id of each queue that the agent serves.
	Queues []string `yaml:"queues" example:"support" jsonschema:"maxItems=100"`
	// The phone of the agent, and how a call reaches it.
	Station Station `yaml:"station"`
}

// Station is `station` of an agent.
type Station struct {
	// Name of the phone's PJSIP endpoint (pjsip.conf), without PJSIP/.
	Endpoint string `yaml:"endpoint" example:"101" jsonschema:"required,pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
	// How an offered call is answered. handset: the phone rings, a person lifts it; call-on-accept: the offer shows in the CRM only, and on accept the phone is called and answers by itself.
	Mode string `yaml:"mode" default:"handset" jsonschema:"enum=handset,enum=call-on-accept" later:"nailed,talk-notify"`
	// Only for call-on-accept: how long the phone may take to answer after the accept.
	AcceptTimeout time.Duration `yaml:"accept_timeout" default:"5s" min:"1s" max:"1m"`
}

// ICI is the section `ici`.
type ICI struct {
	// Whether the interface is offered.
	Enabled bool `yaml:"enabled" default:"true"`
	// Address to listen on, host:port. Outside the loopback it needs an allow list and should have TLS.
	Listen string `yaml:"listen" default:"127.0.0.1:8181"`
	// Path of the base URL that the CRM is given.
	Path string `yaml:"path" default:"/OII/OII.asmx" jsonschema:"pattern=^(/[A-Za-z0-9._~-]+)+$,maxLength=200" why:"begins with a slash, letters, digits and . _ ~ - between slashes"`
	// Addresses and networks (CIDR) that may connect.
	Allow []string `yaml:"allow" default:"127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// User name of HTTP basic authentication. Empty: none is asked for; the protocol has no login of its own.
	User string `yaml:"user" example:"crm" jsonschema:"maxLength=80,pattern=^[^:\\x00-\\x1f\\x7f]*$" why:"no colon, no control characters"`
	// Password of HTTP basic authentication. Written as it is, or file:/path, or env:NAME.
	Password Secret `yaml:"password" example:"file:/etc/strowger/ici.secret" jsonschema:"maxLength=256"`
	// Certificate chain in PEM form. With tls_key: the interface speaks HTTPS.
	TLSCert string `yaml:"tls_cert" example:"/etc/strowger/ici.crt"`
	// Private key in PEM form that belongs to tls_cert.
	TLSKey string `yaml:"tls_key" example:"/etc/strowger/ici.key"`
	// Certificate authority in PEM form: only clients with a certificate from it may connect.
	TLSClientCA string `yaml:"tls_client_ca" example:"/etc/strowger/crm-ca.crt"`
	// Hosts, addresses and networks (CIDR) to which events may be sent. Checked again on every connection, after the name is resolved.
	CallbackAllow []string `yaml:"callback_allow" default:"localhost,127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// How long to wait for the CRM's reply to an event.
	SOAPTimeout time.Duration `yaml:"soap_timeout" default:"100s" min:"1s" max:"10m"`
	// How long the next event of an agent waits for the reply to the one before; then it is sent all the same.
	SOAPWait time.Duration `yaml:"soap_wait" default:"250ms" min:"0s" max:"10s"`
	// Largest attached data of one call, in bytes.
	CADMaxBytes int `yaml:"cad_max_bytes" default:"32768" jsonschema:"minimum=1024,maximum=1048576"`
	// Whether the elements inside a response carry the namespace (qualified) or none (unqualified).
	ChildNamespace string `yaml:"child_namespace" default:"qualified" jsonschema:"enum=qualified,enum=unqualified"`
	// The same for events. auto: qualified when the CRM's address contains style=document.
	EventStyle string `yaml:"event_style" default:"unqualified" jsonschema:"enum=unqualified,enum=qualified,enum=auto"`
	// Value of the SOAPAction header of events.
	EventSOAPAction string `yaml:"event_soap_action" default:"http://inqmy.com/soapdispatcher/rpc/bcbici/IciEventBean" jsonschema:"maxLength=300,pattern=^[!#-~]*$" why:"printable characters without spaces and quotes"`
	// Which operations a call offers. default: the reference's list for its state; strict: only what can succeed now.
	CapabilityProfile string `yaml:"capability_profile" default:"default" jsonschema:"enum=default,enum=strict"`
	// Whether a new subscription to a line is sent one event for each call that is already there.
	ReplayOnSubscribe bool `yaml:"replay_on_subscribe" default:"false"`
	// Whether cmsHostId is repeated after the response element, where some clients look for it.
	CMSHostIDOutside bool `yaml:"cms_host_id_outside" default:"true"`
	// How many subscriptions may exist at the same time.
	MaxSubscriptions int `yaml:"max_subscriptions" default:"2000" jsonschema:"minimum=1,maximum=100000"`
}

// HTTP is the section `http`.
type HTTP struct {
	// Address of the status page, /healthz, /readyz and /metrics, host:port. They have no login: keep it on the loopback or behind a proxy.
	Listen string `yaml:"listen" default:"127.0.0.1:8080"`
	// Names under which the status page may be asked for, beside addresses and localhost: those of a reverse proxy in front of it. Other names are refused, which stops DNS rebinding.
	Hosts []string `yaml:"hosts" example:"switch.example.com" jsonschema:"maxItems=20,pattern=^[A-Za-z0-9.-]{1\\,253}$" why:"host names without a port"`
	// Unix socket through which the command line (status, calls, agents, queues) talks to the controller.
	Socket string `yaml:"socket" default:"var/strowger.sock" jsonschema:"minLength=1"`
}

// Store is the section `store`.
type Store struct {
	// Database of records and statistics: sqlite: and a file.
	URL string `yaml:"url" default:"sqlite:var/strowger.db"`
	// Folder of the journal, from which the state is restored after a restart.
	JournalDir string `yaml:"journal_dir" default:"var/journal" jsonschema:"minLength=1"`
	// How long journal records are collected before they are forced to the disk together. 0 = each by itself.
	FsyncDelay time.Duration `yaml:"fsync_delay" default:"200ms" min:"0s" max:"1s"`
	// How long finished journal files are kept.
	JournalRetention time.Duration `yaml:"journal_retention" default:"7d" min:"1h" max:"3650d"`
}

// Log is the section `log`.
type Log struct {
	// The least important lines that are still written.
	Level string `yaml:"level" default:"info" jsonschema:"enum=debug,enum=info,enum=warn,enum=error"`
	// text for people, json for programs.
	Format string `yaml:"format" default:"text" jsonschema:"enum=text,enum=json"`
}

// Limits is the section `limits`.
type Limits struct {
	// Commands that may wait for the switch. One more is refused as busy.
	CommandsWaiting int `yaml:"commands_waiting" default:"1024" jsonschema:"minimum=16,maximum=65536"`
	// Events that may wait for one slow reader. Then it is cut off and must read the state again.
	SubscriberEvents int `yaml:"subscriber_events" default:"4096" jsonschema:"minimum=64,maximum=1048576"`
	// Calls at the same time. One more is refused as busy.
	Calls int `yaml:"calls" default:"5000" jsonschema:"minimum=1,maximum=100000"`
	// Readers of the live view (--watch and the status page) at the same time.
	WatchSubscribers int `yaml:"watch_subscribers" default:"200" jsonschema:"minimum=1,maximum=10000"`
}
