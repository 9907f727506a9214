package objects

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const exampleFile = "../../configs/objects.example.yaml"

func example(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mustCheck(t testing.TB, text string) *Set {
	t.Helper()
	s, err := Check("x.yaml", []byte(text))
	if err != nil {
		t.Fatalf("refused: %v\n%s", err, problemText(err))
	}
	return s
}

func problemText(err error) string {
	var ps Problems
	if errors.As(err, &ps) {
		return ps.Error()
	}
	return ""
}

func mustParse(t testing.TB, text string) *Set {
	t.Helper()
	s, err := Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatalf("refused: %v\n%s", err, problemText(err))
	}
	return s
}

func mustMerge(t testing.TB, current *Set, text string, prune bool) (*Set, Diff) {
	t.Helper()
	next, d, err := Merge(current, mustParse(t, text), prune)
	if err != nil {
		t.Fatalf("refused: %v\n%s", err, problemText(err))
	}
	return next, d
}

func TestExampleShowsEveryKind(t *testing.T) {
	s := mustCheck(t, string(example(t)))
	for _, k := range Kinds() {
		if s.Count(k) == 0 {
			t.Errorf("the example has no %s", k)
		}
	}
	cfg := s.Config()
	q := cfg.Queues[0]
	if q.RingTimeout != 20*time.Second || q.Overflow[3].To != (callmodel.Dest{Kind: callmodel.DestQueue, Value: "sales"}) || len(q.Skills) != 3 || q.DNIS[1] != "49301000600" {
		t.Errorf("queue = %+v", q)
	}
	if a := cfg.Agents[1]; a.Station.ID != "desk-7" || a.Station.Endpoint != "207" || a.Station.Mode != "nailed" || a.Station.AcceptTimeout != 5*time.Second {
		t.Errorf("agent = %+v", a)
	}
	if cfg.Plan.Country != "49" || cfg.Plan.Area != "30" || cfg.Parking.Places != 20 || len(cfg.IVRs[0].Nodes) != 6 {
		t.Errorf("got %+v", cfg)
	}
}

// TestExampleShowsEveryKey keeps the example complete.
func TestExampleShowsEveryKey(t *testing.T) {
	text := string(example(t))
	for _, k := range Keys() {
		if !slices.Contains([]string{
			"numbering.country", "numbering.idd", "numbering.trunk_prefix", "numbering.internal_digits", "numbering.whole_national",
			"numbering.national_min", "numbering.national_max", "numbering.bare_international", "routes[].prepend",
		}, k.Path) && !strings.Contains(text, k.Name()+":") {
			t.Errorf("%s is not shown", k.Path)
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	for _, k := range Keys() {
		if len(k.Doc) < 10 || !strings.ContainsAny(k.Doc[len(k.Doc)-1:], ".:*") {
			t.Errorf("%s: no documentation, or no sentence: %q", k.Path, k.Doc)
		}
		if k.Leaf() && k.Default == "" && k.Example == "" {
			t.Errorf("%s: neither default nor example", k.Path)
		}
		if strings.Contains(k.Bounds, "^") {
			t.Errorf("%s: bounds %q", k.Path, k.Bounds)
		}
	}
	if p, w := strings.Count(fileSource(), "pattern="), strings.Count(fileSource(), " why:\""); p != w {
		t.Errorf("%d patterns, %d explanations in words", p, w)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	s := mustCheck(t, string(example(t)))
	all, err := s.Select(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := all.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again := mustCheck(t, string(text))
	if !again.Equal(s) {
		t.Errorf("differs: %s\n%s", cmp.Diff(s.JSON(), again.JSON()), text)
	}
	if _, d := mustMerge(t, s, string(text), true); !d.Empty() {
		t.Errorf("what get writes changes something:\n%s", d.Text())
	}
	rows, err := s.Stored()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].Number = int64(i + 1)
	}
	stored, err := FromStored(rows)
	if err != nil {
		t.Fatal(err, problemText(err))
	}
	if !stored.Equal(s) {
		t.Errorf("the rows differ: %s", cmp.Diff(s.JSON(), stored.JSON()))
	}
	if cfg := stored.Config(); cfg.Queues[0].Number < 2 || cfg.Queues[0].Number >= cfg.Queues[1].Number {
		t.Errorf("numbers %d %d", cfg.Queues[0].Number, cfg.Queues[1].Number)
	}
}

const small = `queues: [{id: a, number: 600}, {id: b, number: 601}]
agents: [{id: Ann, line: 101, queues: [a], station: {endpoint: 101}}]
`

func TestMergeDiff(t *testing.T) {
	s, d := mustMerge(t, &Set{}, small, false)
	if d.Created != 3 || d.Objects[2].ID != "ann" {
		t.Errorf("%+v", d)
	}
	next, d := mustMerge(t, s, "queues:\n  - {id: a, number: 600, ring_timeout: 20s, dnis: [22], overflow: [{when: size, limit: 5, to: 'hangup:busy'}]}\n  - {id: b, number: 601}\n  - {id: c, number: 602}\n", false)
	want := "queue a: changed\n  dnis: none -> [\"22\"]\n  ring_timeout: 15s -> 20s\n  overflow[0].when: none -> size\n  overflow[0].limit: none -> 5\n" +
		"  overflow[0].after: none -> 0s\n  overflow[0].to: none -> hangup:busy\nqueue c: created\n  number: 602\n1 created, 1 changed, 0 removed, 1 unchanged\n"
	if diff := cmp.Diff(want, d.Text()); diff != "" {
		t.Error(diff)
	}
	if next.Count(KindAgent) != 1 || next.Count(KindQueue) != 3 || s.Count(KindQueue) != 2 {
		t.Error("objects that the file does not name must stay, and the old set must not change")
	}
	_, d = mustMerge(t, next, "queues: [{id: a, number: 600}]\n", true)
	if d.Removed != 2 || d.Changed != 1 || !strings.Contains(d.Text(), "queue c: removed\n") || !strings.Contains(d.Text(), "overflow[0].to: hangup:busy -> none") {
		t.Errorf("%s", d.Text())
	}
	if _, d := mustMerge(t, next, "queues:\n  - {id: b, number: 601}\n", false); !d.Empty() || d.Unchanged != 1 {
		t.Errorf("%s", d.Text())
	}
	if _, d := mustMerge(t, next, "agents: []\n", true); d.Removed != 1 {
		t.Errorf("%s", d.Text())
	}
	set, d := mustMerge(t, next, "parking: {first: 800}\n", true)
	if d.Created != 1 || d.Objects[0].ID != SingleID || set.Config().Parking.Timeout != 2*time.Minute {
		t.Errorf("%s", d.Text())
	}
	if _, d := mustMerge(t, set, "parking: {}\n", false); d.Removed != 1 {
		t.Errorf("%s", d.Text())
	}
	if _, d := mustMerge(t, set, "queues: []\n", false); !d.Empty() {
		t.Errorf("%s", d.Text())
	}
}

func TestMergeAllOrNothing(t *testing.T) {
	s, _ := mustMerge(t, &Set{}, small, false)
	_, _, err := Merge(s, mustParse(t, "queues: [{id: b, number: 601}]\n"), true)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(problemText(err), `x.yaml: agents[ann].queues[0]: there is no queue "a"`) {
		t.Errorf("an agent's queue was removed: %v\n%s", err, problemText(err))
	}
	_, _, err = Merge(s, mustParse(t, "queues:\n  - {id: c, number: 101}\n"), false)
	if !strings.Contains(problemText(err), `agents[ann].line: "101" is already used by queues[c].number in line 2`) {
		t.Errorf("the file's line is missing: %s", problemText(err))
	}
}

func TestSelect(t *testing.T) {
	s := mustCheck(t, small)
	one, err := s.Select([]Kind{KindQueue}, []string{"b"})
	if err != nil || one.Count(KindQueue) != 1 || one.Count(KindAgent) != 0 {
		t.Errorf("%v %v", one, err)
	}
	if _, err := s.Select([]Kind{KindAgent}, []string{"anm"}); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "did you mean ann?") {
		t.Error(err)
	}
	if _, err := s.Select(nil, []string{"b"}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	for word, want := range map[string]Kind{"queue": KindQueue, "Queues": KindQueue, "dial_rules": KindDialRule, "dial-rule": KindDialRule, "hours": KindCalendar, "ivr": KindIVR} {
		if k, err := ParseKind(word); err != nil || k != want {
			t.Errorf("%s: %v %v", word, k, err)
		}
	}
	if _, err := ParseKind("qeues"); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "did you mean queues?") {
		t.Error(err)
	}
}

func TestFromStoredRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, row := range []Stored{
		{Kind: "ghost", ID: "a", Body: []byte(`{}`)},
		{Kind: KindQueue, ID: "a", Body: []byte(`{"id":"a","number":"6","future":1}`)},
		{Kind: KindQueue, ID: "a", Body: []byte(`{`)},
		{Kind: KindQueue, ID: "a", Body: []byte(`{"id":"b","number":"6"}`)},
		{Kind: KindQueue, ID: "a", Body: []byte(`{"id":"a","number":"6"},{"id":"b","number":"7"}`)},
		{Kind: KindParking, ID: SingleID, Body: []byte(`[]`)},
	} {
		if _, err := FromStored([]Stored{row}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", row.Body, err)
		}
	}
}
