package store

import (
	"strings"
	"time"
	"unicode/utf8"

	"strowger/switch/fault"
)

const (
	// MaxList is the largest number of rows one list call returns.
	MaxList = 1000
	// MaxConfig is the largest configuration text, in bytes.
	MaxConfig = 4 << 20
	// MaxNumbers is the largest number of objects per [Store.Numbers] call.
	MaxNumbers = 10_000

	// MaxRowList is the largest number of entries in each list of a [Call].
	MaxRowList = 64

	maxText     = 256
	maxIncident = 4096
	maxCounts   = 64
)

// Call is the row of one ended call.
type Call struct {
	ID            string // ULID, the key
	Shard         string // whose journal Seq counts in; may be empty
	Seq           uint64 // journal sequence of the record that made this row
	Number        int64  // the model's integer for the call
	Node          string // the Asterisk server or SIP node
	Dialled       string
	Caller        string
	QueueID       string
	AgentID       string
	Started       time.Time // wall time, stored in microseconds
	Answered      time.Time // zero when nobody answered
	Ended         time.Time
	Outcome       string        // the model's word
	Cause         int           // Q.850 hangup cause; 0 when unknown
	Wait          time.Duration // stored in milliseconds, as Talk and Wrap
	Talk          time.Duration
	Wrap          time.Duration
	ConfigVersion int64 // the version the call started with

	// What follows is not known (empty) in rows that an older version has written.
	Kind         string        // the model's word; empty: inbound
	DNISNumber   string        // dialled number as the DNIS table was asked for it
	DNISEntry    string        // id of the entry that was found
	DNISLabel    string        //
	Queues       []Visit       // stays in queues, in their order
	Agents       []string      // who talked, in order of the first word
	Dispositions []string      // given by agents, the main one first
	Success      bool          // an agent gave a disposition that counts as positive
	CallbackID   string        // ULID: the call was an attempt of this callback
	ConsultOf    string        // ULID: the call was a consultation for that one; with the outcome transferred it became part of it
	RootID       string        // ULID: the first call of a chain of consultations
	Estimate     time.Duration // of the wait, on arrival in the queue; stored in milliseconds
	Priority     int           // of the caller
	Overflows    int           // queues that it has waited in and was sent away from
	LostFrom     time.Time     // nobody saw the end: it lies between this and Ended
}

// Visit is a stay in a queue.
type Visit struct {
	Queue string
	At    time.Time // stored in microseconds, as Left
	Left  time.Time // zero: until the call's end
	Agent string    // who answered; empty: nobody
}

// CallFilter selects calls. Empty fields do not filter.
type CallFilter struct {
	Limit   int        // 1 to [MaxList]; 100 if 0
	Before  CallCursor // calls older than this; zero for the newest
	QueueID string
	AgentID string // has talked, or was the last who did
}

// CallCursor is a place in the list of calls, which is ordered by end, newest
// first. With an empty ID it stands before all calls that ended at Ended.
type CallCursor struct {
	Ended time.Time
	ID    string
}

// Cursor returns the place of c: give it as Before to get the page after c.
func (c Call) Cursor() CallCursor { return CallCursor{Ended: c.Ended, ID: c.ID} }

// Batch is what one transaction projects. Seq is the new projected sequence
// number of Shard; 0 leaves it as it is.
type Batch struct {
	Shard string
	Seq   uint64
	Rows  []Row
}

// ConfigVersion is one immutable version of the configuration.
type ConfigVersion struct {
	Version int64 // 1, 2, 3 ...
	Created time.Time
	SHA256  string // hexadecimal, of YAML
	YAML    string
}

// Incident is something a person should know about later.
type Incident struct {
	ID     int64 // given by the store
	Time   time.Time
	Kind   string
	Text   string
	Counts map[string]int64
}

// check bounds what comes from outside before it reaches the database.
func (c Call) check() error {
	const op = "store: save call"
	for _, f := range []struct{ name, v string }{
		{"id", c.ID},
		{"shard", c.Shard},
		{"node", c.Node},
		{"dialled", c.Dialled},
		{"caller", c.Caller},
		{"queue", c.QueueID},
		{"agent", c.AgentID},
		{"outcome", c.Outcome},
		{"kind", c.Kind},
		{"dnis number", c.DNISNumber},
		{"dnis entry", c.DNISEntry},
		{"dnis label", c.DNISLabel},
		{"callback", c.CallbackID},
		{"consult of", c.ConsultOf},
		{"root", c.RootID},
	} {
		if err := checkText(op, f.name, f.v); err != nil {
			return err
		}
	}
	if err := c.checkLists(op); err != nil {
		return err
	}
	switch {
	case c.ID == "":
		return fault.New(fault.Invalid, op, "", "a call needs an id")
	case c.Seq == 0 || c.Seq > 1<<62:
		return fault.Newf(fault.Invalid, op, c.ID, "journal sequence %d is out of bounds", c.Seq)
	case c.Started.IsZero() || c.Ended.IsZero():
		return fault.New(fault.Invalid, op, c.ID, "only a call with a start and an end has a row")
	case c.Wait < 0 || c.Talk < 0 || c.Wrap < 0 || c.Estimate < 0:
		return fault.New(fault.Invalid, op, c.ID, "durations must not be negative")
	}
	return nil
}

func (c Call) checkLists(op string) error {
	if max(len(c.Queues), len(c.Agents), len(c.Dispositions)) > MaxRowList {
		return fault.Newf(fault.Invalid, op, c.ID, "a list has more than %d entries", MaxRowList)
	}
	texts := append(c.Agents[:len(c.Agents):len(c.Agents)], c.Dispositions...)
	for _, v := range c.Queues {
		texts = append(texts, v.Queue, v.Agent)
	}
	for _, text := range texts {
		if err := checkText(op, "list", text); err != nil {
			return err
		}
	}
	return nil
}

func checkText(op, name, v string) error {
	if len(v) > maxText || !plainText(v) {
		return fault.Newf(fault.Invalid, op, name, "must be UTF-8 without NUL, at most %d bytes", maxText)
	}
	return nil
}

// plainText: PostgreSQL takes no NUL and nothing but UTF-8, so neither does
// this package.
func plainText(v string) bool { return utf8.ValidString(v) && !strings.ContainsRune(v, 0) }

// clip shortens a text that must not be lost for being long.
func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// micros and fromMicros keep the zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
