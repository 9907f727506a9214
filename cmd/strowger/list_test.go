package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// The lists of board: one, whose imports take two looks.

func (b *board) Lists(ctx context.Context) ([]rest.List, error) {
	one, err := b.List(ctx, "spring")
	return []rest.List{one}, err
}

// stoppedImport is one that could not go on.
const stoppedImport = 9

func (b *board) List(_ context.Context, id string) (rest.List, error) {
	if id != "spring" {
		return rest.List{}, fault.New(fault.NotFound, "list", id, "there is no such list; did you mean spring?")
	}
	return rest.List{
		ID: id, Duplicates: "skip", DuplicatesBy: "ref", Campaigns: []string{"spring"}, Leads: rest.CampaignLeads{Total: 3, Ready: 2, Done: 1, Reasons: []rest.LeadCount{}},
		Mapping: []rest.ColumnMapping{{Column: "phone", Means: "number"}},
	}, nil
}

func (b *board) CreateList(ctx context.Context, _ rest.ListRequest) (rest.List, error) {
	return b.List(ctx, "spring")
}

func (b *board) CloseList(context.Context, string, bool) error { return nil }

func (b *board) Import(_ context.Context, r rest.ImportRequest, file io.Reader) (rest.Import, error) {
	text, err := io.ReadAll(file)
	if err != nil {
		return rest.Import{}, err
	}
	if slices.ContainsFunc(r.Mapping, func(m rest.ColumnMapping) bool { return m.Means == "phone" }) {
		return rest.Import{}, fault.New(fault.Invalid, "list import", r.List, "phone is no meaning of a column; did you mean number?")
	}
	b.lines = int64(strings.Count(string(text), "\n"))
	if r.File == "cut.csv" {
		return b.ImportByNumber(context.Background(), stoppedImport)
	}
	i := rest.Import{No: 3, List: r.List, File: r.File, State: "running", Mapping: r.Mapping}
	if r.DryRun {
		i.State, i.Rows, i.Errors = "dry-run", b.lines, []rest.ImportError{{Line: 2, Column: "number", Reason: "number \"x\" is too short"}}
	}
	return i, nil
}

func (b *board) ImportByNumber(_ context.Context, no int64) (rest.Import, error) {
	if no == stoppedImport {
		return rest.Import{No: no, List: "spring", File: "cut.csv", State: "stopped", Error: "the disk is full", Rows: 1, Good: 1, Mapping: []rest.ColumnMapping{}}, nil
	}
	return rest.Import{No: no, List: "spring", State: "done", Rows: b.lines, Good: b.lines - 1, Bad: 1, Mapping: []rest.ColumnMapping{}}, nil
}

func (b *board) Imports(ctx context.Context, _ string, _ int) ([]rest.Import, error) {
	i, err := b.ImportByNumber(ctx, 3)
	return []rest.Import{i}, err
}

func (b *board) ResumeImport(ctx context.Context, no int64) (rest.Import, error) {
	return b.ImportByNumber(ctx, no)
}

func (b *board) CancelImport(ctx context.Context, no int64) (rest.Import, error) {
	return b.ImportByNumber(ctx, no)
}

func (b *board) ImportErrors(context.Context, int64, int64, int) ([]rest.ImportError, error) {
	return []rest.ImportError{{Line: 2, Column: "phone", Reason: "no number: write it with the country code"}}, nil
}

func (b *board) Export(_ context.Context, list, _ string, w io.Writer) error {
	_, err := io.Copy(w, bytes.NewReader([]byte("ref\n"+list+"\n")))
	return err
}

func (b *board) Leads(context.Context, rest.LeadQuery) ([]rest.Lead, error) {
	return []rest.Lead{{ID: 7, List: "spring", Ref: "C-1", State: "later", Numbers: []rest.LeadNumber{{Number: "+49301"}}, Attempts: 2, Result: "busy"}}, nil
}

func (b *board) Block(_ context.Context, e []rest.DoNotCall) (int, error) {
	b.blocked = append(b.blocked, e...)
	return len(e), nil
}

func (b *board) Unblock(context.Context, string, string, string) error {
	b.blocked = nil
	return nil
}

func (b *board) Blocked(context.Context, rest.DoNotCallQuery) ([]rest.DoNotCall, error) {
	return b.blocked, nil
}

func (b *board) CheckNumber(context.Context, string) ([]rest.DoNotCall, error) { return b.blocked, nil }

func (b *board) ImportBlocked(_ context.Context, _ rest.BlockedImport, file io.Reader) (rest.BlockedResult, error) {
	text, err := io.ReadAll(file)
	return rest.BlockedResult{Added: int64(strings.Count(string(text), "\n")) - 1, Bad: 1, Errors: []rest.ImportError{{Line: 1, Reason: "number is no number"}}}, err
}
