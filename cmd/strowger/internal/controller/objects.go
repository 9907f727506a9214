package controller

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/store"
)

const (
	applyTries    = 3               // when another program changes the database meanwhile
	enforceLimit  = 5 * time.Second // for the switch to take a configuration
	byFirstStart  = "first start"
	byStart       = "start"
	opApply       = "objects: apply"
	objectsUnread = "the objects in the database stay in force"
)

// Objects keeps the configuration objects: the database is the truth, the
// switch follows it. It implements [objects.Service].
type Objects struct {
	store     *store.Store
	log       *slog.Logger
	enforce   func(context.Context, *callmodel.Config) error
	changed   func(before, now *objects.Set) // told of every change; nil: nobody
	turn      chan struct{}                  // holds one token: who has it may change what is below
	set       *objects.Set
	version   int64
	limits    limits
	inService bool // the switch runs and follows changes

	shown                     atomic.Pointer[inForce] // set and version, for who may not wait for the turn
	applied, same, dry, wrong atomic.Uint64           // applies that changed something, nothing, were dry, were refused
}

// inForce is what is in force at one moment.
type inForce struct {
	set     *objects.Set
	version int64
}

// limits are what strowger.yaml adds to the objects.
type limits struct {
	calls, attached int
	cti             callmodel.CTIConfig
	nodes           []callmodel.NodeConfig // nil: one server
}

func limitsOf(cfg *config.Config) limits {
	return limits{calls: cfg.Limits.Calls, attached: cfg.ICI.CADMaxBytes, cti: ctiConfig(&cfg.ICI), nodes: cfg.Asterisk.Model()}
}

// newObjects reads what is in force.
func newObjects(ctx context.Context, s *store.Store, l limits, log *slog.Logger) (*Objects, error) {
	o := &Objects{store: s, log: log, limits: l, turn: make(chan struct{}, 1)}
	o.turn <- struct{}{}
	o.put(&objects.Set{}, 0)
	return o, o.read(ctx)
}

// put makes a set the one in force.
func (o *Objects) put(set *objects.Set, version int64) {
	o.set, o.version = set, version
	o.shown.Store(&inForce{set, version})
}

// inForce is the set in force; it never waits.
func (o *Objects) inForce() *objects.Set { return o.shown.Load().set }

func (o *Objects) read(ctx context.Context) error {
	rows, err := o.store.Objects(ctx)
	if err != nil {
		return err
	}
	set, err := objects.FromStored(storedOf(rows.Objects))
	if err != nil {
		return err
	}
	o.put(set, rows.Version)
	return nil
}

func storedOf(rows []store.Object) []objects.Stored {
	out := make([]objects.Stored, len(rows))
	for i, r := range rows {
		out[i] = objects.Stored{Kind: objects.Kind(r.Kind), ID: r.ID, Number: r.Number, Body: r.Body}
	}
	return out
}

// model is what the switch works with.
func (o *Objects) model() *callmodel.Config {
	m := o.set.Config()
	m.MaxCalls, m.AttachedMax, m.CTI, m.Nodes = o.limits.calls, o.limits.attached, o.limits.cti, o.limits.nodes
	return m
}

// take waits for the turn; the result gives it back.
func (o *Objects) take(ctx context.Context) (func(), error) {
	select {
	case <-o.turn:
		return func() { o.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(fault.KindOf(ctx.Err()), opApply, "", ctx.Err())
	}
}

// Apply implements [objects.Service]. One change is made after the other; who
// comes second is laid over what the first has left.
func (o *Objects) Apply(ctx context.Context, a objects.Apply) (objects.Result, error) {
	result, err := o.tryApply(ctx, a)
	switch {
	case err != nil:
		o.wrong.Add(1)
	case result.DryRun:
		o.dry.Add(1)
	case result.Diff.Empty():
		o.same.Add(1)
	default:
		o.applied.Add(1)
	}
	return result, err
}

func (o *Objects) tryApply(ctx context.Context, a objects.Apply) (objects.Result, error) {
	name := a.File
	if name == "" {
		name = "objects"
	}
	given, err := objects.Parse(name, a.YAML)
	if err != nil {
		return objects.Result{}, err
	}
	done, err := o.take(ctx)
	if err != nil {
		return objects.Result{}, err
	}
	defer done()
	for try := 1; ; try++ {
		result, err := o.apply(ctx, given, a)
		if !fault.Is(err, fault.Conflict) || a.Expect != 0 || try == applyTries {
			return result, err
		}
		if err := o.read(ctx); err != nil { // another program has changed the database
			return objects.Result{}, err
		}
	}
}

func (o *Objects) apply(ctx context.Context, given *objects.Set, a objects.Apply) (objects.Result, error) {
	if a.Expect != 0 && a.Expect != o.version {
		return objects.Result{}, fault.Newf(fault.Conflict, opApply, "",
			"version %d of the objects is in force, not %d: somebody has changed them; get them again, and repeat your change", o.version, a.Expect)
	}
	next, diff, err := objects.Merge(o.set, given, a.Prune)
	if err != nil {
		return objects.Result{}, err
	}
	if a.DryRun || diff.Empty() {
		return objects.Result{Diff: diff, Version: o.version, DryRun: a.DryRun}, nil
	}
	change, err := changeOf(next, diff)
	if err != nil {
		return objects.Result{}, err
	}
	change.Expect, change.By, change.At = o.version, a.By, time.Now()
	rows, err := o.store.ChangeObjects(ctx, change)
	if err != nil {
		return objects.Result{}, err
	}
	before := o.set
	o.put(next.WithNumbers(storedOf(rows.Objects)), rows.Version)
	o.log.Info("configuration objects changed", "version", o.version, "by", a.By, "created", diff.Created, "changed", diff.Changed, "removed", diff.Removed)
	err = o.follow(ctx)
	if o.changed != nil {
		o.changed(before, o.set)
	}
	return objects.Result{Diff: diff, Version: o.version}, err
}

// follow has the switch take what is in force.
func (o *Objects) follow(ctx context.Context) error {
	if !o.inService {
		return nil
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), enforceLimit) // stored already: it must not stop half way
	defer cancel()
	if err := o.enforce(limit, o.model()); err != nil {
		return &fault.Error{
			Kind: fault.KindOf(err), Op: opApply, Err: err,
			Reason: "the objects are stored, but the switch has not taken them (" + fault.ReasonOf(err) + "): they come into force at its next start",
		}
	}
	return nil
}

// changeOf is the difference as the database takes it.
func changeOf(next *objects.Set, diff objects.Diff) (store.ObjectChange, error) {
	account, err := json.Marshal(diff)
	if err != nil {
		return store.ObjectChange{}, fault.Wrap(fault.Internal, opApply, "", err)
	}
	out := store.ObjectChange{Diff: account}
	put := map[store.ObjectKey]bool{}
	for _, c := range diff.Objects {
		key := store.ObjectKey{Kind: string(c.Kind), ID: c.ID}
		switch c.Action {
		case objects.Created, objects.Changed:
			put[key] = true
		case objects.Removed:
			out.Remove = append(out.Remove, key)
		case objects.Unchanged:
		}
	}
	all, err := next.Stored()
	if err != nil {
		return store.ObjectChange{}, err
	}
	for _, s := range all {
		if put[store.ObjectKey{Kind: string(s.Kind), ID: s.ID}] {
			out.Put = append(out.Put, store.Object{Kind: string(s.Kind), ID: s.ID, Body: s.Body})
		}
	}
	return out, nil
}

// Get implements [objects.Service].
func (o *Objects) Get(ctx context.Context, kinds []objects.Kind, ids []string) (objects.Listing, error) {
	done, err := o.take(ctx)
	if err != nil {
		return objects.Listing{}, err
	}
	set, version := o.set, o.version
	done()
	part, err := set.Select(kinds, ids)
	if err != nil {
		return objects.Listing{}, err
	}
	text, err := part.YAML()
	return objects.Listing{Version: version, Objects: part.JSON(), YAML: string(text)}, err
}

// reload takes new limits of strowger.yaml.
func (o *Objects) reload(ctx context.Context, l limits) error {
	done, err := o.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	before := o.limits
	o.limits = l
	if err := o.enforce(ctx, o.model()); err != nil {
		o.limits = before
		return err
	}
	return nil
}

// begin brings the objects of the first start into the database, or tells
// that the file says something else than what is in force. own are objects
// that the program brings along, in force at every start.
func (o *Objects) begin(ctx context.Context, cfg *config.Config, own []byte) error {
	switch {
	case own != nil:
		_, err := o.Apply(ctx, objects.Apply{YAML: own, Prune: true, By: byStart})
		return err
	case o.version > 0:
		o.compare(cfg)
		return nil
	case cfg.Objects == "":
		o.log.Warn("there are no configuration objects yet: write objects.yaml and run 'strowger apply -f objects.yaml'")
		return nil
	}
	text, err := config.ReadObjects(cfg)
	if err != nil {
		return err
	}
	_, err = o.Apply(ctx, objects.Apply{YAML: text, File: cfg.Objects, By: byFirstStart})
	return err
}

// tell logs in one line how many objects are in force.
func (o *Objects) tell() {
	counts := []any{"version", o.version}
	for _, k := range objects.Kinds() {
		if n := o.set.Count(k); n > 0 {
			counts = append(counts, k.Section(), n)
		}
	}
	o.log.Info("configuration objects in force", counts...)
}

// compare logs whether the file says what is in force. It is no longer read
// for anything else, so whatever is wrong with it does not matter.
func (o *Objects) compare(cfg *config.Config) {
	if cfg.Objects == "" {
		return
	}
	text, err := config.ReadObjects(cfg)
	if fault.Is(err, fault.NotFound) {
		return
	}
	var diff objects.Diff
	var given *objects.Set
	if err == nil {
		given, err = objects.Parse(cfg.Objects, text)
	}
	if err == nil {
		_, diff, err = objects.Merge(o.set, given, true)
	}
	switch {
	case err != nil:
		o.log.Warn("the file of configuration objects is not valid; "+objectsUnread, "file", cfg.Objects, "error", err)
	case !diff.Empty():
		o.log.Warn("the file differs from what is in force: run 'strowger apply -f "+cfg.Objects+"'", "file", cfg.Objects,
			"created", diff.Created, "changed", diff.Changed, "removed", diff.Removed)
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
