package layers

// Module is the path of this module; only imports below it are layers.
const Module = "strowger"

// unit is a folder whose packages may import each other, and the units below.
type unit struct {
	path  string   // folder, without the module
	below []string // units it may import; nil = none, everything for free units
	free  bool     // may import every unit
	pure  bool     // standard library only
	why   string   // what a violation breaks
}

var (
	foundation = []string{"switch/fault"}
	rulebooks  = append([]string{"switch/numbering", "switch/calendar"}, foundation...)
	model      = append([]string{"switch/callmodel"}, rulebooks...)
	core       = append([]string{"switch/acd", "dialer/pacing", "switch/port"}, model...)
)

// units is the table of DESIGN.md section 2, inner ones first. A package
// belongs to the longest path that fits.
func units() []unit {
	return []unit{
		{path: "switch/fault", pure: true, why: "fault is the bottom: everybody speaks it, so it knows nobody"},
		{path: "switch/numbering", below: foundation, pure: true, why: "what numbers mean is a pure function of configuration: the model asks it, it asks nobody"},
		{path: "switch/calendar", below: foundation, pure: true, why: "opening hours are a pure function of configuration and instant: the model asks them, they ask nobody"},
		{path: "switch/callmodel", below: rulebooks, pure: true, why: "the model is a pure value: it knows no adapter, clock or store"},
		{path: "switch/acd", below: model, pure: true, why: "routing is a pure function that the model calls through an interface of its own"},
		{path: "dialer/pacing", below: model, pure: true, why: "pacing is a pure function of counters"},
		{path: "dialer/campaign", below: append([]string{"dialer/pacing"}, model...), pure: true, why: "what a campaign is bound by is a pure function of counts and instants"},
		{path: "switch/port", below: model, why: "port is the contract between core and adapters, so it can know neither"},
		{path: "switch/engine", below: core, why: "the engine knows adapters only through port"},
		{path: "switch/records", below: core, why: "rows are a pure function of numbered events: the fold knows no store and no adapter"},
		{path: "switch/store", below: append([]string{"switch/records"}, core...), why: "the store knows others only through port"},
		{path: "switch/sim", below: append([]string{"switch/records"}, core...), why: "the simulator is one more exchange behind port"},
		{path: "switch/decide", below: core, why: "whoever asks for decisions knows the engine only through port"},
		{path: "switch/watch", below: core, why: "whoever reads the switch's events knows the engine only through port"},
		{path: "switch/objects", below: model, why: "the form of the configuration objects is known to who writes and reads them: it knows the model, no store and no adapter"},
		{path: "configs", below: foundation, why: "configs are files: they know no code"},
		{path: "ari", below: append([]string{"configs"}, core...), why: "an adapter that knows its neighbour hides a concept that the model lacks"},
		{path: "sip", below: append([]string{"media"}, core...), why: "an adapter that knows its neighbour hides a concept that the model lacks (media is allowed: SDP needs codecs)"},
		{path: "media", below: core, why: "media is the data plane: it must work under any signalling"},
		{path: "dialer", below: append([]string{"switch/watch", "dialer/campaign"}, core...), why: "the dialer is a client of port.Switch like any other"},
		{path: "cti", below: append([]string{"switch/objects", "switch/records", "switch/watch"}, core...), why: "an adapter that knows its neighbour hides a concept that the model lacks"},
		{path: "cmd", free: true},
		{path: "test", free: true},
		{path: "bench", free: true},
	}
}

// pin keeps a third-party module, or a costly part of the standard library,
// in the folders that exist to hide it.
type pin struct {
	prefix string   // import path
	only   []string // folders, without the module; test and bench may always
	why    string
}

func pins() []pin {
	store := []string{"switch/store"}
	return []pin{
		{"github.com/emiago/sipgo", []string{"sip"}, "SIP has one owner"},
		{"github.com/icholy/digest", []string{"sip"}, "SIP has one owner"},
		{"github.com/pion", []string{"media/rtpio"}, "RTP packets have one owner"},
		{"github.com/coder/websocket", []string{"ari", "cti"}, "only ARI and the desktop speak websocket"},
		{"github.com/go-ldap", []string{"cti/ctips/directory"}, "one package asks directories of users"},
		{"github.com/go-asn1-ber", []string{"cti/ctips/directory"}, "LDAP's encoding goes with it"},
		{"database/sql", store, "connections live with the store; who keeps tables of its own gets them as port.Tables (DESIGN.md 3, decision 13)"},
		{"github.com/nyaruka", []string{"dialer/zone"}, "what numbers tell about places has one owner"},
		{"github.com/xuri", []string{"dialer/list/sheet"}, "the form of spreadsheets has one owner"},
		{"modernc.org/sqlite", store, "the database's driver is the store's choice"},
		{"github.com/jackc/pgx", store, "the database's driver is the store's choice"},
		{"github.com/prometheus", []string{"cmd", "cti/rest"}, "packages expose counters; cmd turns them into metrics"},
		{"github.com/spf13", []string{"cmd"}, "only cmd reads flags"},
	}
}
