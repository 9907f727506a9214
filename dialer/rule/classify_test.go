package rule

import (
	"testing"

	"strowger/dialer/lead"
)

// TestClassify is the table of what a trunk was measured to give, PJSIP on 22.10.1.
func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		own         bool
		cause, tech int
		want        lead.Result
	}{
		{false, 17, 486, lead.Busy},
		{false, 17, 600, lead.Busy},
		{false, 19, 480, lead.TempUnavailable},
		{true, 19, 480, lead.NoAnswer}, // the same words, but our timer was over
		{true, 0, 0, lead.NoAnswer},
		{false, 18, 408, lead.NoResponse},
		{false, 1, 404, lead.InvalidNumber},
		{false, 1, 604, lead.InvalidNumber},
		{false, 28, 484, lead.InvalidNumber},
		{false, 22, 410, lead.NumberChanged},
		{false, 21, 403, lead.Rejected},
		{false, 21, 603, lead.Rejected},
		{false, 127, 607, lead.Unwanted},
		{false, 127, 608, lead.Unwanted},
		{false, 34, 503, lead.TrunkFailed},
		{false, 38, 500, lead.TrunkFailed},
		{false, 27, 502, lead.TrunkFailed},
		{false, 102, 504, lead.TrunkFailed},
		{false, 58, 488, lead.MediaFailed},
		{false, 58, 606, lead.MediaFailed},
		{false, 127, 487, lead.Cancelled},
		{false, 127, 400, lead.ProtocolFailed},
		{false, 19, 483, lead.ProtocolFailed}, // a loop, not somebody who does not answer
		{false, 0, 0, lead.TrunkFailed},       // it did not get as far as the network
		{false, 17, 0, lead.Busy},
		{false, 19, 0, lead.TempUnavailable},
		{false, 34, 0, lead.TrunkFailed},
	} {
		if got := Classify(Tried{c.own, c.cause, c.tech}); got != c.want {
			t.Errorf("own %t, cause %d, status %d: %s, want %s", c.own, c.cause, c.tech, got, c.want)
		}
	}
}

// TestEveryResult: each result of an attempt has a rule, or ends the lead by intent.
func TestEveryResult(t *testing.T) {
	t.Parallel()
	ends := map[lead.Result]bool{lead.Talked: true, lead.Message: true, lead.AgentRejected: true}
	retries := DefaultRetries()
	for _, r := range lead.Results() {
		if _, there := retries[r]; there == ends[r] {
			t.Errorf("%s: has a retry: %t", r, there)
		}
		if Ours(r) && Counts(r) {
			t.Errorf("%s is our fault and counts", r)
		}
	}
	if len(retries)+len(ends) != len(lead.Results()) {
		t.Error("there are retries for what is no result")
	}
}
