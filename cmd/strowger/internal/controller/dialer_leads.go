package controller

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/switch/fault"
)

// PutLeads implements [rest.Lists].
func (d listDesk) PutLeads(ctx context.Context, id string, leads []rest.LeadRequest) (rest.LeadsResult, error) {
	rows := make([]list.Row, 0, len(leads))
	for _, r := range leads {
		rows = append(rows, rowOf(r))
	}
	got, err := d.lists.Put(ctx, id, rows, time.Now())
	if slices.ContainsFunc(leads, func(r rest.LeadRequest) bool { return withdrawn(r.Consent) }) {
		d.dialer.Review()
	}
	return rest.LeadsResult{Created: int(got.Made), Changed: int(got.Changed), Twice: int(got.Twice), Errors: shownErrors(got.Bad)}, err
}

func rowOf(r rest.LeadRequest) list.Row {
	out := list.Row{
		Ref: r.Ref, Name: r.Name, Zone: r.TimeZone, Region: strings.ToUpper(r.Region), Priority: r.Priority, Owner: strings.ToLower(r.Owner), NotBefore: givenTime(r.NotBefore), NotAfter: givenTime(r.NotAfter),
		Callback: lead.Callback{At: givenTime(r.CallbackAt)}, Consent: r.Consent, ConsentSource: r.ConsentSource, ConsentAt: givenTime(r.ConsentAt), Fields: r.Fields,
	}
	for _, n := range r.Numbers {
		kind, _ := lead.ParseNumberKind(n.Kind) // the interface has checked it; none is other
		out.Numbers = append(out.Numbers, list.RowNumber{Text: n.Number, Kind: kind})
	}
	return out
}

// withdrawn: who has no consent any more must not be called by what was claimed before.
func withdrawn(consent *bool) bool { return consent != nil && !*consent }

func givenTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Leads implements [rest.Lists].
func (d listDesk) Leads(ctx context.Context, q rest.LeadQuery) ([]rest.Lead, error) {
	f := list.LeadFilter{List: q.List, Number: q.Number, Ref: q.Ref, After: q.After, Limit: q.Limit}
	if q.State != "" {
		state, err := stateOf(q.State)
		if err != nil {
			return nil, err
		}
		f.State = &state
	}
	all, err := d.lists.Leads(ctx, f, time.Now())
	out := make([]rest.Lead, 0, len(all))
	for i := range all {
		out = append(out, shownLead(&all[i]))
	}
	return out, err
}

func stateOf(word string) (lead.State, error) {
	for s := lead.Ready; s <= lead.Hidden; s++ {
		if s.String() == word {
			return s, nil
		}
	}
	return 0, fault.New(fault.Invalid, "leads", "state", "there is no such state of a lead")
}

func shownLead(l *lead.Lead) rest.Lead {
	out := rest.Lead{
		ID: l.ID, List: l.List, Ref: l.Ref, State: l.State.String(), Name: l.Name, Numbers: []rest.LeadNumber{}, Priority: l.Priority, Attempts: l.Attempts,
		NotBefore: timeOf(l.NotBefore), NotAfter: timeOf(l.NotAfter), CallbackAt: timeOf(l.Callback.At), CallbackAgent: l.Callback.Agent, CallbackMine: l.Callback.Mine,
		Owner: l.Owner, Result: string(l.Result), ResultAt: timeOf(l.ResultAt), Consent: l.Consent, ConsentSource: l.ConsentSource, ConsentAt: timeOf(l.ConsentAt), Fields: l.Fields,
	}
	if l.State == lead.Later {
		out.NextAt = timeOf(l.NextAt)
	}
	if !l.Attempt.IsZero() {
		out.Attempt = l.Attempt.String()
	}
	for _, n := range l.Numbers {
		out.Numbers = append(out.Numbers, rest.LeadNumber{Number: n.E164, Kind: n.Kind.String(), Zones: n.Set.Zones, State: n.Closed})
		if n.N == l.At {
			out.Region = n.Set.Region
		}
	}
	return out
}

// Lead implements [rest.Lists].
func (d listDesk) Lead(ctx context.Context, id int64) (rest.Lead, error) {
	l, err := d.lists.Lead(ctx, id, time.Now())
	return shownLead(&l), err
}

// ChangeLead implements [rest.Lists].
func (d listDesk) ChangeLead(ctx context.Context, id int64, c rest.LeadChange) (rest.Lead, error) {
	e := list.Edit{Priority: c.Priority, Owner: c.Owner, NextAt: c.NextAt, Fields: c.Fields, Consent: c.Consent, ConsentSource: c.ConsentSource, ConsentAt: givenTime(c.ConsentAt)}
	if c.State != nil {
		state, err := stateOf(*c.State)
		if err != nil {
			return rest.Lead{}, err
		}
		e.State = &state
	}
	if c.Callback != nil {
		e.Callback = &list.EditCallback{At: c.Callback.At, Agent: strings.ToLower(c.Callback.Agent), Mine: c.Callback.Mine}
	}
	if err := d.lists.Edit(ctx, id, e, time.Now()); err != nil {
		return rest.Lead{}, err
	}
	if withdrawn(c.Consent) {
		d.dialer.Review()
	}
	return d.Lead(ctx, id)
}

// RemoveLead implements [rest.Lists].
func (d listDesk) RemoveLead(ctx context.Context, id int64) error {
	return d.lists.RemoveLead(ctx, id, time.Now())
}

// Why implements [rest.Lists].
func (d listDesk) Why(ctx context.Context, who string) ([]rest.LeadWhy, error) {
	now := time.Now()
	in, what, named := strings.Cut(who, "/")
	if !named {
		in, what = "", who
	}
	found, err := d.lists.Find(ctx, in, what, now)
	if err != nil {
		return nil, err
	}
	var out []rest.LeadWhy
	for i := range found {
		answers, err := d.whyOf(ctx, &found[i], now)
		if err != nil {
			return nil, err
		}
		out = append(out, answers...)
	}
	return out, nil
}

// whyOf answers for each campaign that would call a lead; for a lead of none, once.
func (d listDesk) whyOf(ctx context.Context, l *lead.Lead, now time.Time) (out []rest.LeadWhy, err error) {
	for _, c := range d.campaigns().Campaigns {
		if !slices.ContainsFunc(c.Lists, func(s lead.Share) bool { return s.List == l.List }) {
			continue
		}
		_, reasons, err := d.lists.Why(ctx, l.ID, c.Rules(), now)
		if err != nil {
			return nil, err
		}
		answer := rest.LeadWhy{Lead: shownLead(l), Campaign: c.ID, Now: reasons[0].Word == lead.Now, Reasons: []rest.LeadReason{}}
		if p, there := d.dialer.Live(c.ID); there && p.Wanted != runner.WantRunning {
			answer.Now = false
			answer.Reasons = append(answer.Reasons, rest.LeadReason{Reason: "campaign", Text: "the campaign is " + string(p.Wanted) + ": strowger campaign start " + c.ID})
		}
		for _, r := range reasons {
			if r.Word != lead.Now || answer.Now {
				answer.Reasons = append(answer.Reasons, rest.LeadReason{Reason: string(r.Word), Text: r.Text, Until: timeOf(r.Until)})
			}
		}
		out = append(out, answer)
	}
	if len(out) == 0 {
		out = append(out, rest.LeadWhy{Lead: shownLead(l), Reasons: []rest.LeadReason{{Reason: string(lead.NotInCampaign), Text: "no campaign has its list " + l.List}}})
	}
	return out, nil
}

// Again implements [rest.Lists].
func (d listDesk) Again(ctx context.Context, no int64, campaign, agent string) error {
	const op = "call again"
	for _, c := range d.campaigns().Campaigns {
		if c.ID != campaign {
			continue
		}
		if p, there := d.dialer.Live(c.ID); there && p.Wanted != runner.WantRunning {
			return fault.New(fault.Conflict, op, c.ID, "the campaign is "+string(p.Wanted)+": agree on a time instead, or have it started")
		}
		reasons, err := d.lists.Again(ctx, no, c.Rules(), agent, time.Now())
		if err == nil && len(reasons) > 0 {
			err = fault.New(fault.Conflict, op, strconv.FormatInt(no, 10), reasons[0].Text)
		}
		return err
	}
	return fault.New(fault.NotFound, op, campaign, "there is no such campaign in the configuration")
}

// Block implements [rest.Lists]. Campaigns that run are told, for the numbers
// that they hold already.
func (d listDesk) Block(ctx context.Context, in []rest.DoNotCall) (int, error) {
	entries := make([]list.Entry, 0, len(in))
	for _, e := range in {
		x := list.Entry{Number: e.Number, Scope: e.Scope, Source: e.Source, By: e.By, Until: givenTime(e.Until), At: givenTime(e.At)}
		if e.Prefix != "" {
			x.Number, x.Prefix = e.Prefix, true
		}
		if x.Scope == "" {
			x.Scope = list.ScopeTenant
		}
		if x.Source == "" {
			x.Source = "entered by hand"
		}
		entries = append(entries, x)
	}
	added, err := d.lists.AddNumbers(ctx, entries, time.Now())
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if e164, _, err := d.lists.Check(ctx, e.Number, time.Now()); err == nil && !e.Prefix {
			e.Number = e164
		}
		d.dialer.Bar(e.Number, e.Prefix)
	}
	return added, nil
}

// Unblock implements [rest.Lists].
func (d listDesk) Unblock(ctx context.Context, number, scope, _ string) error {
	err := d.lists.RemoveNumber(ctx, list.Entry{Number: number, Scope: scope})
	if err == nil {
		return nil
	}
	if area := d.lists.RemoveNumber(ctx, list.Entry{Number: number, Scope: scope, Prefix: true}); area == nil {
		return nil
	}
	return err
}

// Blocked implements [rest.Lists].
func (d listDesk) Blocked(ctx context.Context, q rest.DoNotCallQuery) ([]rest.DoNotCall, error) {
	all, err := d.lists.Entries(ctx, list.EntryFilter{Scope: q.Scope, Begin: q.Prefix, After: q.After, Limit: q.Limit})
	return shownEntries(all), err
}

// CheckNumber implements [rest.Lists].
func (d listDesk) CheckNumber(ctx context.Context, number string) ([]rest.DoNotCall, error) {
	_, all, err := d.lists.Check(ctx, number, time.Now())
	return shownEntries(all), err
}

func shownEntries(all []list.Entry) []rest.DoNotCall {
	out := make([]rest.DoNotCall, 0, len(all))
	for _, e := range all {
		x := rest.DoNotCall{Number: e.Number, Scope: e.Scope, Source: e.Source, By: e.By, At: timeOf(e.At), Until: timeOf(e.Until)}
		if e.Prefix {
			x.Number, x.Prefix = "", e.Number
		}
		out = append(out, x)
	}
	return out
}

// ImportBlocked implements [rest.Lists].
func (d listDesk) ImportBlocked(ctx context.Context, r rest.BlockedImport, from io.Reader) (out rest.BlockedResult, err error) {
	name, err := d.imports.keep(from)
	if err != nil {
		return out, err
	}
	defer d.imports.drop(name)
	f, err := d.imports.open(name)
	if err != nil {
		return out, err
	}
	defer func(f *os.File) { err = errors.Join(err, f.Close()) }(f)
	if r.Source == "" {
		r.Source = "file of " + time.Now().UTC().Format(time.DateOnly)
	}
	got, err := d.lists.ImportNumbers(ctx, f, r.Scope, r.Source, r.By, time.Now(), d.dialer.Review)
	return rest.BlockedResult{Added: got.Added, Twice: got.Twice, Bad: got.Count, Errors: shownErrors(got.Bad)}, err
}
