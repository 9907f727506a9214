package sim

import (
	"strconv"
	"time"

	"strowger/switch/callmodel"
)

// siteCampaigns is how many campaigns a site has.
const siteCampaigns = 2

func campaignID(i int) string { return "campaign" + strconv.Itoa(i) }

// optOut is the digit by which a customer wants no more calls.
const optOut = "9"

// campaigns are what a dialer calls for.
func (c *siteConfig) campaigns() {
	for i := 1; i <= siteCampaigns; i++ {
		p := callmodel.CampaignConfig{
			ID: campaignID(i), Number: int64(i), Queue: queueID(i), Connect: pick(c.rng, 0, time.Second, 3*time.Second),
			From: pick(c.rng, "", callmodel.FromAnswer, callmodel.FromGreeting), RingLeast: time.Duration(1+c.rng.IntN(3)) * time.Second, Ring: time.Duration(4+c.rng.IntN(3)) * time.Second,
			Screen:  callmodel.ScreenConfig{Detector: pick(c.rng, callmodel.DetectorNone, callmodel.DetectorAsterisk, callmodel.DetectorAudio), Sample: 50 * c.rng.IntN(3)},
			Machine: pick(c.rng, "", callmodel.MachineHangup, callmodel.MachineMessage, callmodel.MachineAgent), MachineMedia: []string{"sound:machine"},
			Message: []string{"sound:message"}, Preview: callmodel.PreviewConfig{
				Timer: pick(c.rng, 0, time.Second, 4*time.Second), AtEnd: pick(c.rng, "", callmodel.PreviewDial, callmodel.PreviewSkip, callmodel.PreviewReject),
			},
			Priority: c.rng.IntN(3) - 1,
		}
		if !c.one(3) {
			p.Dropped = []string{"sound:nobody"}
		}
		if !c.one(3) {
			p.OptOut = optOut
		}
		c.cfg.Campaigns = append(c.cfg.Campaigns, p)
	}
}

// customers are the numbers that campaigns call: what they do when they are
// called, and whose voice answers.
func customers(ex *Exchange) {
	ways := []PhonePolicy{
		{Mode: Answers},
		{Mode: Answers, Voice: Machine},
		{Mode: Answers, Voice: Person, Greeting: Exactly(2 * time.Second)},
		{Mode: Answers, Voice: Tones},
		{Mode: Answers, Voice: FaxTone},
		{Mode: Answers, Voice: Nothing},
		{Mode: Manual},
		{Mode: Busy},
		{Mode: NoSuchNumber},
		{Mode: Congested},
		{Mode: Rejects},
		{Mode: Silent},
	}
	for i, p := range ways {
		p.AnswerAfter, p.Talk = Range{0, 3 * time.Second}, Range{0, time.Duration(i%3) * 3 * time.Second}
		ex.Outside("49305556"+strconv.Itoa(i), p)
	}
}

// customer draws a number of one of them: mostly a person's.
func (h *harness) customer() string {
	if h.rng.IntN(2) == 0 {
		return "+493055560"
	}
	return "+49305556" + strconv.Itoa(h.rng.IntN(13)) // the last one is somebody else
}

// campaignAct is something about the customers of campaigns.
func (h *harness) campaignAct() {
	v := h.st.View()
	switch n := h.rng.IntN(10); {
	case n < 5:
		h.step(h.dial())
	case n < 7:
		h.customerAct(v)
	case n == 7:
		h.strayVerdict(v)
	default:
		if c := h.campaignCall(v); c != nil {
			h.step(callmodel.CancelDial{Call: c.ID, Now: h.rng.IntN(4) == 0})
		}
	}
}

// dial is an attempt as a dialer makes it, or a wrong one.
func (h *harness) dial() callmodel.Input {
	d := callmodel.Dial{
		Call: h.callID(), Campaign: campaignID(1 + h.rng.IntN(siteCampaigns)), List: "list", Lead: "L" + strconv.Itoa(h.rng.IntN(8)), Number: h.customer(),
		Mode:     pick(h.rng, callmodel.DialPreview, callmodel.DialProgressive, callmodel.DialPredictive, callmodel.DialPredictive, callmodel.DialMessage),
		CallerID: pick(h.rng, "", "+4930777"), Trunks: pick(h.rng, nil, nil, []string{"t1"}, []string{"t2", "t1"}), Priority: h.rng.IntN(3),
		Ring: pick(h.rng, 0, 5*time.Second), Name: pick(h.rng, "", "A Customer"), Attached: h.moreData(),
	}
	if d.Mode == callmodel.DialPreview && h.rng.IntN(3) == 0 {
		d.Agent = h.anyAgent()
	}
	switch h.rng.IntN(40) {
	case 0:
		d.Campaign = "none"
	case 1:
		d.Number = pick(h.rng, "030", "abc", "")
	case 2:
		d.Lead = ""
	case 3:
		d.Trunks = []string{"none"}
	case 4:
		d.Mode = "both"
	case 5:
		d.ValidUntil = 1
	case 6:
		d.Agent = "nobody"
	}
	return d
}

// campaignCall draws a call of a campaign, or nil.
func (h *harness) campaignCall(v *callmodel.View) *callmodel.Call {
	var all []*callmodel.Call
	for _, c := range v.Calls {
		if c.Kind == callmodel.KindCampaign {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[h.rng.IntN(len(all))]
}

// customerAct is a customer who presses a key or hangs up.
func (h *harness) customerAct(v *callmodel.View) {
	c := h.campaignCall(v)
	if c == nil || c.Conns[0].Leg != callmodel.LegUp {
		return
	}
	leg := c.Conns[0].Channel
	for _, ex := range h.all() {
		if h.rng.IntN(3) > 0 {
			ex.pressAt(leg, pick(h.rng, optOut, optOut, "5"))
		} else {
			ex.hangUp(leg)
		}
	}
}

// pressAt presses keys at a leg.
func (e *Exchange) pressAt(id callmodel.ChannelID, keys string) {
	e.mu.Lock()
	defer e.unlock()
	if ch := e.channels[id]; ch != nil && ch.state == callmodel.LegUp {
		_ = e.press(ch, keys) // what is pressed while nobody listens is part of the noise
	}
}

// strayVerdict is a verdict that nobody waits for, or that comes twice.
func (h *harness) strayVerdict(v *callmodel.View) {
	leg := callmodel.ChannelID("nobody")
	if c := h.campaignCall(v); c != nil && h.rng.IntN(3) > 0 {
		leg = c.Conns[h.rng.IntN(len(c.Conns))].Channel
	}
	h.step(callmodel.Screened{
		Channel: leg, Verdict: pick(h.rng, callmodel.VerdictHuman, callmodel.VerdictMachine, callmodel.VerdictUnsure, callmodel.VerdictGone, callmodel.VerdictSilence, callmodel.VerdictRings, "word"),
		Took: h.jitter(2 * time.Second), Greeting: h.jitter(time.Second), Beep: h.rng.IntN(4) == 0, Open: h.rng.IntN(4) == 0,
	})
}

// wish is what a disposition says of the customer beside its codes.
func (h *harness) wish(d callmodel.SetDisposition) callmodel.SetDisposition {
	now := h.clock.Now().UTC()
	switch h.rng.IntN(4) {
	case 0:
		d.DoNotCall = true
	case 1, 2:
		d.Callback = &callmodel.CallbackAt{
			At: pick(h.rng, time.Time{}, now.Add(time.Hour), now.Add(-time.Hour), now.AddDate(9, 0, 0)), Mine: h.rng.IntN(2) == 0, Number: pick(h.rng, "", "+493055561", "abc"),
		}
	}
	return d
}
