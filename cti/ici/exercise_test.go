package ici_test

import (
	"context"
	"fmt"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// dialect is ICI for the suite that all adapters pass.
type dialect struct{ *rig }

func TestExercise(t *testing.T) {
	t.Parallel()
	ctitest.Exercise(t, func(t *testing.T, sw *ctitest.FakeSwitch) ctitest.Adapter {
		return dialect{rigOn(t, sw, sw, nil)}
	})
}

func (d dialect) Offers() callmodel.OpSet {
	return callmodel.OpSet(callmodel.OpAccept | callmodel.OpReject | callmodel.OpRequireWrapUp | callmodel.OpEndWrapUp |
		callmodel.OpGetData | callmodel.OpSetData | callmodel.OpDrop | callmodel.OpHold | callmodel.OpRetrieve |
		callmodel.OpConsult | callmodel.OpTransfer | callmodel.OpConference | callmodel.OpReconnect | callmodel.OpAlternate |
		callmodel.OpBlindTransfer | callmodel.OpDeflect | callmodel.OpDropParty)
}

func (d dialect) Login(_ context.Context, agent callmodel.AgentID) error {
	d.login(agent)
	return nil
}

func (d dialect) Do(_ context.Context, agent callmodel.AgentID, op callmodel.Op, item string) error {
	place := &ici.ItemInContainer{ItemID: item, ContainerID: lines[agent]}
	call := &ici.CallRef{LineNumber: lines[agent], CallHandle: item}
	type request struct {
		op ici.Op
		p  ici.Params
	}
	q := map[callmodel.Op]request{
		callmodel.OpAccept: {ici.OpAccept, place}, callmodel.OpReject: {ici.OpReroute, place},
		callmodel.OpRequireWrapUp: {ici.OpWrapUpRequired, &ici.ItemRef{ItemID: item}},
		callmodel.OpEndWrapUp:     {ici.OpWrapUpEnded, &ici.ItemRef{ItemID: item}},
		callmodel.OpDrop:          {ici.OpDrop, call}, callmodel.OpHold: {ici.OpHold, call}, callmodel.OpRetrieve: {ici.OpUnhold, call},
	}[op]
	if ask, ok := map[callmodel.Op]ici.Op{
		callmodel.OpTransfer: ici.OpTransfer, callmodel.OpConference: ici.OpConference, callmodel.OpReconnect: ici.OpReconnect, callmodel.OpAlternate: ici.OpAlternate,
	}[op]; ok {
		pair, err := d.pair(agent, item)
		if err != nil {
			return err
		}
		q = request{ask, pair}
	}
	_, err := d.ask(q.op, q.p)
	return err
}

// pair names an item as the one that is active, with the line's other call.
func (d dialect) pair(agent callmodel.AgentID, item string) (*ici.CallPair, error) {
	reply, err := d.ask(ici.OpGetCalls, &ici.LineRef{LineNumber: lines[agent]})
	if err != nil {
		return nil, err
	}
	for _, c := range reply.(*ici.PhoneCalls).Calls {
		if c.CallHandle != item {
			return &ici.CallPair{LineNumber: lines[agent], ConnCallHandle: item, HeldCallHandle: c.CallHandle}, nil
		}
	}
	return nil, fmt.Errorf("line %s has no second call", lines[agent])
}

// DoTo implements ctitest.Director.
func (d dialect) DoTo(_ context.Context, agent callmodel.AgentID, op callmodel.Op, item, number string) error {
	line := lines[agent]
	switch op {
	case callmodel.OpConsult:
		made, err := d.ask(ici.OpCreate, &ici.Container{ChannelType: "1", ContainerID: line})
		if err != nil {
			return err
		}
		_, err = d.ask(ici.OpConsult, &ici.Consultation{
			LineNumber: line, CallHandle: made.(*ici.Item).ItemID, ConnCallHandle: item, DialNumber: number, NextStep: 1,
		})
		return err
	case callmodel.OpBlindTransfer, callmodel.OpDeflect:
		_, err := d.ask(ici.OpForward, &ici.Forwarding{ItemID: item, ContainerID: line, DestType: "1", Destination: number})
		return err
	default:
		_, err := d.ask(ici.OpDropParty, &ici.PartyRef{LineNumber: line, RemoteNumber: number, CallHandle: item})
		return err
	}
}

func (d dialect) Next(ctx context.Context, agent callmodel.AgentID) (ctitest.News, error) {
	e, err := d.crm.next(ctx, func(e ici.Event) bool {
		p, ok := e.(*ici.PhoneCallChanged)
		return ok && p.PhoneCall.LineNumber == ici.Number(lines[agent])
	})
	if err != nil {
		return ctitest.News{}, err
	}
	p := e.(*ici.PhoneCallChanged).PhoneCall
	return ctitest.News{
		Item: p.CallHandle, Remote: callmodel.NormalNumber(p.RemoteNumbers[0]), Dialled: callmodel.NormalNumber(p.DialedNumber),
		State: map[string]callmodel.ConnState{
			"3": callmodel.Alerting, "4": callmodel.Ended, "101": callmodel.Connected, "108": callmodel.Connected, "109": callmodel.Connected, "106": callmodel.Hold, "107": callmodel.Held,
		}[p.CallStatus.ID],
		Processing: map[string]callmodel.Processing{
			"1": callmodel.NotInProcess, "2": callmodel.Active, "3": callmodel.WrapUp,
		}[p.ProcessingStatus.ID],
	}, nil
}
