package ici

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
)

// operator is a CRM that does at random what the items of its agents offer.
type operator struct {
	*scene
	*rand.Rand
	w       *witness
	strict  bool
	created map[string]bool // handles that create has answered
	done    map[int]int     // how often each capability was used with success
}

// Publish implements publisher: a created item that ends was told of never before.
func (o *operator) Publish(agent string, target Target, e Event) int {
	if c, ok := e.(*PhoneCallChanged); ok && c.PhoneCall.CallStatus.ID == "4" && c.PhoneCall.ProcessingStatus.ID == "1" {
		h := c.PhoneCall.CallHandle
		if _, told := o.w.told[h]; !told && o.created[h] {
			o.w.told[h] = c.PhoneCall
			return 1
		}
	}
	return o.w.Publish(agent, target, e)
}

// Whatever a CRM does of what it is offered, and whatever the callers and
// phones do meanwhile: what it is told is a sequence that the state machine
// allows, no answer is a defect of ours, and in the strict profile nothing that
// is offered is refused for the state that the call is in.
func TestOperations(t *testing.T) {
	t.Parallel()
	all := map[int]int{}
	for seed := range uint64(60) {
		strict := seed%2 == 0
		settings := "default,sendDTMFCapability=113"
		if strict {
			settings = "strict,sendDTMFCapability=113"
		}
		o := &operator{
			scene: newScene(t, settings), Rand: rand.New(rand.NewPCG(seed, 7)), strict: strict,
			w: &witness{t: t, told: map[string]PhoneCall{}}, created: map[string]bool{}, done: all,
		}
		o.s.board.push = o
		for range 150 {
			if o.IntN(3) == 0 {
				o.world()
			} else {
				o.operate([]string{"anna", "bernd"}[o.IntN(2)])
			}
			o.settle()
			if t.Failed() {
				t.Fatalf("seed %d:\n%s", seed, joinLines(o.w.log))
			}
		}
		o.end()
		if n := len(o.s.board.live) + len(o.s.board.created.byConn); n != 0 {
			t.Fatalf("seed %d: %d items are left\n%s", seed, n, joinLines(o.w.log))
		}
	}
	for _, n := range []int{
		CapAccept, CapReroute, CapForward, CapWrapUpRequired, CapWrapUpEnded, CapSetAttachedData, CapDial, CapDrop, CapConsult, CapTransfer,
		CapConference, CapDropParty, CapHold, CapUnhold, CapAlternate, CapReconnect, 113,
	} {
		if all[n] == 0 {
			t.Errorf("capability %d was never used", n)
		}
	}
}

// world is what happens besides the CRM.
func (o *operator) world() {
	view, err := o.sw.View(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	var phones []callmodel.Connection
	for _, c := range view.Calls {
		for i := range c.Conns {
			if p := c.Conns[i]; p.Channel != "" && p.State != callmodel.Ended && p.Leg != callmodel.LegNone && p.Leg != callmodel.LegGone {
				phones = append(phones, p)
			}
		}
	}
	switch n := o.IntN(8); {
	case n == 0 || len(phones) == 0:
		o.note("arrive")
		o.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	case n < 6:
		p := phones[o.IntN(len(phones))]
		if p.Leg != callmodel.LegUp {
			o.note("lift " + p.Device)
			o.sw.Lift(p.ID)
		} else if o.IntN(6) == 0 {
			o.note("clear " + p.Device)
			o.sw.Clear(p.ID, callmodel.CauseNormal)
		}
	case n == 6:
		o.sw.Advance(time.Duration(o.IntN(12)) * time.Second)
	default:
		for _, a := range view.Agents {
			if len(a.Items) == 0 && a.State == callmodel.NotReady {
				o.sw.SetAgent(a.ID, callmodel.Ready, "")
			}
		}
	}
}

func (o *operator) note(s string) { o.w.log = append(o.w.log, s) }

// items are those of a line, as the CRM reads them.
func (o *operator) items(line string) []PhoneCall {
	reply, err := o.ask(OpGetCalls, &LineRef{line})
	if err != nil {
		o.Fatal(err)
	}
	return reply.(*PhoneCalls).Calls
}

// operate uses one capability of one item of an agent's, or creates an item.
func (o *operator) operate(agent string) {
	line := lineOf(agent)
	items := o.items(line)
	if len(items) == 0 || o.IntN(5) == 0 {
		reply, err := o.ask(OpCreate, &Container{ChannelPhone, line})
		if err == nil {
			o.created[reply.(*Item).ItemID] = true
			o.note(agent + " create")
		}
		return
	}
	item := items[o.IntN(len(items))]
	if len(item.CapabilityList) == 0 {
		o.Errorf("a live item offers nothing: %+v", item)
		return
	}
	capability := item.CapabilityList[o.IntN(len(item.CapabilityList))]
	switch {
	case capability == CapDrop && o.IntN(3) > 0:
		return // else calls do not get far
	case slices.Contains(item.CapabilityList, CapDropParty) && o.IntN(4) == 0:
		capability = CapDropParty
	case o.strict && slices.Contains(item.CapabilityList, CapConference) && o.IntN(3) == 0:
		capability = CapConference // chance alone seldom makes one
	}
	op, p, ok := o.request(capability, item, items)
	if !ok {
		return
	}
	o.note(fmt.Sprintf("%s %s %s %s", agent, op.Name(), item.CallHandle[12:20], item.CallStatus.ID))
	o.judge(capability, o.answerTo(op, p))
}

// answerTo sends a request and returns the code of its refusal.
func (o *operator) answerTo(op Op, p Params) string {
	_, err := o.ask(op, p)
	var f *soap.Fault
	if !errors.As(err, &f) {
		if err != nil {
			o.Errorf("%s: %v", op, err)
		}
		return ""
	}
	code, text, _ := CodeOf(f)
	o.note("   refused: " + code.String() + " " + text)
	return code.String()
}

func (o *operator) judge(capability int, code string) {
	switch {
	case code == "":
		o.done[capability]++
	case code == "5/5" || code == "4/4": // where it was to go is not there now
	case code == "4/3" || code == "5/4":
		if o.strict {
			o.Errorf("capability %d was offered and refused with %s", capability, code)
		}
	default:
		o.Errorf("capability %d was refused with %s", capability, code)
	}
}

// request is the operation of a capability, with the line's other items as it
// needs them; ok is false where the default profile offers what they cannot.
func (o *operator) request(capability int, item PhoneCall, items []PhoneCall) (op Op, p Params, ok bool) {
	h, line := item.CallHandle, item.LineNumber
	place, call, ref := &ItemInContainer{h, line}, &CallRef{line, h}, &ItemRef{h}
	other := map[string]string{"+101": "+102", "+102": "+101"}[line]
	number := []string{other, other, ctitest.Outside}[o.IntN(3)]
	pair, paired := pairOf(item, items)
	switch capability {
	case CapAccept:
		return OpAccept, place, true
	case CapReroute:
		return OpReroute, place, true
	case CapForward:
		if o.IntN(4) == 0 {
			return OpForward, &Forwarding{h, line, destQueue, "600"}, true
		}
		return OpForward, &Forwarding{h, line, ChannelPhone, number}, true
	case CapWrapUpRequired:
		return OpWrapUpRequired, ref, true
	case CapWrapUpEnded:
		return OpWrapUpEnded, ref, true
	case CapGetAttachedData:
		return OpGetAttachedData, ref, true
	case CapSetAttachedData:
		return OpSetAttachedData, &AttachedDataChange{h, "<ItemAttachedData><Application id=\"A\"><n>" + strconv.Itoa(o.IntN(9)) + "</n></Application></ItemAttachedData>"}, true
	case CapDeleteAttachedData:
		return OpDeleteAttachedData, ref, true
	case CapDial:
		return OpDial, &Dialing{line, h, number}, true
	case CapDrop:
		return OpDrop, call, true
	case CapConsult:
		p, ok = o.consultation(item, items, number)
		return OpConsult, p, ok
	case CapTransfer:
		return OpTransfer, pair, paired
	case CapConference:
		return OpConference, pair, paired
	case CapDropParty:
		return OpDropParty, &PartyRef{line, item.RemoteNumbers[o.IntN(len(item.RemoteNumbers))], h}, true
	case CapHold:
		return OpHold, call, true
	case CapUnhold:
		return OpUnhold, call, true
	case CapAlternate:
		return OpAlternate, pair, paired
	case CapReconnect:
		return OpReconnect, pair, paired
	}
	return OpSendDTMF, &Tones{line, h, "1"}, true
}

// pairOf names an item and the line's other call, the one on hold last.
func pairOf(item PhoneCall, items []PhoneCall) (*CallPair, bool) {
	for _, i := range items {
		switch st := i.CallStatus.ID; {
		case i.CallHandle == item.CallHandle:
		case item.CallStatus.ID == "106" && st == "101":
			return &CallPair{item.LineNumber, i.CallHandle, item.CallHandle}, true
		case item.CallStatus.ID == "101" && st == "106":
			return &CallPair{item.LineNumber, item.CallHandle, i.CallHandle}, true
		}
	}
	return &CallPair{}, false
}

// consultation takes a created item, and a call that can wait.
func (o *operator) consultation(item PhoneCall, items []PhoneCall, number string) (Params, bool) {
	waits := slices.IndexFunc(items, func(p PhoneCall) bool { return p.CallStatus.ID == "101" || p.CallStatus.ID == "106" })
	fresh := slices.IndexFunc(items, func(p PhoneCall) bool { return p.CallStatus.ID == "1" })
	if item.CallStatus.ID == "1" {
		fresh = slices.IndexFunc(items, func(p PhoneCall) bool { return p.CallHandle == item.CallHandle })
	} else {
		waits = slices.IndexFunc(items, func(p PhoneCall) bool { return p.CallHandle == item.CallHandle })
	}
	if waits < 0 || fresh < 0 {
		return &Consultation{}, false
	}
	return &Consultation{item.LineNumber, items[fresh].CallHandle, items[waits].CallHandle, number, 1 + o.IntN(4)}, true
}

// end lets everything end.
func (o *operator) end() {
	for range 5 {
		for _, agent := range []string{"anna", "bernd"} {
			_ = o.answerTo(OpDropCalls, &LineRef{lineOf(agent)}) // a line that has ended nothing ends it next
			o.settle()
			for _, i := range o.items(lineOf(agent)) {
				_ = o.answerTo(OpDrop, &CallRef{lineOf(agent), i.CallHandle})
				o.settle()
			}
		}
		view, err := o.sw.View(o.Context())
		if err != nil {
			o.Fatal(err)
		}
		for _, c := range view.Calls {
			_ = o.sw.Do(o.Context(), callmodel.EndCall{Call: c.ID}) // it may be over
		}
		o.sw.Advance(time.Minute)
		o.settle()
	}
}
