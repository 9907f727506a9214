package objects

import "time"

// trunkGroupObject is one entry of the list `trunk_groups`.
type trunkGroupObject struct {
	// Short name of the group, to which campaigns refer.
	ID string `yaml:"id" example:"outbound" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// The id of each trunk of the group. A trunk belongs to one group.
	Trunks []string `yaml:"trunks" example:"carrier" jsonschema:"required,minItems=1,maxItems=20"`
	// Calls that campaigns may have on the group at once, ringing ones included; 0: as many as the trunks take.
	MaxCalls int `yaml:"max_calls" default:"0" jsonschema:"minimum=0,maximum=100000"`
	// Calls that campaigns may begin on the group in one second.
	CallsPerSecond int `yaml:"calls_per_second" default:"10" jsonschema:"minimum=1,maximum=1000"`
	// Calls that campaigns leave free on the group's trunks for everybody else.
	Reserve int `yaml:"reserve" default:"0" jsonschema:"minimum=0,maximum=100000"`
	// When the group is taken for broken: no campaign dials on it until a single call gets through again.
	Breaker breakerObject `yaml:"breaker"`
}

// breakerObject is `breaker` of a trunk group.
type breakerObject struct {
	// So many failures of the carrier in a row open it, as does half of the last 20 calls within the window.
	Failures int `yaml:"failures" default:"5" jsonschema:"minimum=2,maximum=100"`
	// The time within which they are counted.
	Window time.Duration `yaml:"window" default:"10s" min:"1s" max:"10m"`
	// While it is open one call in this time tries whether the carrier is back.
	Probe time.Duration `yaml:"probe" default:"10s" min:"1s" max:"10m"`
}

// campaignObject is one entry of the list `campaigns`.
type campaignObject struct {
	// Short name of the campaign. Records and reports keep it: choose it once.
	ID string `yaml:"id" example:"renewals" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{0\\,39}$" why:"small letters, digits and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Renewals" jsonschema:"maxLength=80"`
	// The id of the queue whose agents talk to the people who are called. Its dial_rule, caller_id, priority, wrap-up and dispositions apply. In the mode message nobody of it is needed.
	Queue string `yaml:"queue" example:"sales" jsonschema:"required,maxLength=40"`
	// How it dials. preview: an agent sees the lead first; progressive: one call for each free agent; predictive: as many as the budget of abandoned calls allows; message: a recorded message and no agent.
	Mode string `yaml:"mode" default:"progressive" jsonschema:"enum=preview,enum=progressive,enum=predictive,enum=message"`
	// The lists whose leads are called.
	Lists []campaignListObject `yaml:"lists" jsonschema:"maxItems=100"`
	// Share of agents who serve several running campaigns, against the weight of those.
	Weight int `yaml:"weight" default:"1" jsonschema:"minimum=1,maximum=100"`
	// The law that it keeps. uk: 3 % in any 24 hours, 2 s from the answer, 72 hours without a call after an abandoned one; us: 3 % in 30 days, 2 s from the end of the greeting; custom: what is written below custom.
	Rules string `yaml:"rules" default:"uk" jsonschema:"enum=uk,enum=us,enum=custom"`
	// The rules of a campaign with rules custom.
	Custom customRulesObject `yaml:"custom"`
	// Share of abandoned calls to aim at, in percent. Empty: the limit of the rules. It can only be stricter.
	Target string `yaml:"target" example:"2.5" jsonschema:"pattern=^([0-9]{1\\,2}([.][0-9]{1\\,2})?)?$" why:"percent with at most two decimals, for example 2.5"`
	// How long a phone may ring.
	Ring time.Duration `yaml:"ring" default:"22s" min:"15s" max:"2m"`
	// Most calls of the campaign at once, ringing ones included; 0: as many as its trunks take.
	MaxLines int `yaml:"max_lines" default:"0" jsonschema:"minimum=0,maximum=100000"`
	// The id of the trunk group that carries its calls. Empty: any trunk to which the routes lead.
	TrunkGroup string `yaml:"trunk_group" example:"outbound" jsonschema:"maxLength=40"`
	// Numbers that its calls show. The longest prefix that fits the called number decides. None: the queue's caller_id.
	CallerIDs []campaignCallerObject `yaml:"caller_ids" jsonschema:"maxItems=1000"`
	// The id of a calendar. It is read in the time zone of who is called, and narrows the hours of the rules. Empty: those alone.
	Hours string `yaml:"hours" example:"office" jsonschema:"maxLength=40"`
	// Calendars for single states or regions, instead of hours.
	Regions []regionObject `yaml:"regions" jsonschema:"maxItems=200"`
	// How often one person and one number is called. The rules may be stricter.
	Caps capsObject `yaml:"caps"`
	// When a lead is called again after a result, where it differs from what is usual.
	Retry []retryObject `yaml:"retry" jsonschema:"maxItems=50"`
	// What the results mean that agents give. One that is not named ends the lead.
	Results []campaignResultObject `yaml:"results" jsonschema:"maxItems=1000"`
	// Whether it is listened whether a person or a machine has answered.
	Screen screenObject `yaml:"screen"`
	// Sounds for a person for whom nobody is free in time: who called, and a number to opt out. A predictive campaign needs one.
	Dropped []string `yaml:"dropped" example:"sound:dialer-dropped" jsonschema:"maxItems=16,maxLength=160"`
	// Only for the mode message: the sounds that are played to who answers.
	Message []string `yaml:"message" example:"sound:dialer-message" jsonschema:"maxItems=16,maxLength=160"`
	// The key by which who hears a recorded message is never called again.
	OptOut optOutObject `yaml:"opt_out"`
	// Only for the mode preview: what happens while the agent looks at the lead.
	Preview previewObject `yaml:"preview"`
	// Call-backs that agents have agreed for themselves.
	Callbacks campaignCallbacksObject `yaml:"callbacks"`
	// Whether its agents serve inbound calls first: it does not dial while one waits that a free agent could take.
	Blend bool `yaml:"blend" default:"false"`
	// Whether leads that were never called come before those that were. Otherwise the other way round.
	FreshFirst bool `yaml:"fresh_first" default:"true"`
}

// campaignListObject is one entry of `lists` of a campaign.
type campaignListObject struct {
	// The id of the list, as in `strowger list show`. It may be made and filled later.
	List string `yaml:"list" example:"spring" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{0\\,31}$" why:"small letters, digits and -, at most 32, beginning with a letter or digit"`
	// Its share of the calls against the other lists.
	Weight int `yaml:"weight" default:"1" jsonschema:"minimum=1,maximum=100"`
}

// customRulesObject is `custom` of a campaign.
type customRulesObject struct {
	// Most abandoned calls in percent of those that a person answered.
	Limit string `yaml:"limit" default:"3" jsonschema:"pattern=^[0-9]{1\\,2}([.][0-9]{1\\,2})?$" why:"percent with at most two decimals, for example 2.5"`
	// Time over which the share is measured, up to now.
	Window time.Duration `yaml:"window" default:"24h" min:"1h" max:"30d"`
	// Time within which who answered is connected to an agent; later the message is played.
	ConnectWithin time.Duration `yaml:"connect_within" default:"2s" min:"500ms" max:"5s"`
	// From when it counts. greeting: from the end of the greeting where it was heard, else from the answer.
	ConnectFrom string `yaml:"connect_from" default:"answer" jsonschema:"enum=answer,enum=greeting"`
	// How long a phone rings at least, even when the campaign is stopped.
	RingLeast time.Duration `yaml:"ring_least" default:"15s" min:"1s" max:"1m"`
	// The id of a calendar with the allowed hours, read in the time zone of who is called. Empty: 8 to 21 o'clock from Monday to Saturday, 10 to 16 on Sunday.
	Hours string `yaml:"hours" example:"office" jsonschema:"maxLength=40"`
	// So long after an abandoned call a lead is called only with an agent who is there already.
	AfterDropped time.Duration `yaml:"after_dropped" default:"72h" min:"1m" max:"30d"`
	// The same after a call that a machine answered.
	AfterMachine time.Duration `yaml:"after_machine" default:"24h" min:"1m" max:"30d"`
}

// campaignCallerObject is one entry of `caller_ids` of a campaign.
type campaignCallerObject struct {
	// Beginning of the called number with the country code and no plus. Empty: every number.
	Prefix string `yaml:"prefix" example:"4930" jsonschema:"pattern=^[0-9]{0\\,15}$" why:"digits only, at most 15"`
	// The numbers to show. The one that was used least today is taken.
	Numbers []string `yaml:"numbers" example:"+49301000600" jsonschema:"required,minItems=1,maxItems=1000,pattern=^[+]?[0-9]{1\\,32}$" why:"digits, with or without a leading +, at most 32"`
	// How often one number is shown in a day; 0: no limit.
	PerDay int `yaml:"per_day" default:"0" jsonschema:"minimum=0,maximum=1000000"`
}

// regionObject is one entry of `regions` of a campaign.
type regionObject struct {
	// The state or region, as the leads have it.
	Region string `yaml:"region" example:"FL" jsonschema:"required,pattern=^[A-Z0-9-]{1\\,8}$" why:"capital letters, digits and -, at most 8"`
	// The id of the calendar that counts there.
	Calendar string `yaml:"calendar" example:"office" jsonschema:"required,maxLength=40"`
}

// capsObject is `caps` of a campaign.
type capsObject struct {
	// Attempts to one lead in all.
	Lead int `yaml:"lead" default:"10" jsonschema:"minimum=1,maximum=1000"`
	// Attempts to one number in a day of who is called; 0: only what the rules say.
	NumberDay int `yaml:"number_day" default:"3" jsonschema:"minimum=0,maximum=100"`
	// Attempts to one number in any 24 hours; 0: only what the rules say.
	Number24h int `yaml:"number_24h" default:"0" jsonschema:"minimum=0,maximum=100"`
	// Attempts to one number in any 7 days; 0: only what the rules say.
	Number7d int `yaml:"number_7d" default:"0" jsonschema:"minimum=0,maximum=1000"`
	// Attempts to one number in any 30 days; 0: only what the rules say.
	Number30d int `yaml:"number_30d" default:"0" jsonschema:"minimum=0,maximum=1000"`
}

// retryObject is one entry of `retry` of a campaign.
type retryObject struct {
	// The result of the call.
	Result string `yaml:"result" example:"busy" jsonschema:"required,enum=busy,enum=no-answer,enum=temp-unavailable,enum=no-response,enum=invalid,enum=changed,enum=rejected,enum=machine,enum=fax,enum=sit-tone,enum=short-answer,enum=dropped,enum=abandoned,enum=skipped,enum=unknown"`
	// How long until the next attempt: the first time after the first such result, and so on; the last one stays. None: the lead is done.
	After []string `yaml:"after" example:"5m,15m,1h" jsonschema:"maxItems=20,maxLength=16"`
	// So often in all, then the lead is done; 0: until its other limits are reached.
	Most int `yaml:"most" default:"0" jsonschema:"minimum=0,maximum=1000"`
	// Whether the lead's next number is called then.
	NextNumber bool `yaml:"next_number" default:"false"`
}

// campaignResultObject is one entry of `results` of a campaign.
type campaignResultObject struct {
	// The id of the disposition.
	Disposition string `yaml:"disposition" example:"call-again" jsonschema:"required,maxLength=40"`
	// Whether the lead is done. Otherwise it is called again.
	Final bool `yaml:"final" default:"true"`
	// When it is called again, unless the agent says when.
	RetryAfter time.Duration `yaml:"retry_after" default:"24h" min:"1m" max:"365d"`
	// Whether the number goes into the do-not-call list.
	DoNotCall bool `yaml:"do_not_call" default:"false"`
	// Whether this number of the lead is not called again; its others are.
	ExcludeNumber bool `yaml:"exclude_number" default:"false"`
}

// screenObject is `screen` of a campaign.
type screenObject struct {
	// What listens. none: everybody who answers is taken for a person; audio: this program's own detector; asterisk: Asterisk's AMD.
	Detector string `yaml:"detector" default:"none" jsonschema:"enum=none,enum=audio,enum=asterisk"`
	// How long it listens at most. Without a verdict it was a person.
	Limit time.Duration `yaml:"limit" default:"1200ms" min:"500ms" max:"4s"`
	// What happens when a machine has answered. hangup; message: the sounds below after its beep; agent: an agent gets the call.
	Machine string `yaml:"machine" default:"hangup" jsonschema:"enum=hangup,enum=message,enum=agent"`
	// Only with machine message: what is left on it.
	Message []string `yaml:"message" example:"sound:dialer-machine" jsonschema:"maxItems=16,maxLength=160"`
	// Of the calls taken for machines so many percent keep their first seconds as a sample: who listens to them finds how many were people.
	Sample int `yaml:"sample" default:"5" jsonschema:"minimum=0,maximum=100"`
}

// optOutObject is `opt_out` of a campaign.
type optOutObject struct {
	// The key on their phone.
	Digit string `yaml:"digit" default:"9" jsonschema:"pattern=^[0-9*#]$" why:"one digit, * or #"`
	// Who shall no longer call: this campaign, any campaign, or, as system, the whole switch.
	Scope string `yaml:"scope" default:"tenant" jsonschema:"enum=campaign,enum=tenant,enum=system"`
}

// previewObject is `preview` of a campaign.
type previewObject struct {
	// How long the agent may look at the lead; 0s: as long as they want.
	Timer time.Duration `yaml:"timer" default:"0s" min:"0s" max:"1h"`
	// What happens then. dial: the customer is called; skip: the lead comes again later; reject: it is done.
	AtEnd string `yaml:"at_end" default:"dial" jsonschema:"enum=dial,enum=skip,enum=reject"`
}

// campaignCallbacksObject is `callbacks` of a campaign.
type campaignCallbacksObject struct {
	// So long after its time a call-back waits for the agent who agreed it, then anyone makes it.
	Wait time.Duration `yaml:"wait" default:"15m" min:"0s" max:"24h"`
	// Whether it waits for that agent however long it takes.
	MineOnly bool `yaml:"mine_only" default:"false"`
}
