package controller

import (
	"context"
	"slices"
	"strings"
	"time"

	"strowger/cti/sapphone"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// sapLists puts SAP's lists of calls on the first list of a campaign. It
// implements [sapphone.Dialer].
type sapLists struct {
	lists     *list.Store
	campaigns func() *runner.Config
}

var _ sapphone.Dialer = sapLists{}

// pageOf is how many leads are read, or written, at once.
const pageOf = 1000

// listOf is the list that takes a campaign's entries; it is made where it is missing.
func (d sapLists) listOf(ctx context.Context, campaign string) (*runner.Campaign, string, error) {
	now := d.campaigns()
	n := slices.IndexFunc(now.Campaigns, func(c runner.Campaign) bool { return strings.EqualFold(c.ID, campaign) })
	if n < 0 || len(now.Campaigns[n].Lists) == 0 {
		return nil, "", fault.New(fault.NotFound, "sapphone: campaign", campaign, "there is no such campaign, or it has no list")
	}
	c := &now.Campaigns[n]
	id := c.Lists[0].List
	_, err := d.lists.Get(ctx, id)
	if fault.Is(err, fault.NotFound) {
		_, err = d.lists.Save(ctx, list.List{ID: id, Name: c.Name}, time.Now())
	}
	return c, id, err
}

func over(s lead.State) bool { return s == lead.Done || s == lead.Excluded }

// Campaign implements [sapphone.Dialer].
func (d sapLists) Campaign(ctx context.Context, id string) (out sapphone.DialerCampaign, err error) {
	c, in, err := d.listOf(ctx, id)
	if err != nil {
		return out, err
	}
	left, err := d.lists.Left(ctx, []lead.Share{{List: in}})
	for _, l := range left {
		if over(l.State) {
			out.Done += l.Leads
		} else {
			out.Open += l.Leads
		}
	}
	out.Queue = string(c.Queue)
	return out, err
}

// entry finds an entry of a list by the name that SAP gave it.
func (d sapLists) entry(ctx context.Context, in, id string) (*lead.Lead, error) {
	found, err := d.lists.Leads(ctx, list.LeadFilter{List: in, Ref: id, Limit: 1}, time.Now())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Append implements [sapphone.Dialer].
func (d sapLists) Append(ctx context.Context, campaign string, entries []sapphone.DialerEntry) ([]error, error) {
	return d.write(ctx, campaign, entries, d.lists.Renew, func(there *lead.Lead) error {
		if there == nil || over(there.State) {
			return nil
		}
		return fault.New(fault.Conflict, "sapphone: append", there.Ref, "it is on the list already")
	})
}

// Change implements [sapphone.Dialer].
func (d sapLists) Change(ctx context.Context, campaign string, entries []sapphone.DialerEntry) ([]error, error) {
	update := func(ctx context.Context, in string, rows []list.Row, now time.Time) (list.Appended, error) {
		return d.lists.Append(ctx, in, rows, list.DoUpdate, now)
	}
	return d.write(ctx, campaign, entries, update, func(there *lead.Lead) error {
		switch {
		case there == nil || over(there.State):
			return fault.New(fault.NotFound, "sapphone: change", campaign, "it is not on the list")
		case there.State == lead.Taken:
			return fault.New(fault.Conflict, "sapphone: change", there.Ref, "it is being called")
		}
		return nil
	})
}

// putter writes rows to a list.
type putter func(ctx context.Context, in string, rows []list.Row, now time.Time) (list.Appended, error)

// write puts entries on a list that may be there, by their own rule.
func (d sapLists) write(ctx context.Context, campaign string, entries []sapphone.DialerEntry, put putter, may func(there *lead.Lead) error) ([]error, error) {
	_, in, err := d.listOf(ctx, campaign)
	if err != nil {
		return nil, err
	}
	out := make([]error, len(entries))
	seen := map[string]bool{}
	var rows []list.Row
	var places []int
	for n := range entries {
		e := &entries[n]
		there, err := d.entry(ctx, in, e.ID)
		if err != nil {
			return nil, err
		}
		if seen[e.ID] {
			out[n] = fault.New(fault.Conflict, "sapphone: list", e.ID, "it is there twice")
		} else if out[n] = may(there); out[n] == nil {
			rows, places = append(rows, sapRow(e)), append(places, n)
		}
		seen[e.ID] = true
	}
	for from := 0; from < len(rows); from += pageOf {
		part := rows[from:min(from+pageOf, len(rows))]
		got, err := put(ctx, in, part, time.Now())
		if err != nil {
			return nil, err
		}
		for _, b := range got.Bad {
			if at := int(b.Line) - 1; at >= 0 && at < len(part) {
				out[places[from+at]] = fault.New(fault.Invalid, "sapphone: list", part[at].Ref, b.Column+": "+b.Reason)
			}
		}
	}
	return out, nil
}

// dataField is where a lead keeps what SAP gave with it.
const dataField = "data"

// highest is the highest priority of a lead.
const highest = 255

func sapRow(e *sapphone.DialerEntry) list.Row {
	out := list.Row{Ref: e.ID, Name: e.Name, NotBefore: e.NotBefore, NotAfter: e.NotAfter}
	if e.Priority > 0 {
		priority := min(e.Priority, highest)
		out.Priority = &priority
	}
	if e.Data != "" {
		out.Fields = map[string]string{dataField: e.Data}
	}
	for _, n := range e.Numbers {
		out.Numbers = append(out.Numbers, list.RowNumber{Text: n})
	}
	return out
}

// pages calls do for all entries of a list, many at once.
func (d sapLists) pages(ctx context.Context, in string, do func([]lead.Lead) error) error {
	for after := int64(0); ; {
		page, err := d.lists.Leads(ctx, list.LeadFilter{List: in, After: after, Limit: pageOf}, time.Now())
		if err == nil {
			err = do(page)
		}
		if err != nil || len(page) < pageOf {
			return err
		}
		after = page[len(page)-1].ID
	}
}

// Remove implements [sapphone.Dialer]. What is taken off stays with its results.
func (d sapLists) Remove(ctx context.Context, campaign string, ids []string) ([]error, error) {
	_, in, err := d.listOf(ctx, campaign)
	if err != nil {
		return nil, err
	}
	excluded := lead.Excluded
	off := func(l *lead.Lead) error {
		if over(l.State) {
			return nil
		}
		return d.lists.Edit(ctx, l.ID, list.Edit{State: &excluded}, time.Now())
	}
	if len(ids) == 0 {
		return nil, d.pages(ctx, in, func(page []lead.Lead) error {
			for i := range page {
				if err := off(&page[i]); err != nil && !fault.Is(err, fault.Conflict) { // it is being called
					return err
				}
			}
			return nil
		})
	}
	out := make([]error, len(ids))
	for n, id := range ids {
		l, err := d.entry(ctx, in, id)
		switch {
		case err != nil:
			return nil, err
		case l == nil || over(l.State):
			out[n] = fault.New(fault.NotFound, "sapphone: remove", id, "it is not on the list")
		default:
			out[n] = off(l)
		}
	}
	return out, nil
}

// sapResults are the results of leads in the words of reference 001, 9.1.7; what
// is not here is OTHER.
var sapResults = map[lead.Result]callmodel.CallbackResult{
	lead.Busy: callmodel.ResultBusy, lead.NoAnswer: callmodel.ResultNoAnswer, lead.TempUnavailable: callmodel.ResultNoAnswer, lead.NoResponse: callmodel.ResultNoAnswer,
	lead.Cancelled: callmodel.ResultNoAnswer, lead.InvalidNumber: callmodel.ResultBadAddress, lead.NumberChanged: callmodel.ResultBadAddress,
	lead.Machine: callmodel.ResultVoicemail, lead.Talked: callmodel.ResultSuccessful, lead.Skipped: callmodel.ResultSkip, lead.AgentRejected: callmodel.ResultAgentRejected,
}

// Results implements [sapphone.Dialer].
func (d sapLists) Results(ctx context.Context, campaign string, from, to time.Time) (out []sapphone.DialerResult, total int64, err error) {
	_, in, err := d.listOf(ctx, campaign)
	if err != nil {
		return nil, 0, err
	}
	err = d.pages(ctx, in, func(page []lead.Lead) error {
		last, err := d.lists.LastTries(ctx, page)
		if err != nil {
			return err
		}
		for i := range page {
			l := &page[i]
			total++
			if l.Result == "" || l.ResultAt.Before(from) || !to.IsZero() && l.ResultAt.After(to) {
				continue
			}
			r := sapphone.DialerResult{ID: l.Ref, Result: callmodel.ResultOther, Tries: l.Attempts, At: l.ResultAt}
			if word, known := sapResults[l.Result]; known {
				r.Result = word
			}
			if try, there := last[l.ID]; there {
				r.Agent, r.Handle = try.Agent, try.Attempt.Hex()
			}
			out = append(out, r)
		}
		return nil
	})
	return out, total, err
}
