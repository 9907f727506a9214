package sapphone

import (
	"context"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Dialer takes the lists of calls of campaigns that the dialer runs. Where a
// function takes several entries its errors are in their order, nil for what
// was done; the error beside them is for all.
type Dialer interface {
	// Campaign says how far a campaign of the dialer is. NotFound.
	Campaign(ctx context.Context, id string) (DialerCampaign, error)
	// Append puts entries on the campaign's list; one that is over may come
	// again. Conflict: it is there. Invalid: a number or another part is wrong.
	Append(ctx context.Context, campaign string, list []DialerEntry) ([]error, error)
	// Change replaces entries that wait. NotFound: it is not there, or is over.
	// Conflict: it is being called. Invalid: as in Append.
	Change(ctx context.Context, campaign string, list []DialerEntry) ([]error, error)
	// Remove takes entries off that are not over, without ids all but those that
	// are being called. NotFound: it is not there, or is over. Conflict: it is
	// being called.
	Remove(ctx context.Context, campaign string, ids []string) ([]error, error)
	// Results tells of each entry with an attempt in a period what became of the
	// last one; a zero time is no limit. Total is the number of all entries.
	Results(ctx context.Context, campaign string, from, to time.Time) (list []DialerResult, total int64, err error)
}

// DialerCampaign is how far a campaign of the dialer is.
type DialerCampaign struct {
	Queue string // its id
	Open  int64  // entries that are not over
	Done  int64
}

// DialerEntry is somebody to be called.
type DialerEntry struct {
	ID        string // as SAP calls it
	Numbers   []string
	Name      string
	Priority  int       // the higher the sooner; 0: as the list has it
	NotBefore time.Time // zero: no such limit, as with NotAfter
	NotAfter  time.Time
	Data      string
}

// DialerResult is what became of an entry.
type DialerResult struct {
	ID     string
	Result callmodel.CallbackResult
	Tries  int
	At     time.Time
	Agent  string
	Handle string // 32 hex digits of the attempt; empty: not known
}

// Dials tells the server who takes the lists of campaigns that the dialer runs.
// It comes before Start; without it such a campaign is refused.
func (s *Server) Dials(d Dialer) { s.dialer = d }

// calling is a configured campaign: its calls are callbacks of the queue, or a
// list of the dialer's campaign.
type calling struct {
	id     string
	queue  *callmodel.Queue
	dialer string
}

// dialerOf is the campaign of the dialer; without a dialer there is none.
func (s *Server) dialerOf(ctx context.Context, k calling) (DialerCampaign, error) {
	if s.dialer == nil {
		return DialerCampaign{}, refuse(codeCampaign, "the dialer is off, and campaign %q is its", k.id)
	}
	c, err := s.dialer.Campaign(ctx, k.dialer)
	if fault.Is(err, fault.NotFound) {
		err = refuse(codeCampaign, "the dialer has no campaign %q, which campaign %q is configured for", k.dialer, k.id)
	}
	return c, err
}

// listToDialer is listTransfer for a campaign of the dialer.
func (s *Server) listToDialer(ctx context.Context, q *query, k calling, mode string) error {
	c, err := s.dialerOf(ctx, k)
	if err != nil {
		return err
	}
	switch {
	case mode == modeNew && c.Open > 0:
		return hasEntries(k.id, c.Open)
	case mode == modeReplace:
		if _, err := s.dialer.Remove(ctx, k.dialer, nil); err != nil {
			return err
		}
	}
	return q.accepted(q.entriesToDialer(ctx, k, s.dialer.Append, map[fault.Kind]string{fault.Conflict: codeRejected}))
}

// entriesToDialer has the dialer do something with the rows that can be read,
// all at once. codes are the answers for kinds of refusal.
func (q *query) entriesToDialer(ctx context.Context, k calling, do func(context.Context, string, []DialerEntry) ([]error, error), codes map[fault.Kind]string) (done, rows int, err error) {
	table := q.args.rows("calllist")
	verdicts := make([]error, len(table))
	var list []DialerEntry
	var places []int
	for n, row := range table {
		e, err := q.entryOf(row)
		if verdicts[n] = err; err == nil {
			list, places = append(list, e.dialer()), append(places, n)
		}
	}
	if len(list) > 0 {
		refused, err := do(ctx, k.dialer, list)
		if err != nil {
			return 0, len(table), err
		}
		for n, err := range refused {
			verdicts[places[n]] = q.verdict(list[n].ID, err, codes)
		}
	}
	n := -1
	done, err = q.each(table, func(map[string]string) error { n++; return verdicts[n] })
	return done, len(table), err
}

// verdict gives what the dialer says of an entry its code.
func (q *query) verdict(id string, err error, codes map[fault.Kind]string) error {
	if code, ok := codes[fault.KindOf(err)]; err != nil && ok {
		return refuse(code, "entry %q: %s", short(id), fault.ReasonOf(err))
	}
	return err
}

func (e *entry) dialer() DialerEntry {
	return DialerEntry{ID: e.id, Numbers: e.numbers, Name: e.notes, Priority: e.priority, NotBefore: e.at, NotAfter: e.until, Data: e.data}
}

// onList are the codes of entries that must be there.
var onList = map[fault.Kind]string{fault.NotFound: codeHandle, fault.Conflict: codeState}

func (s *Server) modifyAtDialer(ctx context.Context, q *query, k calling) error {
	if _, err := s.dialerOf(ctx, k); err != nil {
		return err
	}
	_, _, err := q.entriesToDialer(ctx, k, s.dialer.Change, onList)
	return err
}

func (s *Server) deleteAtDialer(ctx context.Context, q *query, k calling) error {
	if _, err := s.dialerOf(ctx, k); err != nil {
		return err
	}
	rows := q.args.rows("callids")
	ids := make([]string, len(rows))
	for n, row := range rows {
		ids[n] = strings.TrimSpace(row["callid"])
	}
	refused, err := s.dialer.Remove(ctx, k.dialer, ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	n := -1
	_, err = q.each(rows, func(map[string]string) error { n++; return q.verdict(ids[n], refused[n], onList) })
	return err
}

// resultsOfDialer is campaignResults for a campaign of the dialer.
func (s *Server) resultsOfDialer(ctx context.Context, q *query, k calling, from, to time.Time) error {
	if _, err := s.dialerOf(ctx, k); err != nil {
		return err
	}
	list, total, err := s.dialer.Results(ctx, k.dialer, from, to)
	if err != nil {
		return err
	}
	q.out.table("results")
	for _, r := range list {
		q.out.row("results", map[string]string{
			"callid": r.ID, "result": string(r.Result), "tries": decimal(int64(r.Tries)), "last_time": stamp(r.At), "agent": r.Agent, "handle": r.Handle,
		})
	}
	q.out.set("totals", decimal(total))
	return nil
}
