package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

// Severity says how much a finding matters.
type Severity string

// The severities. Only Warn and Fail are findings in the sense of the exit code.
const (
	OK   Severity = "ok"   // looked at, and good
	Note Severity = "note" // to know, nothing to correct
	Skip Severity = "skip" // not looked at: something that it needs is missing, or it is not in use
	Warn Severity = "warn" // works, and will hurt one day
	Fail Severity = "fail" // does not work, or is open to anybody
)

// Finding is one line of the report.
type Finding struct {
	ID       string   `json:"id"` // the check's name; with what is wrong behind it unless ok: "ari.rights.read-only"
	Severity Severity `json:"severity"`
	What     string   `json:"what"`          // what was found
	Why      string   `json:"why,omitempty"` // what it leads to
	Fix      string   `json:"fix,omitempty"` // a command or configuration line to type
}

// Report is the result of all checks, in a fixed order.
type Report struct {
	Config   string           `json:"config"`             // the file; empty for a configuration from the environment
	Asterisk string           `json:"asterisk,omitempty"` // its version, when it answered
	Findings []Finding        `json:"findings"`
	Counts   map[Severity]int `json:"counts"`
}

// Healthy reports whether there is nothing to correct.
func (r Report) Healthy() bool { return r.Counts[Warn] == 0 && r.Counts[Fail] == 0 }

// Host is what the checks ask of this machine. Nil fields ask the machine.
type Host struct {
	ProcNet   string                                              // folder with tcp and tcp6; default /proc/net
	Disk      func(path string) (Space, error)                    // of the file system that path is on
	OpenFiles func() (uint64, error)                              // highest limit this user can have
	Resolve   func(ctx context.Context, host string) []netip.Addr // addresses of a name
	Own       func() ([]net.Addr, error)                          // this machine's addresses
	May       func(path string, mode int) error                   // access(2)
}

// Options set up a Run.
type Options struct {
	Config  *config.Config
	Objects *objects.Set  // the configuration objects; nil: not known
	Version string        // of this program
	Timeout time.Duration // for each check; default 5 s
	Host    Host
}

// check is one look at one thing.
type check struct {
	name string
	run  func(context.Context) []Finding
}

// examiner carries what the checks of one run share.
type examiner struct {
	cfg     *config.Config
	objects *objects.Set
	version string
	timeout time.Duration
	host    Host
	client  *arispec.Client
	close   func()
	node    callmodel.NodeID // of several servers, the one that is looked at; empty: there is one
	first   callmodel.NodeID // and the home of what names none
	all     []config.Asterisk

	mu    sync.Mutex // guards the facts below: a check that overran may still write
	facts facts
}

// facts are what the first round finds out for the second.
type facts struct {
	info       *arispec.AsteriskInfo // nil: ARI does not answer
	ami        *ami.Client           // nil: AMI is not in use or does not answer
	amiActions map[string]string
	controller *rest.Status // nil: none answers on the socket
}

func (e *examiner) known() facts {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.facts
}

func (e *examiner) learn(f func(*facts)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(&e.facts)
}

// Run makes all checks. Its error is Stopped, when ctx ended before the report
// was complete.
func Run(ctx context.Context, opt Options) (Report, error) {
	e := &examiner{cfg: opt.Config, objects: opt.Objects, version: opt.Version, timeout: opt.Timeout, host: opt.Host.orThisMachine()}
	if e.timeout <= 0 {
		e.timeout = 5 * time.Second
	}
	e.openARI()
	defer e.close()
	e.amongServers(opt.Config.Asterisk, 0)
	first := []check{
		{"config", e.configuration},
		{"ari", e.reachARI},
		{"ami", e.reachAMI},
		{"controller", e.controller},
	}
	second := []check{
		{"asterisk.version", e.asteriskVersion},
		{"ari.rights", e.rightsARI},
		{"ari.websocket", e.websocket},
		{"ari.sessions", e.sessions},
		{"application", e.application},
		{"readiness", e.readiness},
		{"clock", e.clock},
		{"ami.rights", e.rightsAMI},
		{"dialplan", e.dialplan},
		{"screening", e.screening},
		{"phones", e.phones},
		{"phones-context", e.phonesContext},
		{"talk-notify", e.talkNotify},
		{"servers", e.servers},
		{"trunks", e.trunks},
		{"sounds", e.sounds},
		{"cel", e.channelEvents},
		{"passwords", e.passwords},
		{"ports", e.ports},
		{"database", e.database},
		{"disk", e.disk},
		{"folders", e.folders},
		{"open-files", e.openFiles},
	}
	r := Report{Config: opt.Config.File, Counts: map[Severity]int{}}
	r.Findings = append(e.round(ctx, first), e.round(ctx, second)...)
	known := e.known()
	if known.ami != nil {
		known.ami.Close()
	}
	r.Findings = append(r.Findings, e.further(ctx, opt.Config.Asterisk)...)
	if err := ctx.Err(); err != nil {
		return Report{}, fault.New(fault.Stopped, "doctor", "", "interrupted")
	}
	if known.info != nil && known.info.System != nil {
		r.Asterisk = known.info.System.Version
	}
	for _, f := range r.Findings {
		r.Counts[f.Severity]++
	}
	return r, nil
}

// round makes checks at the same time and returns their findings in order.
func (e *examiner) round(ctx context.Context, checks []check) []Finding {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	results := make([]chan []Finding, len(checks))
	for i, c := range checks {
		results[i] = make(chan []Finding, 1)
		go func() { results[i] <- c.run(ctx) }()
	}
	// What talks to a peer ends with its context; the grace is for saying so.
	grace, cancelGrace := context.WithTimeout(context.WithoutCancel(ctx), e.timeout+e.timeout/2)
	defer cancelGrace()
	var out []Finding
	for i, c := range checks {
		found, ended := await(results[i], grace.Done())
		if !ended {
			found = []Finding{warn(c.name+".timeout", fmt.Sprintf("this check did not end within %v", e.timeout+e.timeout/2),
				"a disk or a server hangs, and the controller would hang with it", "mount; df   (look for a network disk that does not answer)")}
		}
		out = append(out, found...)
	}
	return out
}

// await prefers a result that is there to the end of the time.
func await(result <-chan []Finding, late <-chan struct{}) ([]Finding, bool) {
	select {
	case f := <-result:
		return f, true
	case <-late:
	}
	select {
	case f := <-result:
		return f, true
	default:
		return nil, false
	}
}

func ok(id, format string, args ...any) Finding {
	return Finding{ID: id, Severity: OK, What: fmt.Sprintf(format, args...)}
}

func note(id, what, why, fix string) Finding { return Finding{id, Note, what, why, fix} }
func warn(id, what, why, fix string) Finding { return Finding{id, Warn, what, why, fix} }
func fail(id, what, why, fix string) Finding { return Finding{id, Fail, what, why, fix} }

func skip(id, why string) []Finding {
	return []Finding{{ID: id, Severity: Skip, What: "not checked: " + why}}
}

// configuration passes on what the loader warned of.
func (e *examiner) configuration(context.Context) []Finding {
	var out []Finding
	for _, p := range e.cfg.Warnings {
		what := p.What
		if p.Key != "" {
			what = p.Key + ": " + what
		}
		if p.Line > 0 {
			what += fmt.Sprintf(" (line %d)", p.Line)
		}
		out = append(out, warn("config", what, p.Doc, p.Fix))
	}
	if out == nil {
		if e.objects == nil {
			return []Finding{ok("config", "valid; no configuration objects to be seen")}
		}
		return []Finding{ok("config", "valid; queues: %d, agents: %d", e.objects.Count(objects.KindQueue), e.objects.Count(objects.KindAgent))}
	}
	return out
}
