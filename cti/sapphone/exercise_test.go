package sapphone_test

import (
	"context"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// dialect is SAPphone for the suite that all adapters pass: a client that polls
// calls and work mode, as one does that neither waits nor is announced to.
type dialect struct {
	*rig
	told    map[string]ctitest.News
	consult map[string]bool // our own consultations, which have no wrap-up
	waiting map[callmodel.AgentID][]ctitest.News
}

func TestExercise(t *testing.T) {
	t.Parallel()
	ctitest.Exercise(t, func(t *testing.T, sw *ctitest.FakeSwitch) ctitest.Adapter {
		// The suite looks at calls between agents too.
		r := rigOn(t, sw, sw, func(c *sapphone.Config) { c.IgnoreOperDirect = false })
		return &dialect{r, map[string]ctitest.News{}, map[string]bool{}, map[callmodel.AgentID][]ctitest.News{}}
	})
}

var extensions = map[callmodel.AgentID]string{ctitest.Anna: anna, ctitest.Bernd: bernd}

// refusals gives return codes the kind that they stand for.
var refusals = map[string]fault.Kind{
	"007": fault.NotFound, "052": fault.NotFound, "053": fault.NotFound, "901": fault.NotFound, "907": fault.Invalid,
	"008": fault.Conflict, "910": fault.Busy, "920": fault.Unsupported, "930": fault.Unavailable,
}

func (d *dialect) Offers() callmodel.OpSet {
	return callmodel.OpSet(callmodel.OpAccept | callmodel.OpReject | callmodel.OpEndWrapUp | callmodel.OpGetData | callmodel.OpSetData |
		callmodel.OpDrop | callmodel.OpHold | callmodel.OpRetrieve | callmodel.OpDeflect | callmodel.OpAlternate | callmodel.OpConsult |
		callmodel.OpTransfer | callmodel.OpConference | callmodel.OpReconnect | callmodel.OpBlindTransfer | callmodel.OpDropParty)
}

func (d *dialect) Login(_ context.Context, agent callmodel.AgentID) error {
	d.ready(extensions[agent])
	return nil
}

func (d *dialect) Do(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, item string) error {
	return d.DoTo(ctx, agent, op, item, "")
}

var operations = map[callmodel.Op]string{
	callmodel.OpAccept: "SPS_ANSWER", callmodel.OpReject: "SPS_DEFLECT", callmodel.OpEndWrapUp: "SPS_DROPCALL", callmodel.OpDrop: "SPS_DROPCALL",
	callmodel.OpHold: "SPS_HOLD", callmodel.OpRetrieve: "SPS_UNHOLD", callmodel.OpDeflect: "SPS_DEFLECT", callmodel.OpAlternate: "SPS_ALTERNATE",
	callmodel.OpConsult: "SPS_CONSULT", callmodel.OpTransfer: "SPS_TRANSFER", callmodel.OpConference: "SPS_CONFERENCE",
	callmodel.OpReconnect: "SPS_RECONNECT", callmodel.OpBlindTransfer: "SPS_BTRANSFER", callmodel.OpDropParty: "SPS_DROPPARTY",
}

const pairs = callmodel.OpSet(callmodel.OpAlternate | callmodel.OpTransfer | callmodel.OpConference | callmodel.OpReconnect)

func (d *dialect) DoTo(ctx context.Context, agent callmodel.AgentID, op callmodel.Op, item, number string) error {
	params := []string{"EXT=" + extensions[agent], "HANDLE=" + item}
	switch {
	case pairs.Has(op):
		active, held := d.two(agent)
		params = []string{"EXT=" + extensions[agent], "CONN_HANDLE=" + active, "HELD_HANDLE=" + held}
	case op == callmodel.OpConsult:
		params = append(params, "DIAL_NO="+number)
	case op == callmodel.OpDropParty:
		params = append(params, "PARTY_NO="+number)
	case number != "":
		params = append(params, "DEST_NO="+number)
	}
	out, err := d.try(ctx, operations[op], params...)
	switch {
	case err != nil:
		return err
	case out.fault != nil:
		return out.fault
	case out.rc() != "000":
		return fault.New(refusals[out.rc()], operations[op], item, "return code "+out.rc())
	}
	if op == callmodel.OpConsult {
		d.consult[out.values["CONS_HANDLE"]] = true
	}
	if op == callmodel.OpAccept {
		// A client that polls is not told that the phone is being called; that
		// its own order was taken it knows.
		d.waiting[agent] = append(d.waiting[agent], d.told[item])
	}
	return nil
}

// two are the handles of the active and the held call on a line.
func (d *dialect) two(agent callmodel.AgentID) (active, held string) {
	for _, row := range d.calls(extensions[agent]) {
		if row["STATE"] == "05" {
			held = row["HANDLE"]
		} else {
			active = row["HANDLE"]
		}
	}
	return active, held
}

func (d *dialect) Next(ctx context.Context, agent callmodel.AgentID) (ctitest.News, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(d.waiting[agent]) == 0 {
		if err := d.poll(ctx, agent); err != nil {
			return ctitest.News{}, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctitest.News{}, ctx.Err()
		}
	}
	n := d.waiting[agent][0]
	d.waiting[agent] = d.waiting[agent][1:]
	return n, nil
}

var connections = map[string]callmodel.ConnState{
	"01": callmodel.Alerting, "04": callmodel.Connected, "05": callmodel.Hold, "06": callmodel.Held, "08": callmodel.Connected, "09": callmodel.Ended,
}

// poll looks at calls and work mode, and queues what has changed.
func (d *dialect) poll(ctx context.Context, agent callmodel.AgentID) error {
	ext := extensions[agent]
	list, err := d.try(ctx, "SPS_GETCALLSTATE", "EXT="+ext)
	if err != nil {
		return err
	}
	mode, err := d.try(ctx, "SPS_GETWORKMODE", "EXT="+ext)
	if err != nil {
		return err
	}
	wrapUp := mode.values["WORKMODE"] == "04"
	for _, row := range list.tables["CALLS"] {
		st, known := connections[row["STATE"]]
		if !known {
			continue // dialing
		}
		n := ctitest.News{Item: row["HANDLE"], State: st, Processing: callmodel.Active, Remote: callmodel.NormalNumber(row["PARTY"])}
		switch st {
		case callmodel.Alerting:
			n.Processing = callmodel.NotInProcess
			n.Dialled = d.dialled(ctx, ext, n.Item)
		case callmodel.Ended:
			n.Processing = callmodel.NotInProcess
			if wrapUp && !d.consult[n.Item] {
				n.Processing = callmodel.WrapUp
			}
		case callmodel.Connected, callmodel.Hold, callmodel.Held, callmodel.Initiated, callmodel.Queued:
		}
		d.tell(agent, n)
	}
	for _, n := range d.told {
		if n.Processing == callmodel.WrapUp && !wrapUp {
			n.Processing = callmodel.NotInProcess
			d.tell(agent, n)
		}
	}
	return nil
}

func (d *dialect) tell(agent callmodel.AgentID, n ctitest.News) {
	if d.told[n.Item] != n {
		d.told[n.Item] = n
		d.waiting[agent] = append(d.waiting[agent], n)
	}
}

// dialled is the number that was called, which only a wait tells.
func (d *dialect) dialled(ctx context.Context, ext, item string) string {
	if have, ok := d.told[item]; ok && have.State == callmodel.Alerting {
		return have.Dialled
	}
	out, err := d.try(ctx, "SPS_WAITFORCALL", "EXT="+ext, "TIMEOUT=1")
	if err != nil || out.values["HANDLE"] != item {
		return ""
	}
	return callmodel.NormalNumber(out.values["CALLED_NO"])
}
