package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/switch/fault"
	"strowger/switch/store"
)

// Open opens the same database at every call; [Exercise] closes what it opens.
type Open func(t *testing.T) *store.Store

// Exercise runs the suite. fresh returns the opener of a new, empty database.
func Exercise(t *testing.T, fresh func(t *testing.T) Open) {
	for name, f := range map[string]func(*testing.T, Open){
		"SaveCallLastSeqWins": saveCall, "RowsAndMarkAreOneTransaction": oneTransaction,
		"ProjectedSeqSurvivesRestart": restart, "RewindGivesWay": rewind,
		"ListPages": listPages, "TextsAreOrderedByBytes": byteOrder, "LargeLists": largeLists, "ListRefuses": listRefuses, "CallsAreChecked": callsAreChecked,
		"ConfigVersions": configVersions, "Incidents": incidents,
		"NumbersAreStable": numbers, "NumbersUnderRace": numbersRace, "ContextEnds": contextEnds,
		"ObjectsChange": objectsChange, "ObjectsRefuse": objectsRefuse, "ObjectsUnderRace": objectsRace,
		"RecordsGoOn": recordsGoOn, "RecordsPage": recordsPage, "AttemptsOfCalls": attemptsOfCalls, "CampaignsAddUp": campaignSums, "CampaignRowsPage": campaignRows, "RecordsArePruned": recordsArePruned,
		"ActionsAreKept": actionsAreKept, "ActionsArePaged": actionsArePaged,
		"Recordings": recordings,
	} {
		t.Run(name, func(t *testing.T) { f(t, fresh(t)) })
	}
}

// SampleCall returns a complete row; n tells calls apart and orders them by end.
func SampleCall(n int) store.Call {
	at := time.UnixMicro(1_700_000_000_000_123 + int64(n)*1e6).UTC()
	return store.Call{
		ID: fmt.Sprintf("01HF%022d", n), Seq: uint64(n + 1), Number: int64(n) + 100, Node: "node-a",
		Dialled: "8001", Caller: "+4930123456", QueueID: fmt.Sprintf("q%d", n%3), AgentID: fmt.Sprintf("a%d", n%2),
		Started: at, Answered: at.Add(3 * time.Second), Ended: at.Add(time.Minute), Outcome: "served", Cause: 16,
		Wait: 3 * time.Second, Talk: 57 * time.Second, Wrap: 1500 * time.Millisecond, ConfigVersion: 7,
		Kind: "consult", DNISNumber: "+49308001", DNISEntry: "hotline", DNISLabel: "Hotline äöü",
		Queues: []store.Visit{
			{Queue: "q9", At: at, Left: at.Add(time.Second)},
			{Queue: fmt.Sprintf("q%d", n%3), At: at.Add(time.Second), Left: at.Add(3 * time.Second), Agent: "other"},
		},
		Agents: []string{"other", fmt.Sprintf("a%d", n%2)}, Dispositions: []string{"sold", "call \"again\""}, Success: true,
		CallbackID: fmt.Sprintf("01HC%022d", n), ConsultOf: fmt.Sprintf("01HE%022d", n), RootID: fmt.Sprintf("01HD%022d", n),
		Estimate: 2500 * time.Millisecond, Priority: 5, Overflows: 1, LostFrom: at.Add(time.Minute - time.Second),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Fatalf("got %v, want a fault of kind %v", err, k)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
}

func opened(t *testing.T, open Open) *store.Store {
	t.Helper()
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func rows(calls ...store.Call) []store.Row {
	out := make([]store.Row, len(calls))
	for i, c := range calls {
		out[i] = c
	}
	return out
}

func list(t *testing.T, s *store.Store) []store.Call {
	t.Helper()
	calls, err := s.ListCalls(t.Context(), store.CallFilter{Limit: store.MaxList})
	must(t, err)
	return calls
}

func saveCall(t *testing.T, open Open) {
	s := opened(t, open)
	c := SampleCall(1)
	c.Seq = 10
	must(t, s.SaveCall(t.Context(), c))
	must(t, s.SaveCall(t.Context(), c))
	equal(t, list(t, s), []store.Call{c})

	older := c
	older.Seq, older.Outcome = 9, "older"
	must(t, s.SaveCall(t.Context(), older))
	equal(t, list(t, s), []store.Call{c})

	newer := SampleCall(2)
	newer.ID, newer.Seq, newer.Answered = c.ID, 11, time.Time{}
	must(t, s.SaveCall(t.Context(), newer))
	equal(t, list(t, s), []store.Call{newer})

	bare := store.Call{ID: c.ID, Seq: 12, Started: c.Started, Ended: c.Ended}
	must(t, s.SaveCall(t.Context(), bare))
	equal(t, list(t, s), []store.Call{bare})
}

func oneTransaction(t *testing.T, open Open) {
	s := opened(t, open)
	wrong := SampleCall(3)
	wrong.ID = ""
	want(t, s.Project(t.Context(), store.Batch{Seq: 5, Rows: rows(SampleCall(1), wrong)}), fault.Invalid)
	seq, err := s.ProjectedSeq(t.Context(), "")
	must(t, err)
	if n := len(list(t, s)); n != 0 || seq != 0 {
		t.Fatalf("half a batch was written: %d rows, mark %d", n, seq)
	}
}

func restart(t *testing.T, open Open) {
	s := open(t)
	must(t, s.Project(t.Context(), store.Batch{Shard: "a", Seq: 5, Rows: rows(SampleCall(1), SampleCall(2))}))
	must(t, s.Project(t.Context(), store.Batch{Shard: "b", Seq: 77}))
	must(t, s.Project(t.Context(), store.Batch{Shard: "b", Rows: rows(SampleCall(3))}))
	must(t, s.Close())
	must(t, s.Close())
	s = opened(t, open)
	for shard, seq := range map[string]uint64{"a": 5, "b": 77, "c": 0} {
		got, err := s.ProjectedSeq(t.Context(), shard)
		must(t, err)
		equal(t, got, seq)
	}
	one, two, three := SampleCall(1), SampleCall(2), SampleCall(3)
	one.Shard, two.Shard, three.Shard = "a", "a", "b"
	equal(t, list(t, s), []store.Call{three, two, one})
}

func rewind(t *testing.T, open Open) {
	s := opened(t, open)
	lost := SampleCall(1)
	lost.Seq, lost.Outcome = 500, "from the lost part"
	must(t, s.Project(t.Context(), store.Batch{Seq: 500, Rows: rows(lost)}))
	must(t, s.SetProjectedSeq(t.Context(), "", 400))
	again := lost
	again.Seq, again.Outcome = 410, "again"
	must(t, s.SaveCall(t.Context(), again))
	equal(t, list(t, s), []store.Call{again})
	seq, err := s.ProjectedSeq(t.Context(), "")
	must(t, err)
	equal(t, seq, uint64(400))
}

func listPages(t *testing.T, open Open) {
	s := opened(t, open)
	var all []store.Call
	for n := range 25 {
		c := SampleCall(n)
		c.Ended = SampleCall(n / 2 * 2).Ended // pairs that end at the same time
		all = append([]store.Call{c}, all...)
	}
	must(t, s.Project(t.Context(), store.Batch{Rows: rows(all...)}))
	var got []store.Call
	f := store.CallFilter{Limit: 4}
	for {
		page, err := s.ListCalls(t.Context(), f)
		must(t, err)
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		f.Before = page[len(page)-1].Cursor()
	}
	equal(t, got, all)

	some, err := s.ListCalls(t.Context(), store.CallFilter{QueueID: "q1", AgentID: "a1"})
	must(t, err)
	for _, c := range some {
		if c.QueueID != "q1" || c.AgentID != "a1" {
			t.Fatalf("filter let %+v through", c)
		}
	}
	equal(t, len(some), 4) // 1, 7, 13, 19
	others, err := s.ListCalls(t.Context(), store.CallFilter{AgentID: "other"})
	must(t, err)
	equal(t, len(others), 25) // who talked, and not the last
	before, err := s.ListCalls(t.Context(), store.CallFilter{Before: store.CallCursor{Ended: SampleCall(4).Ended}})
	must(t, err)
	equal(t, len(before), 4)
}

// byteOrder: a language would order these otherwise.
func byteOrder(t *testing.T, open Open) {
	s := opened(t, open)
	ids := []string{"ä", "b", "a", "_", "Z", "B", "A", "-"}
	for n, id := range ids {
		c := SampleCall(n)
		c.ID, c.Ended = id, SampleCall(0).Ended
		must(t, s.SaveCall(t.Context(), c))
	}
	var got []string
	for _, c := range list(t, s) {
		got = append(got, c.ID)
	}
	equal(t, got, []string{"ä", "b", "a", "_", "Z", "B", "A", "-"})
	page, err := s.ListCalls(t.Context(), store.CallFilter{Before: store.CallCursor{Ended: SampleCall(0).Ended, ID: "a"}})
	must(t, err)
	equal(t, len(page), 5)
}

func largeLists(t *testing.T, open Open) {
	s := opened(t, open)
	var all []store.Call
	for n := range store.MaxList + 10 {
		c := SampleCall(n)
		for len(c.Agents) < store.MaxRowList {
			c.Agents = append(c.Agents, fmt.Sprintf("agent %d %s", len(c.Agents), c.ID))
		}
		all = append([]store.Call{c}, all...)
	}
	must(t, s.Project(t.Context(), store.Batch{Rows: rows(all...)}))
	equal(t, list(t, s), all[:store.MaxList])
	found, err := s.ListCalls(t.Context(), store.CallFilter{AgentID: all[3].Agents[store.MaxRowList-1]})
	must(t, err)
	equal(t, found, all[3:4])
	ids := make([]string, store.MaxNumbers)
	for i := range ids {
		ids[i] = fmt.Sprintf("id %d", i)
	}
	numbers, err := s.Numbers(t.Context(), "agent", ids)
	must(t, err)
	equal(t, numbers[ids[len(ids)-1]], int64(len(ids)))
}

func listRefuses(t *testing.T, open Open) {
	s := opened(t, open)
	for _, n := range []int{-1, store.MaxList + 1} {
		_, err := s.ListCalls(t.Context(), store.CallFilter{Limit: n})
		want(t, err, fault.Invalid)
		_, err = s.ListIncidents(t.Context(), n, 0)
		want(t, err, fault.Invalid)
	}
}

func callsAreChecked(t *testing.T, open Open) {
	s := opened(t, open)
	for name, f := range map[string]func(*store.Call){
		"no id":        func(c *store.Call) { c.ID = "" },
		"no seq":       func(c *store.Call) { c.Seq = 0 },
		"huge seq":     func(c *store.Call) { c.Seq = 1 << 63 },
		"no end":       func(c *store.Call) { c.Ended = time.Time{} },
		"negative":     func(c *store.Call) { c.Talk = -1 },
		"long":         func(c *store.Call) { c.Dialled = string(make([]byte, 5000)) },
		"not UTF-8":    func(c *store.Call) { c.Caller = "\xff\xfe" },
		"NUL":          func(c *store.Call) { c.Caller = "a\x00b" },
		"outcome long": func(c *store.Call) { c.Outcome = fmt.Sprintf("%300d", 1) },
		"label long":   func(c *store.Call) { c.DNISLabel = fmt.Sprintf("%300d", 1) },
		"estimate":     func(c *store.Call) { c.Estimate = -1 },
		"many visits":  func(c *store.Call) { c.Queues = make([]store.Visit, store.MaxRowList+1) },
		"many agents":  func(c *store.Call) { c.Agents = make([]string, store.MaxRowList+1) },
		"visit NUL":    func(c *store.Call) { c.Queues = []store.Visit{{Queue: "a\x00"}} },
		"code UTF-8":   func(c *store.Call) { c.Dispositions = []string{"\xff"} },
	} {
		c := SampleCall(1)
		f(&c)
		if err := s.SaveCall(t.Context(), c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c := SampleCall(1)
	c.Caller = `'); DROP TABLE calls; -- "ä€𝄞`
	must(t, s.SaveCall(t.Context(), c))
	equal(t, list(t, s), []store.Call{c})
}

func configVersions(t *testing.T, open Open) {
	s := opened(t, open)
	_, err := s.ConfigVersion(t.Context(), 0)
	want(t, err, fault.NotFound)
	_, err = s.AddConfigVersion(t.Context(), "", time.Now())
	want(t, err, fault.Invalid)
	for _, bad := range []string{"a: \xff\n", "a: \x00\n"} {
		_, err = s.AddConfigVersion(t.Context(), bad, time.Now())
		want(t, err, fault.Invalid)
	}
	now := time.UnixMicro(1_700_000_000_000_001).UTC()
	one, err := s.AddConfigVersion(t.Context(), "queues: []\n", now)
	must(t, err)
	same, err := s.AddConfigVersion(t.Context(), "queues: []\n", now.Add(time.Hour))
	must(t, err)
	equal(t, same, one)
	two, err := s.AddConfigVersion(t.Context(), "queues: [a]\n", now.Add(time.Hour))
	must(t, err)
	back, err := s.AddConfigVersion(t.Context(), "queues: []\n", now.Add(2*time.Hour))
	must(t, err)
	if one.Version != 1 || two.Version != 2 || back.Version != 3 || one.SHA256 != back.SHA256 || !one.Created.Equal(now) {
		t.Fatalf("%+v %+v %+v", one, two, back)
	}
	for n, v := range map[int64]store.ConfigVersion{0: back, 1: one, 2: two} {
		got, err := s.ConfigVersion(t.Context(), n)
		must(t, err)
		equal(t, got, v)
	}
	_, err = s.ConfigVersion(t.Context(), 99)
	want(t, err, fault.NotFound)
}

func incidents(t *testing.T, open Open) {
	s := opened(t, open)
	at := time.UnixMicro(1_700_000_000_000_001).UTC()
	for n := range int64(5) {
		must(t, s.AddIncident(t.Context(), store.Incident{Time: at, Kind: "recovery", Text: "adopted", Counts: map[string]int64{"adopted": n}}))
	}
	must(t, s.AddIncident(t.Context(), store.Incident{Time: at, Kind: "odd\x00", Text: "\xff\x00", Counts: map[string]int64{"\x00": 1}}))
	must(t, s.AddIncident(t.Context(), store.Incident{Time: at, Kind: "long", Text: fmt.Sprintf("%10000d", 1)}))
	got, err := s.ListIncidents(t.Context(), 3, 0)
	must(t, err)
	if len(got) != 3 || got[0].Kind != "long" || len(got[0].Text) != 4096 || got[1].Kind != "odd?" || got[1].Text != "??" || got[2].Counts["adopted"] != 4 || !got[1].Time.Equal(at) {
		t.Fatalf("%+v", got)
	}
	rest, err := s.ListIncidents(t.Context(), 0, got[2].ID)
	must(t, err)
	if len(rest) != 4 || rest[3].Counts["adopted"] != 0 {
		t.Fatalf("%+v", rest)
	}
}

func numbers(t *testing.T, open Open) {
	s := open(t)
	got, err := s.Numbers(t.Context(), "queue", []string{"sales", "support", "sales"})
	must(t, err)
	equal(t, got, map[string]int64{"sales": 1, "support": 2})
	got, err = s.Numbers(t.Context(), "agent", []string{"sales"})
	must(t, err)
	equal(t, got, map[string]int64{"sales": 1})
	must(t, s.Close())
	s = opened(t, open)
	got, err = s.Numbers(t.Context(), "queue", []string{"new", "support"}) // sales is gone; its number is not given out
	must(t, err)
	equal(t, got, map[string]int64{"new": 3, "support": 2})
	got, err = s.Numbers(t.Context(), "queue", nil)
	must(t, err)
	equal(t, got, map[string]int64{})
	for _, bad := range [][]string{{""}, {"a\x00"}, make([]string, store.MaxNumbers+1)} {
		_, err = s.Numbers(t.Context(), "queue", bad)
		want(t, err, fault.Invalid)
	}
	_, err = s.Numbers(t.Context(), "", []string{"x"})
	want(t, err, fault.Invalid)
}

func numbersRace(t *testing.T, open Open) {
	stores := []*store.Store{opened(t, open), opened(t, open)}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]int64{}
	for g := range 8 {
		wg.Go(func() {
			ids := make([]string, 20)
			for i := range ids {
				ids[i] = fmt.Sprintf("object %d", (g*7+i)%40)
			}
			got, err := stores[g%2].Numbers(t.Context(), "queue", ids)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			for id, n := range got {
				if old, ok := seen[id]; ok && old != n {
					t.Errorf("%s is %d and %d", id, old, n)
				}
				seen[id] = n
			}
		})
	}
	wg.Wait()
	used := map[int64]string{}
	for id, n := range seen {
		if n < 1 || used[n] != "" {
			t.Errorf("number %d of %s is used by %q", n, id, used[n])
		}
		used[n] = id
	}
	equal(t, len(seen), 40)
}

func contextEnds(t *testing.T, open Open) {
	s := opened(t, open)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want(t, s.SaveCall(ctx, SampleCall(1)), fault.Stopped)
	_, err := s.ListCalls(ctx, store.CallFilter{})
	want(t, err, fault.Stopped)
	must(t, s.SaveCall(t.Context(), SampleCall(1))) // the one writing connection came back
}
