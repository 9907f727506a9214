package test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/cel"
	"strowger/cti/rest"
	"strowger/switch/store"
	"strowger/test/invariants"
)

// trialReports is the file to which each run adds its report as a line of
// JSON; set by make chaos.
const trialReports = "STROWGER_CHAOS_REPORT"

// waitConnOf waits until the agent's connection of a caller's call is in a state.
func (s *site) waitConnOf(number, state string) {
	s.t.Helper()
	eventually(s.t, "the agent's connection of "+number+" is "+state, func() bool {
		return slices.ContainsFunc(s.callOf(number).Connections, func(p rest.Connection) bool { return p.Role == "agent" && p.State == state })
	})
}

// openFiles is how many files the controller has open.
func (s *site) openFiles() int {
	s.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

// finish waits until all has come to rest, asks every witness, and checks N1 to N12.
func (x *trial) finish() invariants.Report {
	x.t.Helper()
	s := x.s
	for _, a := range x.lines { // nobody is in wrap-up
		eventually(x.t, "agent"+a+" is at rest", func() bool {
			st := s.agent("agent" + a).State
			return st != "wrap-up" && st != "on-call" && st != "reserved"
		})
	}
	s.noLeftovers()
	s.tapesFetched()
	after := s.openFiles()
	x.e.Fault, x.e.Witness.App, x.e.Witness.Context = x.fault, "strowger", "strowger-in"
	x.e.Witness.Told, x.e.Witness.Streams = x.sink.all(), x.stream.end()
	s.stop() // the journal is whole, and every row is written
	x.e.Witness.Tapped = append(x.e.Witness.Tapped, x.tap.Stop()...)
	x.e.Witness.Legs = x.legs()
	x.e.Witness.Invites = x.calledPhones()
	x.e.Witness.Gauges = map[string]invariants.Of{
		"open files": {Before: float64(x.fds), After: float64(after), Slack: 30},
	}
	answer, err := invariants.Journal(filepath.Join(s.dir, "var", "journal"))
	if err != nil {
		x.t.Fatal(err)
	}
	answer.Count(s.rows())
	if x.setup.tape {
		x.e.Witness.Files, answer.Recorded = s.tapes()
	}
	answer.Untold = map[string]bool{}
	x.e.Answer = answer
	r := invariants.Check(&x.e)
	r.Bitten, r.Detect, r.Recover = x.bitten, x.detect, x.recover
	x.report(r)
	return r
}

func (x *trial) report(r invariants.Report) {
	x.t.Helper()
	progress(r.Summary())
	if file := os.Getenv(trialReports); file != "" {
		if err := appendLine(file, r.JSON()+"\n"); err != nil {
			x.t.Error(err)
		}
	}
	for _, p := range r.Problems() {
		x.t.Error(p)
	}
	if x.t.Failed() { // kept with go test -artifacts: strowger replay --dir reads it
		if err := os.CopyFS(filepath.Join(x.t.ArtifactDir(), "journal"), os.DirFS(filepath.Join(x.s.dir, "var", "journal"))); err != nil {
			x.t.Error(err)
		}
	}
}

// rows are the ids of the calls in the database of a controller that has ended.
func (s *site) rows() []string {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), "sqlite:"+filepath.Join(s.dir, "var", "strowger.db"), store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	var out []string
	for f := (store.CallFilter{Limit: store.MaxList}); ; {
		list, err := db.ListCalls(s.t.Context(), f)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range list {
			out = append(out, c.ID)
		}
		if len(list) < f.Limit {
			return out
		}
		f.Before = list[len(list)-1].Cursor()
	}
}

// legs are the channels of this run, by Asterisk's own events.
func (x *trial) legs() []*cel.Leg {
	x.t.Helper()
	text, err := os.ReadFile(x.s.asterisk.CELPath())
	if err != nil {
		x.t.Fatal(err)
	}
	var events []cel.Event
	stats, err := cel.Scan(bytes.NewReader(text), func(e cel.Event) bool {
		if !e.At.Before(x.began) {
			events = append(events, e)
		}
		return true
	})
	if err != nil || stats.Bad > 0 || stats.Foreign > 0 {
		x.t.Fatalf("channel events: %+v, %v", stats, err)
	}
	var out []*cel.Leg
	for _, l := range cel.Fold(events) {
		if !l.Torn { // of the test before
			out = append(out, l)
		}
	}
	return out
}

// calledPhones are the calls at phones, with their ends where they are known;
// where they are not, nothing is claimed of how long it rang.
func (x *trial) calledPhones() []invariants.Invite {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := slices.Clone(x.invites)
	for i := range out {
		out[i].Ended = out[i].At
		for _, e := range x.ends {
			if e.phone == out[i].Phone && e.from == out[i].From {
				if at := e.leg.Snapshot().End.At; at.After(out[i].At) {
					out[i].Ended = at
				}
			}
		}
	}
	return out
}

// TestTrialCheckIsRed plants what the rules must find in a real run: a call
// that the controller's records lack, and a leg of ours that nobody asked for.
func TestTrialCheckIsRed(t *testing.T) {
	x := startTrial(t, "none", load{talking: 1}, trialSetup{})
	x.strike(func() int { return 1 }, nil)
	x.afterwards()
	x.goHome()
	r := x.finish()
	if len(r.Problems()) > 0 {
		t.Fatal("the run without a fault is not clean")
	}
	planted := x.e
	planted.Answer.Calls = nil
	planted.Answer.Facts = map[string]int{}
	planted.Witness.Streams = [][]invariants.Numbered{{{Seq: 1, Snapshot: true}, {Seq: 3}}}
	text := strings.Join(invariants.Check(&planted).Problems(), "\n")
	for _, want := range []string{"N1: call lost", "N1: leg sw-", "N3: phone", "N7: stream", "N8: a hold"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s was not found in\n%s", want, text)
		}
	}
	progress(fmt.Sprintf("channel events of one call: %d legs; %v from start to verdict", len(x.e.Witness.Legs), time.Since(x.began).Round(time.Millisecond)))
}
