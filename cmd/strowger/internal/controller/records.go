package controller

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/records"
	"strowger/switch/store"
)

// shard is the name under which the records' position is kept; there is one.
const shard = "main"

// recorder turns ended calls into rows. The journal is the truth: what the
// database has not got when the process ends is replayed at the next start,
// because snapshots wait for the rows (see engine.Config.BeforeSnapshot).
type recorder struct {
	writer *store.Writer
	store  *store.Store
	lost   bool // the journal does not know of what was open
	today  *today
	replay func(ctx context.Context, see func(port.Stamped)) error // every event since the last snapshot
	note   func(context.Context, store.Incident) error             // keeps an incident for good
	log    *slog.Logger

	fold  *records.Fold // of the goroutine, as taken is
	taken uint64        // last event whose rows the writer was given

	mu        sync.Mutex // guards what follows
	incidents []port.Stamped
	cancel    context.CancelFunc
	done      chan struct{}
}

const incidentsKept = 100

// noteLimit bounds how long the records wait for the database to take an incident.
const noteLimit = 5 * time.Second

// recordPause is how often the recorder looks for events, and rowDelay how
// long a row waits for company in one transaction.
const (
	recordPause = 50 * time.Millisecond
	rowDelay    = 500 * time.Millisecond
)

// start follows the engine from here on. What ended before, in the records
// since the last snapshot or in the first moment of this start, is taken from
// the journal in the background: calls need not wait for it.
func (r *recorder) start(ctx context.Context, sw port.Switch) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	view, sub, err := sw.Watch(ctx, "records")
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		if err := r.today.load(run, r.store); err != nil { // many rows: calls do not wait for it
			r.log.Warn("the live figures lack what was before this start", "error", err)
		}
		err := r.fill(run, view)
		if err == nil {
			err = r.follow(run, sw, sub)
		} else {
			sub.Close()
		}
		if err != nil && !fault.Is(err, fault.Stopped) {
			r.log.Error("call records are not written any more; they come back with the next restart", "error", err)
		}
	}()
	return nil
}

func (r *recorder) stop() {
	if r.cancel != nil {
		r.cancel()
		<-r.done
	}
}

func (r *recorder) follow(ctx context.Context, sw port.Switch, sub port.Subscription) error {
	defer func() { sub.Close() }()
	pause := time.NewTicker(recordPause)
	defer pause.Stop()
	for {
		batch, err := sub.Next(ctx)
		switch fault.KindOf(err) {
		case 0:
			r.take(ctx, batch)
			select { // rows are in no hurry: fewer, larger batches cost less
			case <-pause.C:
			case <-ctx.Done():
			}
		case fault.Overrun:
			r.log.Warn("call records fell behind; the missing rows are taken from the journal", "error", err)
			view, again, err := sw.Watch(ctx, "records")
			if err != nil {
				return err
			}
			sub.Close()
			sub = again
			if err := r.fill(ctx, view); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// load takes up the rows that were open when the process ended. Of those that
// the journal does not know the end is unknown.
func (r *recorder) load(ctx context.Context) error {
	open, err := r.store.OpenRows(ctx, shard)
	if err != nil {
		return err
	}
	r.taken = r.writer.ProjectedSeq()
	if r.lost {
		if err := r.writer.Project(ctx, store.RecordRows(records.Abandon(open, time.Now())), 0); err != nil {
			return err
		}
		open, r.lost = records.Rows{}, false
	}
	r.fold, err = records.NewFold(open)
	return err
}

// fillBatch is how many events of the journal share a transaction.
const fillBatch = 1000

// fill writes the rows of all events up to a view that are not written yet,
// from the journal.
func (r *recorder) fill(ctx context.Context, view *callmodel.View) error {
	var batch []port.Stamped
	var failed error
	err := r.replay(ctx, func(e port.Stamped) {
		if failed != nil || e.Seq <= r.taken || e.Seq > view.Events {
			return
		}
		if batch = append(batch, e); len(batch) >= fillBatch {
			failed = r.project(ctx, batch)
			batch = batch[:0]
		}
	})
	if err == nil {
		err = failed
	}
	if err == nil && len(batch) > 0 {
		err = r.project(ctx, batch)
	}
	if err != nil {
		return err
	}
	aligned := r.fold.Align(view)
	if n := aligned.Len(); n > 0 {
		r.log.Info("open records were compared with what lives", "changed", n)
	}
	r.today.add(aligned)
	r.taken = view.Events
	return r.writer.Project(ctx, store.RecordRows(aligned), view.Events)
}

// project gives the writer the rows of events and their mark, as one.
func (r *recorder) project(ctx context.Context, events []port.Stamped) error {
	var rows records.Rows
	var calls []store.Row
	for _, e := range events {
		if e.Seq <= r.taken {
			continue
		}
		rows.Add(r.fold.Step(e))
		if e.Kind == callmodel.EvCallEnded {
			calls = append(calls, callRow(e))
		}
		r.taken = e.Seq
	}
	r.today.add(rows)
	return r.writer.Project(ctx, append(store.RecordRows(rows), calls...), r.taken)
}

func (r *recorder) take(ctx context.Context, batch []port.Stamped) {
	for _, e := range batch {
		switch e.Kind {
		case callmodel.EvCallEnded:
			r.log.Info("call ended", "call", e.Call.ID.String(), "number", e.Call.Number, "seq", e.Seq, "queue", string(e.Call.Queue), "outcome", string(e.Call.Outcome))
		case callmodel.EvIncident, callmodel.EvNodeDown, callmodel.EvMirrorDown:
			r.keep(ctx, e)
		case callmodel.EvAgentChanged:
			level := slog.LevelDebug // what calls do to an agent is in the call's own line
			if e.Agent.State == callmodel.NotReady || e.Agent.State == callmodel.LoggedOut {
				level = slog.LevelInfo
			}
			r.log.Log(ctx, level, "agent", "agent", string(e.Agent.ID), "state", e.Agent.State.String(), "reason", e.Agent.Reason, "seq", e.Seq)
		case callmodel.EvCallStarted, callmodel.EvQueued, callmodel.EvDelivered, callmodel.EvEstablished, callmodel.EvHeld,
			callmodel.EvRetrieved, callmodel.EvCleared, callmodel.EvWrapUpEnded, callmodel.EvDataChanged, callmodel.EvNodeUp, callmodel.EvConfigChanged,
			callmodel.EvOriginated, callmodel.EvFailed, callmodel.EvDiverted, callmodel.EvTransferred, callmodel.EvConferenced, callmodel.EvPartyChanged,
			callmodel.EvParked, callmodel.EvMenu, callmodel.EvRouteRequest, callmodel.EvRouteEnded, callmodel.EvCallbackChanged, callmodel.EvQueueChanged,
			callmodel.EvDisposition, callmodel.EvPlayEnded, callmodel.EvPhoneChanged, callmodel.EvRecording,
			callmodel.EvSupervisionStarted, callmodel.EvSupervisionChanged, callmodel.EvSupervisionEnded, callmodel.EvPasscode,
			callmodel.EvAnswered, callmodel.EvScreened, callmodel.EvMessage,
			callmodel.EvMirrorCall, callmodel.EvMirrorAgent, callmodel.EvMirrorQueue, callmodel.EvMirrorUp:
			r.log.Debug("event", "event", e.String(), "seq", e.Seq)
		}
	}
	if err := r.project(ctx, batch); err != nil && !fault.Is(err, fault.Stopped) {
		r.log.Warn("records wait for the next restart", "seq", batch[len(batch)-1].Seq, "error", err)
	}
}

func (r *recorder) keep(ctx context.Context, e port.Stamped) {
	r.log.Warn("incident", "event", e.Kind.String(), "node", string(e.Node), "reason", e.Reason, "seq", e.Seq)
	if e.Kind == callmodel.EvIncident {
		ctx, cancel := context.WithTimeout(ctx, noteLimit)
		defer cancel()
		if err := r.note(ctx, store.Incident{Time: e.Wall, Kind: "switch", Text: e.Reason}); err != nil {
			r.log.Warn("an incident could not be stored", "incident", e.Reason, "error", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.incidents = append(r.incidents, e)
	if len(r.incidents) > incidentsKept {
		r.incidents = r.incidents[1:]
	}
}
