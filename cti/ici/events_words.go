package ici

import (
	"encoding/xml"
	"strconv"
	"strings"
	"sync/atomic"

	"strowger/switch/callmodel"
)

// OwnApplication is the application id of our own part of attached data
// (reference 7.2.1; default of OII.CADApplicationID).
const OwnApplication = "SAP_BCM/OII"

// unnamedApplication keeps what a CRM attaches outside any Application element.
const unnamedApplication = "ici:document"

const mediaXML = "application/xml"

// reasonNoPhone is the not-ready reason behind work mode 1000.
const reasonNoPhone = "no-phone"

// status is a pair of call state and processing state as ICI numbers them.
type status struct{ call, processing int }

// over reports whether nothing can happen to the item any more.
func (s status) over() bool { return s.call == CallEnded && s.processing != WrapUp }

// callStates has no entry for states that the CRM is not told about: an offer
// before it alerts, a call in a queue.
var callStates = map[callmodel.ConnState]int{
	callmodel.Alerting: CallAlerting, callmodel.Connected: CallConnected, callmodel.Hold: CallHold,
	callmodel.Held: CallHeld, callmodel.Ended: CallEnded,
}

var processingStates = map[callmodel.Processing]int{
	callmodel.NotInProcess: NotInProcess, callmodel.Active: Active, callmodel.WrapUp: WrapUp,
}

// statusOf returns how ICI sees a connection; ok is false for what it does not see.
func statusOf(p *callmodel.Connection) (st status, ok bool) {
	call, ok := callStates[p.State]
	return status{call, processingStates[p.Processing]}, ok && p.Role == callmodel.RoleAgent
}

// afterAccept replaces the reference's lists once the agent has accepted and
// the phone is being called (DESIGN.md 3, decision 6).
var afterAccept = map[status][]int{{CallAlerting, NotInProcess}: {CapReroute, CapDrop}}

// operationOf joins ICI's capabilities with the model's operations. The others
// are for operations that are not offered.
var operationOf = map[int]callmodel.Op{
	CapAccept: callmodel.OpAccept, CapReroute: callmodel.OpReject,
	CapWrapUpRequired: callmodel.OpRequireWrapUp, CapWrapUpEnded: callmodel.OpEndWrapUp,
	CapGetAttachedData: callmodel.OpGetData, CapSetAttachedData: callmodel.OpSetData, CapDeleteAttachedData: callmodel.OpSetData,
	CapDrop: callmodel.OpDrop, CapHold: callmodel.OpHold, CapUnhold: callmodel.OpRetrieve,
}

// workmodes maps agent states; a call does not change the work mode.
var workmodes = map[callmodel.AgentState]int{
	callmodel.LoggedOut: LoggedOff, callmodel.NotReady: NotReady, callmodel.Ready: Ready,
	callmodel.Reserved: Ready, callmodel.OnCall: Ready, callmodel.InWrapUp: Ready,
}

// queueNames is what is known of the queues, by id.
type queueNames map[callmodel.QueueID]*callmodel.Queue

func namesOf(v *callmodel.View) queueNames {
	out := make(queueNames, len(v.Queues))
	for _, q := range v.Queues {
		out[q.ID] = q
	}
	return out
}

// translator puts the model's words into ICI's. Immutable.
type translator struct {
	strict  bool
	host    string
	cadMax  int
	leftOut *atomic.Uint64
}

// phoneCall is one party's part in a call as the CRM sees it.
func (t translator) phoneCall(names queueNames, c *callmodel.Call, p *callmodel.Connection) PhoneCall {
	st, _ := statusOf(p)
	remote := c.Remote(p.ID)
	for i, n := range remote {
		remote[i] = Number(n)
	}
	return PhoneCall{
		LineNumber: Number(p.Device), CallHandle: p.ID.Hex(),
		CallStatus: CallStatus(st.call), ProcessingStatus: ProcessingStatus(st.processing),
		RemoteNumbers: remote, DialedNumber: Number(c.Dialled),
		CapabilityList: t.capabilities(p, st), Inbound: true, AttachedData: t.attached(names, c),
	}
}

func (t translator) capabilities(p *callmodel.Connection, st status) []int {
	list := DefaultCapabilities(st.call, st.processing)
	if special, ok := afterAccept[st]; ok && p.Accepted {
		list = special
	}
	never, now := callmodel.Impossible(p.Station.Mode), callmodel.Capabilities(p)
	out := make([]int, 0, len(list))
	for _, n := range list {
		op, known := operationOf[n]
		if known && never.Has(op) || t.strict && !(known && now.Has(op)) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// attached composes the document: our own part first, then the other
// applications' as far as they fit.
func (t translator) attached(names queueNames, c *callmodel.Call) string {
	parts := []Application{{ID: OwnApplication, XML: ownPart(names, c)}}
	size := 0
	for _, d := range c.Attached {
		a := partOf(d)
		if size += len(a.ID) + len(a.XML); size > t.cadMax {
			t.leftOut.Add(1)
			continue
		}
		parts = append(parts, a)
	}
	return JoinAttachedData(parts)
}

// ownPart says how the call came here (reference 7.2.1): the queue that was
// called first, the present and the previous one. A call stays in its queue so
// far, so they are the same.
func ownPart(names queueNames, c *callmodel.Call) string {
	number, name := callmodel.NormalNumber(c.Dialled), string(c.Queue)
	if q := names[c.Queue]; q != nil {
		name = q.Name
		if q.Address != "" {
			number = q.Address
		}
	}
	var b strings.Builder
	for _, f := range []struct{ element, text string }{
		{"FirstBNumber", number}, {"FirstBName", name}, {"BNumberName", string(c.Queue)}, {"OrigQueue", string(c.Queue)},
	} {
		b.WriteString("<" + f.element + ">")
		_ = xml.EscapeText(&b, []byte(f.text)) // a strings.Builder takes everything
		b.WriteString("</" + f.element + ">")
	}
	return b.String()
}

// partOf is one application's data as XML; other media types travel as text.
func partOf(d callmodel.AttachedData) Application {
	a := Application{ID: d.App, XML: d.Data}
	if !strings.HasSuffix(d.Media, "xml") {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(d.Data)) // a strings.Builder takes everything
		a.XML = b.String()
	}
	if d.App == unnamedApplication {
		a.ID = ""
	}
	return a
}

// entriesOf takes a document apart into what the model stores. Our own part is
// left out: nobody else may change it. What came back as it was sent keeps its
// media type.
func entriesOf(doc string, limit int, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
	parts, err := SplitAttachedData(doc, limit)
	if err != nil {
		return nil, err
	}
	var out []callmodel.AttachedData
	at := map[string]int{}
	for _, a := range parts {
		if a.ID == OwnApplication {
			continue
		}
		if a.ID == "" {
			a.ID = unnamedApplication
		}
		i, again := at[a.ID]
		if again {
			out[i].Data += a.XML
			continue
		}
		at[a.ID] = len(out)
		out = append(out, callmodel.AttachedData{App: a.ID, Media: mediaXML, Data: a.XML})
	}
	for _, old := range have {
		if i, kept := at[old.App]; kept && out[i].Data == partOf(old).XML {
			out[i] = old
		}
	}
	return out, nil
}

// user is an agent as the CRM sees it, under the name that the CRM uses.
func (t translator) user(names queueNames, a *callmodel.Agent, userID string) User {
	queues := make([]TextElement, 0, len(a.Queues))
	for _, id := range a.Queues {
		queues = append(queues, queueElement(names[id], id))
	}
	phone := []TextElement{{ID: ChannelPhone, Description: "Telephony"}}
	return User{
		UserID: userID, CurrentWorkmode: Workmode(workmodeOf(a)), Workmodes: Workmodes(), WrapUpMode: WrapUpAutomatic,
		CurrentChannels: phone, Channels: phone, CurrentQueues: queues, Queues: queues,
		Addresses: []Address{{Address: Number(a.Line), Channel: ChannelPhone}}, CmsHostID: t.host,
	}
}

// workmodeOf is what the agent has chosen: not ready shows at once, even where
// it waits for the end of the call; logged off shows when it has happened.
func workmodeOf(a *callmodel.Agent) int {
	state, reason := a.State, a.Reason
	if a.Pending == callmodel.NotReady {
		state, reason = a.Pending, a.PendingReason
	}
	if state == callmodel.NotReady && reason == reasonNoPhone {
		return NoPhone
	}
	return workmodes[state]
}

// queueElement names a queue by its number, as the CRM's configuration does.
func queueElement(q *callmodel.Queue, id callmodel.QueueID) TextElement {
	if q == nil {
		return TextElement{ID: string(id), Description: string(id)}
	}
	number := q.Address
	if number == "" {
		number = strconv.FormatInt(q.Number, 10)
	}
	return TextElement{ID: number, Description: q.Name}
}
