package recount

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"strowger/ari/cel"
	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/cti/rest"
)

// fate is what became of one caller, as one of the two has written it down.
type fate struct {
	end  string // answered, abandoned, menu or undecided
	talk float64
}

// recorded is what the controller's records say, by the caller's number.
type recorded struct {
	calls    map[string]fate
	figures  rest.Figures
	segments int
	twice    []string // callers with more than one row
}

// readRows reads the records of all calls by the way that a report reads them.
func readRows(ctx context.Context, r *rig.Rig) (*recorded, error) {
	rec := &recorded{calls: map[string]fate{}}
	spoken := map[string]float64{}
	for after := ""; ; {
		var page rest.Page[rest.SegmentRecord]
		if err := r.Controller.Call(ctx, http.MethodGet, "/api/v1/records/segments?from=yesterday&to=now&limit=5000&after="+after, nil, &page); err != nil {
			return nil, err
		}
		for _, g := range page.Rows {
			if g.Role == "agent" && g.State == "talking" {
				spoken[g.Call] += g.Seconds
			}
		}
		rec.segments += len(page.Rows)
		if after = page.Next; after == "" {
			break
		}
	}
	for after := ""; ; {
		var page rest.Page[rest.CallRecord]
		if err := r.Controller.Call(ctx, http.MethodGet, "/api/v1/records/calls?from=yesterday&to=now&limit=5000&after="+after, nil, &page); err != nil {
			return nil, err
		}
		for _, c := range page.Rows {
			end := map[string]string{"handled": "answered", "abandoned": "abandoned", "abandoned-ringing": "abandoned"}[c.Outcome]
			if c.Queue == "" {
				end = "menu"
			}
			if _, ok := rec.calls[c.Caller]; ok {
				rec.twice = append(rec.twice, c.Caller)
			}
			rec.calls[c.Caller] = fate{end: orElse(end, c.Outcome), talk: spoken[c.ID]}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	var st rest.Statistics
	if err := r.Controller.Call(ctx, http.MethodGet, "/api/v1/statistics?from=yesterday&to=now&by=queue", nil, &st); err != nil {
		return nil, err
	}
	for _, l := range st.Lines { // two where the run went over midnight
		rec.figures.Offered += l.Offered
		rec.figures.Answered += l.Answered
		rec.figures.Abandoned += l.Abandoned + l.ShortAbandoned
		rec.figures.TalkSeconds += l.TalkSeconds
	}
	return rec, nil
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// ownPrefix is how the controller's own channel ids begin.
const ownPrefix = "sw-"

// witnessOf reads what Asterisk itself has written of every caller.
func witnessOf(path string) (map[string]fate, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	var events []cel.Event
	calledFor := map[string]string{} // channel of an agent: the caller, whose number it bears once it is up
	stats, err := cel.Scan(f, func(e cel.Event) bool {
		events = append(events, e)
		if e.Kind == cel.Answer && strings.HasPrefix(e.Channel, ownPrefix) {
			calledFor[e.Channel] = e.Caller
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if stats.Bad > 0 {
		return nil, fmt.Errorf("%s: %d lines cannot be read", path, stats.Bad)
	}
	seen, callers, agents := map[string]fate{}, map[string]*cel.Leg{}, map[string][]*cel.Leg{}
	for _, l := range cel.Fold(events) {
		switch {
		case strings.HasPrefix(l.Channel, ownPrefix):
			agents[calledFor[l.Channel]] = append(agents[calledFor[l.Channel]], l)
		case strings.HasPrefix(l.Caller, queuePrefix), strings.HasPrefix(l.Caller, menuPrefix):
			if callers[l.Caller] != nil {
				return nil, fmt.Errorf("caller %s has called twice", l.Caller)
			}
			callers[l.Caller] = l
		}
	}
	for number, l := range callers {
		out := fate{end: "abandoned"}
		if strings.HasPrefix(number, menuPrefix) {
			out.end = "menu"
		}
		for _, a := range agents[number] {
			if a.Answered.IsZero() || !a.Answered.Before(l.Ended) {
				continue
			}
			in := together(l, a)
			if out.end = "answered"; in == 0 && l.Ended.Sub(a.Answered) < handUpTime {
				out.end = "undecided"
			}
			out.talk += in
		}
		seen[number] = out
	}
	return seen, nil
}

// handUpTime bounds the time from a caller's hang-up, which the channel events
// do not hold, to the end of the channel, which they do. Whether an agent who
// came up within it, and never was in a bridge with the caller, was in time
// cannot be told from them.
const handUpTime = 100 * time.Millisecond

// together is how long two legs were in one bridge.
func together(a, b *cel.Leg) float64 {
	var sum time.Duration
	for _, x := range a.Bridges {
		for _, y := range b.Bridges {
			if x.Bridge != y.Bridge {
				continue
			}
			from, to := x.From, x.To
			if y.From.After(from) {
				from = y.From
			}
			if y.To.Before(to) {
				to = y.To
			}
			sum += max(to.Sub(from), 0)
		}
	}
	return sum.Seconds()
}

// difference is what the two do not agree about.
type difference struct {
	lines     []string
	worst     float64 // seconds of talk
	undecided int     // callers who went in the moment of the answer
}

// talkTolerance is how far the two may differ about one call's talk.
const talkTolerance = 1.0

func (rec *recorded) compare(seen map[string]fate) (d difference) {
	for _, number := range rec.twice {
		d.lines = append(d.lines, number+": more than one row")
	}
	for _, number := range slices.Sorted(maps.Keys(seen)) {
		theirs := seen[number]
		ours, ok := rec.calls[number]
		off := math.Abs(ours.talk - theirs.talk)
		if theirs.end == "undecided" && (ours.end == "answered" || ours.end == "abandoned") {
			theirs.end = ours.end
			seen[number] = theirs
			d.undecided++
		}
		switch {
		case !ok:
			d.lines = append(d.lines, number+": no row")
		case ours.end != theirs.end:
			d.lines = append(d.lines, fmt.Sprintf("%s: %s by the records, %s by the channel events", number, ours.end, theirs.end))
		case off > talkTolerance:
			d.lines = append(d.lines, fmt.Sprintf("%s: talked %.3f s by the records, %.3f s by the channel events", number, ours.talk, theirs.talk))
		}
		d.worst = max(d.worst, off)
	}
	for _, number := range slices.Sorted(maps.Keys(rec.calls)) {
		if _, ok := seen[number]; !ok {
			d.lines = append(d.lines, number+": a row, and no channel")
		}
	}
	answered, abandoned := count(seen, "answered"), count(seen, "abandoned")
	if f := rec.figures; f.Offered != answered+abandoned || f.Answered != answered || f.Abandoned != abandoned {
		d.lines = append(d.lines, fmt.Sprintf("statistics: %d offered, %d answered, %d abandoned; the channel events say %d, %d, %d",
			f.Offered, f.Answered, f.Abandoned, answered+abandoned, answered, abandoned))
	}
	return d
}

func count(all map[string]fate, end string) (n int) {
	for _, f := range all {
		if f.end == end {
			n++
		}
	}
	return n
}

func talked(all map[string]fate) (sum float64) {
	for _, f := range all {
		sum += f.talk
	}
	return sum
}

// enter enters figures of the records, beside them those of the channel events.
func enter(book *report.Book, rec *recorded, seen map[string]fate, d difference, took time.Duration) {
	exactly := func(name string, ours, theirs int) {
		book.Add(name, float64(ours), "calls", report.Ref(float64(theirs)))
	}
	exactly("calls", len(rec.calls), len(seen))
	exactly("answered", rec.figures.Answered, count(seen, "answered"))
	exactly("abandoned", rec.figures.Abandoned, count(seen, "abandoned"))
	exactly("menu", count(rec.calls, "menu"), count(seen, "menu"))
	book.Add("talk_s", round(rec.figures.TalkSeconds), "s", report.Ref(round(talked(seen))))
	book.AtMost("talk_off_worst_s", round(d.worst), "s", nil, talkTolerance)
	book.AtMost("calls_that_differ", float64(len(d.lines)), "calls", nil, 0)
	book.Add("undecided", float64(d.undecided), "calls", nil)
	book.Add("segments", float64(rec.segments), "rows", nil)
	book.Add("load_s", round(took.Seconds()), "s", nil)
}

// round keeps figures to a thousandth.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
