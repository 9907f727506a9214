package config

import "time"

// The field comments in this file are shown to operators: by `strowger config
// explain`, in the example file, in the JSON Schema and below every error.
// The tags are those of package schema.

// Config is a complete, checked configuration. Durations are time.Duration,
// relative paths are resolved against the configuration file's folder.
type Config struct {
	// How to reach the Asterisk server that this controller drives.
	Asterisk Asterisk `yaml:"asterisk"`
	// File with the configuration objects: queues, agents and everything else that `strowger apply` changes while calls are up. It is read at the first start only; then the database is the truth. Relative to this file.
	Objects string `yaml:"objects" example:"objects.yaml"`
	// The SAP ICI interface: the SOAP endpoint that a CRM system connects to.
	ICI ICI `yaml:"ici"`
	// The SAPphone interface: the RFC function modules by which SAP systems control telephones without ICI.
	SAPphone SAPphone `yaml:"sapphone"`
	// The CTIPS interface: the SOAP service of Aspect's CTI Portal Server, for applications written for that.
	CTIPS CTIPS `yaml:"ctips"`
	// The status page, health checks, metrics, and the local socket of the command line.
	HTTP HTTP `yaml:"http"`
	// Who may give orders over HTTP, beside the local socket.
	REST REST `yaml:"rest"`
	// Where records and the journal are kept.
	Store Store `yaml:"store"`
	// Which day a call counts to, how shares are computed, and how long records are kept.
	Statistics Statistics `yaml:"statistics"`
	// Where the files of recordings are kept, and for how long. What is recorded is said by the rules of queues and agents.
	Recording Recording `yaml:"recording"`
	// What campaigns need beside their objects.
	Dialer Dialer `yaml:"dialer"`
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
	// Address of the manager interface (manager.conf), host:port. AMI is used only when ami_user is set, to show the queues of app_queue; calls never depend on it.
	AMIAddr string `yaml:"ami_addr" default:"127.0.0.1:5038"`
	// User name of the AMI account, the section name in manager.conf. Empty: AMI is not used.
	AMIUser string `yaml:"ami_user" example:"strowger" jsonschema:"maxLength=80"`
	// Password of the AMI account, `secret` in manager.conf. Written as it is, or file:/path, or env:NAME.
	AMIPassword Secret `yaml:"ami_password" example:"file:/etc/strowger/ami.secret" jsonschema:"maxLength=256"`
	// A manager account of its own, only for stations with the mode talk-notify: it asks a ringing phone to answer.
	TalkNotify TalkNotify `yaml:"talk_notify"`
	// File of channel events that Asterisk writes when cel_strowger.conf and cel_custom_strowger.conf are in use; this user must be able to read it. After a gap in the connection it tells how calls ended that nobody saw end. Empty: such calls are recorded as lost. Relative to this file.
	CELFile string `yaml:"cel_file" example:"/var/log/asterisk/cel-custom/strowger.csv" jsonschema:"maxLength=4096"`
	// Country of the tones that callers and agents hear, as indications.conf names it: de, us, uk. Empty: the country that indications.conf names.
	ToneZone string `yaml:"tone_zone" example:"de" jsonschema:"pattern=^[a-z]{0\\,4}$" why:"up to four small letters, as in indications.conf"`
	// Dialplan context in which calls for the controller arrive. Never "stasis-" followed by the name in app: Asterisk makes that one itself.
	Context string `yaml:"context" default:"strowger-in" jsonschema:"pattern=^[A-Za-z0-9_-]{1\\,79}$" why:"letters, digits, _ and -, at most 79"`
	// Name of this Asterisk in records and metrics. Do not change it while calls are up.
	Node string `yaml:"node" default:"asterisk-1" jsonschema:"pattern=^[A-Za-z0-9._-]{1\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// How many ARI requests may wait for their answer at the same time.
	RESTInFlight int `yaml:"rest_in_flight" default:"64" jsonschema:"minimum=1,maximum=1024"`
	// How long one ARI request may take. After that its outcome is unknown and is settled by events.
	RESTTimeout time.Duration `yaml:"rest_timeout" default:"3s" min:"100ms" max:"1m"`
	// How often talking parties are looked at for audio that does not come; `dead_air` of a queue says after how long the conversation is ended.
	AudioCheck time.Duration `yaml:"audio_check" default:"10s" min:"500ms" max:"1m"`
	// Only with several servers: name of the PJSIP endpoint by which the others reach this one. Empty: the name in node.
	Peer string `yaml:"peer" example:"asterisk-1" jsonschema:"pattern=^[A-Za-z0-9_-]{0\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
	// Further Asterisk servers under this controller. What is not said of one is as above; the first one is the home of stations and trunks that name no node.
	Nodes []AsteriskNode `yaml:"nodes" jsonschema:"maxItems=31"`
}

// AsteriskNode is one of `asterisk.nodes`.
type AsteriskNode struct {
	// Name of this Asterisk in records, metrics and objects. Each name once; do not change it while calls are up.
	Node string `yaml:"node" example:"asterisk-2" jsonschema:"required,pattern=^[A-Za-z0-9._-]{1\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// Base address of its HTTP server (http.conf), without a path.
	ARIURL string `yaml:"ari_url" example:"https://pbx2.example.com:8089" jsonschema:"required"`
	// User name of its ARI account. Empty: as asterisk.ari_user.
	ARIUser string `yaml:"ari_user" example:"strowger" jsonschema:"maxLength=80,pattern=^[^\\s:\\[\\]]*$" why:"no spaces, colons or square brackets"`
	// Password of its ARI account. Written as it is, or file:/path, or env:NAME.
	ARIPassword Secret `yaml:"ari_password" example:"file:/etc/strowger/ari2.secret" jsonschema:"required,minLength=1,maxLength=256"`
	// Address of its manager interface, host:port. Needed with ami_user or talk_notify_user.
	AMIAddr string `yaml:"ami_addr" example:"127.0.0.1:5039"`
	// User name of its AMI account. Empty: AMI is not used there.
	AMIUser string `yaml:"ami_user" example:"strowger" jsonschema:"maxLength=80"`
	// Password of its AMI account. Written as it is, or file:/path, or env:NAME.
	AMIPassword Secret `yaml:"ami_password" example:"file:/etc/strowger/ami2.secret" jsonschema:"maxLength=256"`
	// User name of its manager account for stations with the mode talk-notify. Empty: there are none at this server.
	TalkNotifyUser string `yaml:"talk_notify_user" example:"strowger-notify" jsonschema:"maxLength=80,pattern=^[^\\s:\\[\\]]*$" why:"no spaces, colons or square brackets"`
	// Password of that account. Written as it is, or file:/path, or env:NAME.
	TalkNotifySecret Secret `yaml:"talk_notify_secret" example:"file:/etc/strowger/notify2.secret" jsonschema:"maxLength=256"`
	// Name of the PJSIP endpoint by which the other servers reach this one. Empty: the name in node.
	Peer string `yaml:"peer" example:"asterisk-2" jsonschema:"pattern=^[A-Za-z0-9_-]{0\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
}

// TalkNotify is the section `asterisk.talk_notify`.
type TalkNotify struct {
	// User name of the account, the section name in manager.conf; it has only the write class system (manager_strowger.conf shows it). Empty: stations with the mode talk-notify cannot be answered from a client.
	User string `yaml:"user" example:"strowger-notify" jsonschema:"maxLength=80,pattern=^[^\\s:\\[\\]]*$" why:"no spaces, colons or square brackets"`
	// Password of the account, `secret` in manager.conf. Written as it is, or file:/path, or env:NAME.
	Secret Secret `yaml:"secret" example:"file:/etc/strowger/notify.secret" jsonschema:"maxLength=256"`
}

// REST is the section `rest`.
type REST struct {
	// Tokens with which programs and people give orders at http.listen (Authorization: Bearer SECRET). Without one that address only shows; the local socket needs none.
	Tokens []Token `yaml:"tokens" jsonschema:"maxItems=1000"`
}

// Token is one of `rest.tokens`.
type Token struct {
	// Who or what uses it, as audit and log show it. Each name once.
	Name string `yaml:"name" example:"wallboard" jsonschema:"required,minLength=1,maxLength=64"`
	// What it may do. reader: see everything; agent: act on one agent's line; supervisor: act on every line, agent and queue, and be audited; integrator: act for agents, route calls and keep callbacks; admin: everything.
	Role string `yaml:"role" example:"agent" jsonschema:"required,enum=reader,enum=agent,enum=supervisor,enum=integrator,enum=admin"`
	// Id of the agent for whom it acts: with the role agent, and only there.
	Agent string `yaml:"agent" example:"anna" jsonschema:"maxLength=64"`
	// The token itself, 16 to 512 characters without spaces around them. Written as it is, or file:/path, or env:NAME.
	Secret Secret `yaml:"secret" example:"file:/etc/strowger/wallboard.token" jsonschema:"required,minLength=1,maxLength=512"`
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
	// Database of objects, records and statistics: sqlite: and a file, or postgres://user@host:port/database (of a unix socket: postgres:///database?host=/run/postgresql).
	URL string `yaml:"url" default:"sqlite:var/strowger.db"`
	// Password of the PostgreSQL user. Written as it is, or file:/path, or env:NAME. Empty: the one in url, or none.
	Password Secret `yaml:"password" example:"file:/etc/strowger/database.secret" jsonschema:"maxLength=256"`
	// Folder of the journal, from which the state is restored after a restart.
	JournalDir string `yaml:"journal_dir" default:"var/journal" jsonschema:"minLength=1"`
	// How long journal records are collected before they are forced to the disk together. 0 = each by itself.
	FsyncDelay time.Duration `yaml:"fsync_delay" default:"200ms" min:"0s" max:"1s"`
	// How long finished journal files are kept.
	JournalRetention time.Duration `yaml:"journal_retention" default:"7d" min:"1h" max:"3650d"`
}

// Statistics is the section `statistics`.
type Statistics struct {
	// Time zone of days and intervals, as the IANA names it.
	TimeZone string `yaml:"time_zone" default:"UTC" example:"Europe/Berlin" jsonschema:"minLength=1,maxLength=64"`
	// When a day begins, on the wall's clock of that zone.
	DayStart string `yaml:"day_start" default:"00:00" jsonschema:"pattern=^([01][0-9]|2[0-3]):[0-5][0-9]$" why:"hours and minutes, as 06:00"`
	// Callers who give up within this time are short abandons: they are counted by themselves and left out of shares.
	ShortAbandon time.Duration `yaml:"short_abandon" default:"5s" min:"0s" max:"5m"`
	// What the service level is a share of. offered: all calls but short abandons; answered: answered calls; served: answered calls, and those given up after the queue's service_level time.
	ServiceLevel string `yaml:"service_level" default:"offered" jsonschema:"enum=offered,enum=answered,enum=served"`
	// How long rows are kept, by their kind.
	Keep Keep `yaml:"keep"`
}

// Keep is the section `statistics.keep`.
type Keep struct {
	// Rows of calls. 0s: for ever.
	Calls time.Duration `yaml:"calls" default:"0s" example:"400d" min:"0s" max:"36500d"`
	// Rows of what parties did within calls. 0s: for ever.
	Segments time.Duration `yaml:"segments" default:"0s" example:"400d" min:"0s" max:"36500d"`
	// Rows of agents' states. 0s: for ever.
	AgentStates time.Duration `yaml:"agent_states" default:"0s" example:"400d" min:"0s" max:"36500d"`
	// Rows of attempts to reach somebody outside. With campaigns at least 31d, or their budgets would forget drops. 0s: for ever.
	Attempts time.Duration `yaml:"attempts" default:"0s" example:"400d" min:"0s" max:"36500d"`
	// Rows of dispositions. 0s: for ever.
	Dispositions time.Duration `yaml:"dispositions" default:"0s" example:"400d" min:"0s" max:"36500d"`
	// The record of forced actions. 0s: for ever.
	Audit time.Duration `yaml:"audit" default:"0s" example:"730d" min:"0s" max:"36500d"`
}

// Recording is the section `recording`.
type Recording struct {
	// Folder of the files, by year, month and day. Nobody but the controller needs access to it: recordings are heard through its HTTP interface, which asks who may and writes down who did.
	Dir string `yaml:"dir" default:"var/recordings" jsonschema:"minLength=1"`
	// How long files are kept that no rule of a queue or an agent gives a time. 0 = for ever.
	Keep time.Duration `yaml:"keep" default:"90d" min:"0s" max:"3650d"`
	// No recording is started while the disk of that folder has less room than this, in MiB; calls go on. 0 = the room is not looked at.
	MinFreeMB int `yaml:"min_free_mb" default:"1024" jsonschema:"minimum=0,maximum=1073741824"`
	// Whether agents may hear the recordings in which they talk themselves. Supervisors may hear all.
	AgentsHearOwn bool `yaml:"agents_hear_own" default:"false"`
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
	// Memory in MiB that the controller may use. From 70 % on it refuses reports, from 85 % on new
	// outbound calls too, and from 95 % on new callers take the dialplan's way out; calls that are up
	// go on. 0: not measured.
	MemoryMB int `yaml:"memory_mb" default:"0" jsonschema:"minimum=0,maximum=1048576"`
}
