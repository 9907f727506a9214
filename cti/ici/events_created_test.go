package ici

import (
	"slices"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// A created item ends by itself when nobody dials it, and the number of them is
// bounded on each line and in all.
func TestCreatedItems(t *testing.T) {
	t.Parallel()
	k := newScene(t, "default")
	b := k.s.board
	id := func() callmodel.CallID { return callmodel.CallID{ID: k.sw.NewID()} }
	call := id()
	if _, err := b.create(ctitest.Anna, "+101", call); err != nil {
		t.Fatal(err)
	}
	conn := callmodel.FirstConn(call)
	it, _, ok := b.createdItem(conn)
	if !ok || !it.timer.Stop() {
		t.Fatal("no timer ends the item")
	}
	b.dropCreated(conn) // what the timer does
	b.dropCreated(conn)
	if told := <-k.told; told != "anna C1 4/1 [] out ext" || len(k.told) != 0 {
		t.Errorf("told %q and %d more", told, len(k.told))
	}
	if last, ok := b.lastOf(conn); !ok || last.CallStatus.ID != "4" {
		t.Errorf("the ended item is %+v", last)
	}

	var calls []callmodel.CallID
	for range maxCreated / maxCreatedPerLine {
		line := "+" + k.sw.NewID().Hex()
		for range maxCreatedPerLine {
			calls = append(calls, id())
			if _, err := b.create("somebody", line, calls[len(calls)-1]); err != nil {
				t.Fatalf("item %d: %v", len(calls), err)
			}
		}
		if _, err := b.create("somebody", line, id()); err == nil {
			t.Fatal("a line has more items than it may")
		}
	}
	if _, err := b.create("somebody", "+1", id()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("more than %d items: %v", maxCreated, err)
	}
	b.close()
	for _, c := range calls {
		if b.created.byConn[callmodel.FirstConn(c)].timer.Stop() {
			t.Fatal("a timer goes on after the end")
		}
	}
	if _, err := b.create(ctitest.Anna, "+101", id()); err == nil {
		t.Error("an item was created after the end")
	}
}

// A consultation whose call cannot be put on hold never shows: its item ends.
func TestConsultationNeverShows(t *testing.T) {
	t.Parallel()
	k := newScene(t, "default")
	got := k.play("> sim arrive\n> sim lift C1\n> anna create\n")
	k.sw.Ignore(callmodel.Leave{}.What()) // nobody is taken out of the bridge
	got = k.play("> anna consult C2 C1 +102\n> anna attributes C2\n> anna dial C2 +102\n> anna drop C2\n> anna getCalls\n")[len(got):]
	want := `> anna consult C2 C1 +102
> anna attributes C2
= C2 1/1 [6,7,8,101,102,103] out ext
> anna dial C2 +102
= fault 5/4
> anna drop C2
anna C2 4/1 [] out ext
> anna getCalls
= [C1 101/2 [3,4,6,7,8,102,104,105,107,109,110] in ext +4917055501]
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// Two requests for one item: one call is made.
func TestDialledOnce(t *testing.T) {
	t.Parallel()
	k := newScene(t, "default")
	call := callmodel.CallID{ID: k.sw.NewID()}
	if _, err := k.s.board.create(ctitest.Anna, "+101", call); err != nil {
		t.Fatal(err)
	}
	conn := callmodel.FirstConn(call)
	var errs []error
	err := k.s.board.use(conn, 1, func() error {
		errs = append(errs, k.s.board.use(conn, 1, func() error { t.Error("dialled twice"); return nil }))
		return fault.New(fault.Denied, "dial", "", "barred")
	})
	if !fault.Is(err, fault.Denied) || !slices.ContainsFunc(errs, func(e error) bool { return fault.Is(e, fault.Conflict) }) {
		t.Errorf("%v, %v", err, errs)
	}
	if err := k.s.board.use(conn, 1, func() error { return nil }); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}
