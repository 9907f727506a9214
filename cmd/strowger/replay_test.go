package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/store/journal"
)

// writeJournal records two calls as the engine does. The
// result of record bad is written down wrong.
func writeJournal(t testing.TB, dir string, bad uint64) {
	t.Helper()
	j, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	call := func(n byte) callmodel.CallID {
		return callmodel.CallID{ID: callmodel.ID{1, 0x9c, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}}
	}
	arrive := func(n byte, name string) callmodel.Input {
		return callmodel.ChannelArrived{
			Node: "asterisk-1", Channel: callmodel.ChannelID(fmt.Sprintf("in-%d", n)), Call: call(n), Dialled: "600", Caller: "0301", CallerName: name,
		}
	}
	inputs := []callmodel.Input{
		callmodel.WallClock{UnixMicro: 1772442000000000},
		callmodel.ConfigLoaded{Config: operatorConfig()},
		callmodel.Resync{Node: "asterisk-1", Epoch: "1", Fresh: true},
		callmodel.SetAgentState{Cmd: callmodel.Cmd{By: "test"}, Agent: "agent101", State: callmodel.Ready},
		arrive(1, "first"), arrive(2, "\u202esecond"),
		callmodel.SetAgentState{Agent: "nobody", State: callmodel.Ready},
		callmodel.ChannelGone{Channel: "in-2", Cause: callmodel.CauseNormal},
	}
	state := callmodel.New(acd.Router{})
	for i, in := range inputs {
		seq, now := uint64(i+1), callmodel.Instant(1000000*(i+1))
		body, err := callmodel.EncodeInput(in)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := callmodel.DecodeInput(in.Tag(), body)
		if err != nil {
			t.Fatal(err)
		}
		out := state.Step(now, decoded)
		hash, _ := out.Hash(nil)
		if seq == bad {
			hash++
		}
		rec := fmt.Sprintf(`{"v":1,"seq":%d,"now":%d,"wall":%d,"tag":%q,"in":%s,"hash":"%x"}`, seq, now, 1772442000000000+int64(now), in.Tag(), body, hash)
		if err := j.Append(seq, []byte(rec)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func replayRun(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"replay"}, args...), &o, &e)
	return o.String(), e.String(), code
}

func TestReplay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	writeJournal(t, dir, 0)
	out, errs, code := replayRun(t, "--dir", dir)
	if code != exitOK || !strings.Contains(errs, "records read: 8; shown: 8; results other than recorded: 0; without a known state before them: 0") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{
		"2026-03-02 09:00:05.000      5 > channel-arrived {\"node\":\"asterisk-1\"",
		"* CallStarted call=1", "- originate channel=sw-", "* Queued call=2", "- start-music channel=in-2",
		"refused: set-agent-state nobody: not found: no such agent", "* CallEnded call=2 phase=over outcome=abandoned",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the trace lacks %q:\n%s", want, out)
		}
	}
	if strings.ContainsRune(out, '\u202e') {
		t.Error("direction characters reach the terminal")
	}
	byNumber, _, _ := replayRun(t, "--dir", dir, "--call", "2")
	byID, _, code := replayRun(t, "--dir", dir, "--call", "019C0A00000000000000000000000002")
	if code != exitOK || byNumber != byID || strings.Contains(byID, "call=1") || strings.Count(byID, " > ") != 2 {
		t.Errorf("one call:\n%s\nby id:\n%s", byNumber, byID)
	}
	out, _, _ = replayRun(t, "--dir", dir, "--from", "7", "--output", "json")
	var rec traceRecord
	if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &rec); err != nil || rec.Seq != 7 || rec.Result != "same" || rec.Tag != "set-agent-state" {
		t.Errorf("JSON %+v: %v", rec, err)
	}
	if _, errs, code := replayRun(t, "--dir", dir, "--call", "77"); code != exitFailure || !strings.Contains(errs, "has nothing about it") {
		t.Errorf("a call that never was: %d %s", code, errs)
	}
	if _, errs, code := replayRun(t, "--dir", dir, "--call", "x"); code != exitUsage {
		t.Errorf("a call of no form: %d %s", code, errs)
	}
}

func TestReplayFindsDifference(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	writeJournal(t, dir, 5)
	out, errs, code := replayRun(t, "--dir", dir)
	if code != exitFindings || strings.Count(out, "RESULT DIFFERS") != 1 || !strings.Contains(errs, "results other than recorded: 1;") {
		t.Fatalf("exit code %d: %s\n%s", code, errs, out)
	}
}

// TestReplayOfDamage: a file that ends in the middle of a record is read as far as it goes.
func TestReplayOfDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	writeJournal(t, dir, 0)
	file := filepath.Join(dir, "journal-0000000001.seg")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b[:len(b)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := replayRun(t, "--dir", dir)
	if code != exitOK || !strings.Contains(errs, "records read: 7;") || !strings.Contains(errs, "ends in the middle of a record") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if _, errs, code = replayRun(t, "--dir", t.TempDir()); code != exitFailure || !strings.Contains(errs, "there is no journal here") {
		t.Fatalf("an empty folder: %d %s", code, errs)
	}
}

// TestTracerWithoutBeginning: before record 1 is known to be the first, nothing is claimed.
func TestTracerWithoutBeginning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	writeJournal(t, dir, 0)
	var raw [][]byte
	err := journal.ReadSegment(filepath.Join(dir, "journal-0000000001.seg"), func(_ uint64, rec []byte) error {
		raw = append(raw, bytes.Clone(rec))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &app{stdout: &out, stderr: &bytes.Buffer{}}
	tr := newTracer(a, replayOptions{output: outputText})
	for i := 4; i < len(raw); i++ {
		if err := tr.record(t.Context(), uint64(i+1), raw[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.out.Flush(); err != nil || tr.blind != 4 || tr.differ != 0 || strings.Contains(out.String(), "* ") {
		t.Fatalf("%d without a state, %v:\n%s", tr.blind, err, &out)
	}
}
