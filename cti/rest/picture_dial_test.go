package rest_test

import (
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// TestCampaignCallInPicture: a call of the dialer says for whom it is made, how
// far it is, and until when an agent must have it.
func TestCampaignCallInPicture(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Campaigns = []callmodel.CampaignConfig{{ID: "autumn", Number: 1, Queue: "support", Dropped: []string{"sound:sorry"}}}
	sw := ctitest.NewFakeSwitch(cfg)
	f := newFixture(t, func(o *rest.Options) { o.Switch, o.Clock = sw, sw })
	id := callmodel.CallID{ID: sw.NewID()}
	if err := sw.Do(t.Context(), callmodel.Dial{Call: id, Campaign: "autumn", List: "may", Lead: "L-1", Mode: callmodel.DialPredictive, Number: ctitest.Outside}); err != nil {
		t.Fatal(err)
	}
	sw.Lift(sw.Call(id).Conns[0].ID) // no agent is ready
	got := get[rest.Call](t, f, "/api/v1/calls/"+id.String())
	c := got.Campaign
	if got.Kind != "campaign" || got.Phase != "waiting" || c == nil || c.Campaign != "autumn" || c.List != "may" || c.Lead != "L-1" || c.Mode != "predictive" ||
		c.Stage != "waiting" || c.Deadline == nil || got.AnsweredAt == nil || c.Deadline.Sub(*got.AnsweredAt) != callmodel.DefaultConnect || c.BridgedAt != nil {
		t.Errorf("%+v, %+v", got, c)
	}
}
