package controller

import (
	"context"
	"errors"
	"io"
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

// listDesk shows the lists of leads to people and programs, and carries out what
// they want of them. It implements [rest.Lists].
type listDesk struct {
	lists     *list.Store
	imports   *imports
	dialer    *runner.Runner
	campaigns func() *runner.Config
}

var _ rest.Lists = listDesk{}

// Lists implements [rest.Lists].
func (d listDesk) Lists(ctx context.Context) ([]rest.List, error) {
	all, err := d.lists.Lists(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]rest.List, 0, len(all))
	for _, l := range all {
		shown, err := d.shown(ctx, l)
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
}

// List implements [rest.Lists].
func (d listDesk) List(ctx context.Context, id string) (rest.List, error) {
	l, err := d.lists.Get(ctx, id)
	if err != nil {
		return rest.List{}, err
	}
	return d.shown(ctx, l)
}

func (d listDesk) shown(ctx context.Context, l list.List) (rest.List, error) {
	out := rest.List{
		ID: l.ID, Name: l.Name, Duplicates: l.Policy.Do, DuplicatesBy: l.Policy.By, Everywhere: l.Policy.Across, ConsentSource: l.ConsentSource,
		Mapping: shownMapping(l.Mapping), Campaigns: []string{}, CreatedAt: l.Created, Closed: l.Closed, Leads: rest.CampaignLeads{Reasons: []rest.LeadCount{}},
	}
	for _, c := range d.campaigns().Campaigns {
		if slices.ContainsFunc(c.Lists, func(s lead.Share) bool { return s.List == l.ID }) {
			out.Campaigns = append(out.Campaigns, c.ID)
		}
	}
	left, err := d.lists.Left(ctx, []lead.Share{{List: l.ID}})
	if err != nil {
		return out, err
	}
	for _, n := range left {
		out.Leads.Total += n.Leads
		if to := map[lead.State]*int64{
			lead.Ready: &out.Leads.Ready, lead.Later: &out.Leads.Later, lead.Taken: &out.Leads.Taken, lead.Done: &out.Leads.Done, lead.Excluded: &out.Leads.Excluded,
		}[n.State]; to != nil {
			*to += n.Leads
		}
	}
	return out, nil
}

// shownMapping is what columns mean, by name; those of a file without a header by number.
func shownMapping(m list.Mapping) []rest.ColumnMapping {
	out := make([]rest.ColumnMapping, 0, len(m))
	for column, means := range m {
		out = append(out, rest.ColumnMapping{Column: column, Means: means})
	}
	slices.SortFunc(out, func(a, b rest.ColumnMapping) int { return strings.Compare(a.Column, b.Column) })
	return out
}

func mappingOf(in []rest.ColumnMapping) list.Mapping {
	m := list.Mapping{}
	for _, c := range in {
		m[c.Column] = c.Means
	}
	return m
}

// CreateList implements [rest.Lists].
func (d listDesk) CreateList(ctx context.Context, r rest.ListRequest) (rest.List, error) {
	if _, err := d.lists.Get(ctx, r.ID); err == nil {
		return rest.List{}, fault.New(fault.Conflict, "create list", r.ID, "there is a list of this id already")
	} else if !fault.Is(err, fault.NotFound) {
		return rest.List{}, err
	}
	l, err := d.lists.Save(ctx, list.List{
		ID: r.ID, Name: r.Name, ConsentSource: r.ConsentSource, Policy: list.Policy{By: r.DuplicatesBy, Across: r.Everywhere, Do: r.Duplicates},
	}, time.Now())
	if err != nil {
		return rest.List{}, err
	}
	return d.shown(ctx, l)
}

// CloseList implements [rest.Lists].
func (d listDesk) CloseList(ctx context.Context, id string, remove bool) error {
	if remove {
		_, err := d.lists.Remove(ctx, id)
		return err
	}
	l, err := d.lists.Get(ctx, id)
	if err != nil {
		return err
	}
	l.Closed = true
	_, err = d.lists.Save(ctx, l, time.Now())
	return err
}

// Import implements [rest.Lists].
func (d listDesk) Import(ctx context.Context, r rest.ImportRequest, from io.Reader) (rest.Import, error) {
	o := list.ImportOptions{
		File: r.File, Charset: r.Charset, Delimiter: r.Delimiter, Sheet: r.Sheet, Do: r.Duplicates, By: r.By, Mapping: mappingOf(r.Mapping), Mode: list.Resumable,
	}
	if r.Atomic {
		o.Mode = list.Atomic
	}
	name, err := d.imports.keep(from)
	if err != nil {
		return rest.Import{}, err
	}
	o.Stored = name
	f, err := d.imports.open(name)
	if err != nil {
		return rest.Import{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	if r.DryRun {
		defer d.imports.drop(name)
		x, bad, err := d.lists.Look(ctx, r.List, f, o)
		x.State = "dry-run"
		out := shownImport(x)
		out.Errors = shownErrors(bad)
		return out, err
	}
	x, err := d.begin(ctx, r.List, f, o)
	if err != nil {
		d.imports.drop(name)
		return rest.Import{}, err
	}
	if err := d.imports.run(x); err != nil {
		return rest.Import{}, err
	}
	return shownImport(x), nil
}

// begin notes an import into a list, which is made where it is missing, but
// only for a file that can be read.
func (d listDesk) begin(ctx context.Context, id string, f list.File, o list.ImportOptions) (list.Import, error) {
	x, err := d.lists.Begin(ctx, id, f, o, time.Now())
	if !fault.Is(err, fault.NotFound) {
		return x, err
	}
	if _, err := d.lists.Save(ctx, list.List{ID: id}, time.Now()); err != nil {
		return x, err
	}
	x, err = d.lists.Begin(ctx, id, f, o, time.Now())
	if err != nil {
		_, removed := d.lists.Remove(ctx, id)
		err = errors.Join(err, removed)
	}
	return x, err
}

func shownImport(x list.Import) rest.Import {
	out := rest.Import{
		No: x.Import, List: x.List, File: x.File, SHA256: x.SHA256, Atomic: x.Mode == list.Atomic, State: x.State, Error: x.Error, Rows: x.Rows, Good: x.Good, Bad: x.Bad,
		Twice: x.Twice, Blocked: x.Blocked, Bytes: x.Bytes, Of: x.Of, StartedAt: x.Began, UpdatedAt: x.Seen, Mapping: shownMapping(x.Options.Mapping),
	}
	if x.State == list.ImportAppearing || x.State == list.ImportUndoing {
		out.State = list.ImportRunning
	}
	if took := x.Seen.Sub(x.Began).Seconds(); took > 0 {
		out.PerSecond = float64(x.Rows) / took
		if x.State == list.ImportRunning && x.Bytes > 0 {
			out.Left = took * float64(x.Of-x.Bytes) / float64(x.Bytes)
		}
	}
	return out
}

// Export implements [rest.Lists].
func (d listDesk) Export(ctx context.Context, id, format string, w io.Writer) error {
	return d.lists.Export(ctx, id, format, w, time.Now())
}

// Imports implements [rest.Lists].
func (d listDesk) Imports(ctx context.Context, id string, limit int) ([]rest.Import, error) {
	all, err := d.lists.Imports(ctx, id, limit)
	out := make([]rest.Import, 0, len(all))
	for _, x := range all {
		out = append(out, shownImport(x))
	}
	return out, err
}

// ImportByNumber implements [rest.Lists].
func (d listDesk) ImportByNumber(ctx context.Context, no int64) (rest.Import, error) {
	x, err := d.lists.GetImport(ctx, no)
	return shownImport(x), err
}

// ResumeImport implements [rest.Lists].
func (d listDesk) ResumeImport(ctx context.Context, no int64) (rest.Import, error) {
	x, err := d.lists.GetImport(ctx, no)
	if err != nil {
		return rest.Import{}, err
	}
	if x.State == list.ImportDone || x.State == list.ImportFailed {
		return rest.Import{}, fault.Newf(fault.Conflict, "resume import", strconv.FormatInt(no, 10), "it is %s: import the file again", x.State)
	}
	if err := d.imports.run(x); err != nil {
		return rest.Import{}, err
	}
	return d.ImportByNumber(ctx, no)
}

// CancelImport implements [rest.Lists].
func (d listDesk) CancelImport(ctx context.Context, no int64) (rest.Import, error) {
	if err := d.lists.StopImport(ctx, no, time.Now()); err != nil {
		return rest.Import{}, err
	}
	x, err := d.lists.GetImport(ctx, no)
	if err == nil && x.State == list.ImportUndoing { // its goroutine does that; without one a new one does
		if err := d.imports.run(x); err != nil && !fault.Is(err, fault.Conflict) {
			return rest.Import{}, err
		}
	}
	return shownImport(x), err
}

// ImportErrors implements [rest.Lists].
func (d listDesk) ImportErrors(ctx context.Context, no, after int64, limit int) ([]rest.ImportError, error) {
	rows, err := d.lists.ImportErrors(ctx, no, after, limit)
	return shownErrors(rows), err
}

func shownErrors(rows []list.Bad) []rest.ImportError {
	out := make([]rest.ImportError, 0, len(rows))
	for _, b := range rows {
		out = append(out, rest.ImportError{Line: b.Line, Column: b.Column, Reason: b.Reason})
	}
	return out
}
