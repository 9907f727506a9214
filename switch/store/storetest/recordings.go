package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
)

// SampleRecording returns a complete row; n tells recordings apart and orders them by start.
func SampleRecording(n int) store.Recording {
	at := time.UnixMicro(1_700_000_000_000_123 + int64(n)*1e6).UTC()
	return store.Recording{
		ID: fmt.Sprintf("01HR%022d", n), CallID: fmt.Sprintf("01HF%022d", n), CallNumber: int64(n) + 100, Node: "node-a", QueueID: fmt.Sprintf("q%d", n%3),
		Agents: []string{"other", fmt.Sprintf("a%d", n%2)}, Caller: "+4930123456", Dialled: "8001", Channels: 2, Parts: 3, ByRule: true, AskedBy: "boss (supervisor)",
		Started: at, Ended: at.Add(time.Minute), Duration: 59 * time.Second, Bytes: 944_044, SHA256: strings.Repeat("ab", 32), File: "2023/11/14/x.wav",
		State: store.RecordingSaved, Repaired: true, Pauses: []store.Span{{From: at.Add(time.Second), To: at.Add(2 * time.Second), Reason: "card", By: "anna"}},
		Gaps: []store.Span{{From: at.Add(5 * time.Second), To: at.Add(6 * time.Second), Reason: "transfer"}}, Stored: at.Add(2 * time.Minute), KeepUntil: at.Add(time.Hour),
	}
}

func recordings(t *testing.T, open Open) {
	s := opened(t, open)
	var all []store.Recording
	for n := range 7 {
		r := SampleRecording(n)
		must(t, s.SaveRecording(t.Context(), r))
		must(t, s.SaveRecording(t.Context(), r)) // idempotent
		all = append([]store.Recording{r}, all...)
	}
	ask := func(f store.RecordingFilter) []store.Recording {
		t.Helper()
		list, err := s.ListRecordings(t.Context(), f)
		must(t, err)
		return list
	}
	equal(t, ask(store.RecordingFilter{}), all)
	first := ask(store.RecordingFilter{Limit: 3})
	equal(t, first, all[:3])
	equal(t, ask(store.RecordingFilter{Before: store.RecordingCursor{Started: first[2].Started, ID: first[2].ID}}), all[3:])
	equal(t, ask(store.RecordingFilter{CallID: all[2].CallID}), all[2:3])
	equal(t, len(ask(store.RecordingFilter{AgentID: "a1"})), 3)
	equal(t, len(ask(store.RecordingFilter{QueueID: "q0"})), 3)
	equal(t, ask(store.RecordingFilter{Since: all[1].Started}), all[:2])
	equal(t, ask(store.RecordingFilter{Until: all[1].Started}), all[2:])
	equal(t, len(ask(store.RecordingFilter{Path: "2023/11", Name: "X.WAV"})), len(all))
	for _, none := range []string{"2023_11", "%", `\`, "y.wav"} {
		equal(t, len(ask(store.RecordingFilter{Path: none})), 0)
		equal(t, len(ask(store.RecordingFilter{Name: none})), 0)
	}
	equal(t, ask(store.RecordingFilter{Due: all[5].KeepUntil}), all[5:])

	gone := all[6]
	gone.State, gone.Deleted = store.RecordingDeleted, gone.KeepUntil
	must(t, s.SaveRecording(t.Context(), gone))
	equal(t, ask(store.RecordingFilter{Due: all[5].KeepUntil}), all[5:6])
	equal(t, ask(store.RecordingFilter{State: store.RecordingDeleted}), []store.Recording{gone})
	got, err := s.Recording(t.Context(), gone.ID)
	must(t, err)
	equal(t, got, gone)
	bare := store.Recording{ID: "x", State: store.RecordingFailed}
	must(t, s.SaveRecording(t.Context(), bare))
	got, err = s.Recording(t.Context(), "x")
	must(t, err)
	equal(t, got, bare)

	_, err = s.Recording(t.Context(), "../../etc/passwd")
	want(t, err, fault.NotFound)
	want(t, s.SaveRecording(t.Context(), store.Recording{State: "saved"}), fault.Invalid)
	want(t, s.SaveRecording(t.Context(), store.Recording{ID: "y"}), fault.Invalid)
	want(t, s.SaveRecording(t.Context(), store.Recording{ID: "y", State: "saved", Agents: make([]string, 1000)}), fault.Invalid)
	want(t, s.SaveRecording(t.Context(), store.Recording{ID: "y", State: "saved", Reason: strings.Repeat("x", 10_000)}), fault.Invalid)
}
