package sapphone

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/session"
	"strowger/switch/fault"
)

// registration is an extension that wants to be told of its calls.
type registration struct {
	system string // that registered it; empty: not known
	ext    string // as SAP spells it
	user   string
}

// announced is where a call was told.
type announced struct {
	to  *sapSystem
	ext string
}

// PushStats counts what the client side did. Registered and Open are gauges,
// the others only grow.
type PushStats struct {
	Announced  atomic.Uint64 // calls handed to delivery
	Ended      atomic.Uint64 // ends handed to delivery
	Lost       atomic.Uint64 // announcements refused by delivery, or not encoded
	Refused    atomic.Uint64 // answered with a return code
	Rebuilt    atomic.Uint64 // lists of extensions read from SAP
	Unnamed    atomic.Uint64 // not sent, since SAP has not said what it calls us
	Denied     atomic.Uint64 // registrations beyond the limit
	Tripped    atomic.Uint64 // times that a system was left alone for a while
	Registered atomic.Int64
	Open       atomic.Int64 // systems that are left alone now
}

// push is the client side: it tells SAP systems of calls for the extensions
// that have registered. Nothing in it waits for a system, except stop.
type push struct {
	Stats   PushStats
	cfg     *settings
	meta    *Metadata
	log     *slog.Logger
	systems atomic.Pointer[[]*sapSystem] // those of cfg
	out     *session.Deliverer

	mu         sync.Mutex // guards what follows
	serverName string
	lines      map[string][]registration // by plain number
	count      int
	running    bool
	ctx        context.Context // of what follows the systems, from start on

	// lineOf is the plain number of the line that an extension stands for.
	lineOf func(ext string) string

	work sync.WaitGroup
}

func newPush(set *settings, meta *Metadata, log *slog.Logger, observe func(string, time.Duration, error)) (*push, error) {
	cfg := set.Load()
	p := &push{cfg: set, meta: meta, log: log, lines: map[string][]registration{}, serverName: cfg.ServerName}
	systems, err := p.systemsOf(cfg)
	if err != nil {
		return nil, err
	}
	p.systems.Store(&systems)
	workers := 1
	for _, s := range systems {
		workers = max(workers, s.pool)
	}
	p.out, err = session.New(session.Config{
		Send: p.send, Ended: func(ext, url string, why session.Reason) {
			p.log.Warn("sapphone: announcements for an extension were dropped", "ext", ext, "url", url, "reason", why.String())
			p.out.Forget(ext, url)
		},
		Observe: func(m session.Message, took time.Duration, err error) { observe(m.Name, took, err) },
		Limits:  cfg.limits(),
		Workers: workers, MaxLanes: cfg.MaxRegistered,
	})
	return p, err
}

func (p *push) configured() bool { return len(p.all()) > 0 }

// remembered is what outlives a restart.
type remembered struct {
	ServerName string `json:"server_name"`
}

// maxState bounds the file of remembered.
const maxState = 64 << 10

func (p *push) load() {
	if p.cfg.Load().StateFile == "" {
		return
	}
	data, err := os.ReadFile(p.cfg.Load().StateFile)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	var r remembered
	if err == nil && len(data) <= maxState {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		p.log.Warn("sapphone: what was kept of the last run cannot be read; SAP tells it again", "file", p.cfg.Load().StateFile, "error", err)
		return
	}
	if r.ServerName != "" {
		p.mu.Lock()
		p.serverName = cut(printable(r.ServerName), maxServerName)
		p.mu.Unlock()
	}
}

// named notes what SAP calls us, and reads its list of extensions anew.
func (p *push) named(name string) {
	p.mu.Lock()
	changed := p.serverName != name
	p.serverName = name
	p.mu.Unlock()
	if !changed {
		return
	}
	for _, s := range p.all() {
		s.refresh()
	}
	if p.cfg.Load().StateFile == "" {
		return
	}
	if err := saveState(p.cfg.Load().StateFile, remembered{name}); err != nil {
		p.log.Warn("sapphone: the server's name cannot be kept; after a restart SAP must tell it again", "file", p.cfg.Load().StateFile, "error", err)
	}
}

func saveState(file string, r remembered) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}

// name is what SAP calls us, empty until it has said so.
func (p *push) name() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serverName
}

// start opens delivery and begins to read the lists of extensions.
func (p *push) start(ctx context.Context) error {
	p.load()
	if err := p.out.Start(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.ctx = true, context.WithoutCancel(ctx)
	for _, s := range p.all() {
		p.follow(s)
	}
	return nil
}

// stop waits until what was announced is delivered or ctx ends.
func (p *push) stop(ctx context.Context) error {
	p.mu.Lock()
	p.running = false
	for _, s := range p.all() {
		s.leave()
	}
	p.mu.Unlock()
	p.work.Wait()
	err := p.out.Stop(ctx)
	for _, s := range p.all() {
		s.soap.Load().Close()
	}
	return err
}

// register adds an extension; again changes its spelling and user.
func (p *push) register(line string, r registration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, have := range p.lines[line] {
		if have.system == r.system {
			p.lines[line][i] = r
			return nil
		}
	}
	if p.count >= p.cfg.Load().MaxRegistered || len(p.lines[line]) >= maxClients {
		p.Stats.Denied.Add(1)
		return refuse(codeRejected, "there are already %d extensions registered, or %d systems for this one", p.cfg.Load().MaxRegistered, maxClients)
	}
	p.lines[line] = append(p.lines[line], r)
	p.count++
	p.Stats.Registered.Store(int64(p.count))
	return nil
}

// deregister removes a system's registration, and reports whether there was one.
func (p *push) deregister(line, system string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, have := range p.lines[line] {
		if have.system != system && have.system != "" && system != "" {
			continue
		}
		p.lines[line] = append(p.lines[line][:i], p.lines[line][i+1:]...)
		if len(p.lines[line]) == 0 {
			delete(p.lines, line)
		}
		p.count--
		p.Stats.Registered.Store(int64(p.count))
		return true
	}
	return false
}

// alerted implements announcer.
func (p *push) alerted(line string, n notice) []announced {
	if !p.cfg.Load().Popup {
		return nil
	}
	p.mu.Lock()
	list := append([]registration(nil), p.lines[line]...)
	p.mu.Unlock()
	var told []announced
	for _, r := range list {
		for _, s := range p.all() {
			if !s.serves(r.system) {
				continue
			}
			if p.tell(s, "SPS_NEW_CALL", r.ext, n.values, n.data) {
				p.Stats.Announced.Add(1)
				told = append(told, announced{s, r.ext})
			}
		}
	}
	return told
}

// ended implements announcer.
func (p *push) ended(handle string, to []announced) {
	for _, a := range to {
		if p.tell(a.to, "SPS_CALL_ENDED", a.ext, map[string]string{"handle": handle}, "") {
			p.Stats.Ended.Add(1)
		}
	}
}

// tell queues a call of a client function.
func (p *push) tell(s *sapSystem, function, ext string, values map[string]string, data string) bool {
	name := p.name()
	if name == "" {
		p.Stats.Unnamed.Add(1)
		return false
	}
	body, err := p.encode(function, name, ext, values, data)
	if err == nil {
		err = p.out.Enqueue(session.Message{Session: ext, Destination: s.url, Name: function, Body: body})
	}
	if err != nil {
		p.Stats.Lost.Add(1)
		p.log.Warn("sapphone: a call could not be announced", "function", function, "ext", ext, "url", s.url, "error", err)
		return false
	}
	return true
}

// encode makes the call of a client function out of values by their meaning.
func (p *push) encode(function, server, ext string, values map[string]string, data string) ([]byte, error) {
	b := p.meta.bySem[function]
	if b == nil {
		return nil, fault.New(fault.Internal, "sapphone: announce", function, "the metadata does not have the function")
	}
	call := b.request(func(sem string) (string, bool) {
		switch sem {
		case "server_name":
			return server, true
		case "ext":
			return ext, true
		}
		v, ok := values[sem]
		return v, ok
	})
	if t := b.tables["calldata"]; t != nil {
		table := Table{Name: t.param}
		for _, line := range splitText(data, dataWidth(b, "calldata", "line")) {
			table.Rows = append(table.Rows, t.line(map[string]string{"line": line}))
		}
		call.Tables = append(call.Tables, table)
	}
	return encodeCall(&b.fn, &call)
}

// request is a call with the values that are known.
func (b *bound) request(value func(sem string) (string, bool)) Call {
	call := Call{Function: b.fn.Name}
	for sem, at := range b.given {
		v, ok := value(sem)
		if !ok {
			continue
		}
		f := fieldOf(call.Imports, at.param)
		if f == nil {
			call.Imports = append(call.Imports, Field{Name: at.param})
			f = &call.Imports[len(call.Imports)-1]
		}
		if at.field == "" {
			f.Text = fit(v, at.typ, at.length)
		} else {
			f.Fields = append(f.Fields, Field{Name: at.field, Text: fit(v, at.typ, at.length)})
		}
	}
	return call
}
