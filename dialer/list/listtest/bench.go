package listtest

import (
	"os"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/port"
)

// Rate imports n rows, of which some are bad, some there already and some on the
// do-not-call list, and returns how long it took.
func Rate(t testing.TB, tables port.Tables, n int) time.Duration {
	b := newBench(t, tables)
	_, err := b.Save(b.ctx(), list.List{ID: "a", Policy: list.Policy{By: list.ByNumber}}, b.now)
	b.must(err)
	f := b.file("t.csv", []byte(table(n)))
	defer func(f *os.File) { _ = f.Close() }(f)
	began := time.Now()
	x, err := b.Import(b.ctx(), "a", f, list.ImportOptions{}, b.clock, func(lead.Progress) {})
	b.must(err)
	if x.Rows != int64(n) {
		t.Errorf("got %+v", x)
	}
	return time.Since(began)
}
