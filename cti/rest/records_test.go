package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/records"
)

// shelf is a store of records for tests: one row of each kind, and what it was asked for.
type shelf struct {
	asked *records.Filter
	every *time.Duration
	by    *records.Group
}

func newShelf() shelf {
	return shelf{&records.Filter{}, new(time.Duration), new(records.Group)}
}

var shelfTime = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func (s shelf) Period(from, to string) (time.Time, time.Time, error) {
	if from == "never" {
		return time.Time{}, time.Time{}, fault.New(fault.Invalid, "from", from, "write a date")
	}
	return shelfTime, shelfTime.Add(time.Hour), nil
}

func (s shelf) Calls(_ context.Context, f records.Filter) ([]rest.CallRecord, string, error) {
	*s.asked = f
	return []rest.CallRecord{{ID: "c", Agents: []string{"anna"}, Dispositions: []string{}}}, "", nil
}

func (s shelf) Segments(_ context.Context, f records.Filter) ([]records.Segment, string, error) {
	*s.asked = f
	return []records.Segment{{Call: "c", State: records.Queued, Role: "caller", Started: shelfTime, Length: 1500 * time.Millisecond}}, "123.x", nil
}

func (s shelf) AgentStates(_ context.Context, f records.Filter) ([]records.Interval, string, error) {
	*s.asked = f
	return []records.Interval{{Agent: "anna", State: "ready", Started: shelfTime, Ended: shelfTime.Add(time.Second)}}, "", nil
}

func (s shelf) Attempts(_ context.Context, f records.Filter) ([]records.Attempt, string, error) {
	*s.asked = f
	return []records.Attempt{{ID: "a", Started: shelfTime, TechCause: 486}}, "", nil
}

func (s shelf) Dispositions(_ context.Context, f records.Filter) ([]records.Disposition, string, error) {
	*s.asked = f
	return []records.Disposition{{Conn: "x", Code: "sold", At: shelfTime}}, "", nil
}

func (s shelf) Statistics(_ context.Context, f records.Filter, every time.Duration, by records.Group) (rest.Statistics, error) {
	*s.asked, *s.every, *s.by = f, every, by
	return rest.Statistics{Formula: "offered", Lines: []rest.Figures{rest.FiguresOf("support", &records.Counts{Offered: 4, Answered: 3, InTime: 1, Short: 1}, records.OfAll)}}, nil
}

func (s shelf) Live(context.Context) (rest.LiveStatistics, error) {
	return rest.LiveStatistics{Queues: []rest.Figures{}, Agents: []rest.Figures{}}, nil
}

func (s shelf) CampaignSums(_ context.Context, campaign, by string, _, _ time.Time) ([]records.CampaignSum, error) {
	return []records.CampaignSum{{Group: campaign + " " + by, Attempts: 10, Humans: 4, Connected: 5, Dropped: 2, Kept: 3, Missed: 1, Ring: 50 * time.Second, Connect: 600 * time.Millisecond, Longest: 300 * time.Millisecond}}, nil
}

func (s shelf) CampaignRecords(_ context.Context, _ string, f records.Filter) ([]rest.CampaignRecord, string, error) {
	*s.asked = f
	at := shelfTime.Add(8 * time.Second)
	row := records.Attempt{
		Call: "c", Number: "+49301", Started: shelfTime, Answered: at,
		Dialer: records.DialerPart{Campaign: "spring", Bridged: at.Add(180 * time.Millisecond), Message: records.ToldWhole, Version: 7, DoNotCall: true},
	}
	return []rest.CampaignRecord{rest.CampaignRecordOf(&row, "uk")}, "", nil
}

func (s shelf) QueueLog(_ context.Context, f records.Filter) ([]string, error) {
	*s.asked = f
	return []string{"1|c|q|NONE|ENTERQUEUE||+49|1"}, nil
}

func TestRecords(t *testing.T) {
	shelf := newShelf()
	f := newFixture(t, func(o *rest.Options) { o.Records = shelf })
	w := f.do(rest.RoleReader, http.MethodGet, "/api/v1/records/segments?queue=q1&agent=anna&call=c&after=9.y&limit=7&from=today", "")
	var page rest.Page[rest.SegmentRecord]
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err, w.Body)
	}
	want := records.Filter{From: shelfTime, To: shelfTime.Add(time.Hour), Queue: "q1", Agent: "anna", Call: "c", After: "9.y", Limit: 7}
	if *shelf.asked != want || page.Next != "123.x" || len(page.Rows) != 1 || page.Rows[0].Seconds != 1.5 || page.Rows[0].EndedAt != nil || page.Rows[0].Kind != "inbound" {
		t.Errorf("asked %+v, got %+v", *shelf.asked, page)
	}
	w = f.do(rest.RoleReader, http.MethodGet, "/api/v1/statistics?every=15m&by=all", "")
	var st rest.Statistics
	if err := json.Unmarshal(w.Body.Bytes(), &st); err != nil || len(st.Lines) != 1 {
		t.Fatal(err, w.Body)
	}
	if l := st.Lines[0]; *shelf.every != 15*time.Minute || *shelf.by != records.ByAll || l.ServiceLevel == nil || *l.ServiceLevel != 1.0/3 || l.Occupancy != nil {
		t.Errorf("every %s, by %q: %+v", *shelf.every, *shelf.by, l)
	}
	if w = f.do(rest.RoleReader, http.MethodGet, "/api/v1/records/queue-log", ""); !strings.Contains(w.Body.String(), "ENTERQUEUE") {
		t.Error(w.Body)
	}
	for path, code := range map[string]int{
		"/api/v1/records/attempts?from=never": http.StatusUnprocessableEntity, "/api/v1/records/calls?limit=10001": http.StatusUnprocessableEntity,
		"/api/v1/statistics?every=7m": http.StatusUnprocessableEntity, "/api/v1/statistics?by=colour": http.StatusUnprocessableEntity,
	} {
		if w := f.do(rest.RoleReader, http.MethodGet, path, ""); w.Code/100 != code/100 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	none := newFixture(t, func(o *rest.Options) { o.Records = nil })
	if w := none.do(rest.RoleReader, http.MethodGet, "/api/v1/records/calls", ""); w.Code/100 == 2 {
		t.Errorf("without records: %d", w.Code)
	}
}

// TestCampaignRecords: what has to be kept on record, and what it adds up to.
func TestCampaignRecords(t *testing.T) {
	shelf := newShelf()
	f := newFixture(t, func(o *rest.Options) { o.Records, o.Dialer = shelf, (&dials{}).dialer() })
	page := get[rest.Page[rest.CampaignRecord]](t, f, "/api/v1/campaigns/spring/records?from=today&limit=7&after=x.y")
	if r := page.Rows[0]; r.ConnectMS == nil || *r.ConnectMS != 180 || r.Message != "told" || r.Rules != "uk" || r.ObjectsVersion != 7 || shelf.asked.Limit != 7 || shelf.asked.After != "x.y" {
		t.Errorf("row %+v, asked %+v", r, shelf.asked)
	}
	rep := get[rest.CampaignReport](t, f, "/api/v1/campaigns/spring/report?by=list")
	l := rep.Lines[0]
	if l.Group != "spring list" || l.From != nil || *l.HitRate != 0.4 || *l.DropRate != 0.25 || l.RingSeconds != 5 || l.ConnectMS != 120 || l.ConnectLongest != 300 || !rep.From.Equal(shelfTime) {
		t.Errorf("line %+v of %+v", l, rep)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/campaigns/spring/report?from=never", ""), 422, "invalid")
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/campaigns/spring/report?by=weather", ""), 422, "invalid")
}
