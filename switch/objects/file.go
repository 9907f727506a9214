package objects

import "time"

// The field comments in this file are shown to operators: by `strowger config
// explain`, in the JSON Schema and below every error. The tags are those of
// package schema.

// file is everything that a file of objects can hold.
type file struct {
	// How numbers are written where this site stands. Needed as soon as there are trunks, routes, dial rules or dnis entries.
	Numbering numberingObject `yaml:"numbering"`
	// The ways out to carriers and other exchanges.
	Trunks []trunkObject `yaml:"trunks" jsonschema:"maxItems=1000"`
	// Trunks that campaigns share, with what they may ask of them.
	TrunkGroups []trunkGroupObject `yaml:"trunk_groups" jsonschema:"maxItems=1000"`
	// Which trunks carry which numbers. The longest prefix that fits decides alone.
	Routes []routeObject `yaml:"routes" jsonschema:"maxItems=1000"`
	// Which outside numbers agents and queues may reach. Without a rule they reach none but the emergency numbers.
	DialRules []dialRuleObject `yaml:"dial_rules" jsonschema:"maxItems=1000"`
	// Opening hours and holidays.
	Calendars []calendarObject `yaml:"calendars" jsonschema:"maxItems=1000"`
	// What agents can be good at and queues can ask for.
	Skills []namedObject `yaml:"skills" jsonschema:"maxItems=1000"`
	// Reasons that agents give for being not ready or for rejecting a call.
	Reasons []reasonObject `yaml:"reasons" jsonschema:"maxItems=1000"`
	// Results that agents give calls.
	Dispositions []dispositionObject `yaml:"dispositions" jsonschema:"maxItems=1000"`
	// Phones that any agent may log in at.
	Stations []stationObject `yaml:"stations" jsonschema:"maxItems=5000"`
	// The waiting queues: which dialled number leads into them and how they choose an agent.
	Queues []queueObject `yaml:"queues" jsonschema:"maxItems=1000"`
	// The people who take calls, each with the phone (station) they use.
	Agents []agentObject `yaml:"agents" jsonschema:"maxItems=5000"`
	// HTTP servers that menus ask where a call shall go.
	Decisions []decisionObject `yaml:"decisions" jsonschema:"maxItems=1000"`
	// Menus that callers go through by pressing digits.
	IVRs []ivrObject `yaml:"ivrs" jsonschema:"maxItems=1000"`
	// Where the dialled number of an incoming call is looked for.
	DNISSettings dnisSettingsObject `yaml:"dnis_settings"`
	// What dialled numbers and names of an existing PBX queue mean.
	DNIS []dnisObject `yaml:"dnis" jsonschema:"maxItems=5000"`
	// Places in which calls are parked.
	Parking parkingObject `yaml:"parking"`
	// The campaigns of the dialer: who is called, how, and by whom.
	Campaigns []campaignObject `yaml:"campaigns" jsonschema:"maxItems=1000"`
}

// numberingObject is the section `numbering`.
type numberingObject struct {
	// Region whose usual plan applies (ISO 3166). The other keys change single values of it; without a region country and idd are needed.
	Region string `yaml:"region" example:"DE" jsonschema:"pattern=^[A-Z]{0\\,2}$" why:"two capital letters"`
	// Country calling code.
	Country string `yaml:"country" example:"49" jsonschema:"pattern=^[0-9]{0\\,3}$" why:"digits only, at most 3"`
	// International prefix.
	IDD string `yaml:"idd" example:"00" jsonschema:"pattern=^[0-9]{0\\,5}$" why:"digits only, at most 5"`
	// National prefix. Empty where national numbers are dialled whole.
	TrunkPrefix string `yaml:"trunk_prefix" example:"0" jsonschema:"pattern=^[0-9]{0\\,3}$" why:"digits only, at most 3"`
	// Numbers of up to so many digits are internal; 0: 5.
	InternalDigits int `yaml:"internal_digits" default:"0" jsonschema:"minimum=0,maximum=8"`
	// Whether national numbers also come without the national prefix, as in North America.
	WholeNational bool `yaml:"whole_national" default:"false"`
	// Fewest digits of a national number, its prefix not counted; 0: unchecked.
	NationalMin int `yaml:"national_min" default:"0" jsonschema:"minimum=0,maximum=15"`
	// Most digits of a national number, its prefix not counted; 0: unchecked.
	NationalMax int `yaml:"national_max" default:"0" jsonschema:"minimum=0,maximum=15"`
	// Area code that completes local numbers, without the national prefix.
	Area string `yaml:"area" example:"30" jsonschema:"pattern=^[0-9]{0\\,6}$" why:"digits only, at most 6"`
	// Whether digits without any prefix are international ones that lost their plus.
	BareInternational bool `yaml:"bare_international" default:"false"`
	// Numbers that everybody may always call.
	Emergency []string `yaml:"emergency" example:"110,112" jsonschema:"maxItems=32,pattern=^[0-9]{2\\,6}$" why:"digits only, 2 to 6"`
}

// trunkObject is one entry of the list `trunks`.
type trunkObject struct {
	// Short name of the trunk, to which routes refer.
	ID string `yaml:"id" example:"carrier" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name of the trunk's PJSIP endpoint (pjsip.conf), without PJSIP/.
	Endpoint string `yaml:"endpoint" example:"trunk" jsonschema:"required,pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
	// Name of the Asterisk server where it is, one of asterisk.nodes in strowger.yaml. Empty: the first.
	Node string `yaml:"node" example:"asterisk-2" jsonschema:"pattern=^[A-Za-z0-9._-]{0\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// Calls at once; 0: no limit.
	MaxCalls int `yaml:"max_calls" default:"0" jsonschema:"minimum=0,maximum=100000"`
	// Numbers that calls may show: +49301234, 4930123XX, 4930*.
	CallerIDs []string `yaml:"caller_ids" example:"+49301000600" jsonschema:"maxItems=1000,maxLength=40"`
	// Number that is sent, as it stands here, when the wanted one is not allowed. Empty: the endpoint decides; anonymous: withheld.
	DefaultCallerID string `yaml:"default_caller_id" example:"+49301000600" jsonschema:"maxLength=40"`
	// Whether calls may hide their number.
	AllowWithheld bool `yaml:"allow_withheld" default:"false"`
	// How the carrier wants numbers: e164 +49301234, e164-no-plus 49301234, national 0301234, international-idd 0049301234.
	Format string `yaml:"format" default:"e164" jsonschema:"enum=e164,enum=e164-no-plus,enum=national,enum=international-idd"`
	// A call that names this gateway takes only trunks that have it. It is never dialled.
	GatewayPrefix string `yaml:"gateway_prefix" example:"8" jsonschema:"maxLength=40"`
}

// routeObject is one entry of the list `routes`.
type routeObject struct {
	// Short name of the route.
	ID string `yaml:"id" example:"germany" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Beginnings of numbers: 4930 with the country code and no plus, an empty text for every public number, =1 for short numbers with 1 in front.
	Prefixes []string `yaml:"prefixes" example:"49" jsonschema:"required,maxItems=1000,maxLength=20"`
	// The id of each trunk that carries them, the preferred one first.
	Trunks []string `yaml:"trunks" example:"carrier" jsonschema:"maxItems=20"`
	// Characters to drop in front, a plus counts as one.
	Strip int `yaml:"strip" default:"0" jsonschema:"minimum=0,maximum=15"`
	// Digits to put in front afterwards.
	Prepend string `yaml:"prepend" example:"9" jsonschema:"pattern=^[+]?[0-9*#]{0\\,15}$" why:"digits, * and #, at most 15, with or without a plus in front"`
	// Whether these numbers are refused. Such a route has no trunks.
	Deny bool `yaml:"deny" default:"false"`
	// Why they are refused, for people.
	Reason string `yaml:"reason" example:"premium rate" jsonschema:"maxLength=200"`
}

// dialRuleObject is one entry of the list `dial_rules`.
type dialRuleObject struct {
	// Short name of the rule, to which agents and queues refer.
	ID string `yaml:"id" example:"national" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Beginnings of numbers that may be dialled, as in routes. The longest that fits decides.
	Allow []string `yaml:"allow" example:"49" jsonschema:"maxItems=1000,maxLength=20"`
	// Beginnings of numbers that may not.
	Deny []string `yaml:"deny" example:"49900" jsonschema:"maxItems=1000,maxLength=20"`
}

// calendarObject is one entry of the list `calendars`.
type calendarObject struct {
	// Short name of the calendar, to which queues refer as hours.
	ID string `yaml:"id" example:"office" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Time zone of the hours (IANA name).
	Zone string `yaml:"zone" example:"Europe/Berlin" jsonschema:"required,maxLength=64"`
	// The opening hours of a usual week.
	Week []spanObject `yaml:"week" jsonschema:"maxItems=64"`
	// Days on which the usual hours do not apply.
	Holidays []holidayObject `yaml:"holidays" jsonschema:"maxItems=1000"`
}

// spanObject is one entry of `week` of a calendar.
type spanObject struct {
	// Days of the week, one by one or as mon-fri.
	Days []string `yaml:"days" example:"mon-fri" jsonschema:"required,maxItems=7,maxLength=7"`
	// Time of day at which it opens.
	From string `yaml:"from" example:"08:00" jsonschema:"required,maxLength=5"`
	// Time of day at which it closes; 24:00 is midnight, an earlier time than from is of the next day.
	To string `yaml:"to" example:"18:00" jsonschema:"required,maxLength=5"`
}

// holidayObject is one entry of `holidays` of a calendar.
type holidayObject struct {
	// The day: 2026-12-24, or 12-25 for every year.
	Date string `yaml:"date" example:"12-25" jsonschema:"required,maxLength=10"`
	// Name that people read.
	Name string `yaml:"name" example:"Christmas Day" jsonschema:"required,maxLength=80"`
	// Hours that are open all the same.
	Open []hoursObject `yaml:"open" jsonschema:"maxItems=8"`
}

// hoursObject is one entry of `open` of a holiday.
type hoursObject struct {
	// Time of day at which it opens.
	From string `yaml:"from" example:"10:00" jsonschema:"required,maxLength=5"`
	// Time of day at which it closes.
	To string `yaml:"to" example:"14:00" jsonschema:"required,maxLength=5"`
}

// namedObject is one entry of the list `skills`.
type namedObject struct {
	// Short name, to which others refer.
	ID string `yaml:"id" example:"english" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"English" jsonschema:"maxLength=80"`
}

// reasonObject is one entry of the list `reasons`.
type reasonObject struct {
	// Short name of the reason; commands carry it.
	ID string `yaml:"id" example:"lunch" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Lunch" jsonschema:"maxLength=80"`
	// What it is a reason for: being not ready, being ready for something special, rejecting a call, or logging out.
	For string `yaml:"for" default:"not-ready" jsonschema:"enum=not-ready,enum=ready,enum=reject,enum=logout"`
	// Whether the agent is expected to be away for long (parked).
	Park bool `yaml:"park" default:"false"`
}

// dispositionObject is one entry of the list `dispositions`.
type dispositionObject struct {
	// Short name of the result; records keep it.
	ID string `yaml:"id" example:"solved" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Solved" jsonschema:"maxLength=80"`
	// Whether it counts as a success.
	Success bool `yaml:"success" default:"false"`
}

// stationObject is one entry of the list `stations`.
type stationObject struct {
	// Short name of the station, by which agents log in at it.
	ID string `yaml:"id" example:"desk-7" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Desk 7" jsonschema:"maxLength=80"`
	// Name of the phone's PJSIP endpoint (pjsip.conf), without PJSIP/.
	Endpoint string `yaml:"endpoint" example:"207" jsonschema:"required,pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
	// Name of the Asterisk server where it registers, one of asterisk.nodes in strowger.yaml. Empty: the first.
	Node string `yaml:"node" example:"asterisk-2" jsonschema:"pattern=^[A-Za-z0-9._-]{0\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// How an offered call is answered: as for the station of an agent.
	Mode string `yaml:"mode" default:"handset" jsonschema:"enum=handset,enum=call-on-accept,enum=nailed,enum=talk-notify"`
	// How long the phone may take to answer after the accept.
	AcceptTimeout time.Duration `yaml:"accept_timeout" default:"5s" min:"1s" max:"1m"`
	// Whether who logs in must show that they are at the phone: it is called, and they type the three digits that the login has shown them.
	Passcode bool `yaml:"passcode" default:"false"`
	// Only for nailed: sound that announces a call.
	Beep string `yaml:"beep" example:"sound:beep" jsonschema:"maxLength=160"`
}
