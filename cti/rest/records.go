package rest

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/records"
)

// Records are the rows of what is over, and what is computed from them.
type Records interface {
	// Period reads the begin and the end of a time as people write them, in
	// the zone and by the days of the statistics. Empty: the present day.
	Period(from, to string) (time.Time, time.Time, error)
	Calls(ctx context.Context, f records.Filter) ([]CallRecord, string, error)
	Segments(ctx context.Context, f records.Filter) ([]records.Segment, string, error)
	AgentStates(ctx context.Context, f records.Filter) ([]records.Interval, string, error)
	Attempts(ctx context.Context, f records.Filter) ([]records.Attempt, string, error)
	Dispositions(ctx context.Context, f records.Filter) ([]records.Disposition, string, error)
	// Statistics adds up; every 0 means whole days.
	Statistics(ctx context.Context, f records.Filter, every time.Duration, by records.Group) (Statistics, error)
	Live(ctx context.Context) (LiveStatistics, error)
	// CampaignSums adds up the attempts of a campaign, by list, agent, hour, day or outcome.
	CampaignSums(ctx context.Context, campaign, by string, from, to time.Time) ([]records.CampaignSum, error)
	// CampaignRecords are its attempts, with the rules that they were made by.
	CampaignRecords(ctx context.Context, campaign string, f records.Filter) ([]CampaignRecord, string, error)
	// QueueLog writes lines in the form of Asterisk's queue_log.
	QueueLog(ctx context.Context, f records.Filter) ([]string, error)
}

// Period is the time that a request is about.
type Period struct {
	From string `query:"from" maxLength:"40" doc:"begin: a date, a date and time, today or yesterday; default: today"`
	To   string `query:"to" maxLength:"40" doc:"end, not included; a date means the end of that day; default: one day"`
}

type rowsInput struct {
	Period
	Queue string `query:"queue" maxLength:"128" doc:"only of this queue"`
	Agent string `query:"agent" maxLength:"128" doc:"only of this agent"`
	Call  string `query:"call" maxLength:"26" doc:"only of this call: its ULID"`
	After string `query:"after" maxLength:"300" doc:"what the page before has given as next"`
	Limit int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"at most this many"`
}

type statisticsInput struct {
	Period
	Queue string `query:"queue" maxLength:"128" doc:"only of this queue"`
	Agent string `query:"agent" maxLength:"128" doc:"only of this agent"`
	Every string `query:"every" enum:"15m,30m,60m,day" default:"day" doc:"length of the intervals"`
	By    string `query:"by" enum:"all,queue,agent,kind" default:"queue" doc:"what is told apart"`
}

type logInput struct {
	Period
	Queue string `query:"queue" maxLength:"128" doc:"only of this queue"`
	Agent string `query:"agent" maxLength:"128" doc:"only of this agent"`
}

// recordRoutes adds what is read from the records.
func (s *Server) recordRoutes(api huma.API) {
	get := func(path, id, summary string) route {
		return route{method: "GET", path: "/api/v1/" + path, id: id, tag: "records", summary: summary, doc: "Rows come in order of their start."}
	}
	add(s, api, get("records/calls", "listCallRecords", "Calls that are over"),
		rowsOf(s, Records.Calls, func(c *CallRecord) CallRecord { return *c }))
	add(s, api, get("records/segments", "listSegments", "What parties did within calls"), rowsOf(s, Records.Segments, segmentRecord))
	add(s, api, get("records/agent-states", "listAgentStates", "What state agents were in"), rowsOf(s, Records.AgentStates, agentStateRecord))
	add(s, api, get("records/attempts", "listAttempts", "Tries to reach somebody outside"), rowsOf(s, Records.Attempts, attemptRecord))
	add(s, api, get("records/dispositions", "listDispositionRecords", "Dispositions that were given"), rowsOf(s, Records.Dispositions, dispositionRecord))
	add(s, api, route{
		method: "GET", path: "/api/v1/records/queue-log", id: "getQueueLog", tag: "records", summary: "What happened in queues, as lines of a queue_log",
		doc: "Fields as in Asterisk's file, from the same events.",
	}, s.getQueueLog)
	add(s, api, route{method: "GET", path: "/api/v1/statistics", id: "getStatistics", tag: "records", summary: "Figures by interval and queue, agent or kind of call"}, s.getStatistics)
	add(s, api, route{method: "GET", path: "/api/v1/statistics/live", id: "getLiveStatistics", tag: "records", summary: "Figures of the present day and moment"}, s.getLive)
}

// rowsOf is a route that lists rows, in the form that wire gives them.
func rowsOf[A, B any](s *Server, list func(Records, context.Context, records.Filter) ([]A, string, error), wire func(*A) B) func(context.Context, *rowsInput) (*body[Page[B]], error) {
	return func(ctx context.Context, in *rowsInput) (*body[Page[B]], error) {
		f, err := s.filter(in.Period)
		if err != nil {
			return nil, s.problem("records", err)
		}
		f.Queue, f.Agent, f.Call, f.After, f.Limit = in.Queue, in.Agent, in.Call, in.After, in.Limit
		rows, next, err := list(s.opts.Records, ctx, f)
		if err != nil {
			return nil, s.problem("records", err)
		}
		page := Page[B]{Rows: make([]B, len(rows)), Next: next}
		for i := range rows {
			page.Rows[i] = wire(&rows[i])
		}
		return reply(page), nil
	}
}

func (s *Server) filter(p Period) (f records.Filter, err error) {
	if s.opts.Records == nil {
		return f, fault.New(fault.Unsupported, "records", "", "this controller keeps no records")
	}
	if s.opts.Shed != nil {
		if err := s.opts.Shed(); err != nil {
			return f, err
		}
	}
	f.From, f.To, err = s.opts.Records.Period(p.From, p.To)
	return f, err
}

func (s *Server) getStatistics(ctx context.Context, in *statisticsInput) (*body[Statistics], error) {
	f, err := s.filter(in.Period)
	if err != nil {
		return nil, s.problem("statistics", err)
	}
	f.Queue, f.Agent = in.Queue, in.Agent
	every := map[string]time.Duration{"15m": 15 * time.Minute, "30m": 30 * time.Minute, "60m": time.Hour}[in.Every]
	by := records.Group(in.By)
	if in.By == "all" {
		by = records.ByAll
	}
	out, err := s.opts.Records.Statistics(ctx, f, every, by)
	if err != nil {
		return nil, s.problem("statistics", err)
	}
	return reply(out), nil
}

func (s *Server) getLive(ctx context.Context, _ *noInput) (*body[LiveStatistics], error) {
	if _, err := s.filter(Period{}); err != nil {
		return nil, s.problem("statistics", err)
	}
	out, err := s.opts.Records.Live(ctx)
	if err != nil {
		return nil, s.problem("statistics", err)
	}
	return reply(out), nil
}

func (s *Server) getQueueLog(ctx context.Context, in *logInput) (*body[QueueLog], error) {
	f, err := s.filter(in.Period)
	if err != nil {
		return nil, s.problem("queue-log", err)
	}
	f.Queue, f.Agent = in.Queue, in.Agent
	lines, err := s.opts.Records.QueueLog(ctx, f)
	if err != nil {
		return nil, s.problem("queue-log", err)
	}
	return reply(QueueLog{Lines: append([]string{}, lines...)}), nil
}

func knownTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func segmentRecord(g *records.Segment) SegmentRecord {
	return SegmentRecord{
		Call: g.Call, Connection: g.Conn, Kind: kindOf(callmodel.CallKind(g.Kind)), State: string(g.State), Role: g.Role, Party: g.Party, Agent: g.Agent, Queue: g.Queue, Trunk: g.Trunk,
		StartedAt: g.Started, EndedAt: knownTime(g.Ended), Seconds: g.Length.Seconds(), End: g.End, Cause: g.Cause, TransferredBy: g.By, TransferredTo: g.To,
		OfferedAt: knownTime(g.Offered), TargetSeconds: g.Target.Seconds(), Position: g.Position, LastPosition: g.Last, Rule: g.Rule, LostFrom: knownTime(g.LostFrom),
	}
}

func agentStateRecord(i *records.Interval) AgentStateRecord {
	return AgentStateRecord{
		Agent: i.Agent, State: i.State, Reason: i.Reason, StartedAt: i.Started, EndedAt: knownTime(i.Ended), Seconds: i.Length.Seconds(), LoginAt: knownTime(i.Login),
		Logout: i.Logout, Station: i.Station, Queues: append([]string{}, i.Queues...), Call: i.Call, LostFrom: knownTime(i.LostFrom),
	}
}

func attemptRecord(a *records.Attempt) AttemptRecord {
	return AttemptRecord{
		ID: a.ID, Call: a.Call, Callback: a.Callback, Number: a.Number, Trunk: a.Trunk, Shown: a.Shown, Queue: a.Queue, Agent: a.Agent, StartedAt: a.Started,
		RingingAt: knownTime(a.Ringing), AnsweredAt: knownTime(a.Answered), EndedAt: knownTime(a.Ended), RingSeconds: a.Ring.Seconds(), TalkSeconds: a.Talk.Seconds(),
		Outcome: a.Outcome, Cause: a.Cause, TechCause: a.TechCause, Dialer: dialerRecord(&a.Dialer),
	}
}

func dialerRecord(d *records.DialerPart) *DialerRecord {
	if d.Campaign == "" {
		return nil
	}
	return &DialerRecord{
		Campaign: d.Campaign, List: d.List, Lead: d.Lead, Mode: d.Mode, Result: d.Result, Verdict: d.Verdict, VerdictSeconds: d.Took.Seconds(),
		GreetingEndAt: knownTime(d.Greeting), Deadline: knownTime(d.Deadline), BridgedAt: knownTime(d.Bridged), Message: d.Message.String(), Dropped: d.Dropped,
		OwnTimer: d.Own, CutShort: d.CutShort, Sampled: d.Kept,
		DoNotCall: d.DoNotCall, CallAgainAt: knownTime(d.Again), CallAgainBy: d.AgainBy, CallAgainOn: d.AgainAt,
	}
}

func dispositionRecord(d *records.Disposition) DispositionRecord {
	return DispositionRecord{Call: d.Call, Connection: d.Conn, Queue: d.Queue, Agent: d.Agent, Code: d.Code, Main: d.N == 0, Success: d.Success, At: d.At}
}

// FiguresOf puts counts into the form of the interface.
func FiguresOf(group string, c *records.Counts, f records.Formula) Figures {
	ratio := func(v float64, ok bool) *float64 {
		if !ok {
			return nil
		}
		return &v
	}
	return Figures{
		Group: group, Offered: c.Offered, Answered: c.Answered, Abandoned: c.Abandoned, ShortAbandoned: c.Short, Overflowed: c.Overflowed, Full: c.Full,
		Callbacks: c.Callbacks, Lost: c.Lost, Ended: c.Ended, Waiting: c.Waiting, AnsweredInTime: c.InTime, AbandonedInTime: c.GoneInTime,
		ServiceLevel: ratio(c.ServiceLevel(f)), Abandonment: ratio(c.Abandonment()), AnswerSeconds: c.AnswerSpeed().Seconds(), LongestSeconds: c.LongestWait.Seconds(),
		Offers: c.Offers, Missed: c.Missed, Rejected: c.Rejected, Handled: c.Handled, TalkSeconds: c.Talk.Seconds(), HoldSeconds: c.Hold.Seconds(),
		DialSeconds: c.Dial.Seconds(), WrapUpSeconds: c.Wrap.Seconds(), HandleSeconds: c.HandleTime().Seconds(), Transfers: c.Transfers,
		OtherCalls: c.OtherCalls, OtherTalkSeconds: c.OtherTalk.Seconds(), Dispositions: c.Dispositions, Successes: c.Successes,
		ReadySeconds: c.Ready.Seconds(), NotReadySeconds: c.NotReady.Seconds(), ReservedSeconds: c.Reserved.Seconds(), OnCallSeconds: c.OnCall.Seconds(),
		InWrapUpSeconds: c.InWrapUp.Seconds(), StaffedSeconds: c.Staffed().Seconds(), Occupancy: ratio(c.Occupancy()),
	}
}
