package store_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
	"strowger/switch/store/storetest"
)

// memory is a database that fails on demand.
type memory struct {
	mu     sync.Mutex
	rows   map[string]store.Call
	seq    uint64
	tx     int
	down   bool
	back   bool   // the mark was once moved back
	poison string // the id of a row that is refused for good
}

func call(r store.Row) store.Call {
	c, _ := r.(store.Call) // the tests of the writer have no other rows
	return c
}

func (m *memory) setDown(v bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = v
}

func (m *memory) Project(_ context.Context, b store.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return fault.New(fault.Unavailable, "test", "", "down")
	}
	for _, r := range b.Rows {
		if c := call(r); c.ID == m.poison {
			return fault.New(fault.Invalid, "test", c.ID, "refused")
		}
	}
	m.tx++
	for _, r := range b.Rows {
		c := call(r)
		c.Shard = b.Shard
		if c.Seq >= m.rows[c.ID].Seq {
			m.rows[c.ID] = c
		}
	}
	if b.Seq > 0 {
		m.back = m.back || b.Seq < m.seq
		m.seq = b.Seq
	}
	return nil
}

func (m *memory) ProjectedSeq(context.Context, string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seq, nil
}

func startWriter(t *testing.T, m store.Projection, o store.WriterOptions) *store.Writer {
	t.Helper()
	w, err := store.NewWriter(m, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWriterBatchesAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{rows: map[string]store.Call{}}
		w := startWriter(t, m, store.WriterOptions{Shard: "s"})
		for n := range 600 {
			ok(t, w.Save(t.Context(), storetest.SampleCall(n)))
		}
		ok(t, w.Advance(t.Context(), 600))
		ok(t, w.WaitProjected(t.Context(), 600))
		if st := w.Stats(); st.Saved != 600 || st.Batches != 3 || m.tx != 3 || st.Projected != 600 {
			t.Fatalf("%+v, %d transactions", st, m.tx)
		}
		if c := m.rows[storetest.SampleCall(0).ID]; c.Shard != "s" {
			t.Fatalf("shard %q", c.Shard)
		}
		for n := range 700 { // left in the queue when it is stopped
			ok(t, w.Save(t.Context(), storetest.SampleCall(1000+n)))
		}
		ok(t, w.Advance(t.Context(), 1700))
		ok(t, w.Stop(t.Context()))
		ok(t, w.Stop(t.Context()))
		if len(m.rows) != 1300 || m.seq != 1700 {
			t.Fatalf("%d rows, mark %d", len(m.rows), m.seq)
		}
		if err := w.Save(t.Context(), storetest.SampleCall(1)); !fault.Is(err, fault.Stopped) {
			t.Fatalf("got %v", err)
		}
		if err := w.WaitProjected(t.Context(), 9999); !fault.Is(err, fault.Stopped) {
			t.Fatalf("got %v", err)
		}
		if err := w.Start(t.Context()); !fault.Is(err, fault.Conflict) {
			t.Fatalf("got %v", err)
		}
	})
}

// TestWriterBlocksAndLosesNothing: with the database away the queue fills, Save
// blocks its caller (and obeys its context), and everything is there in the end.
func TestWriterBlocksAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{rows: map[string]store.Call{}, down: true}
		w := startWriter(t, m, store.WriterOptions{Queue: 8, Batch: 4})
		given := 0
		var err error
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err = w.Save(ctx, storetest.SampleCall(given))
			cancel()
			if err != nil {
				break
			}
			given++
		}
		if !fault.Is(err, fault.Unavailable) || given != 12 { // 8 in the queue, 4 in the batch
			t.Fatalf("after %d rows: %v", given, err)
		}
		<-time.After(time.Minute) // fake time: back-off reaches its limit
		if st := w.Stats(); st.Retries < 10 || st.Retries > 30 || !st.Failing {
			t.Fatalf("%+v", st)
		}
		m.setDown(false)
		ok(t, w.Save(t.Context(), storetest.SampleCall(given)))
		ok(t, w.Advance(t.Context(), 99))
		ok(t, w.WaitProjected(t.Context(), 99))
		if len(m.rows) != given+1 || w.Stats().Failing {
			t.Fatalf("%d of %d rows, %+v", len(m.rows), given+1, w.Stats())
		}
		ok(t, w.Stop(t.Context()))
	})
}

func TestWriterLeavesOutOnlyTheRefusedRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{rows: map[string]store.Call{}, poison: storetest.SampleCall(5).ID}
		w := startWriter(t, m, store.WriterOptions{})
		for n := range 10 {
			ok(t, w.Save(t.Context(), storetest.SampleCall(n)))
		}
		ok(t, w.Advance(t.Context(), 10))
		ok(t, w.WaitProjected(t.Context(), 10))
		if st := w.Stats(); st.Saved != 9 || st.Refused != 1 || len(m.rows) != 9 {
			t.Fatalf("%+v, %d rows", st, len(m.rows))
		}
		ok(t, w.Stop(t.Context()))
	})
}

// TestWriterMarkNeverMovesBack: a re-projection gives old rows and marks again.
func TestWriterMarkNeverMovesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{rows: map[string]store.Call{}, seq: 50}
		w := startWriter(t, m, store.WriterOptions{})
		if w.ProjectedSeq() != 50 {
			t.Fatalf("started at %d", w.ProjectedSeq())
		}
		ok(t, w.Save(t.Context(), storetest.SampleCall(20)))
		ok(t, w.Advance(t.Context(), 21))
		<-time.After(time.Second) // fake time: that was a batch of its own
		synctest.Wait()
		if m.back || m.seq != 50 || len(m.rows) != 1 {
			t.Fatalf("mark %d, %d rows", m.seq, len(m.rows))
		}
		ok(t, w.Advance(t.Context(), 51))
		ok(t, w.WaitProjected(t.Context(), 51))
		ok(t, w.Stop(t.Context()))
		if m.seq != 51 || len(m.rows) != 1 {
			t.Fatalf("mark %d, %d rows", m.seq, len(m.rows))
		}
	})
}

func TestWriterStopDoesNotHangOnADeadDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{rows: map[string]store.Call{}, down: true}
		w := startWriter(t, m, store.WriterOptions{})
		ok(t, w.Save(t.Context(), storetest.SampleCall(1)))
		<-time.After(time.Second) // fake time: it is retrying
		ok(t, w.Stop(t.Context()))
	})
}

func TestWriterOptionsAreChecked(t *testing.T) {
	for _, o := range []store.WriterOptions{{Queue: -1}, {Batch: -1}, {Delay: -1}} {
		if _, err := store.NewWriter(&memory{}, o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
