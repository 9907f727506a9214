package callmodel

import (
	"errors"
	"fmt"
	"time"

	"strowger/switch/fault"
)

func (k *checker) campaigns() error {
	if len(k.c.Campaigns) > MaxCampaigns {
		return badConfig("campaigns", fmt.Sprintf("there are at most %d campaigns", MaxCampaigns))
	}
	for i := range k.c.Campaigns {
		c := &k.c.Campaigns[i]
		who := "campaign " + c.ID
		err := errors.Join(
			k.id("campaign", c.ID, c.Number), k.campaignTimes(who, c), k.campaignWords(who, c),
			spoken(who, "dropped", c.Dropped), spoken(who, "machine_media", c.MachineMedia), spoken(who, "message", c.Message),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) campaignTimes(who string, c *CampaignConfig) error {
	for _, d := range []struct {
		what    string
		is, top time.Duration
	}{
		{"connect", c.Connect, MaxConnect},
		{"ring_least", c.RingLeast, MaxRing},
		{"ring", c.Ring, MaxRing},
		{"screen.limit", c.Screen.Limit, MaxScreenLimit},
		{"preview.timer", c.Preview.Timer, MaxPreview},
	} {
		if d.is < 0 || d.is > d.top {
			return badConfig(who, fmt.Sprintf("%s is at most %v", d.what, d.top))
		}
	}
	if c.Ring != 0 && c.Ring < c.RingLeast {
		return badConfig(who, "ring is at least as long as ring_least")
	}
	return nil
}

func (k *checker) campaignWords(who string, c *CampaignConfig) error {
	switch {
	case len(c.ID) > MaxCampaign:
		return badConfig(who, fmt.Sprintf("the id has at most %d bytes", MaxCampaign))
	case !k.has("queue", string(c.Queue)):
		return badConfig(who, "unknown queue "+string(c.Queue))
	case c.From != "" && c.From != FromAnswer && c.From != FromGreeting:
		return badConfig(who, "from is answer or greeting")
	case c.Machine != "" && c.Machine != MachineHangup && c.Machine != MachineMessage && c.Machine != MachineAgent:
		return badConfig(who, "machine is hangup, message or agent")
	case c.Machine == MachineMessage && len(c.MachineMedia) == 0:
		return badConfig(who, "a message to machines needs machine_media")
	case c.Screen.Detector != DetectorNone && c.Screen.Detector != DetectorAsterisk && c.Screen.Detector != DetectorAudio:
		return badConfig(who, "the detectors are asterisk and audio")
	case c.Screen.Sample < 0 || c.Screen.Sample > 100:
		return badConfig(who, "screen.sample is a percentage")
	case len(c.OptOut) > 1 || !validDigits(c.OptOut):
		return badConfig(who, "opt_out is one of 0-9, * and #")
	case c.Preview.AtEnd != "" && c.Preview.AtEnd != PreviewDial && c.Preview.AtEnd != PreviewSkip && c.Preview.AtEnd != PreviewReject:
		return badConfig(who, "preview.at_end is dial, skip or reject")
	case c.Priority < -100 || c.Priority > 100:
		return badConfig(who, "priority is between -100 and 100")
	}
	return nil
}

// spoken checks the sounds of a message.
func spoken(who, what string, media []string) error {
	if len(media) > MaxPrompts {
		return badConfig(who, fmt.Sprintf("%s has at most %d sounds", what, MaxPrompts))
	}
	for _, m := range media {
		if err := ValidMedia(m); err != nil {
			return badConfig(who, what+": "+fault.ReasonOf(err))
		}
	}
	return nil
}
