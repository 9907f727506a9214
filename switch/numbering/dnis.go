package numbering

// Source is a place where the dialled number may stand.
type Source string

const (
	// SourceName is the caller name, by the book's pattern: an existing PBX queue
	// writes its name there.
	SourceName Source = "name"
	// SourceDiversion is the Diversion header (RFC 5806), first called number first.
	SourceDiversion Source = "diversion"
	// SourceHistoryInfo is the History-Info header (RFC 7044), index 1 first.
	SourceHistoryInfo Source = "history-info"
	// SourcePCalledParty is the P-Called-Party-ID header (RFC 7315).
	SourcePCalledParty Source = "p-called-party-id"
	// SourceTo is the To header.
	SourceTo Source = "to"
	// SourceChannel is the extension that the channel dialled.
	SourceChannel Source = "channel"
)

// DefaultSources returns all sources, the most telling first.
func DefaultSources() []Source {
	return []Source{SourceName, SourceDiversion, SourceHistoryInfo, SourcePCalledParty, SourceTo, SourceChannel}
}

// DefaultNamePattern finds the queue in a caller name such as
// "D:Support:070989887889" (reference 004, DNIS RegEx).
const DefaultNamePattern = `D:(.+?):`

// Entry is one destination that callers know by number or name.
type Entry struct {
	ID      string   `json:"id"`
	Number  int64    `json:"number"`            // stable, never reused
	Dialled []string `json:"dialled,omitempty"` // "+49301234", "0301234", "1001", "4930123XX", "4930*", "=1*"
	Names   []string `json:"names,omitempty"`   // as parsed from the caller name, case sensitive
	To      string   `json:"to"`                // destination, read elsewhere
	Label   string   `json:"label,omitempty"`   // for agents
	Colour  string   `json:"colour,omitempty"`  // "#rrggbb"
	Script  string   `json:"script,omitempty"`
	CRM     string   `json:"crm,omitempty"`
}

// Arrival is what a new call brings: raw header values, several lines of one
// header joined by commas.
type Arrival struct {
	Dialled      string // the channel's extension
	CallerName   string
	Diversion    string
	HistoryInfo  string
	PCalledParty string
	To           string
}

// Found is what an arrival means.
type Found struct {
	Entry      *Entry // nil = nothing matched; never changed
	DNIS       string // the number or name as it came; a parsed queue name before any number
	Label      string // the entry's label, else DNIS; a parsed queue name without entry stays itself
	By         Source // where Entry was found, or DNIS when there is no entry; "" = nowhere
	CallerName string // without the part that the name pattern matched
}
