package test

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/switch/store/pgtest"
)

// Faults of the database, the journal and their disk: calls go on, nothing is
// acknowledged that could be lost, and everything is there once afterwards.

// lockedFor is how long the database is held: longer than a statement waits
// for it (5 s), and a minute in the long form.
func lockedFor() time.Duration {
	if longTrials() {
		return time.Minute
	}
	return 6 * time.Second
}

// storeSite is a crowdSite with a section store.
func storeSite(agents int, section string) string {
	return "\nstore: {" + section + "}" + crowdSite(agents)
}

// faultStage starts a controller on an Asterisk of its own: after a restart it
// reads in Asterisk's records what it may have missed in the seconds before,
// and calls of another test are none of its own.
func faultStage(t *testing.T, config string) *site {
	t.Helper()
	s := stageOn(t, ownAsterisk(t, nil), config)
	s.disturbed = true // faults are incidents
	return s
}

// served makes one call from caller to agent and ends it. It returns the call's id.
func (c *crowd) served() string {
	c.s.t.Helper()
	p := c.onDuty()
	id := c.serve(p)
	c.s.agentState(p.agent, "logged-out")
	return id
}

// onDuty is a pair whose agent is ready.
func (c *crowd) onDuty() *pair {
	c.s.t.Helper()
	p := c.pair()
	c.s.agentState(p.agent, "ready")
	return p
}

// serve is served by an agent who is on duty.
func (c *crowd) serve(p *pair) string {
	c.s.t.Helper()
	p.a = p.phone.Dial("600")
	p.b = p.desk.Expect()
	p.b.MustAnswer()
	p.a.MustBeAnswered()
	id := c.s.callOf(p.number).ID
	siptest.Talk(p.a, p.b)
	p.a.MustHangup()
	c.s.waitAgent(p.agent, "ready")
	return id
}

// refusesWhatMustLast orders what only an acknowledgement makes safe, and
// expects to hear that it was not taken.
func (s *site) refusesWhatMustLast(conn string) {
	s.t.Helper()
	began := time.Now()
	err := s.setData(conn, "must not be acknowledged")
	if err == nil || !strings.Contains(err.Error(), "503") {
		s.t.Fatalf("attached data: got %v, want 503", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		s.t.Errorf("the refusal took %v", took)
	}
}

func (s *site) setData(conn, text string) error {
	body := rest.DataRequest{Entries: []rest.AttachedEntry{{App: "test", Media: "text/plain", Data: text}}}
	return s.try(http.MethodPatch, "/api/v1/connections/"+conn+"/data", body, nil)
}

// connOf returns the id of the agent's connection.
func (s *site) connOf(p *pair) string {
	s.t.Helper()
	call := s.callOf(p.number)
	for _, c := range call.Connections {
		if c.Role == "agent" {
			return c.ID
		}
	}
	s.t.Fatalf("no agent's connection in %+v", call)
	return ""
}

// status is what the controller says of itself.
func (s *site) status() rest.Status {
	s.t.Helper()
	var v rest.Status
	s.must(http.MethodGet, "/api/v1/status", nil, &v)
	return v
}

func (s *site) wantDegraded(words string) {
	s.t.Helper()
	var got []string
	eventually(s.t, "the status says "+words, func() bool {
		v := s.status()
		got = v.Degraded
		return v.Ready && strings.Contains(strings.Join(got, "; "), words)
	}, &got)
}

func (s *site) wantHealthy() {
	s.t.Helper()
	var got []string
	eventually(s.t, "nothing is degraded", func() bool {
		got = s.status().Degraded
		return len(got) == 0
	}, &got)
}

// wantIncident waits until an incident with these words is in the database.
func wantIncident(t *testing.T, db *sql.DB, words string) {
	t.Helper()
	var all []string
	eventually(t, "an incident in the database says "+words, func() bool {
		all = texts(t, db, `SELECT kind || ': ' || text FROM incidents ORDER BY id`)
		return strings.Contains(strings.Join(all, "\n"), words)
	}, &all)
}

// texts returns the first column of all rows; nothing while the database is away.
func texts(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		return nil
	}
	defer func() { _ = rows.Close() }() // only read from
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// wantRows waits until the database has exactly these calls, each once.
func wantRows(t *testing.T, db *sql.DB, ids ...string) {
	t.Helper()
	slices.Sort(ids)
	var got []string
	eventually(t, fmt.Sprintf("the database has %d calls", len(ids)), func() bool {
		got = texts(t, db, `SELECT id FROM calls ORDER BY id`)
		return strings.EqualFold(strings.Join(got, " "), strings.Join(ids, " "))
	}, &got, &ids)
}

func (s *site) sqlite(file string) *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	s.t.Cleanup(func() { _ = db.Close() }) // only a tool of the test
	return db
}

// TestChaosDatabaseLocked: another program holds the database for longer than
// anybody waits (fault 38).
func TestChaosDatabaseLocked(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s := faultStage(t, crowdSite(6))
		db := s.sqlite(filepath.Join(s.dir, "var", "strowger.db"))
		databaseHeld(s, db, db, `BEGIN EXCLUSIVE`, `ROLLBACK`)
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Shared(t)
		name := server.Database(t)
		s := faultStage(t, storeSite(6, `url: "`+server.URL(name)+`"`))
		// Not even reading is possible.
		databaseHeld(s, server.Open(t, name), server.Open(t, name),
			`BEGIN; LOCK TABLE calls, incidents, projections, objects, object_versions IN ACCESS EXCLUSIVE MODE`, `ROLLBACK`)
		if leak := findSecret(t, s.dir, server.Password); leak != "" {
			t.Errorf("the database's password stands in %s", leak)
		}
	})
}

func databaseHeld(s *site, holder, reader *sql.DB, lock, unlock string) {
	s.t.Helper()
	c := gather(s, 2, 0, 0)
	marks := c.mark()
	ids := []string{c.served()}
	wantRows(s.t, reader, ids...)
	if _, err := holder.ExecContext(s.t.Context(), lock); err != nil {
		s.t.Fatal(err)
	}
	released := time.After(lockedFor())
	ids = append(ids, c.served())
	began := time.Now()
	err := s.tryObjects("queues:\n  - {id: later, number: \"699\"}\n")
	if err == nil || !strings.Contains(err.Error(), "another process holds the database") {
		s.t.Errorf("a change of objects: got %v", err)
	}
	progress(fmt.Sprintf("database held: a change of objects is refused after %v", time.Since(began).Round(time.Millisecond)))
	if err := s.setData(s.connOf(c.talking[0]), "the journal needs no database"); err != nil {
		s.t.Error(err)
	}
	s.wantDegraded("the database is away: reports are late")
	s.mustTellAway(1)
	<-released
	ids = append(ids, c.served())
	if _, err := holder.ExecContext(s.t.Context(), unlock); err != nil {
		s.t.Fatal(err)
	}
	wantRows(s.t, reader, ids...)
	s.wantHealthy()
	s.mustTellAway(0)
	wantIncident(s.t, reader, "database: rows wait, calls go on")
	wantIncident(s.t, reader, "database: it takes rows again")
	if err := s.tryObjects("queues:\n  - {id: later, number: \"699\"}\n"); err != nil {
		s.t.Error(err)
	}
	if d := c.mustTalk(marks); d > maxGap {
		s.t.Errorf("the audio was gone for %v", d)
	}
	s.mustMatchAsterisk()
	s.restart(true)
	wantRows(s.t, reader, ids...)
	c.hangUp(c.talking)
	s.noLeftovers()
}

func (s *site) mustTellAway(want float64) {
	s.t.Helper()
	if got := s.metric("strowger_database_away"); got != want {
		s.t.Errorf("strowger_database_away is %v, want %v", got, want)
	}
}

// TestChaosDatabaseServerCrash: the PostgreSQL server goes, and comes back (fault
// 38); a controller that is killed meanwhile knows its calls when both are back.
func TestChaosDatabaseServerCrash(t *testing.T) {
	server := pgtest.Own(t)
	name := server.Database(t)
	s := faultStage(t, storeSite(6, `url: "`+server.URL(name)+`"`))
	c := gather(s, 2, 0, 0)
	marks := c.mark()
	ids := []string{c.served()}
	server.Crash(t)
	ids = append(ids, c.served(), c.served())
	s.wantDegraded("the database is away")
	if err := s.tryObjects("queues:\n  - {id: later, number: \"699\"}\n"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a change of objects: got %v", err)
	}
	s.kill()
	server.Restart(t)
	s.start()
	db := server.Open(t, name)
	wantRows(t, db, ids...)
	s.wantHealthy()
	if d := c.mustTalk(marks); d > maxGap {
		t.Errorf("the audio was gone for %v", d)
	}
	s.mustMatchAsterisk()
	c.hangUp(c.talking)
	s.noLeftovers()
}

// smallDisk mounts a file system of its own and returns its folder, and what fills it and makes room again.
func smallDisk(t *testing.T, megabytes int) (dir string, fill, free func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=700,size="+strconv.Itoa(megabytes)+"m"); err != nil {
		skipLayer(t, "full disk", "a file system cannot be mounted here: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	fill = func() {
		t.Helper()
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }() // on a full disk
		for _, block := range [][]byte{make([]byte, 1<<16), {0}} {
			for err = nil; err == nil; {
				_, err = f.Write(block)
			}
		}
	}
	return dir, fill, func() {
		t.Helper()
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

// TestChaosJournalDiskFull: callers are served without a journal, what must last is
// refused, and when there is room again nothing is missing (fault 39).
func TestChaosJournalDiskFull(t *testing.T) {
	dir, fill, free := smallDisk(t, 8)
	s := faultStage(t, storeSite(6, "journal_dir: "+filepath.Join(dir, "journal")))
	db := s.sqlite(filepath.Join(s.dir, "var", "strowger.db"))
	c := gather(s, 2, 0, 0)
	marks := c.mark()
	ids := []string{c.served()}
	p := c.onDuty() // orders that leave a trace are refused when none can be written
	fill()
	for s.metric("strowger_journal_failed") == 0 { // the page of the file that was begun may still take something
		ids = append(ids, c.serve(p))
		if len(ids) > 30 {
			t.Fatal("the full disk did not bite")
		}
	}
	s.wantDegraded("the journal cannot be written")
	s.refusesWhatMustLast(s.connOf(c.talking[0]))
	wantIncident(t, db, "the disk is full")
	free()
	eventually(t, "the journal is written again", func() bool { return s.metric("strowger_journal_failed") == 0 })
	s.wantHealthy()
	if err := s.setData(s.connOf(c.talking[0]), "kept"); err != nil {
		t.Error(err)
	}
	s.restart(true) // looks the same afterwards
	s.notDamaged()
	wantRows(t, db, ids...)
	if d := c.mustTalk(marks); d > maxGap {
		t.Errorf("the audio was gone for %v", d)
	}
	s.mustMatchAsterisk()
	c.hangUp(c.talking)
	s.noLeftovers()
}

func (s *site) notDamaged() {
	s.t.Helper()
	if strings.Contains(s.logText(), "the journal was damaged") {
		s.t.Error("the journal was damaged")
	}
}

// TestChaosDatabaseDiskFull: rows wait, and the file is sound (fault 39).
func TestChaosDatabaseDiskFull(t *testing.T) {
	dir, fill, free := smallDisk(t, 8)
	file := filepath.Join(dir, "strowger.db")
	s := faultStage(t, storeSite(6, "url: sqlite:"+file))
	db := s.sqlite(file)
	c := gather(s, 2, 0, 0)
	marks := c.mark()
	ids := []string{c.served()}
	wantRows(t, db, ids...)
	fill()
	for s.metric("strowger_database_away") == 0 { // the log file may have room left
		ids = append(ids, c.served())
		if len(ids) > 30 {
			t.Fatal("the full disk did not bite")
		}
	}
	s.wantDegraded("the database is away")
	free()
	wantRows(t, db, ids...)
	wantIncident(t, db, "the disk is full")
	s.wantHealthy()
	if got := texts(t, db, `PRAGMA integrity_check`); !slices.Equal(got, []string{"ok"}) {
		t.Errorf("the database is damaged: %v", got)
	}
	if d := c.mustTalk(marks); d > maxGap {
		t.Errorf("the audio was gone for %v", d)
	}
	c.hangUp(c.talking)
	s.noLeftovers()
}
