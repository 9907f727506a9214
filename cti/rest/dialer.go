package rest

import (
	"context"
	"io"
	"time"
)

// Dialer is what dials by lists, as people and programs operate it. A part
// that is missing is answered as Unsupported.
type Dialer struct {
	Campaigns Campaigns
	Lists     Lists
	Samples   Samples
	MaxUpload int64 // of a file of leads or numbers, in bytes; 0: 1 GiB
}

// Campaigns are the campaigns: what they do, why, and what they have done.
type Campaigns interface {
	// Campaigns returns a picture of each, by number.
	Campaigns(ctx context.Context) ([]Campaign, error)
	// Campaign returns the picture of one. NotFound where there is none.
	Campaign(ctx context.Context, id string) (Campaign, error)
	// Start has it dial, from now on and after every restart. Conflict, with what
	// is to be put right, where it cannot.
	Start(ctx context.Context, id string, o CampaignOrder) (Campaign, error)
	// Pause has it dial no more until it is started; what rings goes on.
	Pause(ctx context.Context, id string, o CampaignOrder) (Campaign, error)
	// Stop ends it: nothing is dialled from now on, phones that ring do so for as
	// long as they must, or with Now are given up at once.
	Stop(ctx context.Context, id string, o CampaignOrder) (Campaign, error)
	// Override lets it dial on beyond its budget until a time.
	Override(ctx context.Context, id string, o CampaignOverride) (Campaign, error)
	// EndOverride ends that before its time. Conflict where there is none.
	EndOverride(ctx context.Context, id, by string) (Campaign, error)
	// Overrides returns those that held in a time, oldest first, of a campaign that is gone too.
	Overrides(ctx context.Context, id string, from, to time.Time) ([]CampaignOverride, error)
	// Reasons counts its leads by what stands in their way. The sum is all leads.
	Reasons(ctx context.Context, id string) ([]LeadCount, error)
	// Decisions returns its last decisions, the newest first.
	Decisions(ctx context.Context, id string, limit int) ([]CampaignDecision, error)
}

// Samples are the first seconds of calls that were taken for machines.
type Samples interface {
	List(ctx context.Context, campaign string, unjudged bool, limit int) ([]ScreenSample, error)
	// Open opens the sound of one (audio/wav).
	Open(ctx context.Context, attempt string) (io.ReadSeekCloser, error)
	// Label writes down what a person has heard: human, machine or unclear.
	Label(ctx context.Context, attempt, truth, by string) (ScreenSample, error)
}

// CampaignOrder is who wants something of a campaign, and why.
type CampaignOrder struct {
	By     string
	Reason string
	Now    bool
}

// CampaignOverride is somebody's word that a campaign may go beyond its budget.
type CampaignOverride struct {
	By      string    `json:"by" doc:"who has allowed it"`
	Reason  string    `json:"reason"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	EndedBy string    `json:"ended_by,omitempty" doc:"who has ended it before its time"`
}

// Campaign is a campaign at one moment.
type Campaign struct {
	ID     string   `json:"id"`
	Number int64    `json:"number" doc:"stable, never reused"`
	Name   string   `json:"name"`
	Queue  string   `json:"queue"`
	Mode   string   `json:"mode" enum:"preview,progressive,predictive,message"`
	Rules  string   `json:"rules" enum:"uk,us,custom"`
	Lists  []string `json:"lists" nullable:"false"`

	State    string     `json:"state" enum:"running,paused,stopped" doc:"what somebody, or the switch itself, wants of it"`
	By       string     `json:"by,omitempty" doc:"who wanted the state"`
	Why      string     `json:"why,omitempty" doc:"what they said"`
	Since    *time.Time `json:"since,omitempty"`
	Reason   string     `json:"reason,omitempty" doc:"why it dials, or does not, in a word"`
	Text     string     `json:"text" doc:"the same in a sentence, with what to do about it"`
	Problems []string   `json:"problems" nullable:"false" doc:"what has to be put right before it can be started"`
	Notes    []string   `json:"notes" nullable:"false" doc:"what people should know of it"`

	Agents   CampaignAgents    `json:"agents"`
	Lines    CampaignLines     `json:"lines"`
	Today    CampaignFigures   `json:"today" doc:"since midnight, in the zone of the statistics"`
	Budget   CampaignBudget    `json:"budget"`
	Decision *CampaignDecision `json:"decision,omitempty" doc:"the last one"`
	Leads    CampaignLeads     `json:"leads"`
	EndsAt   *time.Time        `json:"ends_at,omitempty" doc:"when the leads that can be called are through, at the pace of the last minutes"`
}

// CampaignAgents are the agents of a campaign's queue.
type CampaignAgents struct {
	Signed    int `json:"signed" doc:"logged in"`
	Reachable int `json:"reachable" doc:"of them those whom an answered call can be given to"`
	Free      int `json:"free"`
	Talking   int `json:"talking"`
	WrapUp    int `json:"wrap_up"`
	Elsewhere int `json:"elsewhere" doc:"logged in, and lent to another campaign at the moment"`
	ByHand    int `json:"by_hand" doc:"whose phones must be lifted by hand: they can only be used by the mode preview"`
}

// CampaignLines are a campaign's calls.
type CampaignLines struct {
	Ringing int `json:"ringing"`
	Waiting int `json:"waiting" doc:"answered, and not with an agent yet"`
	Talking int `json:"talking"`
	Ahead   int `json:"ahead" doc:"leads that are ready to be dialled"`
	Limit   int `json:"limit" doc:"most calls at once; 0: no such limit"`
}

// CampaignFigures are what has become of a campaign's calls.
type CampaignFigures struct {
	Attempts  int      `json:"attempts"`
	Humans    int      `json:"humans" doc:"answered by a person, as far as is known"`
	Machines  int      `json:"machines"`
	Connected int      `json:"connected" doc:"talked to an agent"`
	Dropped   int      `json:"dropped" doc:"a person for whom nobody was free in time"`
	Abandoned int      `json:"abandoned" doc:"hung up themselves before an agent was there in time"`
	HitRate   *float64 `json:"hit_rate,omitempty" doc:"persons per attempt, 0 to 1"`
	Median    float64  `json:"connect_seconds" doc:"from the answer to the agent, of half of the calls at most"`
	P95       float64  `json:"connect_p95_seconds" doc:"the same of 95 in 100"`
}

// CampaignBudget is what the rules allow a campaign, and what it has used.
type CampaignBudget struct {
	Limit         float64           `json:"limit" doc:"share of abandoned calls that the rules allow, 0 to 1"`
	Target        float64           `json:"target" doc:"what is aimed at, without the people taken for machines"`
	WindowSeconds float64           `json:"window_seconds" doc:"over which it is counted"`
	From          *time.Time        `json:"from,omitempty" doc:"begin of the window"`
	Humans        int               `json:"humans" doc:"connected or dropped, in the window"`
	Dropped       int               `json:"dropped"`
	FalseMachines float64           `json:"false_machines" doc:"people taken for machines, by the samples"`
	Share         float64           `json:"share" doc:"of abandoned calls now, 0 to 1"`
	Used          float64           `json:"used" doc:"of the budget; 1: all"`
	Left          float64           `json:"left" doc:"abandoned calls that it still has"`
	Projected     float64           `json:"projected" doc:"share at the end of the day"`
	Stopped       bool              `json:"stopped" doc:"used up: the campaign does not dial"`
	Override      *CampaignOverride `json:"override,omitempty" doc:"in force: somebody has let it go on all the same"`
}

// CampaignDecision is how many calls were begun, and why.
type CampaignDecision struct {
	At          time.Time `json:"at"`
	Dial        int       `json:"dial" doc:"calls begun"`
	Cancel      int       `json:"cancel,omitempty" doc:"ringing calls given up"`
	Reason      string    `json:"reason" doc:"in a word"`
	Text        string    `json:"text" doc:"in a sentence"`
	AnswerRate  float64   `json:"answer_rate" doc:"expected, 0 to 1"`
	Risk        float64   `json:"risk" doc:"that one more answer finds nobody, 0 to 1"`
	Threshold   float64   `json:"threshold" doc:"what risk is allowed"`
	FreeSoon    float64   `json:"free_soon" doc:"agents expected to be free when a call is answered"`
	AnswersSoon float64   `json:"answers_soon" doc:"answers expected of what rings"`
}

// CampaignLeads are the leads of a campaign's lists.
type CampaignLeads struct {
	Total    int64       `json:"total"`
	Ready    int64       `json:"ready"`
	Later    int64       `json:"later"`
	Taken    int64       `json:"taken" doc:"being called"`
	Done     int64       `json:"done"`
	Excluded int64       `json:"excluded"`
	Reasons  []LeadCount `json:"reasons" nullable:"false" doc:"what stands in their way; those of the last minute"`
}

// LeadCount is how many leads have something in their way.
type LeadCount struct {
	Reason string     `json:"reason" doc:"in a word; now: nothing is in their way"`
	Text   string     `json:"text"`
	Leads  int64      `json:"leads"`
	Until  *time.Time `json:"until,omitempty" doc:"when the first of them can be called"`
}

// ScreenSample is a call that was taken for a machine, and what a person who
// has listened says it was.
type ScreenSample struct {
	Attempt  string    `json:"attempt" doc:"ULID"`
	Campaign string    `json:"campaign"`
	Verdict  string    `json:"verdict"`
	At       time.Time `json:"at"`
	Truth    string    `json:"truth,omitempty" enum:"human,machine,unclear" doc:"left out: nobody has listened"`
	By       string    `json:"by,omitempty" doc:"who has"`
}
