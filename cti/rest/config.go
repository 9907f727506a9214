package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/port"
)

// Modes of a controller, shown on every page.
const (
	ModeReal      = "real"      // drives a telephony server
	ModeSimulated = "simulated" // drives the simulated exchange
)

// Limits that are not worth a setting.
const (
	maxBody        = 64 << 10
	maxHeader      = 16 << 10
	maxPathID      = 128
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 60 * time.Second
	commandTimeout = 5 * time.Second
	defaultStreams = 200
	defaultConns   = 512
	maxList        = 5000
	incidentsShown = 20
)

// Health tells what the parts around the model are doing. Its methods must
// return at once and are called from many goroutines.
type Health interface {
	// NotReady lists why calls cannot be served, one sentence each; nil means
	// ready. Lost links are seen in the model and need not be repeated.
	NotReady(ctx context.Context) []string
	// Degraded lists what does not work although calls are served.
	Degraded(ctx context.Context) []string
	// Journal describes the journal, or nil where there is none.
	Journal() *Journal
	// Push describes the delivery of events to CRM systems, or nil where there is none.
	Push() *Push
}

// Incidents remembers what went wrong lately.
type Incidents interface {
	// Recent returns at most limit incidents, newest first.
	Recent(limit int) []Incident
}

// CallHistory finds calls that are over.
type CallHistory interface {
	// Ended returns at most limit ended calls, newest first. Empty filters match everything.
	Ended(ctx context.Context, queue callmodel.QueueID, agent callmodel.AgentID, limit int) ([]Call, error)
	// Find returns an ended call by id, or by number where the id is zero.
	// Its error is of kind NotFound where there is none.
	Find(ctx context.Context, id callmodel.CallID, number int64) (Call, error)
}

// Options configure a [Server]. Switch, Version and Mode are required.
type Options struct {
	Switch    port.Switch
	Version   string
	Mode      string          // ModeReal or ModeSimulated
	Listen    string          // host:port of the read-only TCP listener; empty: none
	Socket    string          // path of the admin unix socket; empty: none
	Hosts     []string        // names under which the TCP listener may be addressed, beside addresses and localhost
	Health    Health          // nil: the model alone decides
	Incidents Incidents       // nil: none are shown
	History   CallHistory     // nil: only live calls can be asked for
	Records   Records         // nil: no records and statistics
	Shed      func() error    // why reports are refused now, nil for not; nil: they never are
	Metrics   http.Handler    // nil: no /metrics
	Objects   objects.Service // nil: there are no configuration objects to be had
	// Recordings finds recordings that are over; nil: only those that go on are shown.
	Recordings RecordingStore
	// AgentRecordings lets agents see and hear the recordings in which they talk.
	AgentRecordings bool
	Tokens          []Token // who may do more than read over TCP
	Trail           Trail   // keeps forced actions; nil: the newest ones in memory
	// ICI is the interface for CRM systems; nil: it is off.
	ICI ICI
	// SAPphone is the interface of RFC function modules; nil: it is off.
	SAPphone SAPphone
	// CTIPS is the interface for applications of CTI Portal Server; nil: it is off.
	CTIPS CTIPS
	// Dialer is what dials by lists; what is missing of it is off.
	Dialer Dialer
	// Explain puts the last decision about a call into sentences; nil: only its
	// figures are shown. The view may be newer than the call.
	Explain func(*callmodel.View, *callmodel.Call) []string
	// Estimate is the expected wait of a call in a queue behind so many others,
	// with so many agents logged in and so many of them ready; nil: not shown.
	Estimate func(q *callmodel.Queue, ahead, staffed, ready int) time.Duration
	Clock    port.Clock   // nil: the system's
	Logger   *slog.Logger // nil: silent
	// MaxStreams is how many event streams may be open; 0: 200.
	MaxStreams int
	// MaxConnections is how many connections each listener keeps; 0: 512.
	MaxConnections int
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (o Options) check() (Options, error) {
	const op = "rest: options"
	switch {
	case o.Switch == nil:
		return o, fault.New(fault.Internal, op, "", "no Switch was given")
	case o.Mode != ModeReal && o.Mode != ModeSimulated:
		return o, fault.Newf(fault.Internal, op, o.Mode, "the mode must be %s or %s", ModeReal, ModeSimulated)
	case o.MaxStreams < 0 || o.MaxConnections < 0:
		return o, fault.New(fault.Invalid, op, "", "limits must not be negative")
	}
	if o.Trail == nil {
		o.Trail = &memoryTrail{}
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Dialer.MaxUpload == 0 {
		o.Dialer.MaxUpload = defaultUpload
	}
	if o.MaxStreams == 0 {
		o.MaxStreams = defaultStreams
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = defaultConns
	}
	return o, nil
}
