package controller

import (
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// agentPart waits for a campaign's call in which an agent is, as enough says.
func (d *dialing) agentPart(t *testing.T, enough func(*callmodel.Call, *callmodel.Connection) bool) (*callmodel.Call, *callmodel.Connection) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		view, err := d.engine.View(d.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range view.Calls {
			for i := range c.Conns {
				if p := &c.Conns[i]; p.Role == callmodel.RoleAgent && enough(c, p) {
					return c, p
				}
			}
		}
		select {
		case <-tick.C:
		case <-d.ctx.Done():
			t.Fatal("no such call")
		}
	}
}

// TestCampaignRedial: an agent has the same customer called again from the wrap
// form: the same lead, by another attempt, as a preview of this agent.
func TestCampaignRedial(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 2, "6", "2")
	first, part := d.agentPart(t, func(_ *callmodel.Call, p *callmodel.Connection) bool { return p.State == callmodel.Connected })
	if err := d.listDesk.Again(d.ctx, 999, "spring", "anna"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of no lead: %v", err)
	}
	if err := d.listDesk.Again(d.ctx, 1, "autumn", "anna"); !fault.Is(err, fault.NotFound) {
		t.Errorf("for no campaign: %v", err)
	}
	if err := d.listDesk.Again(d.ctx, 1, "spring", string(part.Agent)); err != nil {
		t.Errorf("they may: %v", err)
	}
	d.do(t, callmodel.SetDisposition{Conn: part.ID, Callback: &callmodel.CallbackAt{Mine: true}})
	second, shown := d.agentPart(t, func(c *callmodel.Call, p *callmodel.Connection) bool {
		return c.ID != first.ID && p.State == callmodel.Alerting
	})
	if second.DialMode != callmodel.DialPreview || second.Lead != first.Lead || shown.Agent != part.Agent {
		t.Errorf("lead %s is called by %s in the mode %s", second.Lead, shown.Agent, second.DialMode)
	}
	d.do(t, callmodel.Accept{Conn: shown.ID})
	d.agentPart(t, func(c *callmodel.Call, p *callmodel.Connection) bool {
		return c.ID == second.ID && p.State == callmodel.Connected && c.AnsweredAt != 0
	})
	if _, err := d.listDesk.Block(d.ctx, []rest.DoNotCall{{Number: second.Conns[0].Device, Source: "a letter"}}); err != nil {
		t.Fatal(err)
	}
	if err := d.listDesk.Again(d.ctx, 1, "spring", string(part.Agent)); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.ReasonOf(err), "do-not-call") {
		t.Errorf("once more: %v", err)
	}
	rows, of := d.attempts(t), 0
	for _, a := range rows {
		if a.Dialer.Lead == first.Lead {
			of++
		}
	}
	if of != 2 {
		t.Errorf("%d attempts of the lead", of)
	}
}
