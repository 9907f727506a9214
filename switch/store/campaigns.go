package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"strowger/switch/fault"
	"strowger/switch/records"
)

// late is how long after a call its disposition may be given and still count.
const late = 48 * time.Hour

// counted are the attempts that a budget is counted from: see package
// dialer/runner, which reads them by the minute.
const counted = `a.answered_us > 0 AND a.mode IN ('predictive', 'progressive')`

// CampaignSums adds up the attempts of a campaign that began in a time: by
// list, agent, result, hour or day. Hours and days begin where they do on a
// clock that is so far ahead of UTC. Errors: Invalid, Unavailable, Stopped.
func (s *Store) CampaignSums(ctx context.Context, campaign, by string, from, to time.Time, ahead time.Duration) ([]records.CampaignSum, error) {
	const op = "store: campaign sums"
	group, slot := "''", int64(0)
	switch by {
	case "list":
		group = "a.list"
	case "agent":
		group = "a.agent_id"
	case "outcome":
		group = "a.result"
	case "hour":
		slot = time.Hour.Microseconds()
	case "day":
		slot = 24 * time.Hour.Microseconds()
	default:
		return nil, fault.New(fault.Invalid, op, clip(by, 64), "attempts are told apart by list, agent, outcome, hour or day")
	}
	begin := "0"
	if slot != 0 {
		begin = "((a.started_us + CAST(?5 AS BIGINT)) / CAST(?6 AS BIGINT)) * CAST(?6 AS BIGINT) - CAST(?5 AS BIGINT)"
	} else {
		begin += " + 0 * (CAST(?5 AS BIGINT) + CAST(?6 AS BIGINT))" // so that all arguments have a place
	}
	f, t := bounds(from, to)
	return query(ctx, s, op, scanCampaignSum, `SELECT grp, begin_us, COUNT(*), `+sums("human", "machine", "bridged", "dropped", "kept", "missed", "gone", "success", "ring_us", "talk_us", "connect_us")+`, MAX(connect_us) FROM (
		SELECT `+group+` AS grp, `+begin+` AS begin_us, a.dropped AS dropped, a.ring_us AS ring_us, a.talk_us AS talk_us,
			CASE WHEN a.answered_us > 0 AND a.verdict NOT IN ('machine', 'fax', 'sit', 'gone') AND a.result <> 'short-answer' THEN 1 ELSE 0 END AS human,
			CASE WHEN a.verdict = 'machine' THEN 1 ELSE 0 END AS machine, CASE WHEN a.bridge_us > 0 THEN 1 ELSE 0 END AS bridged,
			CASE WHEN `+counted+` AND a.bridge_us > 0 AND a.verdict <> 'machine' THEN 1 ELSE 0 END AS kept,
			CASE WHEN `+counted+` AND a.bridge_us = 0 AND a.dropped = 1 THEN 1 ELSE 0 END AS missed,
			CASE WHEN a.result = 'abandoned' THEN 1 ELSE 0 END AS gone,
			CASE WHEN a.bridge_us > a.answered_us AND a.answered_us > 0 THEN a.bridge_us - a.answered_us ELSE 0 END AS connect_us,
			COALESCE(d.success, 0) AS success
		FROM attempts a LEFT JOIN (SELECT call_id, MAX(success) AS success FROM dispositions WHERE n = 0 AND started_us >= ?2 AND started_us < ?4 GROUP BY call_id) d
			ON d.call_id = a.call_id
		WHERE a.campaign = ?1 AND a.started_us >= ?2 AND a.started_us < ?3) AS r GROUP BY grp, begin_us ORDER BY begin_us, grp`,
		campaign, f, t, later(t), ahead.Microseconds(), max(slot, 1))
}

// sums adds columns up in whole numbers: PostgreSQL's own sum is of another type.
func sums(columns ...string) string {
	for i, c := range columns {
		columns[i] = "CAST(SUM(" + c + ") AS BIGINT)"
	}
	return strings.Join(columns, ", ")
}

// later is the end of a time for what comes after it.
func later(us int64) int64 {
	if end := us + late.Microseconds(); end > us {
		return end
	}
	return us
}

func scanCampaignSum(rows *sql.Rows) (c records.CampaignSum, err error) {
	var begin, ring, talk, connect, longest int64
	err = rows.Scan(&c.Group, &begin, &c.Attempts, &c.Humans, &c.Machines, &c.Connected, &c.Dropped, &c.Kept, &c.Missed, &c.Abandoned, &c.Successes, &ring, &talk, &connect, &longest)
	c.Begin, c.Ring, c.Talk, c.Connect, c.Longest = fromMicros(begin), microseconds(ring), microseconds(talk), microseconds(connect), microseconds(longest)
	return c, err
}

// CampaignRows returns a page of the attempts of a campaign, in order of their
// start, and where the next one begins. Errors: Invalid, Unavailable, Stopped.
func (s *Store) CampaignRows(ctx context.Context, campaign string, f records.Filter) ([]records.Attempt, string, error) {
	const op = "store: list attempts of a campaign"
	c, err := cursorOf(op, &f)
	if err != nil {
		return nil, "", err
	}
	list, err := query(ctx, s, op, scanAttempt, `SELECT `+attemptTable.columns+` FROM attempts
		WHERE campaign = ?1 AND (started_us, id) > (?2, ?3) AND started_us >= ?4 AND started_us < ?5 ORDER BY started_us, id LIMIT ?6`,
		campaign, c.us, c.id, c.from, c.to, int64(f.Limit))
	if err != nil || len(list) < f.Limit {
		return list, "", err
	}
	last := list[len(list)-1]
	return list, next(last.Started, last.ID), nil
}

// ObjectAt returns what an object was made by a version or the last one before
// it. Errors: NotFound, Unavailable, Stopped.
func (s *Store) ObjectAt(ctx context.Context, kind, id string, version int64) (Object, error) {
	const op = "store: object of a version"
	list, err := query(ctx, s, op, func(rows *sql.Rows) (o Object, err error) {
		var body sql.NullString
		err = rows.Scan(&o.Version, &body)
		o.Kind, o.ID, o.Body = kind, id, []byte(body.String)
		return o, err
	}, `SELECT version, body FROM object_history WHERE kind = ? AND id = ? AND version <= ? ORDER BY version DESC LIMIT 1`, kind, id, version)
	if err == nil && (len(list) == 0 || len(list[0].Body) == 0) {
		err = fault.New(fault.NotFound, op, clip(id, 64), "there was no such object then")
	}
	if err != nil {
		return Object{}, err
	}
	return list[0], nil
}
