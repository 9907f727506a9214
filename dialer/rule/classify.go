package rule

import "strowger/dialer/lead"

// Tried is how the network ended a call that nobody answered.
type Tried struct {
	Own   bool // our own timer ended it: the ring time was over
	Cause int  // Q.850; 0: none
	Tech  int  // final SIP status; 0: none
}

// Classify says what the end of a call that nobody answered means. It is the
// only place that reads causes; the table is what a trunk was measured to give.
// The SIP status decides where there is one: different statuses share a cause.
func Classify(t Tried) lead.Result {
	if t.Own {
		return lead.NoAnswer
	}
	if r, known := byStatus[t.Tech]; known {
		return r
	}
	switch {
	case t.Tech >= 600:
		return lead.Rejected
	case t.Tech >= 500:
		return lead.TrunkFailed
	case t.Tech >= 300:
		return lead.ProtocolFailed
	}
	if r, known := byCause[t.Cause]; known {
		return r
	}
	return lead.TrunkFailed // without a word from the network: it did not get that far
}

var byStatus = map[int]lead.Result{
	486: lead.Busy, 600: lead.Busy,
	480: lead.TempUnavailable,
	408: lead.NoResponse,
	404: lead.InvalidNumber, 604: lead.InvalidNumber, 484: lead.InvalidNumber,
	410: lead.NumberChanged,
	403: lead.Rejected, 603: lead.Rejected,
	607: lead.Unwanted, 608: lead.Unwanted,
	488: lead.MediaFailed, 606: lead.MediaFailed,
	487: lead.Cancelled,
}

// byCause serves where no SIP status is known.
var byCause = map[int]lead.Result{
	1: lead.InvalidNumber, 3: lead.InvalidNumber, 28: lead.InvalidNumber,
	22: lead.NumberChanged,
	17: lead.Busy,
	18: lead.NoResponse,
	16: lead.TempUnavailable, 19: lead.TempUnavailable, 20: lead.TempUnavailable, 31: lead.TempUnavailable,
	21: lead.Rejected,
	58: lead.MediaFailed, 65: lead.MediaFailed, 79: lead.MediaFailed, 88: lead.MediaFailed,
	111: lead.ProtocolFailed, 127: lead.ProtocolFailed,
}
