package store_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
	"strowger/switch/store/pgtest"
	"strowger/switch/store/storetest"
)

func TestPostgres(t *testing.T) {
	server := pgtest.Shared(t)
	storetest.Exercise(t, func(t *testing.T) storetest.Open {
		name := server.Database(t)
		return func(t *testing.T) *store.Store {
			s, err := store.Open(t.Context(), server.URL(name), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}

// TestPostgresRefusals: what is wrong is said, with what to do, and never with the password.
func TestPostgresRefusals(t *testing.T) {
	server := pgtest.Shared(t)
	const canary = "canary-secret"
	name := server.Database(t)
	server.Exec(t, "postgres", `CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`)
	server.Exec(t, name, `CREATE ROLE guest LOGIN PASSWORD '`+canary+`'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	good := server.URL(name)
	with := func(change func(u *url.URL)) string {
		u, err := url.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	for what, c := range map[string]struct {
		url  string
		opts store.Options
		kind fault.Kind
		text string
	}{
		"no address":       {"postgres://u:" + canary + "@", store.Options{}, fault.Invalid, "is given as"},
		"broken address":   {"postgres://u:" + canary + "@h:x/db", store.Options{}, fault.Invalid, "is given as"},
		"odd option":       {with(func(u *url.URL) { u.User = url.UserPassword("u", canary); u.RawQuery = "sslmode=" + canary }), store.Options{}, fault.Invalid, "option"},
		"unknown setting":  {with(func(u *url.URL) { u.RawQuery += "&nonsense=1" }), store.Options{}, fault.Unavailable, ""},
		"wrong password":   {with(func(u *url.URL) { u.User = url.UserPassword(pgtest.User, canary) }), store.Options{}, fault.Unavailable, "refuses the login"},
		"wrong password 2": {good, store.Options{Password: canary}, fault.Unavailable, "refuses the login"},
		"no database":      {with(func(u *url.URL) { u.Path = "/nowhere" }), store.Options{}, fault.Unavailable, "createdb"},
		"no server":        {with(func(u *url.URL) { u.Host = "127.0.0.1:1"; u.User = url.UserPassword("u", canary) }), store.Options{}, fault.Unavailable, "cannot be reached"},
		"encoding":         {server.URL("latin"), store.Options{}, fault.Unsupported, "encoding LATIN1"},
		"no rights":        {with(func(u *url.URL) { u.User = url.UserPassword("guest", canary) }), store.Options{}, fault.Unavailable, "lacks a right"},
		"no schema":        {with(func(u *url.URL) { u.RawQuery += "&search_path=nowhere" }), store.Options{}, fault.Invalid, "search_path"},
	} {
		s, err := store.Open(t.Context(), c.url, c.opts)
		if err == nil {
			_ = s.Close() // the next line fails the test
		}
		if !fault.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: got %v, want %v and %q", what, err, c.kind, c.text)
		}
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, canary) || strings.Contains(text, server.Password) {
			t.Errorf("%s: the error shows a password: %s", what, text)
		}
	}
	s := openStore(t, strings.Replace(good, server.Password, "wrong", 1), store.Options{Password: server.Password})
	if s.Database() != "postgres" || len(s.Pools()) != 2 || s.Pools()[1].Limit != 1 {
		t.Errorf("%s %+v", s.Database(), s.Pools())
	}
}

// TestPostgresSchemas: two installations share a database by schemas of their own.
func TestPostgresSchemas(t *testing.T) {
	server := pgtest.Shared(t)
	name := server.Database(t)
	server.Exec(t, name, `CREATE SCHEMA one; CREATE SCHEMA two`)
	one := openStore(t, server.URL(name)+"&search_path=one", store.Options{})
	two := openStore(t, server.SocketURL(name)+"&search_path=two", store.Options{})
	ok(t, one.SaveCall(t.Context(), storetest.SampleCall(1)))
	for s, want := range map[*store.Store]int{one: 1, two: 0} {
		calls, err := s.ListCalls(t.Context(), store.CallFilter{})
		if err != nil || len(calls) != want {
			t.Errorf("%d calls, want %d (%v)", len(calls), want, err)
		}
	}
}

// TestPostgresCrashesUnderLoad: the server goes twice while rows are written. The
// writer waits, nothing is lost or doubled, and a change of objects is made whole or not at all.
func TestPostgresCrashesUnderLoad(t *testing.T) {
	server := pgtest.Own(t)
	s := openStore(t, server.URL(server.Database(t)), store.Options{})
	w := startWriter(t, s, store.WriterOptions{Batch: 8, Delay: time.Millisecond, Queue: 16})
	const rows, crashes = 4000, 2
	given := make(chan int, rows)
	done := make(chan error, 1)
	go func() {
		for n := range rows {
			c := storetest.SampleCall(n)
			c.Seq = uint64(n + 1)
			if err := w.Save(t.Context(), c); err != nil {
				done <- err
				return
			}
			if err := w.Advance(t.Context(), c.Seq); err != nil {
				done <- err
				return
			}
			given <- n
		}
		done <- nil
	}()
	next := 0
	for crash := range crashes {
		for next < (crash+1)*rows/(crashes+2) {
			next = <-given
		}
		server.Crash(t)
		set, err := s.ChangeObjects(t.Context(), store.ObjectChange{At: time.Unix(1, 0), Diff: []byte(`{}`), Put: []store.Object{{Kind: "queue", ID: "a", Body: []byte(`{}`)}}})
		if !fault.Is(err, fault.Unavailable) || !fault.Retryable(err) {
			t.Fatalf("a change with the server away: %+v %v", set, err)
		}
		server.Restart(t)
	}
	ok(t, <-done)
	ok(t, w.WaitProjected(t.Context(), rows))
	if st := w.Stats(); st.Retries == 0 || st.Refused != 0 || st.Failing {
		t.Fatalf("%+v", st)
	} else {
		t.Logf("%d rows in %d transactions, %d tries while the server was away", st.Saved, st.Batches, st.Retries)
	}
	ok(t, w.Stop(t.Context()))
	seen := map[string]bool{}
	f := store.CallFilter{Limit: store.MaxList}
	for {
		page, err := s.ListCalls(t.Context(), f)
		ok(t, err)
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			if seen[c.ID] {
				t.Fatalf("%s is there twice", c.ID)
			}
			seen[c.ID] = true
		}
		f.Before = page[len(page)-1].Cursor()
	}
	if len(seen) != rows {
		t.Fatalf("%d of %d rows", len(seen), rows)
	}
	set, err := s.Objects(t.Context())
	if err != nil || set.Version != 0 || len(set.Objects) != 0 {
		t.Fatalf("half a change: %+v %v", set, err)
	}
}
