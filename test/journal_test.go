package test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
// every record must be readable and give the output that it gave then.
func TestGoldenJournals(t *testing.T) {
	if *recordJournal != "" {
		record(t, filepath.Join("testdata", "journals", *recordJournal))
	}
	dirs, err := filepath.Glob("testdata/journals/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no golden journals: %v", err)
	}
	for _, dir := range dirs {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		j, report, err := journal.Open(copied, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Incidents) > 0 {
			t.Fatalf("%s is damaged: %+v", dir, report.Incidents)
		}
		state, records, ended, tags := callmodel.New(acd.Router{}), 0, 0, map[string]bool{}
		var scratch []byte
		err = j.Replay(0, func(seq uint64, raw []byte) error {
			rec, err := engine.DecodeRecord(raw)
			if err != nil {
				return err
			}
			out := state.Step(rec.Now, rec.Input)
			var hash uint64
			if hash, scratch = out.Hash(scratch); hash != rec.Hash {
				t.Errorf("%s: record %d (%s) now gives\n%s", dir, seq, rec.Input.Tag(), scratch)
			}
			for i := range out.Events {
				if out.Events[i].Kind == callmodel.EvCallEnded {
					ended++
				}
			}
			tags[rec.Input.Tag()] = true
			records++
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		progress(filepath.Base(dir) + ": " + fmt.Sprintf("%d records, %d ended calls, %d kinds of input", records, ended, len(tags)))
		if records < 200 || ended < 10 || len(tags) < 15 {
			t.Errorf("%s proves too little: %d records, %d ended calls, %d kinds of input", dir, records, ended, len(tags))
		}
	}
}

// record writes a journal of a busy quarter of a minute on the simulated exchange.
func record(t *testing.T, dir string) {
	j, _, err := journal.Open(dir, journal.Options{SegmentBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ex := sim.New(sim.Options{Node: "sim", Seed: 1})
	e := engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: ex, SnapshotRecords: 1 << 40})
	cfg := &callmodel.Config{
		Queues: []callmodel.QueueConfig{{
			ID: "sales", Number: 1, Name: "Sales", Address: "600", Strategy: callmodel.LongestIdle, RingTimeout: 2 * time.Second,
			WrapUp: 500 * time.Millisecond, Music: "default", Answer: callmodel.AnswerTreatment, MaxWaiting: 10,
		}},
	}
	modes := []sim.PhoneMode{sim.Answers, sim.Answers, sim.Rejects, sim.Silent, sim.Answers}
	for i, n := range []string{"101", "102", "103", "104", "105"} {
		st := callmodel.Station{Endpoint: n, Mode: callmodel.Handset, AcceptTimeout: time.Second}
		if n == "105" {
			st.Mode = callmodel.CallOnAccept
		}
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{ID: callmodel.AgentID("agent" + n), Number: int64(i + 1), Name: n, Line: n, Queues: []callmodel.QueueID{"sales"}, Station: st})
		ex.Phone(n, sim.PhonePolicy{Mode: modes[i], AnswerAfter: sim.Exactly(200 * time.Millisecond), Talk: sim.Range{Min: time.Second, Max: 3 * time.Second}})
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
