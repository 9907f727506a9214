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
	Abandoned  int64 // hung up before an agent had to be there
	Successes  int64 // by the main disposition
	Ring, Talk time.Duration
	Connect    time.Duration // from the answer to the agent, of all that were connected
	Longest    time.Duration // of them
}
