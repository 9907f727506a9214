package test

import (
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// backendScenarios are all scenarios of the suite, those that wait for long
// times of the model first.
func backendScenarios() []scenario {
	return slices.Concat(slowScenarios(), talkScenarios(), makeScenarios(), transferScenarios(), conferenceScenarios(),
		phoneScenarios(), stationScenarios(), menuScenarios(), queueScenarios(), superviseScenarios(), passcodeScenarios(), dialScenarios())
}

// backendSite is the configuration that scenarios change: two queues, five
// agents at desk phones, a trunk. Times are short where a scenario waits for them.
func backendSite() *callmodel.Config {
	agent := func(id callmodel.AgentID, number int64, line string, queues ...callmodel.QueueID) callmodel.AgentConfig {
		return callmodel.AgentConfig{
			ID: id, Number: number, Name: string(id), Line: line, Queues: queues, DialRule: "all",
			Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset},
		}
	}
	queue := func(id callmodel.QueueID, number int64, address string) callmodel.QueueConfig {
		return callmodel.QueueConfig{
			ID: id, Number: number, Name: string(id), Address: address, Strategy: callmodel.LongestIdle, RingTimeout: 3 * time.Second,
			Music: "default", Answer: callmodel.AnswerTreatment, MaxWaiting: 10, DialRule: "all",
		}
	}
	return &callmodel.Config{
		Version: 1,
		Queues:  []callmodel.QueueConfig{queue("sales", 1, "600"), queue("support", 2, "601")},
		Agents: []callmodel.AgentConfig{
			agent("anna", 1, "101", "sales"), agent("ben", 2, "102", "sales"), agent("cleo", 3, "103", "support"),
			agent("dora", 4, "104"), agent("emil", 5, "105"),
		},
		Plan:      numbering.Plan{Country: "49", IDD: "00", Trunk: "0", Bare: true},
		Trunks:    []numbering.Trunk{{ID: "carrier", Number: 1, Endpoint: "trunk", DefaultCallerID: "4930100", Format: numbering.FormatBare}},
		Routes:    []numbering.Route{{ID: "all", Number: 1, Prefixes: []string{""}, Trunks: []string{"carrier"}}},
		DialRules: []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}},
		Parking:   callmodel.ParkingConfig{First: "800", Places: 3, Timeout: 5 * time.Second},
	}
}

// to reads a destination.
func to(s string) callmodel.Dest {
	d, err := callmodel.ParseDest(s)
	if err != nil {
		panic(err) // the suite's own text
	}
	return d
}
