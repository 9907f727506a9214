package sapphone

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/session"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Limits of the client side.
const (
	tripAfter    = 5                // failures in a row, then a system is left alone
	tripFor      = 30 * time.Second // for so long
	rebuildPause = time.Second      // between tries to read the list of extensions, doubled
	rebuildMost  = 5 * time.Minute  // up to this
)

// sapSystem is one SAP system that we call.
type sapSystem struct {
	url     string
	client  string
	pool    int
	soap    atomic.Pointer[soap.Client]
	http    *soap.ClientStats  // of all clients that there were
	cancel  context.CancelFunc // ends keepList; push.mu guards it
	stats   *PushStats
	rebuild chan struct{} // buffered: one

	mu       sync.Mutex // guards what follows
	failures int
	until    time.Time // left alone until then
	away     bool      // its last answer was none
}

// serves tells whether a registration is meant for this system: by the client
// number where both sides say one.
func (s *sapSystem) serves(system string) bool {
	return system == "" || s.client == "" || system == s.client
}

// refresh asks for a new list of extensions.
func (s *sapSystem) refresh() {
	select {
	case s.rebuild <- struct{}{}:
	default: // asked for already
	}
}

var errTripped = fault.New(fault.Conflict, "sapphone", "", "the SAP system has failed too often and is left alone for a while")

// admit says whether to try the system now.
func (s *sapSystem) admit(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures >= tripAfter && now.Before(s.until) {
		return errTripped
	}
	return nil
}

// judge notes how a try went. A system that is back is asked for its list anew.
func (s *sapSystem) judge(now time.Time, err error) {
	lost := fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Unknown)
	s.mu.Lock()
	defer s.mu.Unlock()
	tripped := s.failures >= tripAfter
	if !lost {
		back := s.away
		s.failures, s.away = 0, false
		if tripped {
			s.stats.Open.Add(-1)
		}
		if back {
			s.refresh()
		}
		return
	}
	s.failures++
	s.away = true
	if s.failures >= tripAfter {
		s.until = now.Add(tripFor)
		if !tripped {
			s.stats.Tripped.Add(1)
			s.stats.Open.Add(1)
		}
	}
}

// ask sends a call and reads the answer.
func (p *push) ask(ctx context.Context, s *sapSystem, function string, body []byte, sent func()) (Reply, error) {
	if err := s.admit(time.Now()); err != nil {
		return Reply{}, err
	}
	answer, err := s.soap.Load().Ask(ctx, s.url, namespaceRFC, body, sent)
	s.judge(time.Now(), err)
	var f *soap.Fault
	if errors.As(err, &f) {
		return Reply{}, exceptionOf(f)
	}
	if err != nil {
		return Reply{}, err
	}
	env, err := answer.Envelope(soap.Limits{Bytes: DefaultMaxBody})
	if err != nil {
		return Reply{}, err
	}
	return decodeReply(env, &p.meta.bySem[function].fn)
}

// send is the Sender of the delivery queues.
func (p *push) send(ctx context.Context, m session.Message, sent func()) error {
	s := p.system(m.Destination)
	if s == nil {
		return fault.New(fault.Internal, "sapphone: announce", m.Destination, "this system is not configured")
	}
	reply, err := p.ask(ctx, s, m.Name, m.Body, sent)
	if err != nil {
		p.log.Info("sapphone: a call was not announced", "function", m.Name, "ext", m.Session, "url", m.Destination, "error", err)
		return err
	}
	at, ok := p.meta.bySem[m.Name].answered["rc"]
	if !ok {
		return nil
	}
	code := textAt(reply.Exports, at)
	if strings.TrimLeft(code, "0") != strings.TrimLeft(p.meta.code(codeOK), "0") {
		p.Stats.Refused.Add(1)
		p.log.Info("sapphone: SAP refused an announcement", "function", m.Name, "ext", m.Session, "code", short(code))
	}
	return nil // it was told, whatever the system makes of it
}

func (p *push) system(url string) *sapSystem {
	for _, s := range p.all() {
		if s.url == url {
			return s
		}
	}
	return nil
}

// keepList reads a system's list of extensions at the start and whenever the
// system is back, until ctx ends.
func (p *push) keepList(ctx context.Context, s *sapSystem) {
	pause := rebuildPause
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.rebuild:
		}
		err := p.readList(ctx, s)
		if err == nil {
			pause = rebuildPause
			continue
		}
		p.log.Info("sapphone: the list of extensions could not be read", "url", s.url, "again_in", pause.String(), "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, rebuildMost)
		s.refresh()
	}
}

// readList registers the extensions that SAP has for us. Without a name of ours
// there is nothing to ask for.
func (p *push) readList(ctx context.Context, s *sapSystem) error {
	const function = "SPS_GET_LINES_PER_SERVER"
	name := p.name()
	b := p.meta.bySem[function]
	if name == "" || b == nil || !b.supported {
		return nil
	}
	body, err := p.encode(function, name, "", nil, "")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Load().Timeout)
	defer cancel()
	reply, err := p.ask(ctx, s, function, body, nil)
	if err != nil {
		return err
	}
	t := b.tables["lines"]
	if t == nil {
		return nil
	}
	refused := 0
	for _, row := range t.read(reply.Tables) {
		ext := printable(row["ext"])
		if ext == "" {
			continue
		}
		if err := p.register(p.lineOf(ext), registration{system: s.client, ext: ext, user: printable(row["user"])}); err != nil {
			refused++
		}
	}
	if refused > 0 {
		p.log.Warn("sapphone: extensions of SAP's list do not fit: raise sapphone.max_registered", "url", s.url, "extensions", refused)
	}
	p.Stats.Rebuilt.Add(1)
	return nil
}
