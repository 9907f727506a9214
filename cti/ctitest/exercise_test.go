package ctitest_test

import (
	"context"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// plain is the call model itself as a dialect: it shows that the suite can be
// passed, and offers everything.
type plain struct {
	sw  *ctitest.FakeSwitch
	sub port.Subscription

	told    map[callmodel.ConnID]ctitest.News
	waiting map[callmodel.AgentID][]ctitest.News
}

func TestExercise(t *testing.T) {
	t.Parallel()
	ctitest.Exercise(t, func(t *testing.T, sw *ctitest.FakeSwitch) ctitest.Adapter {
		_, sub, err := sw.Watch(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sub.Close)
		return &plain{sw, sub, map[callmodel.ConnID]ctitest.News{}, map[callmodel.AgentID][]ctitest.News{}}
	})
}

func (p *plain) Offers() callmodel.OpSet { return ^callmodel.OpSet(0) }

func (p *plain) Login(ctx context.Context, agent callmodel.AgentID) error {
	return p.sw.Do(ctx, callmodel.SetAgentState{Agent: agent, State: callmodel.Ready})
}

func (p *plain) Do(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, item string) error {
	return p.DoTo(ctx, agent, op, item, "")
}

func (p *plain) DoTo(ctx context.Context, _ callmodel.AgentID, op callmodel.Op, item, number string) error {
	id, err := callmodel.ParseID(item)
	if err != nil {
		return err
	}
	conn, to := callmodel.ConnID{ID: id}, callmodel.Dest{Kind: callmodel.DestNumber, Value: number}
	cmd, ok := map[callmodel.Op]callmodel.Command{
		callmodel.OpAccept: callmodel.Accept{Conn: conn}, callmodel.OpReject: callmodel.Reject{Conn: conn},
		callmodel.OpDrop: callmodel.Drop{Conn: conn}, callmodel.OpHold: callmodel.HoldCall{Conn: conn},
		callmodel.OpRetrieve: callmodel.Retrieve{Conn: conn}, callmodel.OpEndWrapUp: callmodel.EndWrapUp{Conn: conn},
		callmodel.OpTransfer: callmodel.Transfer{Conn: conn}, callmodel.OpConference: callmodel.Conference{Conn: conn},
		callmodel.OpAlternate: callmodel.Alternate{Conn: conn}, callmodel.OpReconnect: callmodel.Reconnect{Conn: conn},
		callmodel.OpConsult:       callmodel.Consult{Conn: conn, To: to, Call: callmodel.CallID{ID: p.sw.NewID()}},
		callmodel.OpBlindTransfer: callmodel.BlindTransfer{Conn: conn, To: to}, callmodel.OpDeflect: callmodel.Deflect{Conn: conn, To: to},
		callmodel.OpDropParty: callmodel.DropParty{Conn: conn, Party: number},
	}[op]
	if !ok {
		return fault.New(fault.Unsupported, "test", callmodel.OpSet(op).String(), "not known to this adapter")
	}
	return p.sw.Do(ctx, cmd)
}

func (p *plain) Next(ctx context.Context, agent callmodel.AgentID) (ctitest.News, error) {
	for len(p.waiting[agent]) == 0 {
		batch, err := p.sub.Next(ctx)
		if err != nil {
			return ctitest.News{}, err
		}
		for i := range batch {
			p.read(&batch[i].Event)
		}
	}
	n := p.waiting[agent][0]
	p.waiting[agent] = p.waiting[agent][1:]
	return n, nil
}

// read queues what has changed for the connection that an event is about.
func (p *plain) read(e *callmodel.Event) {
	conn := e.Connection()
	if conn == nil || conn.Role != callmodel.RoleAgent || conn.State == callmodel.Initiated {
		return
	}
	n := ctitest.News{Item: conn.ID.Hex(), State: conn.State, Processing: conn.Processing, Dialled: e.Call.Dialled}
	if remote := e.Call.Remote(conn.ID); len(remote) > 0 {
		n.Remote = remote[0]
	}
	if p.told[conn.ID] == n && !conn.Accepted {
		return
	}
	p.told[conn.ID] = n
	p.waiting[conn.Agent] = append(p.waiting[conn.Agent], n)
}
