package list

import (
	"context"

	"strowger/dialer/lead"
	"strowger/switch/port"
)

// agreedAt returns the place of the number at which the next call was agreed,
// which becomes one of the lead's if it is none: the customer is to be reached
// there. One that was closed is open again; whether it may be called is judged
// when it is claimed, like that of any other.
func (s *Store) agreedAt(ctx context.Context, tx port.Tx, x *row, e *lead.Settled, fresh map[string]int64) (int, error) {
	if e.Agreed == "" {
		return e.Number, nil
	}
	for i := range x.Numbers {
		n := &x.Numbers[i]
		if n.E164 != e.Agreed {
			continue
		}
		if n.Closed != "" && (n.N != x.At || !e.Close) { // what the same end closes stays so
			n.Closed, n.Proofs = "", 0
			if _, err := tx.Put(ctx, `UPDATE lead_numbers SET closed = '', proofs = 0, proof_us = 0 WHERE lead = ?1 AND n = ?2`, x.ID, int64(n.N)); err != nil {
				return 0, err
			}
		}
		return n.N, nil
	}
	n := lead.Number{N: x.room(), E164: e.Agreed}
	called, _ := x.Number()
	_, own := s.ownPlace(x)
	zones, region := s.place(e.Agreed, "", own)
	if len(zones) == 0 { // such as a number for the whole country: they are where they were
		zones = called.Set.Zones
	}
	set, err := s.setNo(ctx, tx, zones, region, fresh)
	if err != nil {
		return 0, err
	}
	n.Set = lead.ZoneSet{No: set, Zones: zones, Region: region}
	if _, err := tx.Put(ctx, `DELETE FROM lead_numbers WHERE lead = ?1 AND n = ?2`, x.ID, int64(n.N)); err != nil {
		return 0, err
	}
	_, err = tx.Put(ctx, `INSERT INTO lead_numbers (lead, n, number, kind, zones, closed, proofs, proof_us) VALUES (?, ?, ?, ?, ?, '', 0, 0)`,
		x.ID, int64(n.N), n.E164, int64(n.Kind), set)
	x.put(n)
	return n.N, err
}

// room is the place of another number: a free one, else that of a number which
// is closed, else that of the number which was called, of whose place it takes.
func (x *row) room() int {
	taken := [lead.MaxNumbers]bool{}
	closed := -1
	for _, n := range x.Numbers {
		taken[n.N] = true
		if n.Closed != "" {
			closed = n.N
		}
	}
	for n, is := range taken {
		if !is {
			return n
		}
	}
	if closed >= 0 {
		return closed
	}
	return x.At
}

// put writes a number into its place.
func (x *row) put(n lead.Number) {
	for i := range x.Numbers {
		if x.Numbers[i].N == n.N {
			x.Numbers[i] = n
			return
		}
	}
	x.Numbers = append(x.Numbers, n)
}
