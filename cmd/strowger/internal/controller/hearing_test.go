package controller

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/sample"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// desk is where people judge samples, over a database and a folder of its own.
func desk(t *testing.T, files int) (sampleDesk, string) {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "samples.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := sample.New(sample.Options{Tables: db, Dir: filepath.Join(dir, "samples"), Files: files})
	if err != nil {
		t.Fatal(err)
	}
	return sampleDesk{s}, filepath.Join(dir, "samples")
}

func attempt(n byte) callmodel.CallID { return callmodel.CallID{ID: callmodel.ID{15: n}} }

func TestSamplesAreJudged(t *testing.T) {
	t.Parallel()
	d, dir := desk(t, 0)
	ctx := t.Context()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for n := range byte(4) {
		of := "spring"
		if n == 3 {
			of = "autumn"
		}
		m := sample.Sample{Attempt: attempt(n + 1), Campaign: of, Verdict: callmodel.VerdictMachine, At: began.Add(time.Duration(n) * time.Hour)}
		if err := d.Add(ctx, m, []byte{'s', n}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := d.List(ctx, "spring", false, 10)
	if err != nil || len(all) != 3 || all[0].Attempt != attempt(3).String() || !all[0].At.Equal(began.Add(2*time.Hour)) || all[0].Verdict != "machine" || all[0].Truth != "" {
		t.Fatalf("%+v, %v", all, err)
	}
	if everywhere, err := d.List(ctx, "", false, 2); err != nil || len(everywhere) != 2 || everywhere[0].Campaign != "autumn" {
		t.Errorf("%+v, %v", everywhere, err)
	}
	f, err := d.Open(ctx, all[0].Attempt)
	if err != nil {
		t.Fatal(err)
	}
	sound, _ := io.ReadAll(f)
	_ = f.Close()
	if string(sound) != "s\x02" {
		t.Errorf("the sound is %q", sound)
	}
	if i, err := os.Stat(filepath.Join(dir, all[0].Attempt+".wav")); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can hear it", i, err)
	}
	for n, truth := range map[byte]string{1: "human", 2: "machine", 3: "unclear"} {
		m, err := d.Label(ctx, attempt(n).String(), truth, "anna")
		if err != nil || m.Truth != truth || m.By != "anna" || m.Campaign != "spring" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if left, err := d.List(ctx, "spring", true, 10); err != nil || len(left) != 0 {
		t.Errorf("still to be judged: %+v, %v", left, err)
	}
	if n, err := d.Labels(ctx, "spring"); err != nil || n != (campaign.Labels{Labelled: 2, Human: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := d.Label(ctx, attempt(1).String(), "machine", strings.Repeat("b", 64)+" (administrator)"); err != nil {
		t.Error(err)
	}
	if n, err := d.Labels(ctx, "spring"); err != nil || n != (campaign.Labels{Labelled: 2}) {
		t.Errorf("after a second thought: %+v, %v", n, err)
	}
	if n, err := d.Expire(ctx, began.Add(90*time.Minute)); err != nil || n != 2 {
		t.Errorf("%d were too old, %v", n, err)
	}
	if _, err := d.Open(ctx, attempt(1).String()); !fault.Is(err, fault.NotFound) {
		t.Errorf("an old one can still be heard: %v", err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 2 {
		t.Errorf("%d files are left", len(names))
	}
}

func TestSamplesRefuse(t *testing.T) {
	t.Parallel()
	d, dir := desk(t, 2)
	ctx := t.Context()
	m := sample.Sample{Attempt: attempt(1), Campaign: "spring", Verdict: callmodel.VerdictMachine, At: time.Now()}
	for _, sound := range [][]byte{nil, make([]byte, sample.MaxSound+1)} {
		if err := d.Add(ctx, m, sound); !fault.Is(err, fault.Invalid) {
			t.Errorf("a sound of %d bytes: %v", len(sound), err)
		}
	}
	for n := range byte(2) {
		m.Attempt = attempt(n + 1)
		if err := d.Add(ctx, m, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	m.Attempt = attempt(9)
	if err := d.Add(ctx, m, []byte("x")); !fault.Is(err, fault.Busy) {
		t.Errorf("one too many: %v", err)
	}
	for _, name := range []string{"", "x", "../samples.db", attempt(9).String()} {
		if _, err := d.Open(ctx, name); !fault.Is(err, fault.NotFound) {
			t.Errorf("open %q: %v", name, err)
		}
		if _, err := d.Label(ctx, name, "human", "anna"); !fault.Is(err, fault.NotFound) {
			t.Errorf("label %q: %v", name, err)
		}
	}
	for truth, by := range map[string]string{"": "anna", "dog": "anna", "human": ""} {
		if _, err := d.Label(ctx, attempt(1).String(), truth, by); !fault.Is(err, fault.Invalid) {
			t.Errorf("label %q by %q: %v", truth, by, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(ctx, attempt(1).String()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a file that somebody has removed: %v", err)
	}
	if err := d.Add(ctx, m, []byte("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without a folder: %v", err)
	}
}
