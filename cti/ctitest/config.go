package ctitest

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// The people and numbers of [Config].
const (
	Anna      callmodel.AgentID = "anna"  // at a handset, line 101
	Bernd     callmodel.AgentID = "bernd" // at a call-on-accept station, line 102
	AnnaLine                    = "101"
	BerndLine                   = "102"
	Queue                       = "49301000600"
	Caller                      = "4917055501"
	Outside                     = "+49301234567" // a number that agents and the queue may call
	Trunk                       = "trunk"        // the endpoint that calls go out by
	Campaign                    = "spring-sale"  // of the dialer, for the queue
)

// The times of [Config].
const (
	RingTimeout = 15 * time.Second
	WrapUp      = 10 * time.Second
)

// Config is the switch that the suite runs on: the queue "support", number
// [Queue], served by [Anna] and [Bernd], who may also call outside numbers.
func Config() *callmodel.Config {
	return &callmodel.Config{
		Queues: []callmodel.QueueConfig{{
			ID: "support", Number: 1, Name: "Support", Address: "600", DNIS: []string{Queue}, Strategy: callmodel.LongestIdle,
			RingTimeout: RingTimeout, WrapUp: WrapUp, Music: "default", Answer: callmodel.AnswerTreatment, DialRule: "all",
		}},
		Agents: []callmodel.AgentConfig{
			{
				ID: Anna, Number: 1, Name: "Anna", Line: AnnaLine, Queues: []callmodel.QueueID{"support"}, DialRule: "all",
				Station: callmodel.Station{Endpoint: "101", Mode: callmodel.Handset},
			},
			{
				ID: Bernd, Number: 2, Name: "Bernd", Line: BerndLine, Queues: []callmodel.QueueID{"support"}, DialRule: "all",
				Station: callmodel.Station{Endpoint: "102", Mode: callmodel.CallOnAccept, AcceptTimeout: 5 * time.Second},
			},
		},
		Skills:    []callmodel.SkillConfig{{ID: "french", Number: 1, Name: "French"}},
		Plan:      numbering.Plan{Country: "49", IDD: "00", Trunk: "0"},
		Trunks:    []numbering.Trunk{{ID: "t1", Number: 1, Endpoint: Trunk, DefaultCallerID: "+49301000"}},
		Routes:    []numbering.Route{{ID: "all", Number: 1, Prefixes: []string{""}, Trunks: []string{"t1"}}},
		DialRules: []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{"49"}}},
		Campaigns: []callmodel.CampaignConfig{{ID: Campaign, Number: 1, Queue: "support"}},
	}
}
