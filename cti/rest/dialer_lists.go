package rest

import (
	"context"
	"io"
	"time"
)

// Lists are the lists of a dialer: who is called, who never, and why somebody
// is not called now.
type Lists interface {
	Lists(ctx context.Context) ([]List, error)
	List(ctx context.Context, id string) (List, error)
	// CreateList makes a list. Conflict where there is one of that id.
	CreateList(ctx context.Context, r ListRequest) (List, error)
	// CloseList has nobody of it called any more; with remove it goes for good,
	// with its leads. Conflict while one of them is being called.
	CloseList(ctx context.Context, id string, remove bool) error
	// Import reads a file into a list, which is made where it is missing. It
	// returns when the file is stored; the import goes on by itself.
	Import(ctx context.Context, r ImportRequest, file io.Reader) (Import, error)
	// Export writes the leads of a list; as CSV or XLSX.
	Export(ctx context.Context, list, format string, w io.Writer) error
	Imports(ctx context.Context, list string, limit int) ([]Import, error)
	ImportByNumber(ctx context.Context, no int64) (Import, error)
	// ResumeImport goes on with one that was stopped, CancelImport stops one.
	ResumeImport(ctx context.Context, no int64) (Import, error)
	CancelImport(ctx context.Context, no int64) (Import, error)
	ImportErrors(ctx context.Context, no int64, after int64, limit int) ([]ImportError, error)

	// PutLeads makes leads of a list, or changes those with the same ref unless
	// the list refuses duplicates.
	PutLeads(ctx context.Context, list string, leads []LeadRequest) (LeadsResult, error)
	Leads(ctx context.Context, q LeadQuery) ([]Lead, error)
	Lead(ctx context.Context, id int64) (Lead, error)
	// ChangeLead changes what is given. RemoveLead takes it away for good.
	ChangeLead(ctx context.Context, id int64, c LeadChange) (Lead, error)
	RemoveLead(ctx context.Context, id int64) error
	// Why says what stands in the way of whoever is meant: the number of a lead,
	// a telephone number, or list/ref.
	Why(ctx context.Context, who string) ([]LeadWhy, error)

	// Again returns a Conflict that says why an agent may not call a lead again as
	// soon as the call that goes on is over.
	Again(ctx context.Context, lead int64, campaign, agent string) error

	// Block puts numbers on the do-not-call list, Unblock takes one off it.
	Block(ctx context.Context, e []DoNotCall) (added int, err error)
	Unblock(ctx context.Context, number, scope, by string) error
	Blocked(ctx context.Context, q DoNotCallQuery) ([]DoNotCall, error)
	// CheckNumber returns the entries that forbid a number.
	CheckNumber(ctx context.Context, number string) ([]DoNotCall, error)
	// ImportBlocked reads a file of numbers, one a line or the first column of a CSV.
	ImportBlocked(ctx context.Context, r BlockedImport, file io.Reader) (BlockedResult, error)
}

// List is a list of leads.
type List struct {
	ID            string          `json:"id"`
	Name          string          `json:"name"`
	Duplicates    string          `json:"duplicates" enum:"skip,update,refuse" doc:"what becomes of a row that is there already"`
	DuplicatesBy  string          `json:"duplicates_by" enum:"ref,number" doc:"what makes a row the same"`
	Everywhere    bool            `json:"everywhere,omitempty" doc:"duplicates are looked for in all lists"`
	ConsentSource string          `json:"consent_source,omitempty" doc:"where the consent of its people is on record, unless a row says so"`
	Mapping       []ColumnMapping `json:"mapping" nullable:"false" doc:"what the columns of its last file meant"`
	Campaigns     []string        `json:"campaigns" nullable:"false" doc:"that call it"`
	Leads         CampaignLeads   `json:"leads"`
	CreatedAt     time.Time       `json:"created_at"`
	Closed        bool            `json:"closed,omitempty" doc:"nobody of it is called"`
}

// ListRequest is the body of POST /api/v1/lists.
type ListRequest struct {
	ID            string `json:"id" pattern:"^[a-z0-9][a-z0-9-]{0,31}$" doc:"small letters, digits and -"`
	Name          string `json:"name,omitempty" maxLength:"80"`
	Duplicates    string `json:"duplicates,omitempty" enum:"skip,update,refuse" doc:"skip where it is left out"`
	DuplicatesBy  string `json:"duplicates_by,omitempty" enum:"ref,number" doc:"ref where it is left out"`
	Everywhere    bool   `json:"everywhere,omitempty" doc:"look for duplicates in all lists"`
	ConsentSource string `json:"consent_source,omitempty" maxLength:"200" doc:"where the consent of its people is on record"`
}

// ColumnMapping says what a column of a file means.
type ColumnMapping struct {
	Column string `json:"column" maxLength:"200" doc:"its heading, or its number from 1"`
	Means  string `json:"means" maxLength:"80" doc:"ref, name, number, number:mobile, tz, region, postal, priority, owner, not_before, not_after, callback, consent, consent_source, consent_at, field:NAME or ignore"`
}

// ImportRequest says how a file is read.
type ImportRequest struct {
	List       string
	File       string // its name
	Atomic     bool   // all or nothing
	Charset    string // empty: found out
	Delimiter  string // empty: found out
	Sheet      string // of an XLSX; empty: the first
	Mapping    []ColumnMapping
	Duplicates string // empty: as the list says
	DryRun     bool   // say what would be read, and read nothing
	By         string
}

// Import is the reading of a file into a list.
type Import struct {
	No        int64           `json:"no"`
	List      string          `json:"list"`
	File      string          `json:"file"`
	SHA256    string          `json:"sha256,omitempty"`
	Atomic    bool            `json:"atomic,omitempty" doc:"all or nothing"`
	State     string          `json:"state" enum:"running,done,stopped,failed,dry-run"`
	Error     string          `json:"error,omitempty" doc:"why it stopped or failed, and what to do"`
	Rows      int64           `json:"rows" doc:"read"`
	Good      int64           `json:"good" doc:"leads that are new or were changed"`
	Bad       int64           `json:"bad" doc:"rows that were refused: see its errors"`
	Twice     int64           `json:"twice" doc:"left out: there already"`
	Blocked   int64           `json:"blocked" doc:"read, and on a do-not-call list"`
	Bytes     int64           `json:"bytes" doc:"read"`
	Of        int64           `json:"of" doc:"bytes of the file; 0: unknown"`
	PerSecond float64         `json:"rows_per_second,omitempty"`
	Left      float64         `json:"seconds_left,omitempty" doc:"until it is done"`
	StartedAt time.Time       `json:"started_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	Mapping   []ColumnMapping `json:"mapping" nullable:"false"`
	Errors    []ImportError   `json:"errors,omitempty" doc:"of a dry run: the first 1000 rows that would be refused"`
}

// ImportError is a row that was refused.
type ImportError struct {
	Line   int64  `json:"line" doc:"of the file, from 1"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// LeadNumber is a number of a lead.
type LeadNumber struct {
	Number string   `json:"number" minLength:"1" maxLength:"40" doc:"with the country code, or as it is dialled here"`
	Kind   string   `json:"kind,omitempty" enum:"mobile,work,home,other"`
	Zones  []string `json:"zones,omitempty" doc:"time zones that it can be in"`
	State  string   `json:"state,omitempty" doc:"why it is not called any more"`
}

// Lead is somebody to be called.
type Lead struct {
	ID            int64             `json:"id"`
	List          string            `json:"list"`
	Ref           string            `json:"ref" doc:"of whoever has made it; there is one in a list"`
	State         string            `json:"state" enum:"ready,later,taken,done,excluded,hidden"`
	Name          string            `json:"name,omitempty"`
	Numbers       []LeadNumber      `json:"numbers" nullable:"false"`
	Priority      int               `json:"priority" doc:"0 to 255, the higher first"`
	Attempts      int               `json:"attempts"`
	NextAt        *time.Time        `json:"next_at,omitempty"`
	NotBefore     *time.Time        `json:"not_before,omitempty"`
	NotAfter      *time.Time        `json:"not_after,omitempty"`
	CallbackAt    *time.Time        `json:"callback_at,omitempty"`
	CallbackAgent string            `json:"callback_agent,omitempty" doc:"who has promised to call"`
	CallbackMine  bool              `json:"callback_mine,omitempty" doc:"nobody else does"`
	Owner         string            `json:"owner,omitempty" doc:"agent who is to talk to them"`
	Attempt       string            `json:"attempt,omitempty" doc:"ULID of the call that is being made"`
	Result        string            `json:"result,omitempty" doc:"of the last attempt"`
	ResultAt      *time.Time        `json:"result_at,omitempty"`
	Consent       bool              `json:"consent,omitempty"`
	ConsentSource string            `json:"consent_source,omitempty"`
	ConsentAt     *time.Time        `json:"consent_at,omitempty"`
	Region        string            `json:"region,omitempty"`
	Fields        map[string]string `json:"fields,omitempty"`
}

// LeadRequest is a lead of POST /api/v1/lists/{id}/leads.
type LeadRequest struct {
	Ref           string            `json:"ref" minLength:"1" maxLength:"64"`
	Name          string            `json:"name,omitempty" maxLength:"200"`
	Numbers       []LeadNumber      `json:"numbers" minItems:"1" maxItems:"10" nullable:"false"`
	Priority      *int              `json:"priority,omitempty" minimum:"0" maximum:"255" doc:"the higher first; 100 where it is left out"`
	NotBefore     *time.Time        `json:"not_before,omitempty"`
	NotAfter      *time.Time        `json:"not_after,omitempty"`
	CallbackAt    *time.Time        `json:"callback_at,omitempty"`
	Owner         string            `json:"owner,omitempty" maxLength:"64"`
	TimeZone      string            `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name; from the number where it is left out"`
	Region        string            `json:"region,omitempty" maxLength:"8"`
	Consent       *bool             `json:"consent,omitempty" doc:"false: refused or withdrawn; where it is left out it stays, and a new lead that comes with a source has given it"`
	ConsentSource string            `json:"consent_source,omitempty" maxLength:"200" doc:"where that is on record; alone it makes no consent of a refusal"`
	ConsentAt     *time.Time        `json:"consent_at,omitempty" doc:"now where it is left out"`
	Fields        map[string]string `json:"fields,omitempty"`
}

// LeadsRequest is the body of POST /api/v1/lists/{id}/leads.
type LeadsRequest struct {
	Leads []LeadRequest `json:"leads" minItems:"1" maxItems:"1000" nullable:"false"`
}

// LeadsResult is what has become of leads that were sent.
type LeadsResult struct {
	Created int           `json:"created"`
	Changed int           `json:"changed"`
	Twice   int           `json:"twice" doc:"left out: there already"`
	Errors  []ImportError `json:"errors" nullable:"false" doc:"line: place in the request, from 1"`
}

// LeadQuery selects leads. Empty fields do not.
type LeadQuery struct {
	List, State, Number, Ref string
	After                    int64 // id
	Limit                    int
}

// LeadList is a page of leads.
type LeadList struct {
	Leads []Lead `json:"leads" nullable:"false"`
	Next  int64  `json:"next,omitempty" doc:"give it as after for the next page"`
}

// LeadChange is the body of PATCH /api/v1/leads/{id}; what is left out stays.
type LeadChange struct {
	State    *string           `json:"state,omitempty" enum:"ready,done,excluded" doc:"ready: it is called again"`
	Priority *int              `json:"priority,omitempty" minimum:"0" maximum:"255"`
	Owner    *string           `json:"owner,omitempty" maxLength:"64"`
	NextAt   *time.Time        `json:"next_at,omitempty"`
	Callback *LeadCallback     `json:"callback,omitempty" doc:"an agreed call"`
	Fields   map[string]string `json:"fields,omitempty" doc:"instead of those that it has"`
	By       string            `json:"-"`

	Consent       *bool      `json:"consent,omitempty" doc:"true: given; false: withdrawn, no message without an agent goes out"`
	ConsentSource string     `json:"consent_source,omitempty" maxLength:"200" doc:"where that is on record; only with consent"`
	ConsentAt     *time.Time `json:"consent_at,omitempty" doc:"when it was; now where it is left out"`
}

// LeadCallback is an agreed call.
type LeadCallback struct {
	At    string `json:"at" minLength:"4" maxLength:"40" doc:"a time (RFC 3339), or a date and time without a zone: then it is the customer's"`
	Agent string `json:"agent,omitempty" maxLength:"64" doc:"who has promised to call"`
	Mine  bool   `json:"mine,omitempty" doc:"nobody else calls"`
}

// LeadReason is something that stands in a lead's way.
type LeadReason struct {
	Reason string     `json:"reason" doc:"in a word; now: nothing"`
	Text   string     `json:"text"`
	Until  *time.Time `json:"until,omitempty" doc:"when it ends by itself"`
}

// LeadWhy says why a lead is not called now, campaign by campaign.
type LeadWhy struct {
	Lead     Lead         `json:"lead"`
	Campaign string       `json:"campaign,omitempty" doc:"that would call it; left out: none has its list"`
	Now      bool         `json:"now" doc:"nothing is in its way: it is called when its turn comes"`
	Reasons  []LeadReason `json:"reasons" nullable:"false" doc:"all of them, the first that counts first"`
}

// DoNotCall is a number, or an area, that is not called.
type DoNotCall struct {
	Number string     `json:"number,omitempty" maxLength:"40" doc:"with the country code"`
	Prefix string     `json:"prefix,omitempty" maxLength:"20" doc:"beginning of numbers, with the country code, instead of one number"`
	Scope  string     `json:"scope,omitempty" maxLength:"49" doc:"system, tenant or campaign:ID; tenant where it is left out"`
	Source string     `json:"source,omitempty" maxLength:"200" doc:"where it is from"`
	At     *time.Time `json:"at,omitempty"`
	Until  *time.Time `json:"until,omitempty" doc:"for ever where it is left out"`
	By     string     `json:"by,omitempty" maxLength:"128"`
}

// DoNotCallQuery selects entries. Empty fields do not.
type DoNotCallQuery struct {
	Scope, Prefix, After string
	Limit                int
}

// BlockedImport says how a file of numbers is read.
type BlockedImport struct {
	Scope, Source, By string
}

// BlockedResult is what has become of a file of numbers.
type BlockedResult struct {
	Added  int64         `json:"added"`
	Twice  int64         `json:"twice" doc:"there already"`
	Errors []ImportError `json:"errors" nullable:"false" doc:"the first hundred"`
	Bad    int64         `json:"bad" doc:"lines that are no number"`
}
