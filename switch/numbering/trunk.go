package numbering

// Format is how a trunk's carrier wants numbers written.
type Format string

const (
	// FormatE164 is "+49301234", and the default.
	FormatE164 Format = "e164"
	// FormatBare is "49301234".
	FormatBare Format = "e164-no-plus"
	// FormatNational is "0301234" inside the plan's country and "0033..." outside.
	FormatNational Format = "national"
	// FormatIDD is "0049301234".
	FormatIDD Format = "international-idd"
)

// Trunk is a way out to a carrier or to another exchange.
type Trunk struct {
	ID              string   `json:"id"`
	Number          int64    `json:"number"`                      // stable, never reused
	Endpoint        string   `json:"endpoint"`                    // PJSIP endpoint name
	MaxCalls        int      `json:"max_calls,omitempty"`         // calls at once; 0 = no limit
	CallerIDs       []string `json:"caller_ids,omitempty"`        // numbers it may show: "+49301234", "4930123XX", "4930*", "=1*"
	DefaultCallerID string   `json:"default_caller_id,omitempty"` // sent as written when the wanted number is not allowed; "" = the endpoint decides
	AllowWithheld   bool     `json:"allow_withheld,omitempty"`    // the caller may be sent as "anonymous"
	Format          Format   `json:"format,omitempty"`            // of numbers and caller ids; "" = FormatE164
	GatewayPrefix   string   `json:"gateway_prefix,omitempty"`    // a query with this gateway prefix uses only trunks that have it; it is never dialled
	Node            string   `json:"node,omitempty"`              // telephony server that it is at; "" = the first
}

// Route says which trunks carry a prefix. The longest prefix that fits decides
// alone: when its trunks are full, no shorter one is tried.
type Route struct {
	ID       string   `json:"id"`
	Number   int64    `json:"number"`           // stable, never reused
	Prefixes []string `json:"prefixes"`         // beginnings of keys: "4930", "" = all public numbers, "=1", "=112"
	Trunks   []string `json:"trunks,omitempty"` // ids in order of preference
	Strip    int      `json:"strip,omitempty"`  // characters to drop in front, after formatting (a plus is one)
	Prepend  string   `json:"prepend,omitempty"`
	Deny     bool     `json:"deny,omitempty"`   // numbers of this route are refused
	Reason   string   `json:"reason,omitempty"` // for people, when refused
}

// DialRule says which numbers somebody may reach. The longest prefix that fits
// decides, a deny wins a tie, and what nothing fits is denied.
type DialRule struct {
	ID     string   `json:"id"`
	Number int64    `json:"number"` // stable, never reused
	Allow  []string `json:"allow,omitempty"`
	Deny   []string `json:"deny,omitempty"`
}

// Query asks where a number goes.
type Query struct {
	Raw           string                 // as typed or sent by a client
	GatewayPrefix string                 // ICI's gwPrefix; "" = any trunk of the route
	Rules         []string               // ids of the dial rules that must all allow; none = denied
	CallerID      string                 // number to show; "" = the trunk's default, "anonymous" = withhold
	Only          []string               // ids of the trunks that it may take; none = any
	Busy          func(trunk string) int // calls now on a trunk; nil = none anywhere
	Away          func(node string) bool // whether a telephony server is out of reach; nil = none is
}

// Decision is the way that a number takes.
type Decision struct {
	E164     string   `json:"e164"` // "+49301234"; a short number as dialled
	Kind     Kind     `json:"kind"`
	Route    string   `json:"route"`
	Trunk    string   `json:"trunk"`
	Endpoint string   `json:"endpoint"`
	Node     string   `json:"node,omitempty"` // telephony server of the trunk, as configured
	Dial     string   `json:"dial"`           // digits as sent to the trunk
	CallerID string   `json:"caller_id"`      // as sent to the trunk; "anonymous" = withheld, "" = the endpoint's own
	Tried    []string `json:"tried,omitempty"`
}
