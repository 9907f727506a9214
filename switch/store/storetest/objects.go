package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
)

func change(expect int64, put ...store.Object) store.ObjectChange {
	return store.ObjectChange{Expect: expect, Put: put, By: "anna", At: time.UnixMicro(1_700_000_000_000_001).UTC(), Diff: []byte(`{"n":1}`)}
}

func object(kind, id, body string) store.Object {
	return store.Object{Kind: kind, ID: id, Body: []byte(body)}
}

func objectsChange(t *testing.T, open Open) {
	s := opened(t, open)
	set, err := s.Objects(t.Context())
	must(t, err)
	equal(t, set, store.ObjectSet{})
	set, err = s.ChangeObjects(t.Context(), change(0, object("queue", "b", `{"x":1}`), object("queue", "a", `{}`), object("agent", "a", `{}`)))
	must(t, err)
	equal(t, set, store.ObjectSet{Version: 1, Objects: []store.Object{
		{Kind: "agent", ID: "a", Number: 1, Body: []byte(`{}`), Version: 1},
		{Kind: "queue", ID: "b", Number: 1, Body: []byte(`{"x":1}`), Version: 1},
		{Kind: "queue", ID: "a", Number: 2, Body: []byte(`{}`), Version: 1},
	}})
	next := change(1, object("queue", "a", `{"y":2}`))
	next.Remove = []store.ObjectKey{{Kind: "queue", ID: "b"}, {Kind: "queue", ID: "never was"}}
	_, err = s.ChangeObjects(t.Context(), next)
	must(t, err)
	set, err = s.ChangeObjects(t.Context(), change(2, object("queue", "c", `{}`), object("queue", "b", `{}`)))
	must(t, err)
	must(t, s.Close())
	s = opened(t, open)
	again, err := s.Objects(t.Context())
	must(t, err)
	equal(t, again, set)
	equal(t, again, store.ObjectSet{Version: 3, Objects: []store.Object{
		{Kind: "agent", ID: "a", Number: 1, Body: []byte(`{}`), Version: 1},
		{Kind: "queue", ID: "b", Number: 1, Body: []byte(`{}`), Version: 3},
		{Kind: "queue", ID: "a", Number: 2, Body: []byte(`{"y":2}`), Version: 2},
		{Kind: "queue", ID: "c", Number: 3, Body: []byte(`{}`), Version: 3},
	}})
	versions, err := s.ObjectVersions(t.Context(), 2, 0)
	must(t, err)
	if len(versions) != 2 || versions[0].Version != 3 || versions[0].By != "anna" || string(versions[0].Diff) != `{"n":1}` || !versions[0].At.Equal(next.At) {
		t.Fatalf("got %+v", versions)
	}
	versions, err = s.ObjectVersions(t.Context(), 0, 2)
	must(t, err)
	if len(versions) != 1 || versions[0].Version != 1 {
		t.Fatalf("got %+v", versions)
	}
}

func objectsRefuse(t *testing.T, open Open) {
	s := opened(t, open)
	_, err := s.ChangeObjects(t.Context(), change(0, object("queue", "a", `{}`)))
	must(t, err)
	_, err = s.ChangeObjects(t.Context(), change(0, object("queue", "b", `{}`)))
	want(t, err, fault.Conflict)
	for _, spoil := range []func(*store.ObjectChange){
		func(c *store.ObjectChange) { c.Put[0].ID = "" },
		func(c *store.ObjectChange) { c.Put[0].Kind = "a\x00" },
		func(c *store.ObjectChange) { c.Put[0].Body = []byte("{") },
		func(c *store.ObjectChange) { c.Put[0].Body = []byte("\"\xff\"") },
		func(c *store.ObjectChange) { c.Diff = []byte("\"\xff\"") },
		func(c *store.ObjectChange) { c.Put = append(c.Put, c.Put[0]) },
		func(c *store.ObjectChange) { c.Remove = []store.ObjectKey{{Kind: "queue", ID: "b"}} },
		func(c *store.ObjectChange) { c.At = time.Time{} },
		func(c *store.ObjectChange) { c.Diff = nil },
		func(c *store.ObjectChange) { c.Put = make([]store.Object, store.MaxObjects+1) },
	} {
		c := change(1, object("queue", "b", `{}`))
		spoil(&c)
		_, err := s.ChangeObjects(t.Context(), c)
		want(t, err, fault.Invalid)
	}
	set, err := s.Objects(t.Context())
	must(t, err)
	if set.Version != 1 || len(set.Objects) != 1 {
		t.Fatalf("a refused change left something: %+v", set)
	}
}

// objectsRace has several change the same version: one wins each time.
func objectsRace(t *testing.T, open Open) {
	a, b := opened(t, open), opened(t, open)
	const each = 8
	var wg sync.WaitGroup
	for n, s := range []*store.Store{a, b} {
		for i := range each {
			wg.Go(func() {
				for {
					set, err := s.Objects(t.Context())
					if err == nil {
						_, err = s.ChangeObjects(t.Context(), change(set.Version, object("queue", fmt.Sprintf("q%d-%d", n, i), `{}`)))
					}
					if err == nil {
						return
					}
					if !fault.Is(err, fault.Conflict) {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	set, err := a.Objects(t.Context())
	must(t, err)
	numbers := map[int64]bool{}
	for _, o := range set.Objects {
		numbers[o.Number] = true
	}
	if set.Version != 2*each || len(set.Objects) != 2*each || len(numbers) != 2*each {
		t.Fatalf("version %d, %d objects, %d numbers", set.Version, len(set.Objects), len(numbers))
	}
}
