package test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/port"
	"strowger/switch/sim"
	"strowger/switch/store/journal"
)

var recordJournal = flag.String("record-journal", "", "record a new golden journal into testdata/journals/`NAME`")

// TestGoldenJournals replays the journals that earlier versions have written:
// every record must be readable, and lead to the calls and the state to which
// it led then. NAME.txt beside a journal is the account that the version gave
// which has written it. A later version may give other events and orders on
// the way; the engine counts those.
func TestGoldenJournals(t *testing.T) {
	if *recordJournal != "" {
		dir := filepath.Join("testdata", "journals", *recordJournal)
		record(t, dir)
		if err := os.WriteFile(dir+".txt", []byte(replay(t, dir).account), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	accounts, err := filepath.Glob("testdata/journals/*.txt")
	if err != nil || len(accounts) == 0 {
		t.Fatalf("no golden journals: %v", err)
	}
	for _, file := range accounts {
		dir := strings.TrimSuffix(file, ".txt")
		t.Run(filepath.Base(dir), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, dir)
			progress(fmt.Sprintf("%s: %d records, %d ended calls, %d kinds of input, %d with another output than then",
				filepath.Base(dir), got.records, got.ended, len(got.tags), got.mismatches))
			if got.records < 200 || got.ended < 10 || len(got.tags) < 15 {
				t.Errorf("it proves too little: %d records, %d ended calls, %d kinds of input", got.records, got.ended, len(got.tags))
			}
			if p := differences(string(want), got.account); p != "" {
				t.Errorf("the replay leads to another state (- then, + now):\n%s", p)
			}
			_, state, _ := strings.Cut(string(want), stateHeading)
			if p := differences(state, restored(t, dir)); p != "" {
				t.Errorf("the snapshot of then is read as another state (- then, + now):\n%s", p)
			}
			if n := recovered(t, dir, got.records); n != uint64(got.mismatches) {
				t.Errorf("the engine counts %d other outputs, want %d", n, got.mismatches)
			}
		})
	}
}

// TestGoldenJournalCheckIsRed spoils an account.
func TestGoldenJournalCheckIsRed(t *testing.T) {
	const then = "call 1 handled\ncall 2 abandoned\n"
	if p := differences(then, then); p != "" {
		t.Errorf("equal accounts differ:\n%s", p)
	}
	if p := differences(then, "call 1 handled\ncall 2 handled\n"); p != "- call 2 abandoned\n+ call 2 handled\n" {
		t.Errorf("got %q", p)
	}
	if p := differences(then, "call 1 handled\n"); p != "- call 2 abandoned\n" {
		t.Errorf("got %q", p)
	}
}

// replayed is what a journal says.
type replayed struct {
	records, ended, mismatches int
	tags                       map[string]bool
	account                    string
}

// openCopy opens a copy of a journal, with its snapshots or without.
func openCopy(t *testing.T, dir string, snapshots bool) *journal.Journal {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(copied, "*.snap"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if snapshots {
			break
		}
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	j, report, err := journal.Open(copied, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Incidents) > 0 {
		t.Fatalf("%s is damaged: %+v", dir, report.Incidents)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

// replay steps a new state through a whole journal.
func replay(t *testing.T, dir string) replayed {
	t.Helper()
	out, state, calls := replayed{tags: map[string]bool{}}, callmodel.New(acd.Router{}), ""
	var scratch []byte
	err := openCopy(t, dir, false).Replay(0, func(seq uint64, raw []byte) error {
		rec, err := engine.DecodeRecord(raw)
		if err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		step := state.Step(rec.Now, rec.Input)
		var hash uint64
		if hash, scratch = step.Hash(scratch); hash != rec.Hash {
			out.mismatches++
		}
		for i := range step.Events {
			if step.Events[i].Kind == callmodel.EvCallEnded {
				out.ended++
				calls += "ended " + callAccount(step.Events[i].Call)
			}
		}
		out.tags[rec.Input.Tag()] = true
		out.records++
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	out.account = calls + stateHeading + stateAccount(state.View())
	return out
}

// restored is the state in the journal's last snapshot.
func restored(t *testing.T, dir string) string {
	t.Helper()
	_, data, err := openCopy(t, dir, true).LatestSnapshot()
	if err != nil || data == nil {
		t.Fatalf("%s: snapshot of %d bytes, %v", dir, len(data), err)
	}
	state, err := callmodel.Restore(acd.Router{}, data)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return stateAccount(state.View())
}

// recovered starts an engine on a journal without snapshots, as after a crash
// before the first one, and returns how many other outputs it has counted.
func recovered(t *testing.T, dir string, records int) uint64 {
	t.Helper()
	ex := sim.New(sim.Options{Node: "sim", Seed: 1})
	e := engine.New(engine.Config{Router: acd.Router{}, Journal: openCopy(t, dir, false), Effector: ex})
	ctx, cancel := contextFor(t, waitFor)
	defer cancel()
	if err := e.Start(ctx, goldenConfig()); err != nil {
		t.Fatal(err)
	}
	stats := e.Stats()
	if stats.Replayed != uint64(records) || stats.Panics != 0 {
		t.Errorf("the engine has replayed %d of %d records, %d panics", stats.Replayed, records, stats.Panics)
	}
	if err := e.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	return stats.Mismatches
}

const stateHeading = "at the end:\n"

// stateAccount tells a state in words that do not change with the model.
func stateAccount(v *callmodel.View) string {
	var b strings.Builder
	for _, c := range v.Calls {
		b.WriteString("live " + callAccount(c))
	}
	for _, a := range v.Agents {
		fmt.Fprintf(&b, "agent %s %s reason %q since %d idle %d handled %d call %s\n", a.ID, a.State, a.Reason, a.Since, a.IdleSince, a.Handled, a.Call)
	}
	for _, q := range v.Queues {
		fmt.Fprintf(&b, "queue %s arrived %d answered %d abandoned %d waiting %v\n", q.ID, q.Arrived, q.Answered, q.Abandoned, q.Waiting)
	}
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "node %s up %t\n", n.ID, n.Up)
	}
	return b.String()
}

func callAccount(c *callmodel.Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "call %d from %q to %q queue %q %s %s arrived %d answered %d talking %d over %d data %d\n",
		c.Number, c.Caller, c.Dialled, c.Queue, c.Phase, c.Outcome, c.ArrivedAt, c.AnsweredAt, c.TalkingAt, c.OverAt, len(c.Attached))
	for i := range c.Conns {
		p := &c.Conns[i]
		fmt.Fprintf(&b, "  %s %s agent %q %s %s cause %d\n", p.Role, p.Device, p.Agent, p.State, p.Processing, p.Cause)
	}
	return b.String()
}

// differences are the lines that differ, at most 20.
func differences(then, now string) string {
	a, b := strings.Split(then, "\n"), strings.Split(now, "\n")
	var out strings.Builder
	for i, n := 0, 0; i < max(len(a), len(b)) && n < 20; i++ {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x == y {
			continue
		}
		n++
		if x != "" {
			out.WriteString("- " + x + "\n")
		}
		if y != "" {
			out.WriteString("+ " + y + "\n")
		}
	}
	return out.String()
}

// goldenConfig is the site of the journals.
func goldenConfig() *callmodel.Config {
	cfg := &callmodel.Config{
		Queues: []callmodel.QueueConfig{{
			ID: "sales", Number: 1, Name: "Sales", Address: "600", Strategy: callmodel.LongestIdle, RingTimeout: 2 * time.Second,
			WrapUp: 500 * time.Millisecond, Music: "default", Answer: callmodel.AnswerTreatment, MaxWaiting: 10,
		}},
	}
	for i, n := range []string{"101", "102", "103", "104", "105"} {
		st := callmodel.Station{Endpoint: n, Mode: callmodel.Handset, AcceptTimeout: time.Second}
		if n == "105" {
			st.Mode = callmodel.CallOnAccept
		}
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{ID: callmodel.AgentID("agent" + n), Number: int64(i + 1), Name: n, Line: n, Queues: []callmodel.QueueID{"sales"}, Station: st})
	}
	return cfg
}

// record writes a journal of a busy quarter of a minute on the simulated exchange.
func record(t *testing.T, dir string) {
	j, _, err := journal.Open(dir, journal.Options{SegmentBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ex := sim.New(sim.Options{Node: "sim", Seed: 1})
	e := engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: ex, SnapshotRecords: 1 << 40})
	cfg := goldenConfig()
	modes := []sim.PhoneMode{sim.Answers, sim.Answers, sim.Rejects, sim.Silent, sim.Answers}
	for i, a := range cfg.Agents {
		ex.Phone(a.Line, sim.PhonePolicy{Mode: modes[i], AnswerAfter: sim.Exactly(200 * time.Millisecond), Talk: sim.Range{Min: time.Second, Max: 3 * time.Second}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	if err := e.Start(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	if err := ex.Start(ctx, e); err != nil {
		t.Fatal(err)
	}
	for _, a := range cfg.Agents {
		if err := e.Do(ctx, callmodel.SetAgentState{Agent: a.ID, State: callmodel.Ready}); err != nil {
			t.Fatal(err)
		}
	}
	_, sub, err := e.Watch(ctx, "record")
	if err != nil {
		t.Fatal(err)
	}
	go operate(ctx, e, sub.Next)
	err = ex.Demo(ctx, sim.Traffic{Numbers: []string{"600", "999"}, Interval: 300 * time.Millisecond, Patience: sim.Range{Min: time.Second, Max: 6 * time.Second}, Talk: sim.Range{Min: time.Second, Max: 2 * time.Second}, Seed: 2}, func(sim.Happening) {})
	if err != nil {
		t.Fatal(err)
	}
	ex.CutLink(200 * time.Millisecond)
	stop, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	if err := ex.WaitLink(stop); err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(stop); err != nil {
		t.Fatal(err)
	}
	ex.Stop()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// operate is what people do at their clients: accept, hold, retrieve, attach data.
func operate(ctx context.Context, e *engine.Engine, next func(context.Context) ([]port.Stamped, error)) {
	for n := 0; ; {
		batch, err := next(ctx)
		if err != nil {
			return
		}
		for _, ev := range batch {
			n++
			var cmds []callmodel.Command
			switch k := ev.Kind; {
			case k == callmodel.EvDelivered:
				cmds = append(cmds, callmodel.Accept{Conn: ev.Conn})
			case k == callmodel.EvEstablished:
				cmds = append(cmds, callmodel.HoldCall{Conn: ev.Conn}, callmodel.SetData{Conn: ev.Conn, Entries: []callmodel.AttachedData{{App: "CRM", Media: "text/xml", Data: "<a/>"}}})
			case k == callmodel.EvHeld:
				cmds = append(cmds, callmodel.Retrieve{Conn: ev.Conn})
			case k == callmodel.EvRetrieved:
				cmds = append(cmds, callmodel.RequireWrapUp{Conn: ev.Conn})
			case k == callmodel.EvCleared:
				if n%2 == 0 {
					cmds = append(cmds, callmodel.EndWrapUp{Conn: ev.Conn})
				}
			case k == callmodel.EvAgentChanged:
				if ev.Agent.State == callmodel.NotReady {
					cmds = append(cmds, callmodel.SetAgentState{Agent: ev.Agent.ID, State: callmodel.Ready})
				}
			}
			for _, c := range cmds {
				_ = e.Do(ctx, c) // a refusal is part of the journal too
			}
		}
	}
}
