package daylog

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/pacing"
	"strowger/dialer/pacing/wire"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// campaign is one that is paced: some agents, lines that are answered or not.
type campaign struct {
	p     *pacing.Pacer
	s     pacing.Scene
	facts []pacing.Fact
	n     int
}

func newCampaign() *campaign {
	c := &campaign{p: pacing.New(pacing.Settings{})}
	c.s = pacing.Scene{Now: time.Hour, Begin: time.Hour, Target: 0.03, LineLimit: 60, End: 8 * time.Hour, Windows: []pacing.Window{{Limit: 0.03}}}
	for i := range 12 {
		c.s.Agents = append(c.s.Agents, pacing.Agent{Status: pacing.Talking, Since: time.Hour - time.Duration(10*i)*time.Second, Leaving: i == 11})
	}
	return c
}

// tick lets half a second pass and decides.
func (c *campaign) tick() pacing.Decision {
	c.n++
	c.s.Now += 500 * time.Millisecond
	c.facts = c.facts[:0]
	for len(c.s.Ringing) > 0 && c.s.Now-c.s.Ringing[0] > 9*time.Second {
		f := pacing.Fact{At: c.s.Now, Kind: pacing.DialEnded, Outcome: pacing.NoAnswer, Took: c.s.Now - c.s.Ringing[0]}
		if c.n%4 == 0 {
			f.Outcome = pacing.Human
			c.s.Today.Humans++
			c.s.Windows[0].Humans++
		}
		c.facts, c.s.Ringing = append(c.facts, f), c.s.Ringing[1:]
	}
	for i := range c.s.Agents {
		if a := &c.s.Agents[i]; c.s.Now-a.Since > time.Duration(20+7*i)*time.Second {
			*a = pacing.Agent{Status: 1 + a.Status%3, Since: c.s.Now, Leaving: a.Leaving}
			if a.Status == pacing.Wrapping {
				c.facts = append(c.facts, pacing.Fact{At: c.s.Now, Kind: pacing.TalkEnded, Took: time.Duration(20+7*i) * time.Second})
			}
		}
	}
	c.p.Learn(c.facts)
	c.s.Lines = len(c.s.Ringing)
	d := c.p.Decide(&c.s)
	return d
}

// made is what is dialled of a decision.
func (c *campaign) made(d pacing.Decision) {
	for range d.Dial {
		c.s.Ringing = append(c.s.Ringing, c.s.Now)
	}
}

func (c *campaign) hello() wire.Hello {
	memory, err := c.p.Memory()
	if err != nil {
		panic(err)
	}
	return wire.Hello{Agents: 12, TrunkLimit: 60, Grace: 2, RingLimit: 22, Target: 0.03, Memory: memory}
}

func newLog(t *testing.T, o Options) *Log {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "decisions")
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// writes starts the writer alone: nothing is put away.
func writes(l *Log) {
	l.done.Add(1)
	go l.write()
}

func stop(t *testing.T, l *Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// steps decides a record again.
func steps(t *testing.T, path string, o wire.Options) []wire.Step {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Plain(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out []wire.Step
	if err := wire.Replay(r, o, func(s wire.Step) error {
		out = append(out, s)
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// TestRecordAndReplay: what is recorded is decided again as it was; with
// another target otherwise. Two days are two files, the first is compressed.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	l := newLog(t, Options{Queue: 100_000, Now: func() time.Time { return noon }})
	c := newCampaign()
	for range 200 { // it knows something when the record begins
		c.made(c.tick())
	}
	b := l.Book(7, c.hello)
	l.Start()
	midnight := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	dialled := map[bool]int{}
	for i := range 1200 {
		at := midnight.Add(time.Duration(i-600) * 500 * time.Millisecond)
		d := c.tick()
		dialled[at.Before(midnight)] += d.Dial
		b.Tick(at, c.facts, &c.s, &d, d.Dial, "")
		c.made(d)
	}
	stop(t, l)
	if err := newLog(t, Options{Dir: l.o.Dir}).tidy(midnight); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, l.o.Dir), []string{"campaign-7-2026-03-02.jsonl.gz", "campaign-7-2026-03-03.jsonl.gz"}; !slices.Equal(got, want) {
		t.Fatalf("files %v, want %v", got, want)
	}
	if st := l.Stats(); st.Lost+st.Failed != 0 || st.Written < 200 || st.Written > 1150 || st.Bytes == 0 || st.Waiting != 0 {
		t.Errorf("%+v of 1200 ticks", st)
	}
	for _, day := range []struct {
		name  string
		first bool
	}{{"campaign-7-2026-03-02.jsonl.gz", true}, {"campaign-7-2026-03-03.jsonl.gz", false}} {
		path := filepath.Join(l.o.Dir, day.name)
		then, differ, facts, all := 0, 0, 0, steps(t, path, wire.Options{})
		for _, s := range all {
			then, facts = then+s.Then, facts+len(s.State.Log)
			if s.Then != s.Now.Dial {
				differ++
			}
		}
		if then != dialled[day.first] || differ > len(all)/10 || facts < then/2 {
			t.Errorf("%s: %d lines of %d, %d facts, %d of %d ticks decided otherwise", day.name, then, dialled[day.first], facts, differ, len(all))
		}
		zero, less := 0.0, 0
		for _, s := range steps(t, path, wire.Options{Target: &zero}) {
			if less += s.Now.Dial; s.Now.Target != 0 {
				t.Fatalf("%s: the target is not the one that was asked for: %+v", day.name, s.Now)
			}
		}
		if less >= then/2 {
			t.Errorf("%s: %d lines though nobody may be dropped, %d then", day.name, less, then)
		}
	}
}

// TestNeverWaits: nobody writes, and nobody waits; facts of a tick that was
// left out are with the next one.
func TestNeverWaits(t *testing.T) {
	t.Parallel()
	l := newLog(t, Options{Queue: 3})
	b := l.Book(1, func() wire.Hello { return wire.Hello{Agents: 1} })
	d := pacing.Decision{Dial: 2, Why: pacing.TooRisky}
	tick := func(second int) {
		now := time.Duration(second) * time.Second
		f := pacing.Fact{At: now, Kind: pacing.WrapEnded, Took: time.Second}
		b.Tick(noon.Add(now), []pacing.Fact{f}, &pacing.Scene{Now: now}, &d, 1, "no leads")
	}
	for i := range 6 {
		tick(i)
	}
	if st := l.Stats(); st.Lost != 4 || st.Waiting != 3 {
		t.Errorf("%+v", st)
	}
	writes(l)
	stop(t, l)
	l = newLog(t, Options{Dir: l.o.Dir})
	b.log = l
	tick(6)
	writes(l)
	stop(t, l)
	if st := l.Stats(); st.Failed != 1 { // it has no file in this log
		t.Errorf("%+v", st)
	}
	b.Close()
	got := steps(t, filepath.Join(l.o.Dir, "campaign-1-2026-03-02.jsonl"), wire.Options{})
	if len(got) != 2 || len(got[0].State.Log) != 1 || got[1].Then != 2 {
		t.Errorf("%+v", got)
	}
	raw, err := os.ReadFile(filepath.Join(l.o.Dir, "campaign-1-2026-03-02.jsonl"))
	if err != nil || !strings.Contains(string(raw), `"made":1,"held":"no leads"`) {
		t.Errorf("%s, %v", raw, err)
	}
}

// TestFactsAreKept: what has ended in ticks that are not recorded is in the next that is.
func TestFactsAreKept(t *testing.T) {
	t.Parallel()
	l := newLog(t, Options{})
	b := l.Book(1, func() wire.Hello { return wire.Hello{Agents: 1} })
	quiet, loud := pacing.Decision{Why: pacing.TooRisky}, pacing.Decision{Why: pacing.TooRisky, Dial: 1}
	for i, d := range []pacing.Decision{loud, quiet, quiet, loud, quiet} {
		now := time.Duration(i) * time.Second
		b.Tick(noon.Add(now), []pacing.Fact{{At: now, Kind: pacing.WrapEnded}}, &pacing.Scene{Now: now}, &d, d.Dial, "")
	}
	if len(l.queue) != 3 || len(b.facts) != 1 { // hello, two ticks
		t.Errorf("%d wait, %d facts are kept", len(l.queue), len(b.facts))
	}
	b.Tick(noon.Add(Quiet+3*time.Second), nil, &pacing.Scene{}, &quiet, 0, "")
	b.Tick(noon.Add(Quiet+4*time.Second), nil, &pacing.Scene{}, &quiet, 0, "breaker")
	b.facts = make([]pacing.Fact, mostFacts)
	b.Tick(noon.Add(Quiet+5*time.Second), make([]pacing.Fact, 5), &pacing.Scene{}, &quiet, 0, "breaker")
	if st := l.Stats(); st.Waiting != 5 || len(b.facts) != mostFacts || st.Lost != 5 {
		t.Errorf("%+v, %d facts", st, len(b.facts))
	}
	for range 3 {
		i := <-l.queue
		if i.tick != nil && i.tick.Scene.Now == 3*time.Second && len(i.tick.Facts) != 3 {
			t.Errorf("the second has %d facts", len(i.tick.Facts))
		}
	}
}

// TestKeeping: what a crash has left is compressed, what is old or half is
// removed, and what is not ours stays. A day that goes on is another file.
func TestKeeping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testKeeping)
}

func testKeeping(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"campaign-1-2026-03-02.jsonl":         "left by a crash\n",
		"campaign-1-2026-03-01-2.jsonl.gz":    "kept",
		"campaign-1-2026-01-01.jsonl.gz":      "old",
		"campaign-2-2026-01-01-3.jsonl":       "old",
		"campaign-1-2026-03-01.jsonl.gz.part": "half",
		"notes.jsonl":                         "not ours",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := newLog(t, Options{Dir: dir})
	b := l.Book(1, func() wire.Hello { return wire.Hello{Agents: 1} })
	d := pacing.Decision{Dial: 1}
	b.Tick(noon, nil, &pacing.Scene{}, &d, 1, "")
	writes(l)
	synctest.Wait() // its file is open now
	if err := l.tidy(noon); err != nil {
		t.Fatal(err)
	}
	want := []string{"campaign-1-2026-03-01-2.jsonl.gz", "campaign-1-2026-03-02-2.jsonl", "campaign-1-2026-03-02.jsonl.gz", "notes.jsonl"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	b.Close()
	stop(t, l)
	f, err := os.Open(filepath.Join(dir, "campaign-1-2026-03-02.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := Plain(f)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != "left by a crash\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestDiskFails: it is counted and said once, and tried again after a minute.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testDiskFails)
}

func testDiskFails(t *testing.T) {
	var said bytes.Buffer
	dir := filepath.Join(t.TempDir(), "gone")
	l := newLog(t, Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	d := pacing.Decision{Dial: 1}
	b := l.Book(1, func() wire.Hello { return wire.Hello{Agents: 1} })
	writes(l)
	b.Tick(noon, nil, &pacing.Scene{}, &d, 1, "")
	synctest.Wait()
	b.Tick(noon.Add(time.Second), nil, &pacing.Scene{}, &d, 1, "")
	if st := l.Stats(); st.Failed != 2 || st.Lost != 1 || st.Written != 0 { // the hello, and the tick
		t.Errorf("%+v", st)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b.Tick(noon.Add(Again), nil, &pacing.Scene{}, &d, 1, "")
	stop(t, l)
	if st := l.Stats(); st.Failed != 2 || st.Written != 1 || strings.Count(said.String(), "level=WARN") != 1 {
		t.Errorf("%+v, said %q", st, said.String())
	}
	if _, err := New(Options{Dir: filepath.Join(dir, names(t, dir)[0], "below a file")}); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// TestLongDay: a file that is long enough is followed by another one.
func TestLongDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testLongDay)
}

func testLongDay(t *testing.T) {
	l := newLog(t, Options{MaxFile: 100_000})
	d := pacing.Decision{Dial: 1}
	b := l.Book(3, func() wire.Hello { return wire.Hello{Agents: 1} })
	s := pacing.Scene{Ringing: make([]time.Duration, 4000)}
	writes(l)
	for i := range 40 {
		b.Tick(noon.Add(time.Duration(i)*time.Minute), nil, &s, &d, 1, "")
		synctest.Wait()
	}
	stop(t, l)
	got := names(t, l.o.Dir)
	if len(got) < 2 || len(got) > 8 {
		t.Errorf("files %v", got)
	}
	n := 0
	for _, name := range got {
		n += len(steps(t, filepath.Join(l.o.Dir, name), wire.Options{}))
	}
	if n != 40 {
		t.Errorf("%d ticks in %v", n, got)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte("text")); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"": "", "t": "t", "text": "text", z.String(): "text"} {
		r, err := Plain(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if _, err := Plain(strings.NewReader("\x1f\x8bnonsense")); err == nil {
		t.Error("nonsense is taken for a compressed file")
	}
}
