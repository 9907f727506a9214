package cel

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is CEL's name of an event.
type Kind string

// The kinds that are read here; others pass.
const (
	ChanStart        Kind = "CHAN_START"
	ChanEnd          Kind = "CHAN_END"
	Answer           Kind = "ANSWER"
	Hangup           Kind = "HANGUP"
	BridgeEnter      Kind = "BRIDGE_ENTER"
	BridgeExit       Kind = "BRIDGE_EXIT"
	AppStart         Kind = "APP_START"
	AppEnd           Kind = "APP_END"
	BlindTransfer    Kind = "BLINDTRANSFER"
	AttendedTransfer Kind = "ATTENDEDTRANSFER"
)

// Event is one line of the file.
type Event struct {
	Kind    Kind
	At      time.Time // to the microsecond
	Channel string    // unique id
	Linked  string    // id that Asterisk spreads over all channels of a bridge
	Name    string    // PJSIP/101-00000001
	Caller  string    // caller id number
	DNID    string
	Exten   string
	Context string
	App     string
	AppData string
	Peer    string // names of the others in the bridge
	Extra   Extra
}

// Extra is what some kinds tell besides. Zero where it is absent or not readable.
type Extra struct {
	Cause  int    `json:"hangupcause"`
	Source string `json:"hangupsource"` // channel name of who hung up
	Bridge string `json:"bridge_id"`
}

// The form of a line, see cel_custom_strowger.conf.
const (
	form   = "sw1"
	fields = 14
	// MaxLine bounds a line in bytes.
	MaxLine = 16 << 10
)

// verdict says what became of a line.
type verdict uint8

const (
	good verdict = iota
	bad
	foreign // a line of another form
)

// parse reads a line without its end.
func parse(line string) (Event, verdict) {
	if rest, ours := strings.CutPrefix(line, form+","); !ours {
		return Event{}, foreign
	} else if f, ok := split(rest); !ok {
		return Event{}, bad
	} else if at, ok := parseTime(f[1]); !ok || f[0] == "" || f[2] == "" {
		return Event{}, bad
	} else {
		e := Event{
			Kind: Kind(f[0]), At: at, Channel: f[2], Linked: f[3], Name: f[4], Caller: f[5], DNID: f[6],
			Exten: f[7], Context: f[8], App: f[9], AppData: f[10], Peer: f[11],
		}
		if f[12] != "" && json.Unmarshal([]byte(f[12]), &e.Extra) != nil {
			e.Extra = Extra{} // of a kind that tells something else
		}
		return e, good
	}
}

// split cuts the fields after the form. CSV_QUOTE puts each into quotes and
// doubles those inside.
func split(s string) (f [fields - 1]string, ok bool) {
	for i := range f {
		if i > 0 {
			if s == "" || s[0] != ',' {
				return f, false
			}
			s = s[1:]
		}
		if s == "" || s[0] != '"' {
			return f, false
		}
		end, doubled := 1, false
		for ; end < len(s); end++ {
			if s[end] != '"' {
				continue
			}
			if end+1 < len(s) && s[end+1] == '"' {
				doubled = true
				end++
				continue
			}
			break
		}
		if end >= len(s) {
			return f, false
		}
		f[i] = s[1:end]
		if doubled {
			f[i] = strings.ReplaceAll(f[i], `""`, `"`)
		}
		s = s[end+1:]
	}
	return f, s == ""
}

// parseTime reads seconds.microseconds of the epoch.
func parseTime(s string) (time.Time, bool) {
	whole, part, ok := strings.Cut(s, ".")
	if !ok || len(part) != 6 {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseUint(whole, 10, 40)
	if err != nil || seconds > math.MaxInt32*4 {
		return time.Time{}, false
	}
	micros, err := strconv.ParseUint(part, 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), int64(micros)*1000).UTC(), true
}

// line writes an event in the form that parse reads. Tests and fakes use it.
func (e Event) line() string {
	extra := ""
	if e.Extra != (Extra{}) {
		b, err := json.Marshal(e.Extra)
		if err == nil { // three plain fields
			extra = string(b)
		}
	}
	var b strings.Builder
	b.WriteString(form)
	for _, f := range [fields - 1]string{
		string(e.Kind), strconv.FormatInt(e.At.Unix(), 10) + "." + pad(e.At.Nanosecond()/1000), e.Channel, e.Linked, e.Name,
		e.Caller, e.DNID, e.Exten, e.Context, e.App, e.AppData, e.Peer, extra,
	} {
		b.WriteString(`,"` + strings.ReplaceAll(f, `"`, `""`) + `"`)
	}
	return b.String()
}

func pad(micros int) string {
	s := strconv.Itoa(micros)
	return strings.Repeat("0", max(0, 6-len(s))) + s
}

// Format writes events as the file has them, a line each.
func Format(events ...Event) []byte {
	var b []byte
	for _, e := range events {
		b = append(append(b, e.line()...), '\n')
	}
	return b
}
