package rest

import (
	"time"

	"strowger/switch/callmodel"
)

// CampaignCall is what a call of the dialer has beside what every call has.
type CampaignCall struct {
	Campaign   string     `json:"campaign"`
	List       string     `json:"list,omitempty"`
	Lead       string     `json:"lead" doc:"entry of the list"`
	Mode       string     `json:"mode" enum:"preview,progressive,predictive,message"`
	Stage      string     `json:"stage" enum:"preview,ringing,screening,waiting,connected,beep,message"`
	Deadline   *time.Time `json:"deadline,omitempty" doc:"connected until then, or told the message for those who are dropped"`
	Verdict    string     `json:"verdict,omitempty" enum:"human,machine,unsure,fax,sit,silence" doc:"of the detector"`
	VerdictWhy string     `json:"verdict_why,omitempty"`
	BridgedAt  *time.Time `json:"bridged_at,omitempty" doc:"when the customer was seen in the bridge"`
	Cancelled  bool       `json:"cancelled,omitempty" doc:"it is to be given up as soon as it has rung for as long as it must"`
	DoNotCall  bool       `json:"do_not_call,omitempty" doc:"the customer has pressed the digit for no more calls"`
}

// campaignOf is that part of a call's picture, nil for other calls.
func campaignOf(c *callmodel.Call, t timeline) *CampaignCall {
	d := c.Dial
	if c.Kind != callmodel.KindCampaign || d == nil {
		return nil
	}
	customer := c.CallerConn()
	return &CampaignCall{
		Campaign: c.Campaign, List: c.ListID, Lead: c.Lead, Mode: string(c.DialMode), Stage: string(d.Stage), Deadline: t.time(d.Deadline),
		Verdict: string(d.Verdict), VerdictWhy: d.Why, BridgedAt: t.time(customer.BridgedAt), Cancelled: d.Cancel, DoNotCall: customer.DoNotCall,
	}
}
