package queue

import (
	"strings"
	"testing"
	"time"

	"strowger/bench/report"
)

func someCalls(n int, each time.Duration) *sample {
	s := &sample{calls: n, asterisk: time.Duration(n) * 8 * time.Millisecond, controller: time.Duration(n) * 2 * time.Millisecond, rate: 10}
	for i := range n {
		s.connect = append(s.connect, each+time.Duration(n-i)*time.Microsecond)
	}
	return s
}

func testBench(ours, ref *sample) *bench {
	b := &bench{
		o: Options{Rates: []int{120}, Steps: []int{150}}, samples: map[int]map[*side]*sample{},
		ours: &side{name: "strowger", clean: 150}, reference: &side{name: "app_queue", clean: 120},
	}
	b.samples[120] = map[*side]*sample{b.ours: ours, b.reference: ref}
	return b
}

func TestSample(t *testing.T) {
	t.Parallel()
	s := someCalls(100, 5*time.Millisecond)
	if p50, p99, p100 := s.percentile(50), s.percentile(99), s.percentile(100); p50 != 5.051 || p99 != 5.1 || p100 != 5.1 {
		t.Errorf("percentiles %f, %f, %f; want 5.051, 5.1, 5.1", p50, p99, p100)
	}
	s.add(&sample{calls: 1, late: 1, connect: []time.Duration{2 * time.Second}, rate: 9, others: 0.5})
	if !s.valid() || s.clean() || s.rate != 9 || s.others != 0.5 || s.calls != 101 {
		t.Errorf("got %+v", s)
	}
	both := &sample{}
	both.add(someCalls(100, 9*time.Millisecond))
	both.add(someCalls(100, 5*time.Millisecond))
	if both.median() != 5.051 {
		t.Errorf("median %f, want that of the better slice, 5.051", both.median())
	}
	s.add(&sample{calls: 1}) // neither answered nor failed: lost
	if s.valid() {
		t.Error("a call without an answer counts as valid")
	}
	if (&sample{}).percentile(50) != 0 || (&sample{}).perCall(time.Second) != 0 {
		t.Error("an empty sample has figures")
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	book := report.NewBook("queue")
	if !testBench(someCalls(100, 6*time.Millisecond), someCalls(100, 5*time.Millisecond)).enter(book) {
		t.Error("a good run is called invalid")
	}
	var out strings.Builder
	if err := book.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"connect_ms_p50_at_120", "connect_ms_p99_at_120", "connect_ms_p50_ratio", "clean_rate", "controller_cpu_ms", "asterisk_cpu_ms"} {
		if !strings.Contains(out.String(), " "+name+" ") {
			t.Errorf("the table lacks %s:\n%s", name, &out)
		}
	}
	if strings.Contains(out.String(), "MISSED") {
		t.Errorf("all goals are reached here:\n%s", &out)
	}
}

func TestFailedCallMakesInvalid(t *testing.T) {
	t.Parallel()
	bad := someCalls(100, 5*time.Millisecond)
	bad.failed, bad.connect = 1, bad.connect[1:]
	book := report.NewBook("queue")
	if testBench(bad, someCalls(100, 5*time.Millisecond)).enter(book) {
		t.Error("a run with a failed call counts")
	}
}
