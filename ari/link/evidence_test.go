package link_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/ari/cel"
	"strowger/ari/link"
	"strowger/switch/callmodel"
)

// lateFeed is a switch that has run for an hour.
type lateFeed struct{ *feed }

const anHour = callmodel.Instant(3_600_000_000)

func (lateFeed) Now() callmodel.Instant { return anHour }

// celRig is a link that reads a file of channel events; left is how long ago
// the process before wrote its last record.
func celRig(t *testing.T, left time.Duration, events ...cel.Event) *linkRig {
	path := filepath.Join(t.TempDir(), "strowger.csv")
	if err := os.WriteFile(path, cel.Format(events...), 0o600); err != nil {
		t.Fatal(err)
	}
	return newLink(t, func(o *link.Options) {
		o.CELFile, o.Context = path, "strowger-in"
		o.Left = func() time.Time {
			if left == 0 {
				return time.Time{}
			}
			return time.Now().Add(-left)
		}
	})
}

// life is a channel that began and ended so long ago.
func life(id, name, context, exten, app string, from, to time.Duration, cause int) []cel.Event {
	at := func(ago time.Duration) time.Time { return time.Now().Add(-ago) }
	e := func(kind cel.Kind, ago time.Duration) cel.Event {
		return cel.Event{Kind: kind, At: at(ago), Channel: id, Name: name, Context: context, Exten: exten, Caller: "4917055501"}
	}
	start, run, end := e(cel.ChanStart, from), e(cel.AppStart, from), e(cel.Hangup, to)
	run.App, end.Extra.Cause = app, cause
	return []cel.Event{start, run, end}
}

func (r *linkRig) startLate() callmodel.Resync {
	r.t.Helper()
	if err := r.link.Start(r.t.Context(), lateFeed{r.feed}); err != nil {
		r.t.Fatal(err)
	}
	return want[callmodel.Resync](r)
}

// TestEvidenceAfterARestart: what ended since the last record is told with its
// time and cause, and which callers were missed; what is older is not.
func TestEvidenceAfterARestart(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var events []cel.Event
	for _, e := range [][]cel.Event{
		life("1.0", "PJSIP/trunk-0", "strowger-in", "600", "Stasis", 50*time.Minute, 40*time.Minute, 16), // long before
		life("1.1", "PJSIP/trunk-1", "strowger-in", "600", "Stasis", 50*time.Minute, 20*time.Second, 17),
		life("sw-A", "PJSIP/101-2", "phones", "s", "Stasis", 50*time.Minute, 19*time.Second, 0),
		life("1.3", "PJSIP/trunk-3", "strowger-in", "+600", "Queue", 15*time.Second, 10*time.Second, 16),
		life("1.4", "Local/x@strowger-in-4", "strowger-in", "600", "Stasis", 15*time.Second, 10*time.Second, 16),
		life("1.5", "PJSIP/other-5", "elsewhere", "600", "Queue", 15*time.Second, 10*time.Second, 999),
	} {
		events = append(events, e...)
	}
	in := celRig(t, 30*time.Second, events...).startLate()
	slack := 2*time.Second + time.Since(began) // the times of above have become older since
	if !in.Back || !in.Fresh || (anHour-in.Since-30_000_000).Sub(0).Abs() > slack {
		t.Errorf("back %t, since %v ago", in.Back, anHour.Sub(in.Since))
	}
	ended := map[callmodel.ChannelID]callmodel.LegEnd{}
	for _, e := range in.Ended {
		ended[e.Channel] = e
	}
	if len(ended) != 5 || ended["1.1"].Cause != 17 || ended["sw-A"].Cause != callmodel.CauseNormal || ended["1.5"].Cause != 127 {
		t.Errorf("ended: %+v", in.Ended)
	}
	if d := anHour.Sub(ended["1.1"].At) - 20*time.Second; d.Abs() > slack {
		t.Errorf("the end is %v off", d)
	}
	if _, old := ended["1.0"]; old {
		t.Error("an end before the last sign of life is told again")
	}
	var missed []callmodel.ChannelID
	for _, m := range in.Missed {
		missed = append(missed, m.Channel)
		if m.Channel == "1.3" && (!m.Fallback || m.Dialled != "+600" || m.Caller != "4917055501" || m.EndedAt <= m.At || m.Call.IsZero()) {
			t.Errorf("missed: %+v", m)
		}
	}
	// 1.1 came before, and is known.
	if len(missed) != 1 || missed[0] != "1.3" {
		t.Errorf("missed: %v", missed)
	}
}

// TestEvidenceAfterACut: the last sign of life is that of the connection.
func TestEvidenceAfterACut(t *testing.T) {
	t.Parallel()
	r := celRig(t, 0)
	first := r.startLate()
	r.synced(1)
	if !first.Back || first.Since != 0 || first.Ended != nil || first.Missed != nil {
		t.Errorf("a first start knows of no time before: %+v", first)
	}
	r.fake.Drop()
	want[callmodel.NodeDown](r)
	again := want[callmodel.Resync](r)
	if away := anHour.Sub(again.Since); again.Fresh || !again.Back || away < 0 || away > 10*time.Second {
		t.Errorf("fresh %t, back %t, since %v ago", again.Fresh, again.Back, away)
	}
}

// TestEvidenceOfWhatWasNot: the file is proof of what it does not have where it
// is being written and knows how every leg of ours has ended.
func TestEvidenceOfWhatWasNot(t *testing.T) {
	t.Parallel()
	ended := life("sw-A", "PJSIP/trunk-1", "s", "s", "Stasis", time.Minute, 10*time.Second, 16)
	for name, c := range map[string]struct {
		events []cel.Event
		covers bool
	}{
		"an end":                              {ended, true},
		"a leg of ours without an end":        {append(ended[:3:3], life("sw-B", "PJSIP/trunk-2", "s", "s", "Stasis", 20*time.Second, 0, 0)[:2]...), false},
		"a caller without an end":             {append(ended[:3:3], life("1.2", "PJSIP/trunk-2", "s", "s", "Stasis", 20*time.Second, 0, 0)[:2]...), true},
		"nothing":                             {nil, false},
		"nothing since the last sign of life": {life("sw-A", "PJSIP/trunk-1", "s", "s", "Stasis", 2*time.Minute, time.Minute, 16), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := celRig(t, 30*time.Second, c.events...).startLate()
			if got := in.Covers != 0; got != c.covers {
				t.Errorf("covers %d, want any: %t", in.Covers, c.covers)
			}
			if off := in.Since.Sub(in.Covers) - 5*time.Second; c.covers && off.Abs() > time.Second {
				t.Errorf("covers %v more than 5 s before the last sign of life", off)
			}
		})
	}
}

// TestEvidenceThatCannotBeRead is no reason to stay away.
func TestEvidenceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newLink(t, func(o *link.Options) {
		o.CELFile, o.Left = t.TempDir(), func() time.Time { return time.Now().Add(-time.Minute) }
	})
	if in := r.startLate(); !in.Back || in.Since == 0 || in.Ended != nil {
		t.Errorf("%+v", in)
	}
}

// TestCallsBeforeTheSwitchAreNotMissed: a call that came before the switch
// first ran is nobody's loss.
func TestCallsBeforeTheSwitchAreNotMissed(t *testing.T) {
	t.Parallel()
	in := celRig(t, 100*time.Minute, append(
		life("1.1", "PJSIP/trunk-1", "strowger-in", "600", "Queue", 90*time.Minute, 80*time.Minute, 16),
		life("1.2", "PJSIP/trunk-2", "strowger-in", "600", "Queue", 50*time.Minute, 40*time.Minute, 16)...)...).startLate()
	if len(in.Missed) != 1 || in.Missed[0].Channel != "1.2" || in.Since != 1 {
		t.Errorf("missed %+v, since %d", in.Missed, in.Since)
	}
}
