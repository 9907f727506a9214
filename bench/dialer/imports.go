package dialer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"strowger/bench/report"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/callmodel"
	"strowger/switch/sim"
)

const (
	importRows = 1_000_000
	quickRows  = 50_000
	barred     = 10_000 // numbers on the do-not-call list; half of them are in the file
	callsPerS  = 50     // beside it
	importTeam = 120
)

// runImport reads a file of leads into SQLite while calls come in, and measures
// how long these wait for their agent, with and without it.
func runImport(ctx context.Context, o Options, book *report.Book) (err error) {
	s, err := startSite(ctx, importTeam)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	rows, quiet := importRows, 15*time.Second
	if o.Quick {
		rows, quiet = quickRows, 5*time.Second
	}
	path := filepath.Join(s.dir, "people.csv")
	if err := writePeople(path, rows); err != nil {
		return err
	}
	if err := s.bar(ctx); err != nil {
		return err
	}
	o.Progress("%d calls per second for %v, then beside the import of %d rows", callsPerS, quiet, rows)
	alone, err := s.connects(ctx, func(context.Context) error { return pause(ctx, quiet) })
	if err != nil {
		return err
	}
	var done list.Import
	var took time.Duration
	beside, err := s.connects(ctx, func(ctx context.Context) error {
		began := time.Now()
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read from
		done, err = s.leads.Import(ctx, "people", f, list.ImportOptions{File: "people.csv"}, time.Now, func(lead.Progress) {})
		took = time.Since(began)
		return err
	})
	if err != nil {
		return err
	}
	rate := float64(rows) / took.Seconds()
	if o.Quick {
		book.Add("import_rows_per_s", rate, "rows/s", nil)
	} else {
		book.AtLeast("import_rows_per_s", rate, "rows/s", nil, 50_000)
	}
	book.Add("import_connect_ms_p99", milli(alone.p(99)), "ms", nil)
	ref := milli(alone.p(99))
	book.Add("importing_connect_ms_p99", milli(beside.p(99)), "ms", &ref)
	book.Note("import: %d rows in %.1f s, %d good, %d bad, %d there already, %d on the do-not-call list; %d calls without it, %d beside it, %v of each connect is the phone's",
		rows, took.Seconds(), done.Good, done.Bad, done.Twice, done.Blocked, len(alone), len(beside), ringing)
	return nil
}

func milli(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writePeople writes a file of leads: numbers of several countries, a hundredth
// of them twice.
func writePeople(path string, rows int) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	defer func() { err = errors.Join(err, w.Flush(), f.Close()) }()
	if _, err = fmt.Fprintln(w, "ref,name,number,city,product"); err != nil {
		return err
	}
	for i := range rows {
		n := i
		if i%100 == 99 {
			n = i - 50
		}
		if _, err := fmt.Fprintf(w, "c%d,Person %d,%s,City %d,P%d\n", n, n, personNumber(n), n%500, n%7); err != nil {
			return err
		}
	}
	return nil
}

// personNumber is the number of a person: German and British landlines, and US ones.
func personNumber(n int) string {
	switch n % 4 {
	case 0:
		return fmt.Sprintf("+1212%07d", 2_000_000+n)
	case 1:
		return fmt.Sprintf("+4420%08d", 70_000_000+n)
	}
	return fmt.Sprintf("+4930%08d", 10_000_000+n)
}

// bar makes the list, and the numbers that must not be called.
func (s *site) bar(ctx context.Context) error {
	if _, err := s.leads.Save(ctx, list.List{ID: "people"}, time.Now()); err != nil {
		return err
	}
	var no []list.Entry
	for i := range barred {
		n := 40 * i
		if i%2 == 0 {
			n = 5_000_000 + i // not in the file
		}
		no = append(no, list.Entry{Number: personNumber(n), Scope: "tenant", Source: "bench"})
	}
	_, err := s.leads.AddNumbers(ctx, no, time.Now())
	return err
}

// waits are times in no order.
type waits []time.Duration

func (w waits) p(percent int) time.Duration {
	if len(w) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(w))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// connects has calls come in while something is done, and says how long each
// took to its agent.
func (s *site) connects(ctx context.Context, during func(context.Context) error) (waits, error) {
	_, sub, err := s.engine.Watch(ctx, "bench")
	if err != nil {
		return nil, err
	}
	defer sub.Close()
	calling, hangup := context.WithCancel(ctx)
	defer hangup()
	var group sync.WaitGroup
	var calls, read error
	group.Go(func() { calls = s.call(calling) })
	var out waits
	group.Go(func() {
		began := map[callmodel.CallID]time.Time{}
		for {
			batch, err := sub.Next(calling)
			if err != nil {
				if calling.Err() == nil {
					read = err
				}
				return
			}
			now := time.Now()
			for i := range batch {
				e := &batch[i]
				if e.Kind == callmodel.EvCallStarted {
					began[e.Call.ID] = now
				}
				if e.Kind != callmodel.EvEstablished {
					continue
				}
				if at, known := began[e.Call.ID]; known {
					out = append(out, now.Sub(at))
					delete(began, e.Call.ID)
				}
			}
		}
	})
	err = during(ctx)
	hangup()
	group.Wait()
	return out, errors.Join(err, calls, read)
}

// call places calls evenly until ctx ends.
func (s *site) call(ctx context.Context) error {
	tick := time.NewTicker(time.Second / callsPerS)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		if _, err := s.sim.Place("600", sim.Caller{Number: "4930123456", Talk: time.Second}); err != nil {
			return err
		}
	}
}
