package controller

import (
	"context"
	"slices"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/objects"
	"strowger/switch/port"
	"strowger/switch/sim"
	"strowger/switch/store"
)

const liveObjects = `numbering: {region: DE}
queues:
  - {id: sales, number: 600, ring_timeout: 5s, wrap_up: 200ms, dispositions: [sold]}
  - {id: first, number: 500, overflow: [{when: waiting-time, after: 50ms, to: "queue:sales"}]}
dispositions: [{id: sold, success: true}]
dnis: [{id: hotline, dialled: ["+49305000"], to: "queue:first", label: Hotline}]
agents:
  - {id: anna, line: 101, queues: [sales], station: {endpoint: 101}}
  - {id: ben, line: 102, station: {endpoint: 102}}
`

// live is a controller with a simulated exchange, followed event by event.
type live struct {
	*Controller
	ex   *sim.Exchange
	sub  port.Subscription
	seen []port.Stamped // not asked for yet
	ctx  context.Context
}

func startLive(t *testing.T, own string) *live {
	t.Helper()
	return startLiveWith(t, own, func(*config.Config) {})
}

func startLiveWith(t *testing.T, own string, adjust func(*config.Config)) *live {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	l := &live{ex: sim.New(sim.Options{Node: "sim"}), ctx: ctx}
	t.Cleanup(l.ex.Stop)
	for _, phone := range []string{"101", "102"} {
		l.ex.Phone(phone, sim.PhonePolicy{Mode: sim.Answers})
	}
	cfg := config.Default()
	dir := t.TempDir()
	cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+dir+"/s.db", dir+"/journal"
	cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", dir+"/s.sock", false
	adjust(cfg)
	var err error
	if l.Controller, err = New(Options{Config: cfg, Objects: []byte(own), Version: "test", Simulated: l.ex}); err != nil {
		t.Fatal(err)
	}
	if err := l.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Stop(context.Background()) })
	var view *callmodel.View
	if view, l.sub, err = l.engine.Watch(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.sub.Close)
	if err := l.ex.WaitLink(ctx); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(view.Nodes, func(n callmodel.Node) bool { return n.Up }) {
		l.next(t, callmodel.EvNodeUp, nil)
	}
	return l
}

// next waits for an event that fits.
func (l *live) next(t *testing.T, kind callmodel.EventKind, fits func(port.Stamped) bool) port.Stamped {
	t.Helper()
	for {
		for i, e := range l.seen {
			if e.Kind == kind && (fits == nil || fits(e)) {
				l.seen = slices.Delete(l.seen, i, i+1)
				return e
			}
		}
		more, err := l.sub.Next(l.ctx)
		if err != nil {
			t.Fatalf("no %s came: %v", kind, err)
		}
		l.seen = append(l.seen, more...)
	}
}

func (l *live) do(t *testing.T, cmd callmodel.Command) {
	t.Helper()
	if err := l.engine.Do(l.ctx, cmd); err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
}

// call places a call and waits until anna talks to the caller.
func (l *live) call(t *testing.T, dialled string) (*sim.CallerLeg, port.Stamped) {
	t.Helper()
	leg, err := l.ex.Place(dialled, sim.Caller{Number: "+4917055501"})
	if err != nil {
		t.Fatal(err)
	}
	e := l.next(t, callmodel.EvEstablished, func(e port.Stamped) bool { return e.Connection().Agent == "anna" })
	return leg, e
}

// rows waits for the records of everything that has happened.
func (l *live) rows(t *testing.T) map[string]store.Call {
	t.Helper()
	view, err := l.engine.View(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.writer.WaitProjected(l.ctx, view.Events); err != nil {
		t.Fatal(err)
	}
	list, err := l.store.ListCalls(l.ctx, store.CallFilter{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]store.Call{}
	for _, row := range list {
		out[row.ID] = row
	}
	return out
}

// TestChangesLeaveCallsAlone applies objects and reloads limits while a call
// is up: it keeps its version, to its record; the next call has the new one.
func TestChangesLeaveCallsAlone(t *testing.T) {
	l := startLive(t, liveObjects)
	l.do(t, callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready})
	leg, talking := l.call(t, "600")
	version := talking.Call.Config

	result, err := l.objects.Apply(l.ctx, objects.Apply{YAML: []byte("queues: [{id: sales, number: 600, wrap_up: 10m}, {id: extra, number: 602}]"), By: "anna"})
	if err != nil || result.Diff.Created != 1 || result.Diff.Changed != 1 {
		t.Fatalf("%+v %v", result, err)
	}
	l.next(t, callmodel.EvConfigChanged, nil)
	cfg := *l.opt.Config
	cfg.Limits.Calls = 7
	if err := l.Reload(l.ctx, &cfg); err != nil {
		t.Fatal(err)
	}
	l.next(t, callmodel.EvConfigChanged, nil)
	view, err := l.engine.View(l.ctx)
	if err != nil || len(view.Calls) != 1 || view.Calls[0].Config != version || view.Calls[0].Phase != callmodel.PhaseTalking ||
		view.Config.MaxCalls != 7 || view.Config.Version <= version || len(view.Queues) != 3 {
		t.Fatalf("%+v %v", view, err)
	}
	if !l.ex.Inventory().Talking(leg.Channel()) {
		t.Error("the caller hears nobody any more")
	}

	again, err := l.ex.Place("602", sim.Caller{Number: "+4917055502"})
	if err != nil {
		t.Fatal(err)
	}
	if e := l.next(t, callmodel.EvQueued, func(e port.Stamped) bool { return e.Call.Queue == "extra" }); e.Call.Config != view.Config.Version {
		t.Errorf("the next call has version %d, not %d", e.Call.Config, view.Config.Version)
	}
	again.Hangup()
	leg.Hangup()
	first := func(e port.Stamped) bool { return e.Call.ID == talking.Call.ID }
	l.next(t, callmodel.EvCallEnded, first) // 10 minutes are the next call's wrap-up
	if row := l.rows(t)[talking.Call.ID.String()]; row.ConfigVersion != int64(version) || row.Wrap > 5*time.Second || row.Outcome != "handled" {
		t.Errorf("record %+v", row)
	}
}

// TestRecordsTellTheWholeStory: a caller is sent from one queue to another and
// talks to an agent, who consults a second one and transfers the call.
func TestRecordsTellTheWholeStory(t *testing.T) {
	l := startLive(t, liveObjects)
	for _, agent := range []callmodel.AgentID{"anna", "ben"} {
		l.do(t, callmodel.SetAgentState{Agent: agent, State: callmodel.Ready})
	}
	leg, talking := l.call(t, "49305000")
	consult := callmodel.CallID{ID: l.engine.NewID()}
	l.do(t, callmodel.Consult{Conn: talking.Conn, Call: consult, To: callmodel.Dest{Kind: callmodel.DestAgent, Value: "ben"}})
	joined := l.next(t, callmodel.EvEstablished, func(e port.Stamped) bool { return e.Call.ID == consult && e.Connection().Agent == "ben" })
	l.do(t, callmodel.SetDisposition{Conn: talking.Conn, Codes: []string{"sold"}})
	var own callmodel.ConnID
	for _, p := range joined.Call.Conns {
		if p.Agent == "anna" {
			own = p.ID
		}
	}
	l.do(t, callmodel.Transfer{Conn: own})
	l.next(t, callmodel.EvTransferred, nil)
	ended := func(id callmodel.CallID) {
		l.next(t, callmodel.EvCallEnded, func(e port.Stamped) bool { return e.Call.ID == id })
	}
	ended(consult)
	if err := leg.WaitTalking(l.ctx); err != nil {
		t.Fatal(err)
	}
	leg.Hangup()
	ended(talking.Call.ID)

	rows := l.rows(t)
	main, other := rows[talking.Call.ID.String()], rows[consult.String()]
	if main.Kind != "" || main.Outcome != "handled" || main.DNISEntry != "hotline" || main.DNISLabel != "Hotline" || main.Overflows != 1 ||
		!slices.Equal(main.Agents, []string{"anna", "ben"}) || main.AgentID != "ben" || !slices.Equal(main.Dispositions, []string{"sold"}) || !main.Success {
		t.Errorf("the call: %+v", main)
	}
	if v := main.Queues; len(v) != 2 || v[0].Queue != "first" || v[0].Agent != "" || v[0].Left.IsZero() || v[1].Queue != "sales" || v[1].Agent != "anna" || v[1].At.Before(main.Started) {
		t.Errorf("its queues: %+v", v)
	}
	if other.Kind != "consult" || other.Outcome != "transferred" || other.ConsultOf != main.ID || other.RootID != main.ID || other.Ended.IsZero() || other.QueueID != "" {
		t.Errorf("the consultation: %+v", other)
	}
	shown, err := history{l.store}.Find(l.ctx, consult, 0)
	if err != nil || shown.Kind != "consult" || shown.ConsultOf != main.ID {
		t.Errorf("shown as %+v %v", shown, err)
	}
}

// TestCallRow checks what no call of the others has.
func TestCallRow(t *testing.T) {
	at := func(s int) callmodel.Instant { return callmodel.Instant(s * 1e6) }
	call := &callmodel.Call{
		ArrivedAt: at(1), QueuedAt: at(1), OverAt: at(31), Outcome: callmodel.OutcomeCallback, Kind: callmodel.KindCallback, Estimate: -time.Second, Priority: 3, Overflows: 1,
		Callback: callmodel.CallbackID{ID: callmodel.ID{1}}, Conns: []callmodel.Connection{{Role: callmodel.RoleCaller, State: callmodel.Ended}},
		Queues: []callmodel.QueueVisit{{Queue: "a", At: at(1), Left: at(11)}, {Queue: "b", At: at(21), Left: at(26)}},
		DNIS:   &callmodel.DNISInfo{Number: string(make([]byte, 500)) + "ä"},
	}
	e := port.Stamped{Seq: 9, At: at(31), Wall: time.Unix(1031, 0)}
	e.Kind, e.Call = callmodel.EvCallEnded, call
	row := callRow(e)
	if row.Wait != 15*time.Second || row.Overflows != 1 || row.Estimate != 0 || row.Kind != "callback" || row.CallbackID == "" || row.ConsultOf != "" ||
		len(row.DNISNumber) > 256 || !row.Started.Equal(time.Unix(1001, 0)) || row.Agents != nil || row.Priority != 3 {
		t.Errorf("got %+v", row)
	}
	call.Outcome, call.Queues[1].Left = callmodel.OutcomeAbandoned, 0
	if row = callRow(e); row.Wait != 20*time.Second || row.Overflows != 1 {
		t.Errorf("abandoned: waited %v, overflows %d", row.Wait, row.Overflows)
	}
}
