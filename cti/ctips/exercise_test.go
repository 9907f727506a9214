package ctips

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// dialect is CTIPS for the suite that all adapters pass: a client with a
// callback service, to which the events come over HTTP.
type dialect struct {
	*client
	sw    *ctitest.FakeSwitch
	next  int32
	items map[string]*item // by call and agent, as events name them
	news  map[callmodel.AgentID][]ctitest.News
}

// item is an agent's part in a call, as a client can know it.
type item struct {
	name  string
	call  int32
	agent int32
	now   ctitest.News
	owns  bool // of a conference
	over  bool // CallCleared came; what follows is told by the agent's state
}

func TestExercise(t *testing.T) {
	t.Parallel()
	ctitest.Exercise(t, func(t *testing.T, sw *ctitest.FakeSwitch) ctitest.Adapter {
		return &dialect{wholeRig(t, sw).connect(), sw, 0, map[string]*item{}, map[callmodel.AgentID][]ctitest.News{}}
	})
}

var (
	agentNumbers = map[callmodel.AgentID]int32{ctitest.Anna: 1, ctitest.Bernd: 2}
	agentNames   = map[int32]callmodel.AgentID{1: ctitest.Anna, 2: ctitest.Bernd}
	agentLines   = map[int32]string{1: ctitest.AnnaLine, 2: ctitest.BerndLine}
)

func (d *dialect) Offers() callmodel.OpSet {
	return callmodel.OpSet(callmodel.OpAccept | callmodel.OpReject | callmodel.OpEndWrapUp | callmodel.OpGetData | callmodel.OpSetData |
		callmodel.OpDrop | callmodel.OpHold | callmodel.OpRetrieve | callmodel.OpConsult | callmodel.OpTransfer | callmodel.OpConference |
		callmodel.OpBlindTransfer | callmodel.OpDropParty)
}

func (d *dialect) head(agent callmodel.AgentID) AgentHead {
	d.next++
	return d.client.agent(agentNumbers[agent], d.next)
}

func (d *dialect) Login(ctx context.Context, agent callmodel.AgentID) error {
	return d.done(ctx, "LoginAgent", &LoginAgentArgs{
		RequestHead: d.head(agent).RequestHead, AgentLoginName: string(agent), InitialState: AgentStateIdle, MultiLine: 1,
	})
}

func (d *dialect) Do(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, name string) error {
	return d.DoTo(ctx, agent, op, name, "")
}

// byName finds an item.
func (d *dialect) byName(name string) *item {
	for _, i := range d.items {
		if i.name == name {
			return i
		}
	}
	return nil
}

// twoOf are the calls of an agent with a consultation: the first and the second.
func (d *dialect) twoOf(agent callmodel.AgentID) (first, second int32) {
	for _, i := range d.items {
		if i.agent != agentNumbers[agent] || i.now.State == callmodel.Ended {
			continue
		}
		if first == 0 || i.call < first {
			first, second = i.call, first
		} else {
			second = i.call
		}
	}
	return first, max(first, second)
}

func (d *dialect) DoTo(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, name, number string) error {
	h := CallHead{AgentHead: d.head(agent), CallID: 999_999}
	i := d.byName(name)
	if i != nil {
		h.CallID = i.call
	}
	two := h
	var second int32
	two.CallID, second = d.twoOf(agent)
	switch op {
	case callmodel.OpAccept:
		return d.done(ctx, "AcceptCall", &AcceptCallArgs{CallHead: h, AcceptCall: true})
	case callmodel.OpReject:
		return d.done(ctx, "AcceptCall", &AcceptCallArgs{CallHead: h})
	case callmodel.OpDrop:
		if i != nil && i.owns {
			return d.hangsUp(ctx, agent)
		}
		return d.done(ctx, "ClearCall", &ClearCallArgs{CallHead: h})
	case callmodel.OpDropParty:
		for _, other := range d.items {
			if agentLines[other.agent] == number {
				h.AgentID = other.agent // who is dropped drops their own part
			}
		}
		return d.done(ctx, "ClearCall", &ClearCallArgs{CallHead: h})
	case callmodel.OpHold:
		return d.done(ctx, "HoldCall", &HoldCallArgs{CallHead: h})
	case callmodel.OpRetrieve:
		return d.done(ctx, "RetrieveCall", &RetrieveCallArgs{CallHead: h})
	case callmodel.OpEndWrapUp:
		if i == nil { // the operation names no call
			return fault.New(fault.NotFound, "SetAgentState", name, "the client knows no such call")
		}
		return d.done(ctx, "SetAgentState", &SetAgentStateArgs{AgentHead: h.AgentHead, NewState: AgentStateIdle})
	case callmodel.OpConsult:
		return d.done(ctx, "ConsultationCall", &ConsultationCallArgs{CallHead: h, DestinationType: DestinationExternal, DestinationAddress: number})
	case callmodel.OpBlindTransfer:
		return d.done(ctx, "TransferCall", &TransferCallArgs{CallHead: h, TransferType: TransferTypeBlind, DestinationType: DestinationExternal, DestinationAddress: number})
	case callmodel.OpTransfer:
		return d.done(ctx, "TransferCall", &TransferCallArgs{CallHead: two, TransferType: TransferTypeConsultation, ConsultationCallID: second})
	case callmodel.OpConference:
		return d.done(ctx, "ConferenceCall", &ConferenceCallArgs{CallHead: two, ConsultationCallID: second})
	default:
		return fault.New(fault.Unsupported, "ctips", name, "the dialect has no such operation")
	}
}

// hangsUp is the maker of a conference leaving it: ClearCall ends one of its
// other legs, which the two call numbers tell apart.
func (d *dialect) hangsUp(ctx context.Context, agent callmodel.AgentID) error {
	view, err := d.sw.View(ctx)
	if err != nil {
		return err
	}
	for _, a := range view.Agents {
		if a.ID == agent {
			d.sw.Clear(a.Conn, callmodel.CauseNormal)
		}
	}
	return nil
}

// done asks, and waits until an event tells what has come of it.
func (d *dialect) done(ctx context.Context, op string, args any) error {
	head, _, _ := HeadOf(args)
	d.must(op, args)
	for {
		ev, err := d.event(ctx)
		if err != nil {
			return err
		}
		if ev.base().RequestID != head.RequestID {
			d.take(ev)
			continue
		}
		if why := failureIn(ev); why != nil {
			return fault.New(kindOfFailure(why.FailureType), op, "", why.FailureReason)
		}
		if op == "AcceptCall" {
			if i := d.find(ev); i != nil { // that it has accepted, a client knows by itself
				d.tell(i, i.now.State, i.now.Processing)
			}
		}
		d.take(ev)
		return nil
	}
}

func failureIn(ev Event) *Failure {
	switch ev := ev.(type) {
	case *CallRequestFailedEvent:
		return &ev.Failure
	case *AgentRequestFailedEvent:
		return &ev.Failure
	case *AgentLoginRequestFailedEvent:
		return &ev.Failure
	}
	return nil
}

func kindOfFailure(f FailureType) fault.Kind {
	switch f {
	case FailureTypeInvalidCallID, FailureTypeInvalidAgent, FailureTypeInvalidAgentName:
		return fault.NotFound
	case FailureTypeInvalidStateForRequest:
		return fault.Conflict
	default:
		return fault.Internal
	}
}

func (d *dialect) event(ctx context.Context) (Event, error) {
	select {
	case ev := <-d.events:
		return ev, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (d *dialect) Next(ctx context.Context, agent callmodel.AgentID) (ctitest.News, error) {
	for len(d.news[agent]) == 0 {
		ev, err := d.event(ctx)
		if err != nil {
			return ctitest.News{}, err
		}
		d.take(ev)
	}
	n := d.news[agent][0]
	d.news[agent] = d.news[agent][1:]
	return n, nil
}

func key(call, agent int32) string { return fmt.Sprintf("%d/%d", call, agent) }

// refOf is the call of an event.
func refOf(ev Event) int32 {
	for _, m := range members(telling{Event: ev, to: addressee{request: ev.base().RequestID}}) {
		if v, ok := strings.CutPrefix(m, "CallId="); ok {
			n, _ := strconv.ParseInt(v, 10, 32)
			return int32(n)
		}
	}
	return 0
}

func (d *dialect) find(ev Event) *item { return d.items[key(refOf(ev), ev.base().AgentID)] }

// open is an agent's part in a call, new where it is not known.
func (d *dialect) open(call, agent int32) *item {
	k := key(call, agent)
	if d.items[k] == nil {
		d.items[k] = &item{name: k, call: call, agent: agent, now: ctitest.News{Item: k}}
	}
	return d.items[k]
}

// tell is news of an item.
func (d *dialect) tell(i *item, st callmodel.ConnState, pr callmodel.Processing) {
	i.now.State, i.now.Processing = st, pr
	who := agentNames[i.agent]
	d.news[who] = append(d.news[who], i.now)
}

// take makes news of an event.
func (d *dialect) take(ev Event) {
	call, agent := refOf(ev), ev.base().AgentID
	switch ev := ev.(type) {
	case *CallConnectedEvent:
		i := d.open(call, agent)
		i.now.Remote, i.now.Dialled = ev.CallInfo[0].ANI, ev.CallInfo[0].DNIS
		d.tell(i, callmodel.Alerting, callmodel.NotInProcess)
	case *CallOriginatedEvent:
		d.tell(d.open(call, agent), callmodel.Initiated, callmodel.Active)
	case *CallEstablishedEvent, *CallRetrievedEvent:
		d.tell(d.open(call, agent), callmodel.Connected, callmodel.Active)
	case *CallHeldEvent:
		d.tell(d.open(call, agent), callmodel.Hold, callmodel.Active)
	case *CallConsultationEvent:
		i := d.open(ev.ConsultationCallID, agent)
		i.now.Remote = agentLines[ev.ConsultationAgentID]
		d.tell(i, callmodel.Connected, callmodel.Active)
	case *CallTransferredEvent:
		d.joins(call, ev.ConsultedCallID, agent)
	case *CallConferencedEvent:
		d.joins(call, ev.ConsultedCallID, agent)
		d.open(call, agent).owns = true
		d.tell(d.open(call, agent), callmodel.Connected, callmodel.Active)
	case *CallClearedEvent:
		if i := d.items[key(call, agent)]; i != nil {
			i.over = true
		}
	case *CallEndEvent:
		d.ended(call)
	case *AgentStateChangeEvent:
		d.agentIs(agent, ev.AgentState)
	}
}

// joins is a consultation becoming part of a call: its maker's part is over, the
// others have one in the call now.
func (d *dialect) joins(call, consultation, maker int32) {
	remote := d.open(call, maker).now.Remote
	for k, i := range d.items {
		if consultation == 0 || i.call != consultation || i.now.State == callmodel.Ended {
			continue
		}
		if i.agent == maker {
			d.tell(i, callmodel.Ended, callmodel.NotInProcess)
			continue
		}
		delete(d.items, k)
		i.call, i.now.Remote = call, remote
		d.items[key(call, i.agent)] = i
		d.tell(i, i.now.State, i.now.Processing)
	}
}

// ended is the end of a consultation, whose parties have no after-call work.
func (d *dialect) ended(call int32) {
	for _, i := range d.items {
		if i.call == call && i.over && i.now.State != callmodel.Ended && i.now.Remote != ctitest.Caller {
			d.tell(i, callmodel.Ended, callmodel.NotInProcess)
		}
	}
}

// agentIs tells what an agent's state says of their calls.
func (d *dialect) agentIs(agent int32, st AgentState) {
	for _, i := range d.items {
		if i.agent != agent {
			continue
		}
		wrap := wrapUps(st)
		switch {
		case i.over && i.now.State != callmodel.Ended && wrap:
			d.tell(i, callmodel.Ended, callmodel.WrapUp)
		case i.over && i.now.State != callmodel.Ended,
			i.now.State == callmodel.Alerting && st != AgentStatePendingActive && st != AgentStateActive,
			i.now.Processing == callmodel.WrapUp && !wrap:
			d.tell(i, callmodel.Ended, callmodel.NotInProcess)
		}
	}
}
