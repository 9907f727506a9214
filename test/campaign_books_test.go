package test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/port"
	"strowger/switch/store"
	"strowger/test/invariants"
)

// booked is an attempt as the dialer and the records have it.
type booked struct {
	attempt, number, lead  string
	result                 lead.Result // of the dialer
	outcome                string      // of the call
	counted, settled, drop bool
	began, answered        time.Time
	bridged                time.Time // zero: nobody could talk
	tech                   int
}

// books are all attempts and leads of a controller that has ended.
func (s *site) books() (tries []booked, leads invariants.Leads) {
	s.t.Helper()
	db := s.database()
	defer func() { _ = db.Close() }() // it was only read
	read := func(stmt string, scan func(port.Row) error) {
		s.t.Helper()
		if err := db.Query(s.t.Context(), "test: read", scan, stmt); err != nil {
			s.t.Fatal(err)
		}
	}
	calls := map[string]booked{}
	read("SELECT call_id, outcome, tech_cause, answered_us, bridge_us, dropped FROM attempts WHERE campaign <> ''", func(row port.Row) error {
		var b booked
		var answered, bridged int64
		err := row.Scan(&b.attempt, &b.outcome, &b.tech, &answered, &bridged, &b.drop)
		b.answered, b.bridged = moment(answered), moment(bridged)
		calls[b.attempt] = b
		return err
	})
	read("SELECT t.attempt, t.number, t.lead, d.id, t.claimed_us, t.settled_us <> 0, t.counted, t.result FROM tries t JOIN dial_lists d ON d.no = t.list ORDER BY t.claimed_us", func(row port.Row) error {
		var attempt, number, list string
		var id, began int64
		var settled, counted bool
		var result lead.Result
		if err := row.Scan(&attempt, &number, &id, &list, &began, &settled, &counted, &result); err != nil {
			return err
		}
		b := calls[attempt]
		b.attempt, b.number, b.lead, b.began, b.settled, b.counted, b.result = attempt, number, list+"/"+strconv.FormatInt(id, 10), moment(began), settled, counted, result
		tries = append(tries, b)
		leads.Tries = append(leads.Tries, invariants.Try{Attempt: attempt, Lead: b.lead, Settled: settled, Counted: counted, Result: string(result)})
		return nil
	})
	read("SELECT d.id, l.id, l.state, l.attempts FROM leads l JOIN dial_lists d ON d.no = l.list", func(row port.Row) error {
		var list string
		var id int64
		var state lead.State
		var attempts int
		err := row.Scan(&list, &id, &state, &attempts)
		leads.Leads = append(leads.Leads, invariants.Lead{ID: list + "/" + strconv.FormatInt(id, 10), State: state.String(), Attempts: attempts})
		return err
	})
	read("SELECT good + bad + twice, bad + twice FROM imports", func(row port.Row) error {
		var rows, refused int
		err := row.Scan(&rows, &refused)
		leads.Rows, leads.Rejected = leads.Rows+rows, leads.Rejected+refused
		return err
	})
	return tries, leads
}

// database is that of a controller that is not running.
func (s *site) database() *store.Store {
	s.t.Helper()
	dir := filepath.Join(s.dir, "var")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	db, err := store.Open(s.t.Context(), "sqlite:"+filepath.Join(dir, "strowger.db"), store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us)
}

// dialledOut are the attempts of which somebody outside must have been called.
func dialledOut(tries []booked) map[string][]booked {
	out := map[string][]booked{}
	for _, b := range tries {
		if b.settled && b.result != "" && b.result != lead.NotStarted {
			out[b.number] = append(out[b.number], b)
		}
	}
	return out
}

// keptInSQL fails where a lead has been lost between its file and the books.
func keptInSQL(t *testing.T, leads invariants.Leads, rows, refused int) {
	t.Helper()
	if leads.Rows != rows || leads.Rejected != refused {
		t.Errorf("%d rows were read and %d refused, the file had %d and %d", leads.Rows, leads.Rejected, rows, refused)
	}
}
