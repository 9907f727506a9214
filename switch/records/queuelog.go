package records

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Entry is one line of a queue_log, in the field order of Asterisk's file.
type Entry struct {
	Epoch int64
	Call  string // NONE: about no call
	Queue string
	Agent string
	Event string
	Data  []string
}

const none = "NONE"

// String is the line, without its end.
func (e Entry) String() string {
	fields := append([]string{strconv.FormatInt(e.Epoch, 10), e.Call, e.Queue, e.Agent, e.Event}, e.Data...)
	for i := range fields {
		fields[i] = logField(fields[i])
	}
	return strings.Join(fields, "|")
}

// logField keeps what parties have sent from making fields and lines of its own.
func logField(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '|':
			return '/'
		case r < ' ' || r == 0x7f:
			return ' '
		}
		return r
	}, s)
}

// ParseEntry reads one line of a queue_log. Error: Invalid.
func ParseEntry(line string) (Entry, error) {
	f := strings.Split(strings.TrimRight(line, "\r\n"), "|")
	if len(f) < 5 {
		return Entry{}, fault.New(fault.Invalid, "queue_log", "", "a line has at least five fields: time, call, queue, agent and event")
	}
	epoch, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil {
		return Entry{}, fault.Wrap(fault.Invalid, "queue_log", f[0], err)
	}
	return Entry{Epoch: epoch, Call: f[1], Queue: f[2], Agent: f[3], Event: f[4], Data: f[5:]}, nil
}

// MaxLog bounds the lines of one queue_log.
const MaxLog = 1_000_000

// timedEntry keeps the order of lines within a second.
type timedEntry struct {
	at  time.Time
	seq uint64
	Entry
}

type stayKey struct {
	call    string
	offered int64
}

// QueueLog makes lines of rows. Segments are given in any order, all of a
// call's. Used by one goroutine.
type QueueLog struct {
	from, to time.Time
	stays    map[stayKey]Segment
	rings    map[string]Segment // answered, by connection
	parts    []Segment
	lines    []timedEntry

	intervals []Interval
}

// NewQueueLog returns a log of the time from from to to.
func NewQueueLog(from, to time.Time) *QueueLog {
	return &QueueLog{from: from, to: to, stays: map[stayKey]Segment{}, rings: map[string]Segment{}}
}

func (q *QueueLog) add(at time.Time, seq uint64, e Entry) {
	if at.Before(q.from) || !at.Before(q.to) || len(q.lines) > MaxLog {
		return
	}
	e.Epoch = at.Unix()
	q.lines = append(q.lines, timedEntry{at, seq, e})
}

// Segment adds what a segment says.
func (q *QueueLog) Segment(g Segment) {
	switch {
	case g.Stay():
		q.stays[stayKey{g.Call, g.Offered.UnixMicro()}] = g
		q.stay(g)
	case g.Role != callmodel.RoleAgent.String() || g.Offered.IsZero() || g.Open():
	case g.State == Ringing && g.End == EndAnswered:
		q.rings[g.Conn] = g
		q.add(g.Ended, g.Seq, Entry{Call: g.Call, Queue: g.Queue, Agent: g.Agent, Event: "CONNECT", Data: []string{seconds(g.Ended.Sub(g.Offered)), g.Conn, seconds(g.Length)}})
	case g.State == Ringing && (g.End == EndNoAnswer || g.End == EndRejected || g.End == EndFailed):
		q.add(g.Ended, g.Seq, Entry{Call: g.Call, Queue: g.Queue, Agent: g.Agent, Event: "RINGNOANSWER", Data: []string{strconv.FormatInt(g.Length.Milliseconds(), 10)}})
	case g.State != Ringing && g.State != WrapUp && g.End != "" && g.End != EndAnswered && g.End != EndMerged:
		q.parts = append(q.parts, g)
	}
}

// stay is the caller's side: the way in, and out where nobody answered.
func (q *QueueLog) stay(g Segment) {
	if g.Position == 0 && !g.Open() && g.Length == 0 && g.End != string(callmodel.VisitAnswered) {
		return // it was not let in: app_queue writes nothing either
	}
	e := Entry{Call: g.Call, Queue: g.Queue, Agent: none}
	in := e
	in.Event, in.Data = "ENTERQUEUE", []string{"", g.Party, strconv.Itoa(max(g.Position, 1))}
	q.add(g.Started, g.Seq, in)
	if g.Open() || g.End == string(callmodel.VisitAnswered) {
		return
	}
	where := []string{strconv.Itoa(max(g.Last, 1)), strconv.Itoa(max(g.Position, 1)), seconds(g.Length)}
	e.Event, e.Data = "ABANDON", where
	switch callmodel.VisitEnd(g.End) {
	case callmodel.VisitOverflow:
		e.Event = "EXITEMPTY"
		if g.Rule == string(callmodel.OverflowWait) {
			e.Event = "EXITWITHTIMEOUT"
		}
	case callmodel.VisitMoved:
		e.Event = "EXITWITHTIMEOUT"
	case callmodel.VisitCallback:
		e.Event, e.Data = "EXITWITHKEY", append([]string{g.Rule}, where...)
	case callmodel.VisitAbandoned, callmodel.VisitLost, callmodel.VisitEnded, callmodel.VisitFull, callmodel.VisitAnswered:
	}
	q.add(g.Ended, g.Seq+1, e)
}

// finished is the end of a conversation with an agent.
func (q *QueueLog) finished(g Segment) {
	stay, ring := q.stays[stayKey{g.Call, g.Offered.UnixMicro()}], q.rings[g.Conn]
	answered := ring.Ended
	if answered.IsZero() {
		answered = g.Started
	}
	times := []string{seconds(answered.Sub(g.Offered)), seconds(g.Ended.Sub(answered)), strconv.Itoa(max(stay.Position, 1))}
	e := Entry{Call: g.Call, Queue: g.Queue, Agent: g.Agent, Event: "COMPLETEAGENT", Data: times}
	switch g.End {
	case EndOtherLeft:
		e.Event = "COMPLETECALLER"
	case string(callmodel.PassedBlind), string(callmodel.PassedPark):
		e.Event, e.Data = "BLINDTRANSFER", append([]string{g.To, "strowger"}, times...)
	case string(callmodel.PassedAttended):
		e.Event, e.Data = "ATTENDEDTRANSFER", append([]string{"BRIDGE", g.To}, times...)
	}
	q.add(g.Ended, g.Seq, e)
}

// Interval adds what an agent's state says: queue members come, pause and go.
// Intervals are given in any order, all of an agent's.
func (q *QueueLog) Interval(i Interval) {
	if len(q.intervals) <= MaxLog {
		q.intervals = append(q.intervals, i)
	}
}

// members makes lines of the intervals of all agents.
func (q *QueueLog) members() {
	slices.SortStableFunc(q.intervals, func(a, b Interval) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), a.Started.Compare(b.Started), cmp.Compare(a.Seq, b.Seq))
	})
	for n := range q.intervals {
		i := &q.intervals[n]
		var before, after Interval // what the shift goes on from, and goes on with
		if n > 0 && q.intervals[n-1].Agent == i.Agent && !q.intervals[n-1].Logout {
			before = q.intervals[n-1]
		}
		if n+1 < len(q.intervals) && q.intervals[n+1].Agent == i.Agent && !i.Logout {
			after = q.intervals[n+1]
		}
		for _, queue := range before.Queues {
			if !slices.Contains(i.Queues, queue) { // signed out
				q.add(i.Started, i.Seq, Entry{Call: none, Queue: queue, Agent: i.Agent, Event: "REMOVEMEMBER", Data: []string{""}})
			}
		}
		for _, queue := range i.Queues {
			q.member(i, queue, &before, &after)
		}
	}
	q.intervals = nil
}

// member makes lines of an interval, for one queue.
func (q *QueueLog) member(i *Interval, queue string, before, after *Interval) {
	goesOn := func(o *Interval) bool {
		return o.State == i.State && o.Reason == i.Reason && slices.Contains(o.Queues, queue)
	}
	e := Entry{Call: none, Queue: queue, Agent: i.Agent}
	if i.Started.Equal(i.Login) || before.Agent != "" && !slices.Contains(before.Queues, queue) {
		e.Event, e.Data = "ADDMEMBER", []string{""}
		q.add(i.Started, i.Seq, e)
	}
	if i.State == callmodel.NotReady.String() {
		if !goesOn(before) {
			e.Event, e.Data = "PAUSE", []string{i.Reason}
			q.add(i.Started, i.Seq, e)
		}
		if !i.Open() && !goesOn(after) {
			e.Event, e.Data = "UNPAUSE", []string{""}
			q.add(i.Ended, i.Seq+1, e)
		}
	}
	if i.Logout {
		e.Event, e.Data = "REMOVEMEMBER", []string{""}
		q.add(i.Ended, i.Seq+2, e)
	}
}

// Entries returns the lines in order of time. Error: Invalid for too many.
func (q *QueueLog) Entries() ([]Entry, error) {
	for _, g := range q.parts {
		q.finished(g)
	}
	q.parts = nil
	tooMany := len(q.intervals) > MaxLog
	q.members()
	if tooMany || len(q.lines) > MaxLog {
		return nil, fault.Newf(fault.Invalid, "queue_log", "", "more than %d lines: ask for a shorter time", MaxLog)
	}
	slices.SortStableFunc(q.lines, func(a, b timedEntry) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.seq, b.seq)) })
	out := make([]Entry, len(q.lines))
	for i := range q.lines {
		out[i] = q.lines[i].Entry
	}
	return out, nil
}

// seconds are whole ones, as Asterisk writes them.
func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
