package test

import (
	"fmt"
	"testing"

	"strowger/sip/ua"
)

// ctipsKillConfig has two listeners, of which a client uses both.
func ctipsKillConfig(first, second int) string {
	return fmt.Sprintf("ctips:\n  enabled: true\n  listen: 127.0.0.1:%d\n  listeners: [{listen: \"127.0.0.1:%d\"}]\n", first, second) + patientDesks
}

// register brings a client with an open session online, and past its snapshot;
// it returns the calls that the snapshot shows, with their states.
func (c *ctipsClient) register() map[string]string {
	c.t.Helper()
	c.must("OpenConnection", "UserName=crm", "Password=x")
	for _, class := range []string{"Agent", "Call", "Route", "System"} {
		c.must("AddMessageClass", "MessageClass=EventCategory"+class)
	}
	c.must("OnLine")
	c.must("Snapshot", "EntityType=AgentInfo,CallInfo,ServiceInfo")
	calls := map[string]string{}
	for {
		got := c.called("the snapshot")
		if got["event"] != "SnapShotUpdateEvent" {
			continue
		}
		if data, is := got["CallData"].(map[string]any); is {
			calls[fmt.Sprint(data["CallId"])] = fmt.Sprint(data["CallState"])
		}
		if got["SnapShotComplete"] == true {
			return calls
		}
	}
}

// TestCTIPSKill kills the controller in mid-call. Sessions are gone and say so;
// a new one finds the call, which has gone on, under the same CallId, at either
// listener, and ends it.
func TestCTIPSKill(t *testing.T) {
	first, second := freePort(t), freePort(t)
	s := stage(t, ctipsKillConfig(first, second))
	a, b := s.talking()
	client := newCTIPSClient(t, "zeep", fmt.Sprintf("http://127.0.0.1:%d/CTIPS", first))
	before := client.register()
	if len(before) != 1 {
		t.Fatalf("the snapshot has the calls %v", before)
	}
	s.restart(true)
	if line := client.do("OnLine"); line["fault"] == nil {
		t.Errorf("a session from before the kill is served: %v", line)
	}
	after := client.register()
	other := newCTIPSClient(t, "zeep", fmt.Sprintf("http://127.0.0.1:%d/CTIPS", second))
	beside := other.register()
	for call, state := range before {
		if state != "CallEstablished" || after[call] != state || beside[call] != state || len(after) != 1 || len(beside) != 1 {
			t.Errorf("calls before %v, after %v, at the other listener %v", before, after, beside)
		}
		client.must("ClearCall", "RequestId=5", "AgentId=1", "CallId="+call)
	}
	b.MustEndBy(ua.Remote, 0)
	a.MustEndBy(ua.Remote, 0)
	for _, c := range []*ctipsClient{client, other} {
		for got := c.called("CallCleared"); got["event"] != "CallClearedEvent"; got = c.called("CallCleared") {
		}
		c.must("CloseConnection")
	}
	s.endWrapUps("anna")
	s.noLeftovers()
}
