package config

import "time"

// The comments in this file are shown to operators, as those in sections.go.

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
	// Scheme, host and port under which the CRM reaches this interface, as the description (WSDL) names it. Empty: what the client has used.
	PublicURL string `yaml:"public_url" example:"https://switch.example.com:8181" jsonschema:"maxLength=300"`
	// How many requests are served at once. One more is refused as busy.
	MaxInFlight int `yaml:"max_in_flight" default:"256" jsonschema:"minimum=1,maximum=4096"`
	// HTTP status of a refusal: 500 as SOAP says, or 200 for clients that drop the body of a failed request.
	FaultHTTPStatus int `yaml:"fault_http_status" default:"500" jsonschema:"minimum=200,maximum=500"`
	// What identifies this switch to the CRM. Empty: made from the name of this host and the address; set it where the host may change.
	CMSHostID string `yaml:"cms_host_id" example:"SWITCH-1" jsonschema:"maxLength=64,pattern=^[A-Za-z0-9._-]*$" why:"letters, digits, dot, _ and -, at most 64"`
	// Name of the product that a CRM is told.
	ProductName string `yaml:"product_name" default:"Strowger" jsonschema:"minLength=1,maxLength=80"`
	// Version of the interface that a CRM is told.
	ICIVersion string `yaml:"ici_version" default:"3.07" jsonschema:"minLength=1,maxLength=20"`

	// Delivery of events.

	// Hosts, addresses and networks (CIDR) to which events may be sent. Checked again on every connection, after the name is resolved.
	CallbackAllow []string `yaml:"callback_allow" default:"localhost,127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// Ports to which events may be sent. None: all.
	CallbackPorts []string `yaml:"callback_ports" example:"80,443" jsonschema:"maxItems=100,pattern=^[0-9]{1\\,5}$" why:"port numbers"`
	// Certificate authorities in PEM form by which a CRM with an https address is known. Empty: those of this system.
	CallbackCA string `yaml:"callback_ca" example:"/etc/strowger/crm-ca.crt"`
	// Certificate chain in PEM form that is shown to CRMs which ask for one. With callback_key.
	CallbackCert string `yaml:"callback_cert" example:"/etc/strowger/callback.crt"`
	// Private key in PEM form that belongs to callback_cert.
	CallbackKey string `yaml:"callback_key" example:"/etc/strowger/callback.key"`
	// Folder of certificates instead (.pem, .crt, .cer, each with its key in the same file or in NAME.key): a CRM is shown the one that it accepts and that is valid longest.
	CallbackCertDir string `yaml:"callback_cert_dir" example:"/etc/strowger/crm-certs"`
	// Only those with this subject: the whole one, or else a part of any of its values. Empty: all.
	CallbackCertSubject string `yaml:"callback_cert_subject" example:"CN=switch.example.com,O=Example" jsonschema:"maxLength=300"`
	// Proxy through which events go, http://host:port. Empty: directly. A name in callback_allow is then looked up by the proxy, not here.
	CallbackProxy string `yaml:"callback_proxy" example:"http://proxy.example.com:3128" jsonschema:"maxLength=300"`
	// User name at that proxy. Empty: it asks for none.
	ProxyUser string `yaml:"callback_proxy_user" example:"strowger" jsonschema:"maxLength=80,pattern=^[^:\\x00-\\x1f\\x7f]*$" why:"no colon, no control characters"`
	// Password at that proxy. Written as it is, or file:/path, or env:NAME.
	ProxyPassword Secret `yaml:"callback_proxy_password" example:"file:/etc/strowger/proxy.secret" jsonschema:"maxLength=256"`
	// Hosts that are reached without the proxy. A leading dot stands for all names below.
	NoProxy []string `yaml:"callback_no_proxy" example:".crm.example.com" jsonschema:"maxItems=100"`
	// Pairs of a text in the CRM's address and what replaces it, before anything else is done with the address: for CRMs that name an address which cannot be reached from here.
	MapSubscribeURL []string `yaml:"map_subscribe_url" example:"10.0.0.7:80,crm.example.com:8000" jsonschema:"maxItems=64"`
	// Whether a number in the CRM's address is replaced by its name, for certificates. The name must be in callback_allow; without one the number stays.
	ReverseDNS bool `yaml:"reverse_dns_subscribe_url" default:"false"`
	// How many events may be on their way to one CRM address at the same time.
	CallbackWorkers int `yaml:"callback_workers" default:"25" jsonschema:"minimum=1,maximum=1000"`
	// How long a connection to the CRM may take to come up.
	ConnectTimeout time.Duration `yaml:"connect_timeout" default:"3s" min:"100ms" max:"1m"`
	// How long to wait for the CRM's reply to an event.
	SOAPTimeout time.Duration `yaml:"soap_timeout" default:"100s" min:"1s" max:"10m"`
	// How long the next event of an agent waits for the reply to the one before; then it is sent all the same.
	SOAPWait time.Duration `yaml:"soap_wait" default:"250ms" min:"1ms" max:"10s"`
	// How many events may wait for one agent at one CRM address. One more ends the subscriptions there.
	QueueLength int `yaml:"queue_length" default:"256" jsonschema:"minimum=16,maximum=10000"`
	// After how many failures in a row the subscriptions of an agent at one CRM address end.
	MaxFailures int `yaml:"max_failures" default:"20" jsonschema:"minimum=1,maximum=1000"`
	// After how long without any contact they end.
	MaxSilence time.Duration `yaml:"max_silence" default:"24h" min:"1m" max:"30d"`
	// Whether the elements inside a response carry the namespace (qualified) or none (unqualified).
	ChildNamespace string `yaml:"child_namespace" default:"qualified" jsonschema:"enum=qualified,enum=unqualified"`
	// The same for events. auto: qualified when the CRM's address contains style=document.
	EventStyle string `yaml:"event_style" default:"unqualified" jsonschema:"enum=unqualified,enum=qualified,enum=auto"`
	// Value of the SOAPAction header of events.
	EventSOAPAction string `yaml:"event_soap_action" default:"http://inqmy.com/soapdispatcher/rpc/bcbici/IciEventBean" jsonschema:"maxLength=300,pattern=^[!#-~]*$" why:"printable characters without spaces and quotes"`
	// Whether a new subscription is sent what is already there: to a line one event for each call, to a user one with their state.
	ReplayOnSubscribe bool `yaml:"replay_on_subscribe" default:"false"`
	// How many subscriptions may exist at the same time.
	MaxSubscriptions int `yaml:"max_subscriptions" default:"2000" jsonschema:"minimum=1,maximum=100000"`
	// How many of them for one CRM address.
	MaxSubscriptionsPerURL int `yaml:"max_subscriptions_per_url" default:"2000" jsonschema:"minimum=1,maximum=100000"`

	// Whether subscriptions outlive a crash of the controller, in a file beside the journal. A stop tells the CRM that they end.
	KeepSubscriptions bool `yaml:"keep_subscriptions" default:"true"`
	// How many subscriptions to the forms of IciMonitor may exist at the same time. 0: none.
	MonitorSubscriptions int `yaml:"monitor_subscriptions" default:"200" jsonschema:"minimum=0,maximum=2000"`
	// Shortest time between two messages to one of them.
	MonitorInterval time.Duration `yaml:"monitor_interval" default:"5s" min:"1s" max:"1h"`

	// What agents are and do.

	// Whether a login ends the subscriptions that the same user had before.
	AutoUnsubscribe bool `yaml:"auto_unsubscribe" default:"true"`
	// Whether a login ends the calls and wrap-ups that are on the user's line.
	LoginDropCalls bool `yaml:"login_drop_calls" default:"true"`
	// Whether reasons for being ready (objects reasons with for: ready) are work modes too, beside those for being not ready.
	ShowPresenceProfiles bool `yaml:"show_presence_profiles" default:"false"`
	// Whether agents may not make themselves not ready through the CRM during a call.
	PreventNotReady bool `yaml:"prevent_not_ready" default:"false"`
	// Whether the CRM may sign agents in to single queues and out of them. Some versions sign in to all at a login, and out of all at its end.
	SetCurrentQueues bool `yaml:"set_current_queues" default:"false"`
	// Whether the CRM is shown the figures of all queues. false: of the agent's own.
	PresenceAllQueues bool `yaml:"presence_all_queues" default:"false"`
	// Which of them: all, those with somebody logged in, or those with somebody ready.
	PresenceFilter string `yaml:"presence_filter" default:"all" jsonschema:"enum=all,enum=logged-in,enum=ready"`
	// Whether wrap-up counts as an activity of its own. false: it counts as paperwork, and shows as a pause.
	AfterWork bool `yaml:"after_work" default:"true"`
	// Whether a call is followed by wrap-up only where the CRM has asked for it. false: always.
	RequestedWrapUp bool `yaml:"requested_wrap_up" default:"false"`
	// Whether an agent who makes themselves ready elsewhere ends their wrap-up.
	WrapUpEndedOutside bool `yaml:"wrap_up_ended_outside" default:"false"`
	// Whether calls that agents made through the CRM and that were never answered are followed by wrap-up too.
	WrapUpOutbound bool `yaml:"wrap_up_outbound" default:"false"`
	// Whether agents get and make further calls while calls of theirs are in wrap-up: several may be open at a time.
	PhoneMultiSession bool `yaml:"phone_multi_session" default:"false"`
	// How long the wrap-up of a call may last that no queue gives a time.
	WrapUpMax time.Duration `yaml:"wrap_up_max" default:"10m" min:"1s" max:"24h"`

	// Calls, and what of them is told.

	// Which operations a call offers. default: the reference's list for its state; strict: only what can succeed now.
	CapabilityProfile string `yaml:"capability_profile" default:"default" jsonschema:"enum=default,enum=strict"`
	// Whether calls to an agent's own number that never were in a queue are kept from the CRM. Consultations are always told.
	IgnoreDirect bool `yaml:"ignore_direct" default:"true"`
	// Whether calls that agents make outside the CRM are kept from it.
	IgnoreOutbound bool `yaml:"ignore_outbound" default:"true"`
	// Whether a call that fails because the called line is busy shows that before it ends.
	ShowBusy bool `yaml:"show_busy" default:"false"`
	// For how long it shows that.
	BusyDuration time.Duration `yaml:"busy_duration" default:"5s" min:"100ms" max:"1m"`
	// Whether a connected call that the CRM sends on without asking there (forward) ends for the agent without wrap-up.
	ForwardAndEnd bool `yaml:"forward_and_end" default:"false"`
	// The same for a call that is transferred after a consultation.
	TransferAndEnd bool `yaml:"transfer_and_end" default:"false"`
	// Whether the CRM may send digits (DTMF) into a call. It also needs send_dtmf_capability.
	SendDTMF bool `yaml:"send_dtmf" default:"true"`
	// Number of the capability that offers it, as the CRM expects it, from 113. 0: none, and it is not offered.
	SendDTMFCapability int `yaml:"send_dtmf_capability" default:"0" example:"113" jsonschema:"minimum=0,maximum=999"`
	// Name of the operation, as the CRM calls it. sendDTMF is understood in any case.
	SendDTMFOperation string `yaml:"send_dtmf_operation" default:"sendDTMF" jsonschema:"pattern=^[A-Za-z][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`

	// Data of calls, and the form of messages.

	// Largest attached data of one call, in bytes.
	CADMaxBytes int `yaml:"cad_max_bytes" default:"32768" jsonschema:"minimum=1024,maximum=524288"`
	// Id of our own part of attached data (reference OII.CADApplicationID).
	CADApplicationID string `yaml:"cad_application_id" default:"SAP_BCM/OII" jsonschema:"minLength=1,maxLength=80,pattern=^[^\"'<>&\\x00-\\x1f\\x7f]*$" why:"printable characters without quotes and angle brackets"`
	// Whether our part names the file of a call's recording; each begin of one is an event of its own (reference OII.CallRecordingCad).
	CallRecordingCAD bool `yaml:"call_recording_cad" default:"false"`
	// Whether what a CRM attaches to a call reaches the switch at once. false: when the call goes to somebody else (reference OII.SetExtraData).
	SetExtraData bool `yaml:"set_extra_data" default:"true"`
	// Digits before numbers of other countries, as callers' numbers arrive: 00495551 is sent as +495551. Empty, with country: numbers stay as they are (reference OII.IDD).
	IDD string `yaml:"idd" default:"00" jsonschema:"maxLength=5,pattern=^[0-9]*$" why:"digits only"`
	// Code of this country: 05551 is sent as +495551 (reference OII.Country).
	Country string `yaml:"country" default:"49" jsonschema:"maxLength=5,pattern=^[0-9]*$" why:"digits only"`
	// What is told of a call beside its numbers. A queue may say otherwise.
	ExtraData ICIExtraData `yaml:"extra_data"`
	// Whether an agent sees a call of a campaign in the CRM before it is made (reference OII.PdBeginPreview).
	PreviewBegin bool `yaml:"preview_begin" default:"false"`
	// What becomes of one that the agent refuses there. SKIP: it comes again; REJECT: the customer is not called any more (reference OII.PdEndPreviewReject).
	PreviewReject string `yaml:"preview_reject" default:"SKIP" jsonschema:"enum=SKIP,enum=REJECT"`
	// Whether a campaign's call that the CRM puts off ends in conversation and wrap-up too, and not only before it is made (reference OII.PdRescheduleImmediately).
	RescheduleImmediately bool `yaml:"reschedule_immediately" default:"false"`
	// Whether cmsHostId is repeated after the response element, where some clients look for it.
	CMSHostIDOutside bool `yaml:"cms_host_id_outside" default:"true"`
}

// ICIExtraData is `extra_data` of the section `ici`: names of values. XML stands
// for what other applications have attached; CallRecording has a setting of its own.
type ICIExtraData struct {
	// From when a call is offered on (reference ExtraDataWhenAllocated). Also GUID, CALL_ID, FirstANumber, IVRInfo, AnswerInfo and what menus store.
	Allocated []string `yaml:"allocated" default:"XML,FirstBName,FirstBNumber,SIP_CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// Of calls that the agent makes (reference ExtraDataWhenCallOut).
	CallOut []string `yaml:"call_out" default:"XML,FirstBName,SIP_CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// Added when the call is answered (reference ExtraDataWhenConnected).
	Connected []string `yaml:"connected" default:"SIP_CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// Added when it has been transferred (reference ExtraDataWhenJoin).
	Join []string `yaml:"join" default:"XML,FirstBName,SIP_CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
}
