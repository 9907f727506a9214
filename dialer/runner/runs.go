package runner

import (
	"context"
	"time"

	"strowger/dialer/campaign"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// Table keeps runs in the switch's database. It implements [Runs].
type Table struct{ DB port.Tables }

// Load returns all that is kept.
func (t Table) Load(ctx context.Context) (out []Run, err error) {
	err = t.DB.Query(ctx, "dialer: runs", func(r port.Row) error {
		var k Run
		var at, from, until, spent, begun int64
		var learned string
		if err := r.Scan(&k.Campaign, &k.Wanted, &k.Why, &k.By, &at, &from, &until, &k.Override.Reason, &k.Override.By, &spent, &begun, &learned); err != nil {
			return err
		}
		k.Override.From = ofMicros(from)
		k.At, k.Override.Until, k.Spent, k.Begun, k.Learned = ofMicros(at), ofMicros(until), spent == 1, ofMicros(begun), []byte(learned)
		out = append(out, k)
		return nil
	}, `SELECT campaign, wanted, why, by_whom, at_us, override_from_us, override_us, override_why, override_by, spent, begun_us, learned FROM dial_runs ORDER BY campaign`)
	return out, err
}

// Save keeps a run instead of what was kept of the campaign.
func (t Table) Save(ctx context.Context, k Run) error {
	return t.DB.Update(ctx, "dialer: keep", k.Campaign, func(ctx context.Context, tx port.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO dial_runs (campaign, wanted, why, by_whom, at_us, override_from_us, override_us, override_why, override_by, spent, begun_us, learned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (campaign) DO UPDATE SET wanted = excluded.wanted, why = excluded.why, by_whom = excluded.by_whom, at_us = excluded.at_us,
			override_from_us = excluded.override_from_us, override_us = excluded.override_us, override_why = excluded.override_why, override_by = excluded.override_by, spent = excluded.spent, begun_us = excluded.begun_us, learned = excluded.learned`,
			k.Campaign, string(k.Wanted), k.Why, k.By, toMicros(k.At), toMicros(k.Override.From), toMicros(k.Override.Until), k.Override.Reason, k.Override.By, flag(k.Spent), toMicros(k.Begun), string(k.Learned))
		if err != nil || k.Override.From.IsZero() {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO dial_overrides (campaign, from_us, until_us, by_whom, why, ended_by) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (campaign, from_us) DO UPDATE SET until_us = excluded.until_us, ended_by = CASE WHEN excluded.ended_by = '' THEN dial_overrides.ended_by ELSE excluded.ended_by END`,
			k.Campaign, toMicros(k.Override.From), toMicros(k.Override.Until), k.Override.By, k.Override.Reason, k.Override.EndedBy)
		return err
	})
}

// Overrides returns the overrides of a campaign that held in a time, oldest first.
func (t Table) Overrides(ctx context.Context, id string, from, to time.Time) (out []campaign.Override, err error) {
	err = t.DB.Query(ctx, "dialer: overrides", func(r port.Row) error {
		var o campaign.Override
		var begin, until int64
		if err := r.Scan(&begin, &until, &o.By, &o.Reason, &o.EndedBy); err != nil {
			return err
		}
		o.From, o.Until = ofMicros(begin), ofMicros(until)
		out = append(out, o)
		return nil
	}, `SELECT from_us, until_us, by_whom, why, ended_by FROM dial_overrides WHERE campaign = ? AND from_us < ? AND until_us > ? ORDER BY from_us`,
		id, toMicros(to), toMicros(from))
	return out, err
}

// Past reads what a campaign has done since a time, and since midnight, from
// the records of calls.
func (t Table) Past(ctx context.Context, id string, from, midnight time.Time) (out Past, err error) {
	var begun int64
	err = t.DB.Query(ctx, "dialer: begin", func(r port.Row) error { return r.Scan(&begun) },
		`SELECT COALESCE(MIN(started_us), 0) FROM attempts WHERE campaign = ?`, id)
	if err != nil {
		return out, err
	}
	out.Begun, out.Shown = ofMicros(begun), map[string]int{}
	err = t.DB.Query(ctx, "dialer: today", func(r port.Row) error {
		var shown string
		var n int
		err := r.Scan(&shown, &n)
		out.Today += n
		out.Shown[shown] = n
		return err
	}, `SELECT shown, COUNT(*) FROM attempts WHERE campaign = ? AND started_us >= ? GROUP BY shown`, id, toMicros(midnight))
	if err != nil {
		return out, err
	}
	err = t.DB.Query(ctx, "dialer: answers", func(r port.Row) error {
		var minute, connected, dropped, left, machines int64
		if err := r.Scan(&minute, &connected, &dropped, &left, &machines); err != nil {
			return err
		}
		out.Minutes = append(out.Minutes, campaign.Minute{
			At:     time.Unix(minute*60, 0),
			Counts: campaign.Counts{Humans: int(connected + dropped + left), Connected: int(connected), Dropped: int(dropped), Left: int(left), Machines: int(machines)},
		})
		return nil
	}, `SELECT minute, SUM(connected), SUM(dropped), SUM(gone), SUM(machines) FROM (`+answers+`) AS answers GROUP BY minute ORDER BY minute`, id, toMicros(from))
	if err != nil {
		return out, err
	}
	err = t.DB.Query(ctx, "dialer: open answers", func(r port.Row) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		id, err := callmodel.ParseID(text)
		out.Counted = append(out.Counted, callmodel.CallID{ID: id})
		return err
	}, `SELECT call_id FROM (`+answers+`) AS answers WHERE connected + dropped + gone + machines > 0
		AND EXISTS (SELECT 1 FROM tries WHERE tries.attempt = answers.call_id AND tries.settled_us = 0)`, id, toMicros(from))
	return out, err
}

// answers are a campaign's answered calls of some time, and what each counts as.
// Those that are up still are among them.
const answers = `SELECT call_id, answered_us / 60000000 AS minute,
		CASE WHEN bridge_us > 0 AND verdict <> 'machine' THEN 1 ELSE 0 END AS connected,
		CASE WHEN dropped = 1 AND bridge_us = 0 THEN 1 ELSE 0 END AS dropped,
		CASE WHEN bridge_us = 0 AND dropped = 0 AND verdict <> 'machine' AND result IN ('abandoned', 'abandoned-ringing') THEN 1 ELSE 0 END AS gone,
		CASE WHEN bridge_us = 0 AND dropped = 0 AND verdict = 'machine' THEN 1 ELSE 0 END AS machines
	FROM attempts WHERE campaign = ?1 AND started_us >= ?2 AND answered_us > 0 AND mode IN ('predictive', 'progressive')`

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func ofMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
