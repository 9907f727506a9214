package records

import "time"

// CampaignSum is what has become of some attempts of a campaign.
type CampaignSum struct {
	Group      string // list, agent or result; of hours and days empty
	Begin      time.Time
	Attempts   int64
	Humans     int64 // answered, and by no machine as far as could be told
	Machines   int64
	Connected  int64
	Dropped    int64
	Kept       int64 // of Connected: those that the budget counts, of people whom the dialer has called without an agent
	Missed     int64 // of Dropped: likewise
	Abandoned  int64 // hung up before an agent had to be there
	Successes  int64 // by the main disposition
	Ring, Talk time.Duration
	Connect    time.Duration // from the answer to the agent, of all that were connected
	Longest    time.Duration // of them
}

// Add adds up what has become of other attempts; group and begin stay.
func (c *CampaignSum) Add(d *CampaignSum) {
	c.Attempts += d.Attempts
	c.Humans += d.Humans
	c.Machines += d.Machines
	c.Connected += d.Connected
	c.Dropped += d.Dropped
	c.Kept += d.Kept
	c.Missed += d.Missed
	c.Abandoned += d.Abandoned
	c.Successes += d.Successes
	c.Ring += d.Ring
	c.Talk += d.Talk
	c.Connect += d.Connect
	c.Longest = max(c.Longest, d.Longest)
}
