package ici_test

import (
	"context"
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
		callmodel.OpGetData | callmodel.OpSetData | callmodel.OpDrop | callmodel.OpHold | callmodel.OpRetrieve)
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
	_, err := d.ask(q.op, q.p)
	return err
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
			"3": callmodel.Alerting, "4": callmodel.Ended, "101": callmodel.Connected, "106": callmodel.Hold, "107": callmodel.Held,
		}[p.CallStatus.ID],
		Processing: map[string]callmodel.Processing{
			"1": callmodel.NotInProcess, "2": callmodel.Active, "3": callmodel.WrapUp,
		}[p.ProcessingStatus.ID],
	}, nil
}
