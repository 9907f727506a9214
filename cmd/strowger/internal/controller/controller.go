package controller

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/recordings"
	"strowger/cti/ctips"
	"strowger/cti/ici"
	"strowger/cti/rest"
	"strowger/cti/sapphone"
	"strowger/cti/sapphone/gateway"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/dialer/sample"
	"strowger/media/ears"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/decide"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/port"
	"strowger/switch/store"
	"strowger/switch/store/journal"
	"strowger/switch/store/trail"
)

// Backend is a telephony server: Asterisk, or the simulated exchange.
type Backend interface {
	port.Effector
	// Start connects; facts go to feed.
	Start(ctx context.Context, feed port.Feed) error
	// Stop ends the connection; calls live on.
	Stop()
}

// Options say what to put together.
type Options struct {
	Config  *config.Config
	Version string
	Logger  *slog.Logger
	// Objects is a file of configuration objects that is in force at every
	// start, whatever the database holds; nil: the database, and at the first
	// start the file that Config.Objects names.
	Objects []byte
	// Simulated is a simulated exchange to drive instead of Asterisk; nil: Asterisk.
	Simulated Backend
	// Level is the level of Logger, where it can change; nil: it is fixed.
	Level *slog.LevelVar
	// Load reads the configuration again; nil: there is no file.
	Load reloader
}

// Controller is a running switch with all its interfaces.
type Controller struct {
	opt      Options
	log      *slog.Logger
	journal  *journal.Journal
	store    *store.Store
	trail    *trail.Trail
	writer   *store.Writer
	notes    *notebook
	records  *recorder
	objects  *Objects
	engine   *engine.Engine
	decide   *decide.Client
	backend  Backend
	asterisk *servers   // nil when simulated
	ears     *ears.Ears // nil when nobody is heard
	samples  *sample.Store
	lists    *list.Store
	listDesk listDesk
	dialer   *runner.Runner
	// journalLost: calls of before this start may be unknown to the journal.
	journalLost bool
	mirrors     mirrors // of app_queue; none when simulated
	rest        *rest.Server
	ici         *ici.Server      // nil when disabled
	sapphone    *sapphone.Server // nil when disabled
	gateway     *gateway.Gateway // nil when sapphone is
	ctips       []*ctips.Server  // one for each address; none when disabled
	// ctipsRestart are keys of ctips that wait for the next start; nil: none.
	ctipsRestart atomic.Pointer[[]string]
	metrics      *metrics
	keeper       *recordings.Keeper
	pressure     *pressure
	level        logLevel

	stops []stopper // in the order of starting
	fatal chan error
}

type stopper struct {
	name string
	stop func(context.Context) error
}

// ownReaders is how many readers the controller itself has: they do not count
// against limits.watch_subscribers.
const ownReaders = 9

// stopLimit bounds the stop of one part.
const stopLimit = 5 * time.Second

// New checks what can be checked before anything is opened.
func New(opt Options) (*Controller, error) {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Controller{opt: opt, log: opt.Logger, fatal: make(chan error, 1), metrics: newMetrics(), decide: decide.New(decide.Options{Logger: opt.Logger})}
	c.level.of = opt.Level
	if opt.Simulated != nil {
		c.backend = opt.Simulated
		return c, nil
	}
	var err error
	if c.ears, err = c.newEars(); err != nil {
		return nil, err
	}
	a, err := newServers(opt.Config, opt.Logger, c)
	if err != nil {
		return nil, err
	}
	c.asterisk, c.backend = a, a
	c.mirrors, err = newMirrors(opt.Config, opt.Logger)
	return c, err
}

// alive reports whether new callers can be taken: the switch's loop answers,
// and there is enough of everything. The dialplan's readiness variable follows it.
func (c *Controller) alive() bool { return c.pressure.level() < shedArrivals }

// left is the last sign of life of the controller before this one.
func (c *Controller) left() time.Time { return c.engine.Left() }

// phones are the PJSIP endpoints of agents' and stations' phones at a server,
// as the objects in force name them, and those of the other servers.
func (c *Controller) phones(node callmodel.NodeID) []string {
	all := c.opt.Config.Asterisk.Servers()
	if len(all) == 1 {
		return endpointsOf(c.objects.inForce())
	}
	out := EndpointsAt(c.objects.inForce(), node, callmodel.NodeID(all[0].Node))
	for _, s := range all {
		if callmodel.NodeID(s.Node) != node {
			out = append(out, s.Peer)
		}
	}
	return out
}

// Fatal delivers the reason when the controller cannot go on by itself.
func (c *Controller) Fatal() <-chan error { return c.fatal }

// StatusURL is the address of the status page, empty when there is none.
func (c *Controller) StatusURL() string {
	if c.rest == nil || c.rest.Addr() == "" {
		return ""
	}
	return "http://" + c.rest.Addr() + "/"
}

// ICIURL is the address that a CRM is given, empty when ICI is off.
func (c *Controller) ICIURL() string {
	if c.ici == nil {
		return ""
	}
	scheme := "http"
	if c.opt.Config.ICI.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + c.ici.Addr() + c.opt.Config.ICI.Path
}

// Switch is the running engine.
func (c *Controller) Switch() port.Switch { return c.engine }

// Start opens everything and returns when the interfaces listen. On an error
// nothing is left open.
func (c *Controller) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			c.Stop(context.WithoutCancel(ctx))
		}
	}()
	for _, step := range []func(context.Context) error{c.openStore, c.openJournal, c.startEngine, c.startRecords, c.startRecordings, c.startPressure, c.startHearing, c.startDialer, c.makeICI, c.makeSAPphone, c.makeCTIPS, c.startRest, c.startICI, c.startSAPphone, c.startCTIPS, c.startBackend} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends everything in reverse order. Calls stay up. It may be called twice.
func (c *Controller) Stop(ctx context.Context) {
	for i := len(c.stops) - 1; i >= 0; i-- {
		s := c.stops[i]
		limit, cancel := context.WithTimeout(ctx, stopLimit)
		if err := s.stop(limit); err != nil {
			c.log.Warn("a part did not stop cleanly", "part", s.name, "error", err)
		}
		cancel()
	}
	c.stops = nil
}

func (c *Controller) onStop(name string, f func(context.Context) error) {
	c.stops = append(c.stops, stopper{name: name, stop: f})
}

func (c *Controller) openStore(ctx context.Context) (err error) {
	cfg := c.opt.Config.Store
	if path, isFile := strings.CutPrefix(cfg.URL, "sqlite:"); isFile {
		if err := privateDir(filepath.Dir(strings.TrimPrefix(path, "//"))); err != nil {
			return err
		}
	}
	if c.store, err = store.Open(ctx, cfg.URL, store.Options{Password: cfg.Password.Reveal()}); err != nil {
		return err
	}
	c.onStop("store", func(context.Context) error { return c.store.Close() })
	c.notes = newNotebook(c.store, c.log)
	c.onStop("incidents", c.notes.close)
	return c.startTrail(ctx)
}

func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Denied, "create folder", dir, err)
	}
	return nil
}

func (c *Controller) openJournal(context.Context) error {
	cfg := c.opt.Config.Store
	if err := privateDir(cfg.JournalDir); err != nil {
		return err
	}
	j, report, err := journal.Open(cfg.JournalDir, journal.Options{
		FsyncEvery: cfg.FsyncDelay, Retention: journal.Retention{Age: cfg.JournalRetention}, Logger: c.log,
		OnFault: func(e *fault.Error) {
			c.log.Error("journal", "error", e)
			c.notes.note("journal", e.Error())
		},
	})
	if err != nil {
		return err
	}
	c.journal = j
	c.onStop("journal", func(context.Context) error { return j.Close() })
	for _, in := range report.Incidents {
		c.log.Error("the journal was damaged", "kind", string(in.Kind), "file", in.File, "text", in.Text, "nothing_lost", in.Covered)
		c.notes.note("journal", in.Text)
	}
	return nil
}

func (c *Controller) startEngine(ctx context.Context) error {
	var err error
	if c.objects, err = newObjects(ctx, c.store, limitsOf(c.opt.Config), c.log); err != nil {
		return err
	}
	if err := c.objects.begin(ctx, c.opt.Config, c.opt.Objects); err != nil {
		return err
	}
	c.objects.tell()
	if c.writer, err = store.NewWriter(c.store, store.WriterOptions{Shard: shard, Delay: rowDelay, Logger: c.log, OnAway: c.databaseAway}); err != nil {
		return err
	}
	c.records = &recorder{writer: c.writer, store: c.store, note: c.store.AddIncident, today: c.newToday(), log: c.log, replay: func(ctx context.Context, see func(port.Stamped)) error {
		_, _, err := engine.Replay(ctx, c.journal, acd.Router{}, func(_ engine.Record, _ callmodel.Output, events []port.Stamped) {
			for _, e := range events {
				see(e)
			}
		})
		return err
	}}
	lim := c.opt.Config.Limits
	c.engine = engine.New(engine.Config{
		Router: acd.Router{}, Journal: c.journal, Effector: c.decide.Split(c.backend), Logger: c.log,
		CommandsWaiting: lim.CommandsWaiting, SubscriberEvents: lim.SubscriberEvents, Subscribers: lim.WatchSubscribers + ownReaders,
		BeforeSnapshot: c.writer.WaitProjected, Observe: c.metrics.observer(),
		OnDoubt: func() {
			if c.asterisk != nil {
				c.asterisk.Doubt()
			}
		},
	})
	c.decide.Start(c.engine)
	if err := c.engine.Start(ctx, c.objects.model()); err != nil {
		return err
	}
	c.tellMismatches()
	c.objects.enforce, c.objects.inService, c.objects.changed = c.engine.Reconfigure, true, c.objectsChanged
	c.objectsChanged(&objects.Set{}, c.objects.inForce())
	c.onStop("engine", c.engine.Stop)
	go func() {
		<-c.engine.Done()
		if err := c.engine.Err(); err != nil {
			c.fail(err)
		}
	}()
	return nil
}

// databaseAway notes that the database does not take rows, or does again (nil).
func (c *Controller) databaseAway(err error) {
	if err == nil {
		c.notes.note("database", "it takes rows again; none was lost")
		return
	}
	c.notes.note("database", "rows wait, calls go on: "+fault.ReasonOf(err))
}

// tellMismatches notes that replayed records gave another result than when they
// were written, as after an upgrade: the resync puts right what matters (DESIGN.md 4).
func (c *Controller) tellMismatches() {
	n := c.engine.Stats().Mismatches
	if n == 0 {
		return
	}
	text := fmt.Sprintf("%d records of the journal gave another result than the version that wrote them; the state was compared with Asterisk", n)
	c.notes.note("replay", text)
}

// objectsChanged follows what the link and its operator must know of new objects.
func (c *Controller) objectsChanged(before, now *objects.Set) {
	if c.asterisk == nil {
		return
	}
	if !slices.Equal(endpointsOf(before), endpointsOf(now)) && c.objects.inService {
		c.asterisk.Doubt() // its listing subscribes to the new phones
	}
	all := c.opt.Config.Asterisk.Servers()
	first := callmodel.NodeID(all[0].Node)
	if len(all) == 1 {
		first = ""
	}
	for _, s := range all {
		if stations := TalkNotifyStations(now, callmodel.NodeID(s.Node), first); len(stations) > 0 && s.TalkNotify.User == "" {
			c.log.Warn("stations with the mode talk-notify cannot be answered from a client: make the AMI user that manager_strowger.conf shows, "+
				"name it in asterisk.talk_notify and restart; or choose another mode", "node", s.Node, "stations", len(stations), "first", stations[0])
		}
	}
}

func (c *Controller) fail(err error) {
	select {
	case c.fatal <- err:
	default:
	}
}

// startRecords has recorder and writer outlive the engine, whose last snapshot
// waits for the rows.
func (c *Controller) startRecords(ctx context.Context) error {
	projected, err := c.store.ProjectedSeq(ctx, shard)
	if err != nil {
		return err
	}
	view, err := c.engine.View(ctx)
	if err != nil {
		return err
	}
	if projected > view.Events { // the journal was lost or replaced: count anew
		if err := c.store.SetProjectedSeq(ctx, shard, 0); err != nil {
			return err
		}
		c.records.lost, c.journalLost = true, true
	}
	if err := c.writer.Start(ctx); err != nil {
		return err
	}
	engineStop := c.stops[len(c.stops)-1]
	c.stops = c.stops[:len(c.stops)-1]
	c.onStop("call records writer", c.writer.Stop)
	c.onStop("call records", func(context.Context) error { c.records.stop(); return nil })
	c.stops = append(c.stops, engineStop)
	if err := c.records.start(ctx, c.engine); err != nil {
		return err
	}
	rows := &retention{store: c.store, keep: c.opt.Config.Statistics.Keep, log: c.log}
	old := &pruner{prune: rows.prune}
	old.start(ctx)
	c.onStop("retention of records", old.stop)
	return nil
}

func (c *Controller) startBackend(ctx context.Context) error {
	c.onStop("decisions", c.decide.Stop)
	if err := c.backend.Start(ctx, c.engine); err != nil {
		return err
	}
	c.onStop("telephony", func(context.Context) error { c.backend.Stop(); return nil })
	if c.asterisk != nil {
		go func() {
			select {
			case <-c.asterisk.fatal:
				c.fail(fault.New(fault.Conflict, "asterisk", c.opt.Config.Asterisk.App,
					"another program uses our ARI application name: make sure that only one controller runs, or give each its own asterisk.app"))
			case <-c.engine.Done():
			}
		}()
	}
	c.onStop("mirrors of app_queue", c.mirrors.stop)
	return c.mirrors.start(ctx, c.engine)
}

func (c *Controller) startRest(ctx context.Context) (err error) {
	mode := rest.ModeReal
	if c.opt.Simulated != nil {
		mode = rest.ModeSimulated
	}
	cfg := c.opt.Config.HTTP
	if err := privateDir(filepath.Dir(cfg.Socket)); err != nil {
		return err
	}
	c.metrics.register(c)
	c.rest, err = rest.New(rest.Options{
		Switch: sparing{c.engine, c.pressure}, Shed: c.pressure.report, Version: c.opt.Version, Mode: mode, Listen: cfg.Listen, Socket: cfg.Socket, Hosts: cfg.Hosts, MaxStreams: c.opt.Config.Limits.WatchSubscribers, Objects: c.objects,
		ICI:      c.operator(),
		SAPphone: c.sapphoneOperator(), CTIPS: c.ctipsOperator(),
		Dialer:  rest.Dialer{Campaigns: campaignDesk{c.dialer, c.objects.inForce, c.lists}, Lists: c.listDesk, Samples: sampleDesk{c.samples}},
		Explain: explain, Estimate: acd.Router{}.Estimate,
		Tokens: tokensOf(c.opt.Config.REST), Health: health{c}, Incidents: incidents{c.records, c.notes, c.dialer}, History: history{c.store}, Trail: auditTrail{c.trail},
		Records: statistics{Store: c.store, sw: c.engine, today: c.records.today, cfg: c.opt.Config.Statistics}, Metrics: c.metrics.handler(), Logger: c.log,
		Recordings: recordingIndex{c.store, c.keeper}, AgentRecordings: c.opt.Config.Recording.AgentsHearOwn,
	})
	if err != nil {
		return err
	}
	c.metrics.registerREST(c.rest)
	if err := c.rest.Start(ctx); err != nil {
		return err
	}
	c.onStop("status page", c.rest.Stop)
	return nil
}

// tokensOf are the tokens of the configuration, which has checked them.
func tokensOf(cfg config.REST) []rest.Token {
	out := make([]rest.Token, 0, len(cfg.Tokens))
	for _, t := range cfg.Tokens {
		role, _ := rest.ParseRole(t.Role)
		out = append(out, rest.Token{Name: t.Name, Role: role, Agent: callmodel.AgentID(t.Agent), Secret: t.Secret.Reveal()})
	}
	return out
}

// explain puts the last decision about a call into sentences.
func explain(v *callmodel.View, c *callmodel.Call) []string {
	agent := func(id callmodel.AgentID) (*callmodel.Agent, *callmodel.AgentConfig) {
		for _, a := range v.Agents {
			if a.ID == id {
				return a, v.Config.Agent(id)
			}
		}
		return nil, v.Config.Agent(id)
	}
	return acd.Explain(c.Decided, acd.Facts{Agent: agent, Queue: v.Config.Queue(c.Decided.Queue), Call: c, Clock: v.WallTime})
}

// Reload brings the limits of a new configuration into force, and the settings
// of ICI, SAPphone and CTIPS with their passwords and certificates. Objects change by
// Apply; addresses, other passwords and folders need a restart. On an error the
// old configuration stays in force, but for what stands before it here.
func (c *Controller) Reload(ctx context.Context, cfg *config.Config) error {
	if err := c.reloadICI(cfg); err != nil {
		return err
	}
	if err := c.reloadSAPphone(ctx, cfg); err != nil {
		return err
	}
	if err := c.reloadCTIPS(cfg); err != nil {
		return err
	}
	c.objects.compare(cfg)
	l := limitsOf(cfg)
	l.nodes = limitsOf(c.opt.Config).nodes // the links are those of the start
	return c.objects.reload(ctx, l)
}
