package list

import (
	"context"
	"errors"
	"io"

	"strowger/switch/fault"
)

// Look reads a file as an import would and writes nothing: the figures are how
// many rows are good and bad, the errors the first thousand; Options is how the
// file was understood. Whether leads are there already is not looked at.
func (s *Store) Look(ctx context.Context, list string, f File, o ImportOptions) (x Import, bad []Bad, err error) {
	var saved Mapping
	if l, err := s.Get(ctx, list); err == nil {
		saved = l.Mapping
	} else if !fault.Is(err, fault.NotFound) {
		return x, nil, err
	}
	t, err := openTable(f, &o, saved)
	if err != nil {
		return x, nil, err
	}
	defer t.close()
	plan := s.plan()
	for ctx.Err() == nil {
		rec, err := t.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return x, bad, err
		}
		var p part
		s.sortRow(&p, rec, t, func(r Row) (ready, *badRow) { return s.prepare(plan, r) })
		x.Rows++
		x.Good += int64(len(p.rows))
		x.Bad += int64(len(p.bad))
		for _, b := range p.bad {
			if len(bad) < maxAppend {
				bad = append(bad, Bad{b.line, b.column, b.reason})
			}
		}
	}
	x.Bytes, x.Options, x.Mode, x.File, x.List = t.bytes(), o, o.Mode, o.File, list
	if ctx.Err() != nil {
		return x, bad, fault.Wrap(fault.Stopped, "import: look", list, ctx.Err())
	}
	return x, bad, nil
}
