package callmodel_test

import (
	"strings"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestCampaignConfig: what a campaign cannot be told, and what it is told
// where it says nothing.
func TestCampaignConfig(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	for name, change := range map[string]func(*callmodel.CampaignConfig){
		"no id":                         func(c *callmodel.CampaignConfig) { c.ID = "" },
		"a long id":                     func(c *callmodel.CampaignConfig) { c.ID = long },
		"no number":                     func(c *callmodel.CampaignConfig) { c.Number = 0 },
		"no such queue":                 func(c *callmodel.CampaignConfig) { c.Queue = "none" },
		"a long deadline":               func(c *callmodel.CampaignConfig) { c.Connect = time.Minute },
		"a negative ring":               func(c *callmodel.CampaignConfig) { c.RingLeast = -1 },
		"a ring shorter than the least": func(c *callmodel.CampaignConfig) { c.Ring, c.RingLeast = 10*time.Second, 15*time.Second },
		"the clock of somebody":         func(c *callmodel.CampaignConfig) { c.From = "ring" },
		"an unknown detector":           func(c *callmodel.CampaignConfig) { c.Screen.Detector = "magic" },
		"a slow detector":               func(c *callmodel.CampaignConfig) { c.Screen.Limit = time.Minute },
		"more than all":                 func(c *callmodel.CampaignConfig) { c.Screen.Sample = 101 },
		"an unknown end of machines":    func(c *callmodel.CampaignConfig) { c.Machine = "argue" },
		"nothing to tell machines":      func(c *callmodel.CampaignConfig) { c.Machine = callmodel.MachineMessage },
		"a path as a message":           func(c *callmodel.CampaignConfig) { c.Dropped = []string{"sound:../secret"} },
		"too many sounds":               func(c *callmodel.CampaignConfig) { c.Message = strings.Split(strings.Repeat("sound:a ", 17), " ")[:17] },
		"two digits":                    func(c *callmodel.CampaignConfig) { c.OptOut = "99" },
		"a letter":                      func(c *callmodel.CampaignConfig) { c.OptOut = "x" },
		"a long preview":                func(c *callmodel.CampaignConfig) { c.Preview.Timer = 2 * time.Hour },
		"an unknown end of previews":    func(c *callmodel.CampaignConfig) { c.Preview.AtEnd = "sell" },
		"a high priority":               func(c *callmodel.CampaignConfig) { c.Priority = 1000 },
	} {
		cfg := dialConfig(1)
		change(&cfg.Campaigns[0])
		if err := cfg.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := dialConfig(1)
	twice.Campaigns[1].ID = twice.Campaigns[0].ID
	if err := twice.Validate(); !fault.Is(err, fault.Invalid) {
		t.Errorf("two of one id: %v", err)
	}
	s := callmodel.New(router{})
	s.Step(1, callmodel.ConfigLoaded{Config: dialConfig(1)})
	c := s.Config().Campaign("screened")
	if c == nil || c.Connect != 2*time.Second || c.RingLeast != 15*time.Second || c.Ring != 22*time.Second || c.Screen.Limit != 1200*time.Millisecond ||
		c.Machine != callmodel.MachineHangup || c.Preview.AtEnd != callmodel.PreviewDial || s.Config().Campaign("none") != nil {
		t.Errorf("defaults: %+v", c)
	}
}
