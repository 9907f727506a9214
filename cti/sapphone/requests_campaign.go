package sapphone

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Campaign says who makes the calls of a campaign: a queue, as the switch's own
// callbacks, which are offered to its agents, or the dialer.
type Campaign struct {
	ID     string // as SAP calls it; AnyCampaign for all that are not listed
	Queue  string // its id or number; not looked at where Dialer is set
	Dialer string // id of the dialer's campaign; empty: the queue makes the calls
	Text   string // for who chooses one
}

// AnyCampaign is the id of the entry for campaigns that are not listed.
const AnyCampaign = "*"

// maxCampaigns bounds the list.
const maxCampaigns = 1000

func (c *Config) checkCampaigns() error {
	if len(c.Campaigns) > maxCampaigns {
		return wrong("campaigns", "there are more than %d", maxCampaigns)
	}
	seen := map[string]bool{}
	for _, k := range c.Campaigns {
		switch key := strings.ToUpper(k.ID); {
		case k.ID == "" || len(k.ID) > callmodel.MaxCampaign:
			return wrong("campaigns", "a campaign's id has 1 to %d bytes", callmodel.MaxCampaign)
		case k.Queue == "" && k.Dialer == "":
			return wrong("campaigns", "campaign %s has neither a queue nor a campaign of the dialer", k.ID)
		case k.ID == AnyCampaign && k.Dialer != "":
			return wrong("campaigns", "the entries of many campaigns would be one list of the dialer's campaign %s", k.Dialer)
		case seen[key]:
			return wrong("campaigns", "campaign %s is there twice", k.ID)
		default:
			seen[key] = true
		}
	}
	return nil
}

// campaign finds the campaign that a call is about, and who makes its calls.
func (q *query) campaign(v *callmodel.View) (k calling, err error) {
	k.id = q.args.text("campaign")
	list := q.s.now().Campaigns
	n := slices.IndexFunc(list, func(c Campaign) bool { return strings.EqualFold(c.ID, k.id) })
	if n < 0 {
		n = slices.IndexFunc(list, func(c Campaign) bool { return c.ID == AnyCampaign })
	} else {
		k.id = list[n].ID
	}
	switch {
	case k.id == "" || k.id == AnyCampaign || n < 0:
		return k, refuse(codeCampaign, "campaign %q is not configured", short(k.id))
	case len(k.id) > callmodel.MaxCampaign:
		return k, refuse(codeCampaign, "a campaign's id has at most %d bytes", callmodel.MaxCampaign)
	case list[n].Dialer != "":
		k.dialer = list[n].Dialer
		return k, nil
	}
	if k.queue = newDirectory(v, 0).queue(list[n].Queue); k.queue == nil {
		return k, refuse(codeCampaign, "the queue %q of campaign %q does not exist", list[n].Queue, short(k.id))
	}
	return k, nil
}

// openEntries are a campaign's callbacks that are not over, by the list's id.
// Who was put on it by other ways than a list has none.
func openEntries(v *callmodel.View, campaign string) map[string]*callmodel.Callback {
	out := map[string]*callmodel.Callback{}
	for _, cb := range v.Callbacks {
		if cb.Campaign == campaign && cb.ListID != "" && cb.State != callmodel.CallbackDone {
			out[cb.ListID] = cb
		}
	}
	return out
}

// entry is a line of a list of calls.
type entry struct {
	id        string
	numbers   []string
	at, until time.Time
	priority  int
	notes     string
	data      string
}

func (q *query) entryOf(row map[string]string) (entry, error) {
	e := entry{id: strings.TrimSpace(row["callid"]), notes: printable(row["name"]), data: row["data"]}
	if e.id == "" {
		return e, refuse(codeHandle, "an entry has no CALLID")
	}
	for _, sem := range []string{"phone1", "phone2", "phone3"} {
		if n := dialable(strings.TrimSpace(row[sem])); n != "" && ici.CheckNumber(n) == nil {
			e.numbers = append(e.numbers, n)
		}
	}
	if len(e.numbers) == 0 {
		return e, refuse(codeNumber, "entry %q has no telephone number", short(e.id))
	}
	var err error
	if e.priority, err = wholeNumber("prio", row["prio"]); err != nil {
		return e, refuse(codeListErrors, "entry %q: its priority is no number", short(e.id))
	}
	for _, m := range []struct {
		sem string
		to  *time.Time
	}{{"not_before", &e.at}, {"not_after", &e.until}} {
		text := strings.TrimSpace(row[m.sem])
		if strings.Trim(text, "0") == "" {
			continue
		}
		if *m.to, err = time.Parse(stampLayout, text); err != nil {
			return e, refuse(codeListErrors, "entry %q: %q is no moment", short(e.id), short(text))
		}
	}
	return e, nil
}

// onNumber tries a command with the entry's numbers until the switch takes one.
func (e *entry) onNumber(try func(number string) error) (err error) {
	for _, n := range e.numbers {
		if err = try(n); err == nil || !badNumber[fault.KindOf(err)] {
			return err
		}
	}
	return err
}

// badNumber are the kinds of refusal for which the next number may do.
var badNumber = map[fault.Kind]bool{fault.Invalid: true, fault.Denied: true, fault.NotFound: true, fault.Unsupported: true, fault.Conflict: true}

// fatal are the kinds of refusal after which the other entries need not be tried.
var fatal = map[fault.Kind]bool{
	fault.Unavailable: true, fault.Stopped: true, fault.Unknown: true, fault.Internal: true, fault.Stale: true, fault.Overrun: true,
}

// each does something with every line of a table and lists what was refused.
func (q *query) each(rows []map[string]string, do func(row map[string]string) error) (done int, err error) {
	q.out.table("errors")
	failed := 0
	for _, row := range rows {
		err := do(row)
		switch kind := fault.KindOf(err); {
		case err == nil:
			done++
			continue
		case fatal[kind]:
			return done, err
		}
		failed++
		code := q.s.meta.code(codeOf(q.b.sem, err))
		q.s.log.Info("sapphone: an entry of a list of calls was refused", "function", q.b.sem, "entry", short(row["callid"]), "kind", fault.KindOf(err), "code", code) // an error's text has the customer's number
		q.out.row("errors", map[string]string{"callid": row["callid"], "rc": code})
	}
	q.out.set("err_detailed", flag(failed > 0))
	return done, nil
}

// What SPS_PDLISTTRANSFER does with the entries that are there.
const (
	modeNew     = "N" // there must be none
	modeReplace = "R" // they are taken off
	modeAppend  = "A" // they stay; without a mode, too
)

// listTransfer takes a list of calls over: every entry becomes a callback of the
// campaign's queue, or an entry of a list of the dialer.
func (s *Server) listTransfer(ctx context.Context, q *query) error {
	view, err := s.sw.View(ctx)
	if err != nil {
		return err
	}
	k, err := q.campaign(view)
	if err != nil {
		return err
	}
	switch mode := strings.ToUpper(q.args.text("mode")); {
	case mode != modeNew && mode != modeReplace && mode != modeAppend && mode != "":
		return refuse(codeListErrors, "there is no mode %q: N is for a new list, A appends to it, R replaces it", short(mode))
	case k.dialer != "":
		return s.listToDialer(ctx, q, k, mode)
	default:
		return s.listToQueue(ctx, q, k, mode, openEntries(view, k.id))
	}
}

// hasEntries refuses a new list where there is one.
func hasEntries(campaign string, n int64) error {
	return refuse(codeState, "campaign %q has %d calls left: append, or replace them", campaign, n)
}

// accepted answers how many entries of a list were taken.
func (q *query) accepted(done, rows int, err error) error {
	q.out.set("accepted", decimal(int64(done)))
	if err == nil && done < rows {
		return &refusal{code: codeListErrors, text: "entries of the list were refused", partial: true}
	}
	return err
}

// listToQueue is listTransfer for a campaign whose calls are callbacks; open are
// those that there are.
func (s *Server) listToQueue(ctx context.Context, q *query, k calling, mode string, open map[string]*callmodel.Callback) error {
	switch {
	case mode == modeNew && len(open) > 0:
		return hasEntries(k.id, int64(len(open)))
	case mode == modeReplace:
		for _, cb := range sorted(open) {
			if err := s.takeOff(ctx, q, cb); err != nil {
				return err
			}
		}
		clear(open)
	}
	rows := q.args.rows("calllist")
	done, err := q.each(rows, func(row map[string]string) error {
		e, err := q.entryOf(row)
		if err != nil {
			return err
		}
		if open[e.id] != nil {
			return refuse(codeRejected, "entry %q is on the list already", short(e.id))
		}
		id := callmodel.CallbackID{ID: s.sw.NewID()}
		err = e.onNumber(func(number string) error {
			return s.sw.Do(ctx, callmodel.CreateCallback{
				Cmd: q.by(), ID: id, Number: number, Queue: k.queue.ID, At: e.at, Until: e.until, Priority: e.priority,
				Notes: e.notes, Extra: e.data, Campaign: k.id, ListID: e.id,
			})
		})
		if err == nil {
			open[e.id] = &callmodel.Callback{ID: id}
		}
		return err
	})
	return q.accepted(done, len(rows), err)
}

// sorted puts callbacks into the order of their creation.
func sorted(list map[string]*callmodel.Callback) []*callmodel.Callback {
	out := make([]*callmodel.Callback, 0, len(list))
	for _, cb := range list {
		out = append(out, cb)
	}
	slices.SortFunc(out, func(a, b *callmodel.Callback) int { return cmp.Compare(a.Order, b.Order) })
	return out
}

// takeOff removes a callback from its list. A conversation goes on.
func (s *Server) takeOff(ctx context.Context, q *query, cb *callmodel.Callback) error {
	err := s.sw.Do(ctx, callmodel.UpdateCallback{Cmd: q.by(), ID: cb.ID, Result: callmodel.ResultHandled})
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) { // it has ended meanwhile
		return nil
	}
	return err
}

// entries is the open list that a change is about; there is none where the
// dialer has it.
func (q *query) entries(ctx context.Context) (k calling, open map[string]*callmodel.Callback, err error) {
	view, err := q.s.sw.View(ctx)
	if err != nil {
		return k, nil, err
	}
	if k, err = q.campaign(view); err != nil {
		return k, nil, err
	}
	return k, openEntries(view, k.id), nil
}

// modifyEntries changes calls of a list that are not being made yet.
func (s *Server) modifyEntries(ctx context.Context, q *query) error {
	k, open, err := q.entries(ctx)
	switch {
	case err != nil:
		return err
	case k.dialer != "":
		return s.modifyAtDialer(ctx, q, k)
	}
	_, err = q.each(q.args.rows("calllist"), func(row map[string]string) error {
		e, err := q.entryOf(row)
		if err != nil {
			return err
		}
		cb := open[e.id]
		switch {
		case cb == nil:
			return refuse(codeHandle, "entry %q is not on the list", short(e.id))
		case cb.State == callmodel.CallbackActive:
			return refuse(codeState, "entry %q is being called", short(e.id))
		}
		return e.onNumber(func(number string) error {
			return s.sw.Do(ctx, callmodel.UpdateCallback{Cmd: q.by(), ID: cb.ID, Notes: &e.notes, Change: &callmodel.CallbackChange{
				Number: number, At: e.at, Until: e.until, Priority: e.priority, Extra: e.data,
			}})
		})
	})
	return err
}

// deleteEntries takes calls off a list, all of them where none is named.
func (s *Server) deleteEntries(ctx context.Context, q *query) error {
	k, open, err := q.entries(ctx)
	switch {
	case err != nil:
		return err
	case k.dialer != "":
		return s.deleteAtDialer(ctx, q, k)
	}
	rows := q.args.rows("callids")
	if len(rows) == 0 {
		for _, cb := range sorted(open) {
			rows = append(rows, map[string]string{"callid": cb.ListID})
		}
	}
	_, err = q.each(rows, func(row map[string]string) error {
		cb := open[strings.TrimSpace(row["callid"])]
		if cb == nil {
			return refuse(codeHandle, "entry %q is not on the list", short(row["callid"]))
		}
		return s.takeOff(ctx, q, cb)
	})
	return err
}
