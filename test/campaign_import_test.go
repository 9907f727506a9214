package test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/switch/port"
)

// leadFile writes a file of so many rows. Of each twenty one has a number that
// is none, one a ref that is there already, and one neither a number nor the
// columns of the others.
func leadFile(t *testing.T, path string, rows int) (good, bad, twice int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("ref;name;phone\n") // an error comes with Flush
	for i := range rows {
		switch i % 20 {
		case 7:
			bad++
			_, _ = fmt.Fprintf(w, "B%d;Nobody;call me\n", i)
		case 11:
			bad++
			_, _ = fmt.Fprintf(w, "X%d;na\"me;;;;\n", i)
		case 13:
			twice++
			_, _ = fmt.Fprintf(w, "L%d;Again;+4930%08d\n", i-1, i-1)
		default:
			good++
			_, _ = fmt.Fprintf(w, "L%d;Customer;+4930%08d\n", i, i)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return good, bad, twice
}

// TestCampaignImportKilled kills whoever has a file of leads in hand, at about
// half of it (fault 44): the command while it sends it, the controller while it
// gets it, and both while the controller reads it. What has not arrived is not
// there; what has arrived is read to its end after the restart, each row once.
func TestCampaignImportKilled(t *testing.T) { importKilled(t, 15_000) }

// TestChaosImportKilled is TestCampaignImportKilled with a large file.
func TestChaosImportKilled(t *testing.T) {
	onlyLong(t, "44 a file of 300,000 leads")
	importKilled(t, 300_000)
}

func importKilled(t *testing.T, rows int) {
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", fewSite(1, "1s"))
	s.disturbed = true
	file := filepath.Join(s.dir, "leads.csv")
	good, bad, twice := leadFile(t, file, rows)
	s.start()
	s.halfSent(file, false)
	s.noImport()
	s.halfSent(file, true)
	s.start()
	s.noImport()
	for _, list := range []string{"resumed", "whole"} {
		s.halfRead(list, file, rows)
		s.start()
		done := s.importWhen(list, rows, func(x rest.Import) bool { return x.State != "running" })
		if done.State != "done" || done.Rows != int64(rows) || done.Good != int64(good) || done.Bad != int64(bad) || done.Twice != int64(twice) {
			t.Errorf("%s: %+v, the file has %d good rows, %d bad ones, %d twice", list, done, good, bad, twice)
		}
	}
	s.stop()
	for _, list := range []string{"resumed", "whole"} {
		s.eachOnce(list, rows, good)
	}
}

// begun starts a command of the program, to be killed.
func (s *site) begun(args ...string) *exec.Cmd {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.dir
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return cmd
}

// kept are the files of imports that the controller has.
func (s *site) kept() []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "var", "imports", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

// halfSent has a command send half a file, and kills it, or the controller.
func (s *site) halfSent(file string, controller bool) {
	s.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	pipe := filepath.Join(s.t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := s.begun("list", "import", "half", pipe)
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = w.Close() }() // its reader is gone
	if _, err := w.Write(text[:len(text)/2]); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "half of the file has arrived", func() bool {
		for _, name := range s.kept() {
			if info, err := os.Stat(name); err == nil && info.Size() > int64(len(text)/4) {
				return true
			}
		}
		return false
	})
	if controller {
		s.kill()
		if len(s.kept()) == 0 {
			s.t.Error("nothing is left of the file: the fault has shown nothing")
		}
	}
	_ = cmd.Process.Kill() // it may have ended by itself
	if err := cmd.Wait(); err == nil {
		s.t.Error("the command says that all went well")
	}
}

// noImport waits until nothing is left of a file that has not arrived.
func (s *site) noImport() {
	s.t.Helper()
	eventually(s.t, "nothing is left of what has not arrived", func() bool { return len(s.kept()) == 0 })
	var all rest.ImportList
	s.must(http.MethodGet, "/api/v1/imports", nil, &all)
	if len(all.Imports) > 0 {
		s.t.Errorf("imports of what has not arrived: %+v", all.Imports)
	}
}

// halfRead has a command import a file, and kills it and the controller when
// about half of it is read.
func (s *site) halfRead(list, file string, rows int) {
	s.t.Helper()
	args := []string{"list", "import", list, file}
	if list == "whole" {
		args = append(args, "--atomic")
	}
	cmd := s.begun(args...)
	s.importWhen(list, rows, func(x rest.Import) bool { return x.Rows >= int64(rows)*2/5 || x.State == "done" })
	s.kill()
	_ = cmd.Process.Kill() // it may have ended by itself
	if err := cmd.Wait(); err == nil {
		s.t.Error("the command says that all went well")
	}
	var state string
	var read, shown int64
	s.ask(`SELECT i.state, i.at_row FROM imports i JOIN dial_lists d ON d.no = i.list WHERE d.id = ?`, func(r port.Row) error { return r.Scan(&state, &read) }, list)
	s.ask(`SELECT COUNT(*) FROM leads l JOIN dial_lists d ON d.no = l.list WHERE d.id = ? AND l.state <> 5`, func(r port.Row) error { return r.Scan(&shown) }, list)
	if state != "running" || read == 0 || read >= int64(rows) {
		s.t.Errorf("%s: %s at row %d of %d: the fault has shown nothing", list, state, read, rows)
	}
	if list == "whole" && shown > 0 {
		s.t.Errorf("%d leads can be seen of what is all or nothing", shown)
	}
	progress(fmt.Sprintf("import %s: killed at row %d of %d, %d leads can be seen", list, read, rows, shown))
}

// ask reads from the database of a controller that is not running.
func (s *site) ask(stmt string, scan func(port.Row) error, args ...any) {
	s.t.Helper()
	db := s.database()
	defer func() { _ = db.Close() }() // it was only read
	if err := db.Query(s.t.Context(), "test: read", scan, stmt, args...); err != nil {
		s.t.Fatal(err)
	}
}

// importOf is the only import into a list; zero before it began.
func (s *site) importOf(list string) (x rest.Import) {
	s.t.Helper()
	var all rest.ImportList
	s.must(http.MethodGet, "/api/v1/imports?list="+list, nil, &all)
	switch len(all.Imports) {
	case 0:
		return x
	case 1:
		return all.Imports[0]
	}
	s.t.Fatalf("%d imports into %s", len(all.Imports), list)
	return x
}

// importWhen waits until the import of so many rows is as far as that.
func (s *site) importWhen(list string, rows int, ok func(rest.Import) bool) (x rest.Import) {
	s.t.Helper()
	ctx, cancel := contextFor(s.t, time.Minute+time.Duration(rows)*time.Millisecond)
	defer cancel()
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for x = s.importOf(list); !ok(x); x = s.importOf(list) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("%s is not read: %+v", list, x)
		}
	}
	return x
}

// eachOnce checks that every good row of a file is a lead, once, with its number.
func (s *site) eachOnce(list string, rows, good int) {
	s.t.Helper()
	numbers, there := make(map[string]string, good), 0
	s.ask(`SELECT l.ref, n.number FROM leads l JOIN dial_lists d ON d.no = l.list JOIN lead_numbers n ON n.lead = l.id WHERE d.id = ? AND l.state = 0`, func(r port.Row) error {
		var ref, number string
		err := r.Scan(&ref, &number)
		numbers[ref] = number
		there++
		return err
	}, list)
	for i := range rows {
		ref, number := fmt.Sprintf("L%d", i), fmt.Sprintf("+4930%08d", i)
		if i%20 == 7 || i%20 == 11 || i%20 == 13 {
			number = ""
		}
		if numbers[ref] != number {
			s.t.Fatalf("%s: lead %s has the number %q, want %q", list, ref, numbers[ref], number)
		}
	}
	if there != good || len(numbers) != good {
		s.t.Errorf("%s: %d numbers of %d leads, want one of each of %d", list, there, len(numbers), good)
	}
	if left := s.kept(); len(left) > 0 {
		s.t.Errorf("files that nobody needs: %s", strings.Join(left, " "))
	}
}
