package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strowger/cti/ctitest"
)

// ctipsObjects is where the reference's call flows are played: four services,
// two agents at desk phones. Wrap-up is shorter than in the flows, and long
// enough for a colleague to lift meanwhile.
const ctipsObjects = `
numbering: {region: DE}
trunks:
  - {id: carrier, endpoint: trunk, default_caller_id: "+49301000600"}
queues:
  - {id: support, number: "600", dnis: ["+49301000600"], ring_timeout: 60s, wrap_up: 3s}
  - {id: tech, number: "601", ring_timeout: 60s, wrap_up: 3s}
  - {id: empty, number: "602", overflow: [{when: no-agents, to: "queue:tech"}]}
  - {id: routed, number: "604", dnis: ["+49301000604"], external_route: {timeout: 5s, default: "queue:support"}}
agents:
  - {id: anna, line: "101", queues: [support], station: {endpoint: "101"}}
  - {id: bernd, line: "102", queues: [tech], station: {endpoint: "102"}}
`

// ctipsSecret is the password of the clients.
const ctipsSecret = "crm-of-the-flows"

// ctipsExchange is what people do at telephones.
type ctipsExchange interface {
	dial(number string)
	lift(agent string)
	hangUp(who string) // an agent, or "customer"
	pass(seconds int)
}

// ctipsPlay is a run of all flows with one client.
type ctipsPlay struct {
	t        *testing.T
	exchange ctipsExchange
	client   *ctipsClient
	names    map[string]string // letters of the list, and what they stand for
}

// all plays every flow for a client of the kind.
func (p *ctipsPlay) all(kind, base string) {
	p.t.Helper()
	p.client = newCTIPSClient(p.t, kind, base)
	p.open()
	for n, f := range ctipsFlows(p.t) {
		p.flow(n, f)
	}
	p.client.must("CloseConnection")
}

// silent wants no events that nobody has waited for.
func (p *ctipsPlay) silent() {
	p.t.Helper()
	for {
		select {
		case got := <-p.client.calls:
			if got["heartbeat"] == nil {
				p.t.Errorf("one event too many: %s", ctipsWords(got))
			}
		default:
			return
		}
	}
}

// open has the client go through the reference's start: register, on line,
// snapshot; and log both agents in.
func (p *ctipsPlay) open() {
	p.t.Helper()
	p.client.must("OpenConnection", "UserName=crm", "Password="+ctipsSecret)
	if got := p.client.called("StartSession"); got["startsession"] == nil || got["UserName"] != "crm" {
		p.t.Errorf("StartSession arrived as %v", got)
	}
	for _, class := range []string{"Agent", "Call", "Route", "System"} {
		p.client.must("AddMessageClass", "MessageClass=EventCategory"+class)
	}
	p.client.must("OnLine")
	if got := p.client.called("HeartbeatMessage"); got["heartbeat"] == nil {
		p.t.Errorf("the first call after OnLine is %v", got)
	}
	p.client.must("Snapshot", "EntityType=AgentInfo,CallInfo,ServiceInfo")
	for done := false; !done; {
		got := p.event("the snapshot")
		if got["event"] != "SnapShotUpdateEvent" {
			p.t.Fatalf("the snapshot has %v", got)
		}
		done, _ = got["SnapShotComplete"].(bool)
	}
	for n, agent := range []string{"anna", "bernd"} {
		r := fmt.Sprint(n + 1)
		p.client.must("LoginAgent", "RequestId="+r, "AgentLoginName="+agent, "InitialState=Idle", "StationId=null")
		for _, want := range []string{
			"AgentLoginStateChangeEvent LoginState=AgentLoggedIn RequestId=" + r + " AgentId=" + r + " AgentLoginName=" + agent,
			"AgentStateChangeEvent AgentState=Idle RequestId=0 AgentId=" + r,
			"ServiceStateChangeEvent ServiceState=Active ServiceId=" + r + " RequestIdList=[" + r + "]",
		} {
			p.has(p.event(want), strings.Fields(want))
		}
	}
}

// event is the next event; heartbeats between events are passed over.
func (p *ctipsPlay) event(what string) map[string]any {
	p.t.Helper()
	for {
		if got := p.client.called(what); got["heartbeat"] == nil {
			return got
		}
	}
}

// flow plays one flow.
func (p *ctipsPlay) flow(n int, f ctitest.Flow) {
	p.t.Helper()
	p.names = map[string]string{"A": "1", "B": "2", "R1": fmt.Sprint(100*n + 101), "R2": fmt.Sprint(100*n + 102)}
	for _, line := range f.Lines {
		action, isAction := strings.CutPrefix(line, "> ")
		if isAction {
			p.act(action)
			continue
		}
		w := strings.Fields(line)
		k := slices.IndexFunc(w, func(s string) bool { return strings.HasSuffix(s, "Event") })
		got := p.event(f.Title + " " + strings.Join(w, " "))
		p.has(got, w[k:])
		if members := len(got) - 2; members != len(w)-k-1 { // beside event and n
			p.t.Errorf("%s: %d members, want %d", w[0], members, len(w)-k-1)
		}
		if p.t.Failed() {
			p.t.Fatalf("%s of flow %s:\n got %s\nwant %s", w[0], f.Title, ctipsWords(got), strings.Join(w[k:], " "))
		}
	}
	progress(p.t.Name() + ": flow " + f.Title)
}

// act does what a line says.
func (p *ctipsPlay) act(action string) {
	p.t.Helper()
	w := strings.Fields(action)
	switch {
	case strings.HasPrefix(action, "customer calls "):
		p.exchange.dial(w[2])
	case strings.HasPrefix(action, "the customer hangs up"):
		p.exchange.hangUp("customer")
	case w[1] == "lifts":
		p.exchange.lift(w[0])
	case w[1] == "hangs":
		p.exchange.hangUp(w[0])
	case w[1] == "s":
		p.pass(w[0])
	default:
		p.request(w)
	}
	if _, after, ok := strings.Cut(action, "; "); ok {
		p.pass(strings.Fields(after)[0])
	}
}

func (p *ctipsPlay) pass(seconds string) {
	p.t.Helper()
	n, err := strconv.Atoi(seconds)
	if err != nil {
		p.t.Fatal(err)
	}
	p.exchange.pass(n)
}

// request has the client ask what a line says.
func (p *ctipsPlay) request(w []string) {
	p.t.Helper()
	members := []string{"RequestId=" + p.named(w[1])}
	if w[0] == "RouteSelect" {
		p.client.must(w[0], append(members, "CallId="+p.named(w[2]), "RouteActionType="+w[3], "RouteDestination="+w[4])...)
		return
	}
	members = append(members, "AgentId="+p.named(w[2]), "CallId="+p.named(w[3]))
	switch {
	case w[0] == "ConferenceCall":
		members = append(members, "ConsultationCallId="+p.named(w[4]))
	case w[0] == "TransferCall" && w[4] == "Consultation":
		members = append(members, "TransferType=Consultation", "ConsultationCallId="+p.named(w[5]))
	case w[0] == "TransferCall":
		members = append(members, "TransferType="+w[4], "DestinationType="+w[5], "DestinationAddress="+w[6])
	default:
		members = append(members, "DestinationType="+w[4], "DestinationAddress="+w[5])
	}
	p.client.must(w[0], members...)
}

// named is what a letter stands for; a number stands for itself.
func (p *ctipsPlay) named(word string) string {
	if v, ok := p.names[word]; ok {
		return v
	}
	return word
}

// has compares an event with its class and members; a letter that stands for
// nothing yet gets its value.
func (p *ctipsPlay) has(got map[string]any, want []string) {
	p.t.Helper()
	if got["event"] != want[0] {
		p.t.Fatalf("got %s, want %s", ctipsWords(got), strings.Join(want, " "))
	}
	for _, w := range want[1:] {
		key, value, _ := strings.Cut(w, "=")
		own, there := got[key]
		text := ctipsText(own)
		if _, known := p.names[value]; !known && p.binds(value, text) {
			p.names[value] = text
		}
		for _, letter := range []string{"$ANI", "$DNIS"} {
			if v, known := p.names[letter]; known {
				value = strings.ReplaceAll(value, letter, v)
			}
		}
		// The lists know agents without names; here they are called as they log in.
		value = strings.ReplaceAll(value, "{ANI=101,CallData=nil,CallerId=nil", "{ANI=101,CallData=nil,CallerId=anna")
		if !there || text != p.named(value) {
			p.t.Errorf("%s: %s is %s, want %s", want[0], key, text, p.named(value))
		}
	}
}

// binds tells whether a letter can stand for a value: a number that is known,
// or a telephone number that ends as the one that was used.
func (p *ctipsPlay) binds(letter, text string) bool {
	switch {
	case letter == "C", letter == "K", strings.HasPrefix(letter, "#"):
		return text != "0" && text != "nil"
	case letter == "$ANI":
		return strings.TrimPrefix(text, "+") == "4917055501"
	case letter == "$DNIS":
		return strings.HasPrefix(strings.TrimPrefix(text, "+"), "4930100060")
	}
	return false
}

// ctipsText is a member as the lists write it.
func ctipsText(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case []any:
		items := make([]string, len(v))
		for i := range v {
			items[i] = ctipsText(v[i])
		}
		return "[" + strings.Join(items, ",") + "]"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+"="+ctipsText(v[key]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}

// ctipsWords is an event as the lists write it, in alphabetical order.
func ctipsWords(got map[string]any) string {
	words := []string{fmt.Sprint(got["event"])}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if key != "event" && key != "n" {
			words = append(words, key+"="+ctipsText(got[key]))
		}
	}
	return strings.Join(words, " ")
}
