package ici

import (
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// TestHiddenQueuesStay: setCurrentQueues names all queues that a CRM can see; what
// it cannot see, and cannot name, is left as it is.
func TestHiddenQueuesStay(t *testing.T) {
	t.Parallel()
	k := newScene(t, strings.Join([]string{
		"setCurrentQueues=true", `model.queues=[{"id":"support";"number":1;"address":"600";"ring_timeout":1000000000;"answer":"treatment"};{"id":"night";"number":2;"address":"601";"ring_timeout":1000000000;"answer":"treatment";"no_cti":true}]`, `anna.queues=["support";"night"]`,
	}, ","))
	off := func() []callmodel.QueueID {
		_, a, err := k.s.agent(t.Context(), string(ctitest.Anna))
		if err != nil {
			t.Fatal(err)
		}
		return a.Off
	}
	k.request(OpSetCurrentQueues, &QueueChoice{UserID: "anna"})
	if got := off(); !slices.Equal(got, []callmodel.QueueID{"support"}) {
		t.Errorf("signed out of all, the agent is out of %v", got)
	}
	if got := k.request(OpSetCurrentQueues, &QueueChoice{"anna", []string{"601"}}); got != "fault 2/4" {
		t.Errorf("a queue that is hidden: %s", got)
	}
	if got := k.request(OpSetCurrentQueues, &QueueChoice{"anna", slices.Repeat([]string{"600"}, maxQueues+1)}); got != "fault 2/91" {
		t.Errorf("too many queues: %s", got)
	}
	k.do(callmodel.SetAgentQueues{Agent: ctitest.Anna, Out: []callmodel.QueueID{"night"}})
	k.request(OpSetCurrentQueues, &QueueChoice{"anna", []string{" 600 ", "", "600", "support"}})
	if got := off(); !slices.Equal(got, []callmodel.QueueID{"night"}) {
		t.Errorf("signed in to all, the agent is out of %v", got)
	}
}
