package sapphone

import (
	"cmp"
	"slices"
	"strings"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// Meanings of call states in the metadata.
const (
	stateAlerting = "alerting"
	stateEnded    = "ended"
	stateUnknown  = "unknown"
	statePreview  = "preview" // of a campaign's call before it is made; told as unknown
)

// stateSems says what each call state of ICI is here (sap.md 1.6). What is not
// listed is shown as unknown.
var stateSems = map[int]string{
	ici.CallAlerting: stateAlerting, ici.CallDialing: "dialing", ici.CallRinging: "ringing", ici.CallConnected: "connected",
	ici.CallHold: "hold", ici.CallHeld: "held", ici.CallBusy: "busy",
	ici.CallConferenceOwner: "conference", ici.CallConferenceParticipant: "conference", ici.CallEnded: stateEnded,
	ici.CallCreated: stateUnknown, ici.CallNew: stateUnknown, ici.CallIdle: stateUnknown, ici.CallListened: stateUnknown,
	ici.CallPreview: statePreview,
}

// words are the constants of the metadata.
type words struct{ m *Metadata }

func (w words) state(sem string) string {
	if sem == statePreview {
		sem = stateUnknown
	}
	return w.m.constant("state", sem)
}

func (w words) reason(sem string) string   { return w.m.constant("reason", sem) }
func (w words) workmode(sem string) string { return w.m.constant("workmode", sem) }
func (w words) request() string            { return w.m.constant("request", "phone_call") }

// workmodeSems says what an agent's state is as a work mode.
var workmodeSems = map[callmodel.AgentState]string{
	callmodel.LoggedOut: "logged_off", callmodel.Ready: "ready", callmodel.NotReady: "not_ready",
	callmodel.Reserved: "on_call", callmodel.OnCall: "on_call", callmodel.InWrapUp: "wrap_up",
}

// reasonOf says why a call is at a line.
func reasonOf(c *callmodel.Call, p *callmodel.Connection) string {
	switch {
	case c.Campaign != "":
		return "campaign"
	case p.Maker:
		return "unknown"
	case c.Kind == callmodel.KindConsult:
		return "consultation"
	case c.Kind == callmodel.KindCallback:
		return "callback"
	case p.Consult:
		return "consult_transferred"
	case c.TransferredBy != "" && c.TransferredBy != p.Agent:
		return "blind_transferred"
	case p.Direct:
		return "direct"
	case c.Queue != "" || len(c.Queues) > 0:
		return "queue"
	}
	return "unknown"
}

// notice is a call as it is told to who waits for one.
type notice struct {
	handle string
	values map[string]string // by sem
	data   string
}

// notice says who calls; the caller holds mu.
func (b *board) notice(i *item) notice {
	p := i.conn()
	phone := b.lens.Item(i.call, p)
	redirected := ""
	if by := b.dir.agents[i.call.TransferredBy]; by != nil {
		redirected = by.Line
	}
	return notice{handle: i.id.Hex(), data: phone.AttachedData, values: map[string]string{
		"handle": i.id.Hex(), "calling_no": first(phone.RemoteNumbers), "called_no": phone.DialedNumber, "redir_no": redirected,
		"queue": b.dir.queueName(i.call.Queue), "reason": b.say.reason(reasonOf(i.call, p)), "req_type": b.say.request(),
	}}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// row is a call as it is listed; the caller holds mu.
func (b *board) row(i *item) map[string]string {
	phone := b.lens.Item(i.call, i.conn())
	return map[string]string{
		"handle": i.id.Hex(), "state": b.say.state(i.state), "party": first(phone.RemoteNumbers),
		"reason": b.say.reason(reasonOf(i.call, i.conn())), "queue": b.dir.queueName(i.call.Queue),
	}
}

// calls lists what is on a line: the live calls, and the ended ones that were
// not listed before. With a handle it is that one alone.
func (b *board) calls(number string, handle string) []map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var live []*item
	for _, i := range b.live {
		if i.line == number && !i.over && i.state != stateUnknown {
			live = append(live, i)
		}
	}
	slices.SortFunc(live, func(x, y *item) int { return cmp.Compare(x.conn().Number, y.conn().Number) })
	var out []map[string]string
	for _, i := range live {
		if row := b.row(i); handle == "" || row["handle"] == handle {
			out = append(out, row)
		}
	}
	l := b.lines[number]
	if l == nil {
		return out
	}
	l.expire(b.now())
	l.ended = slices.DeleteFunc(l.ended, func(e endedCall) bool {
		wanted := handle == "" || e.row["handle"] == handle
		if wanted {
			out = append(out, e.row)
		}
		return wanted
	})
	return out
}

// known says what a handle stands for.
type known struct {
	item *item // a copy; nil where the call is over
	past bool
}

// find looks a handle up.
func (b *board) find(handle string) known {
	id, err := callmodel.ParseID(strings.TrimSpace(handle))
	if err != nil {
		return known{}
	}
	conn := callmodel.ConnID{ID: id}
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := b.live[conn]; i != nil {
		held := *i
		return known{item: &held}
	}
	return known{past: b.past[conn]}
}

// data is the document that travels with a call.
func (b *board) data(i *item) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lens.Item(i.call, i.conn()).AttachedData
}

// entries takes such a document apart.
func (b *board) entries(doc string, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lens.Entries(doc, have)
}

// extension looks an extension up.
func (b *board) extension(ext string) *callmodel.Agent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dir.extension(ext)
}

// rejection is what becomes of a campaign's call that the agent does not make.
func (b *board) rejection(i *item) callmodel.CallbackResult {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lens.Rejection(i.call, i.conn())
}
