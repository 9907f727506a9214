package controller

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// health tells the REST interface how the parts around the model are.
type health struct{ c *Controller }

// gateLimit is when the dialplan's readiness gate closes (extensions_strowger.conf).
const gateLimit = 4 * time.Second

// NotReady lists why calls cannot be served at any server.
func (h health) NotReady(context.Context) []string {
	wrong, well := h.servers()
	if well {
		wrong = nil
	}
	if h.c.pressure.level() >= shedArrivals {
		wrong = append(wrong, h.c.pressure.trouble())
	}
	return wrong
}

// Degraded lists what does not work although calls are served.
func (h health) Degraded(context.Context) []string {
	wrong, well := h.servers()
	if !well {
		wrong = nil
	} else if h.c.asterisk != nil {
		wrong = append(wrong, h.c.asterisk.weak()...)
	}
	if text := h.c.pressure.trouble(); text != "" && h.c.pressure.level() < shedArrivals {
		wrong = append(wrong, text)
	}
	return append(wrong, h.storage()...)
}

// storage lists what is wrong with journal and database. Calls go on without either.
func (h health) storage() (wrong []string) {
	if h.c.engine.Stats().JournalFailed {
		wrong = append(wrong, "the journal cannot be written: what happens now is lost if the controller ends")
	}
	if h.c.keeper.Stats().Full {
		wrong = append(wrong, "there is too little room on the disk of the recordings: none is started")
	}
	if s := h.c.writer.Stats(); s.Failing {
		wrong = append(wrong, fmt.Sprintf("the database is away: reports are late, %d rows wait", s.Waiting))
	}
	return append(wrong, h.c.mirrors.troubles()...)
}

// servers lists what is wrong with the links, and whether one of them works.
func (h health) servers() (wrong []string, well bool) {
	a := h.c.asterisk
	if a == nil {
		return nil, true
	}
	for i, list := range a.troubles() {
		well = well || len(list) == 0
		if len(a.nodes) > 1 {
			list = named(a.nodes[i], list)
		}
		wrong = append(wrong, list...)
	}
	return wrong, well
}

// Journal describes the journal.
func (h health) Journal() *rest.Journal {
	s := h.c.journal.Stats()
	j := &rest.Journal{LastSeq: s.LastSeq, SyncedSeq: s.SyncedSeq, Segments: s.Segments, Bytes: s.SegmentBytes}
	if h.c.engine.Stats().JournalFailed {
		j.Failure = "it cannot be written: see the log, free disk space"
	}
	return j
}

// Recent returns the latest incidents, newest first.
func (r *recorder) Recent(limit int) []rest.Incident {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []rest.Incident
	for i := len(r.incidents) - 1; i >= 0 && len(out) < limit; i-- {
		e := r.incidents[i]
		out = append(out, rest.Incident{Time: e.Wall, Node: string(e.Node), Reason: e.Reason})
	}
	return out
}

// history finds ended calls in the database.
type history struct{ store *store.Store }

// Ended lists ended calls, newest first.
func (h history) Ended(ctx context.Context, queue callmodel.QueueID, agent callmodel.AgentID, limit int) ([]rest.Call, error) {
	rows, err := h.store.ListCalls(ctx, store.CallFilter{Limit: min(limit, store.MaxList), QueueID: string(queue), AgentID: string(agent)})
	out := make([]rest.Call, 0, len(rows))
	for _, row := range rows {
		out = append(out, endedCall(row))
	}
	return out, err
}

// Find returns one ended call.
func (h history) Find(ctx context.Context, id callmodel.CallID, number int64) (rest.Call, error) {
	rows, err := h.store.ListCalls(ctx, store.CallFilter{Limit: store.MaxList})
	if err != nil {
		return rest.Call{}, err
	}
	for _, row := range rows {
		if (!id.IsZero() && strings.EqualFold(row.ID, id.String())) || (id.IsZero() && row.Number == number) {
			return endedCall(row), nil
		}
	}
	return rest.Call{}, fault.Newf(fault.NotFound, "find call", id.String(), "not among the last %d ended calls", store.MaxList)
}

func endedCall(row store.Call) rest.Call {
	c := rest.Call{
		ID: row.ID, Number: row.Number, Phase: callmodel.PhaseOver.String(), Outcome: row.Outcome, Node: row.Node, ConfigVersion: uint64(row.ConfigVersion),
		Dialled: row.Dialled, Caller: row.Caller, Queue: row.QueueID, Agent: row.AgentID, Connections: []rest.Connection{}, Attached: []rest.Attached{},
		AgeSeconds: row.Ended.Sub(row.Started).Seconds(), WaitingSeconds: row.Wait.Seconds(), TalkingSeconds: row.Talk.Seconds(),
		Kind: or(row.Kind, "inbound"), Priority: row.Priority, Estimate: row.Estimate.Seconds(), ConsultOf: row.ConsultOf, Callback: row.CallbackID,
	}
	if row.DNISNumber != "" {
		c.DNIS = &rest.DNIS{Number: row.DNISNumber, Entry: row.DNISEntry, Label: row.DNISLabel}
	}
	for _, v := range row.Queues {
		c.Queues = append(c.Queues, rest.QueueVisit{Queue: v.Queue, At: &v.At, Left: known(v.Left), Agent: v.Agent})
	}
	c.ArrivedAt, c.TalkingAt, c.OverAt = known(row.Started), known(row.Answered), known(row.Ended)
	return c
}

// known is nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
