package config

import "time"

// The comments in this file are shown to operators, as those in sections.go.

// SAPphone is the section `sapphone`.
type SAPphone struct {
	// Whether the interface is offered.
	Enabled bool `yaml:"enabled" default:"false"`
	// Address to listen on for SOAP-RFC, host:port. Outside the loopback it needs an allow list and should have TLS.
	Listen string `yaml:"listen" default:"127.0.0.1:8182"`
	// Path of SOAP-RFC calls, as SAP systems have it.
	Path string `yaml:"path" default:"/sap/bc/soap/rfc" jsonschema:"pattern=^(/[A-Za-z0-9._~-]+)+$,maxLength=200" why:"begins with a slash, letters, digits and . _ ~ - between slashes"`
	// Addresses and networks (CIDR) that may connect, over SOAP-RFC and over the ports of servers.
	Allow []string `yaml:"allow" default:"127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// User name of HTTP basic authentication for SOAP-RFC. Empty: none is asked for.
	User string `yaml:"user" example:"sap" jsonschema:"maxLength=80,pattern=^[^:\\x00-\\x1f\\x7f]*$" why:"no colon, no control characters"`
	// Password of HTTP basic authentication. Written as it is, or file:/path, or env:NAME.
	Password Secret `yaml:"password" example:"file:/etc/strowger/sapphone.secret" jsonschema:"maxLength=256"`
	// Certificate chain in PEM form. With tls_key: SOAP-RFC speaks HTTPS.
	TLSCert string `yaml:"tls_cert" example:"/etc/strowger/sapphone.crt"`
	// Private key in PEM form that belongs to tls_cert.
	TLSKey string `yaml:"tls_key" example:"/etc/strowger/sapphone.key"`
	// Certificate authority in PEM form: only clients with a certificate from it may connect.
	TLSClientCA string `yaml:"tls_client_ca" example:"/etc/strowger/sap-ca.crt"`
	// Connection strings of destinations of type T, in either form: -aPROGRAM -gHOST -xsapgwNN, or PROGRAM_ID= GWHOST= GWSERV=, with REG_COUNT= and MAX_REG_COUNT= for the connections at once, and LISTEN=host:port where it is not every address at port 33NN. Each opens a port for the classic RFC wire, which is experimental.
	Servers []string `yaml:"servers" example:"PROGRAM_ID=STROWGER GWHOST=switch GWSERV=sapgw88 REG_COUNT=20 LISTEN=127.0.0.1:3388" jsonschema:"maxItems=16"`
	// The SAP systems that are told of calls, by SOAP-RFC.
	Clients []SAPSystem `yaml:"clients" jsonschema:"maxItems=16"`
	// Networks (CIDR) and addresses in which the systems of clients are. Checked on every connection, after the name is resolved.
	ClientAllow []string `yaml:"client_allow" default:"127.0.0.0/8,::1/128" jsonschema:"maxItems=256"`
	// Certificate authority in PEM form for systems of clients that are reached by https. Empty: those of this machine.
	ClientCA string `yaml:"client_ca" example:"/etc/strowger/sap-ca.crt"`
	// How long to wait for a SAP system's answer.
	ClientTimeout time.Duration `yaml:"client_timeout" default:"20s" min:"1s" max:"5m"`
	// Campaigns whose lists of calls a SAP system may hand over (SPS_PDLISTTRANSFER): every entry becomes a callback of the campaign's queue, or an entry of the list of a campaign of the dialer. Empty: none is taken.
	Campaigns []SAPCampaign `yaml:"campaigns" jsonschema:"maxItems=1000"`
	// Whether registered agents are told of their calls by SPS_NEW_CALL, which opens a window at their screens.
	Popup bool `yaml:"popup" default:"true"`
	// What SAP calls this switch in its calls. Empty: as SAP says by XCHGPARAMS, which is kept in state_file.
	ServerName string `yaml:"server_name" example:"STROWGER" jsonschema:"maxLength=32"`
	// File that keeps what SAP calls this switch over restarts. Relative to this file.
	StateFile string `yaml:"state_file" default:"var/sapphone.json" jsonschema:"minLength=1"`
	// File that replaces parts of the built-in metadata: names, types and lengths of functions and parameters, return codes, constants. `strowger sapphone metadata import` writes one from a SAP system. Empty: the built-in metadata alone.
	Metadata string `yaml:"metadata" example:"sapphone-metadata.json" jsonschema:"maxLength=4096"`
	// Version that is answered to XCHGVERSION. SAP calls newer functions only where it is high enough.
	InterfaceVersion string `yaml:"interface_version" default:"5.11A" jsonschema:"pattern=^[0-9A-Za-z.]{1\\,6}$" why:"1 to 6 letters, digits and dots"`
	// Whether functions that SAP Contact Center does not support are answered as not supported, although this switch can do some of them.
	ReferenceOnly bool `yaml:"reference_only" default:"false"`
	// How many last digits of a line's number may stand for the whole in EXT. 0: only the whole number, or its first ten digits where it is longer.
	ExtDigits int `yaml:"ext_digits" default:"0" jsonschema:"minimum=0,maximum=10"`
	// How many agents may wait for a call in SPS_WAITFORCALL at the same time. Each occupies a connection.
	MaxWaiting int `yaml:"max_waiting" default:"2500" jsonschema:"minimum=1,maximum=100000"`
	// How long SPS_WAITFORCALL waits where the caller does not say, and at most.
	MaxWait time.Duration `yaml:"max_wait" default:"10m" min:"1s" max:"24h"`
	// How many connections may be open at the same time over the ports of servers, and requests over SOAP-RFC.
	MaxConversations int `yaml:"max_conversations" default:"5000" jsonschema:"minimum=1,maximum=100000"`
	// How many extensions may be registered for SPS_NEW_CALL.
	MaxRegistered int `yaml:"max_registered" default:"10000" jsonschema:"minimum=1,maximum=100000"`
}

// SAPCampaign is one of `sapphone.campaigns`.
type SAPCampaign struct {
	// What SAP calls the campaign, without regard to case. * is for all campaigns that are not listed.
	ID string `yaml:"id" example:"SPRING" jsonschema:"required,minLength=1,maxLength=40"`
	// Id or number of the queue that makes its calls, as callbacks. Not looked at where campaign is set.
	Queue string `yaml:"queue" example:"sales" jsonschema:"maxLength=128"`
	// Id of the campaign of the dialer that makes its calls: entries go to the first of its lists. Empty: the queue makes them.
	Campaign string `yaml:"campaign" example:"spring-sale" jsonschema:"maxLength=40"`
	// Text that SAP is shown.
	Text string `yaml:"text" example:"Spring sale" jsonschema:"maxLength=80"`
}

// SAPSystem is one of `sapphone.clients`.
type SAPSystem struct {
	// Connection string: CLIENT= USER= ASHOST= SYSNR=, and LANG=, POOL_SIZE=, MAX_POOL_SIZE= where wanted; SOAPURL=http://host:port where SOAP-RFC is not at the usual port 80NN.
	Connection string `yaml:"connection" example:"CLIENT=506 USER=strowger LANG=EN ASHOST=10.0.0.7 SYSNR=20 MAX_POOL_SIZE=20" jsonschema:"required,maxLength=1024"`
	// Password of that user. Written as it is, or file:/path, or env:NAME.
	Password Secret `yaml:"password" example:"file:/etc/strowger/sap.secret" jsonschema:"maxLength=256"`
}
