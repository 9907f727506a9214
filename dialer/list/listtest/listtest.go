package listtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/zone"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/numbering"
	"strowger/switch/port"
)

// Exercise runs the suite. fresh returns the tables of a new, empty database.
func Exercise(t *testing.T, fresh func(t *testing.T) port.Tables) {
	for name, f := range map[string]func(*testing.T, *bench){
		"ClaimTakesTheNext": claimTakesTheNext, "ClaimedOnce": claimedOnce, "WeightsOfLists": weightsOfLists, "OpenPlacesOnly": openPlacesOnly,
		"TrunkFailures": trunkFailures, "ConsentWithdrawn": consentWithdrawn, "PutKeepsThePolicy": putKeepsThePolicy, "StatesOfAreaCodes": statesOfAreaCodes,
		"OwnPlaces": ownPlaces, "DropsBindTheNumber": dropsBindTheNumber, "DialledNumberIsClosed": dialledNumberIsClosed, "CallbackBeyondTheCap": callbackBeyondTheCap,
		"SettleOnce": settleOnce, "SettleAfterRelease": settleAfterRelease, "ReleaseGivesBack": releaseGivesBack, "OpenAfterRestart": openAfterRestart,
		"NumbersAreClosed": numbersAreClosed, "CapsOfNumbers": capsOfNumbers, "CapsCountOtherLists": capsCountOtherLists, "Lockouts": lockouts,
		"DoNotCall": doNotCall, "DoNotCallOfOneCampaign": doNotCallOfOneCampaign, "AreaCodes": areaCodes, "OptOut": optOut, "ConsentIsNeeded": consentIsNeeded,
		"OtherNumberInstead": otherNumberInstead, "FirstAndLastMoment": firstAndLastMoment,
		"Callbacks": callbacks, "CallbackElsewhere": callbackElsewhere, "CallbackOfOneAgent": callbackOfOneAgent, "CalledAgain": calledAgain, "Owners": owners,
		"EveryReason": everyReason, "CountsAreTheLeads": countsAreTheLeads, "Reconsidered": reconsidered,
		"AppendAndChange": appendAndChange, "EditByHand": editByHand, "DeleteLeads": deleteLeads, "Duplicates": duplicates, "FindLeads": findLeads, "LastTries": lastTries, "ListsAreDeleted": listsAreDeleted,
		"ImportText": importText, "ImportSheet": importSheet, "ImportGarbage": importGarbage, "ImportKilledAndResumed": importKilled,
		"ImportAllOrNothing": importAllOrNothing, "ImportStopped": importStopped, "ImportOfAnotherFile": importOfAnotherFile, "ImportUpdates": importUpdates,
		"ExportAndBack": exportAndBack, "ImportDoNotCall": importDoNotCall,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, newBench(t, fresh(t)))
		})
	}
}

// bench is a store with a clock that stands still until it is moved.
type bench struct {
	*list.Store
	t      testing.TB
	tables port.Tables
	now    time.Time
	ids    uint64
}

// noon is a Wednesday, 12:00 in London.
var noon = time.Date(2027, time.March, 3, 12, 0, 0, 0, time.UTC)

func newBench(t testing.TB, tables port.Tables) *bench {
	b := &bench{t: t, tables: tables, now: noon}
	b.restart()
	return b
}

// restart is the program anew: nothing but the tables is left.
func (b *bench) restart() {
	b.Store = list.New(list.Options{Tables: b.tables, Plan: germany, Place: zone.New().Of})
}

func germany() numbering.Plan {
	p, err := numbering.DefaultPlan("DE")
	if err != nil {
		panic(err)
	}
	return p
}

func (b *bench) ctx() context.Context { return b.t.Context() }

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) newID() callmodel.CallID {
	b.ids++
	var id callmodel.CallID
	binary.BigEndian.PutUint64(id.ID[8:], b.ids)
	id.ID[0] = 1
	return id
}

// list makes a list with leads; each row is "ref number", further numbers behind it.
func (b *bench) list(id string, rows ...string) {
	b.t.Helper()
	_, err := b.Save(b.ctx(), list.List{ID: id, Name: "List " + id}, b.now)
	b.must(err)
	var in []list.Row
	for _, text := range rows {
		f := strings.Fields(text)
		r := list.Row{Ref: f[0], Name: "Lead " + f[0]}
		for _, n := range f[1:] {
			r.Numbers = append(r.Numbers, list.RowNumber{Text: n})
		}
		in = append(in, r)
	}
	b.append(id, in...)
}

func (b *bench) append(id string, rows ...list.Row) list.Appended {
	b.t.Helper()
	out, err := b.Append(b.ctx(), id, rows, "", b.now)
	b.must(err)
	return out
}

// change changes a lead as a CRM does; without numbers it keeps those that it has.
func (b *bench) change(listID, ref string, r list.Row) {
	b.t.Helper()
	r.Ref = ref
	if len(r.Numbers) == 0 {
		for _, n := range b.lead(listID, ref).Numbers {
			r.Numbers = append(r.Numbers, list.RowNumber{Text: n.E164, Kind: n.Kind})
		}
	}
	got, err := b.Put(b.ctx(), listID, []list.Row{r}, b.now)
	b.must(err)
	if got.Changed != 1 {
		b.t.Fatalf("%s was not changed: %+v", ref, got)
	}
}

// put puts a lead into a state by hand.
func (b *bench) put(listID, ref string, to lead.State) {
	b.t.Helper()
	b.must(b.Edit(b.ctx(), b.lead(listID, ref).ID, list.Edit{State: &to}, b.now))
}

func number(text string) []list.RowNumber { return []list.RowNumber{{Text: text}} }

// rules are those of a campaign that may call at any hour.
func rules(lists ...string) lead.Rules {
	r := lead.Rules{Campaign: "spring", Window: always, CallbackWait: 15 * time.Minute}
	for _, l := range lists {
		r.Lists = append(r.Lists, lead.Share{List: l})
	}
	return r
}

func always(lead.ZoneSet, time.Time) lead.Window { return lead.Window{Open: true} }

// claim takes up to n leads and returns them with their refs.
func (b *bench) claim(r lead.Rules, n int) []lead.Claimed {
	b.t.Helper()
	return b.claimFor(r, n, "")
}

func (b *bench) claimFor(r lead.Rules, n int, agent string) []lead.Claimed {
	b.t.Helper()
	out, err := b.Claim(b.ctx(), lead.Want{Rules: r, Now: b.now, N: n, NewID: b.newID, Agent: agent})
	b.must(err)
	return out
}

func refs(claimed []lead.Claimed) string {
	var out []string
	for _, c := range claimed {
		out = append(out, c.Lead.Ref)
	}
	return strings.Join(out, " ")
}

func (b *bench) wantRefs(claimed []lead.Claimed, want string) {
	b.t.Helper()
	if got := refs(claimed); got != want {
		b.t.Fatalf("claimed %q, want %q", got, want)
	}
}

// end settles an attempt that counted.
func (b *bench) end(c lead.Claimed, result lead.Result, change ...func(*lead.Settled)) {
	b.t.Helper()
	s := lead.Settled{Attempt: c.Attempt, Result: result, At: b.now, Counted: true, Number: c.Number.N, Fresh: true, Seq: b.ids}
	for _, f := range change {
		f(&s)
	}
	b.must(b.Settle(b.ctx(), []lead.Settled{s}))
}

func again(in time.Duration) func(*lead.Settled) {
	return func(s *lead.Settled) { s.Next = s.At.Add(in) }
}

// later moves the clock and wakes who is due.
func (b *bench) later(d time.Duration) {
	b.t.Helper()
	b.now = b.now.Add(d)
	for more := true; more; {
		var err error
		_, more, err = b.Wake(b.ctx(), b.now)
		b.must(err)
	}
}

func (b *bench) lead(listID, ref string) lead.Lead {
	b.t.Helper()
	found, err := b.Find(b.ctx(), listID, ref, b.now)
	b.must(err)
	return found[0]
}

// why returns the reasons of a lead as words.
func (b *bench) why(listID, ref string, r lead.Rules) string {
	b.t.Helper()
	_, reasons, err := b.Why(b.ctx(), b.lead(listID, ref).ID, r, b.now)
	b.must(err)
	var out []string
	for _, x := range reasons {
		if x.Text == "" {
			b.t.Errorf("the reason %s has no sentence", x.Word)
		}
		out = append(out, string(x.Word))
	}
	return strings.Join(out, " ")
}

func (b *bench) wantWhy(listID, ref string, r lead.Rules, want string) {
	b.t.Helper()
	if got := b.why(listID, ref, r); got != want {
		b.t.Errorf("%s: why says %q, want %q", ref, got, want)
	}
}

func (b *bench) wantFault(err error, kind fault.Kind) {
	b.t.Helper()
	if !fault.Is(err, kind) {
		b.t.Errorf("got %v, want %s", err, kind)
	}
}

func manyRows(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf("r%d +4930%07d", i+1, i)
	}
	return rows
}

// lockedID is newID for several goroutines.
func (b *bench) lockedID(mu *sync.Mutex) func() callmodel.CallID {
	return func() callmodel.CallID {
		mu.Lock()
		defer mu.Unlock()
		return b.newID()
	}
}
