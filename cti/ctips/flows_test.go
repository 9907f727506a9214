package ctips

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// TestFlows plays the reference's flows and compares order and every member.
func TestFlows(t *testing.T) {
	t.Parallel()
	for _, f := range ctitest.ReadFlows(t, "testdata/flows.txt", 12) {
		t.Run(strings.ReplaceAll(f.Title, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p := &play{stage: newStage(t, scene()), names: map[string]string{
				"A": "1", "B": "2", "R1": "101", "R2": "102", "#trunk": "1", "$ANI": customer,
			}}
			events := 0
			for _, line := range f.Lines {
				if action, ok := strings.CutPrefix(line, "> "); ok {
					p.act(action)
					continue
				}
				p.expect(line)
				events++
			}
			if rest := p.take(); len(rest) > 0 {
				t.Errorf("%d events too many:\n%s", len(rest), short(rest))
			}
			if events < 10 {
				t.Errorf("%d events in the list", events)
			}
		})
	}
}

// play is a flow under way.
type play struct {
	*stage
	names  map[string]string // letters of the list and what they stand for
	caller callmodel.CallID
}

// act does what a line says.
func (p *play) act(action string) {
	p.t.Helper()
	w := strings.Fields(action)
	switch {
	case strings.HasPrefix(action, "customer calls "):
		p.names["$DNIS"] = w[2]
		p.caller = p.arrive(w[2])
	case strings.HasPrefix(action, "the customer hangs up"):
		p.hangUp(p.caller)
	case w[1] == "lifts":
		p.lift(callmodel.AgentID(w[0]))
	case w[1] == "hangs" && w[2] == "up":
		p.putDown(callmodel.AgentID(w[0]))
	case w[1] == "s":
		p.pass(w[0])
	default:
		p.request(w)
	}
	if i := strings.Index(action, "; "); i >= 0 {
		p.pass(strings.Fields(action[i+2:])[0])
	}
}

func (p *play) pass(seconds string) {
	p.t.Helper()
	n, err := strconv.Atoi(seconds)
	if err != nil {
		p.t.Fatal(err)
	}
	p.wait(time.Duration(n) * time.Second)
}

// number is what a letter stands for.
func (p *play) number(letter string) int32 {
	p.t.Helper()
	n, err := strconv.ParseInt(p.names[letter], 10, 32)
	if err != nil {
		p.t.Fatalf("%s is not known yet", letter)
	}
	return int32(n)
}

func (p *play) callHead(w []string) CallHead {
	h := CallHead{}
	h.RequestID, h.TenantID, h.AgentID = p.number(w[1]), 1, p.number(w[2])
	if h.CallID = noCall; w[3] != "-1" {
		h.CallID = p.number(w[3])
	}
	return h
}

// request sends what a line of operation and arguments says.
func (p *play) request(w []string) {
	p.t.Helper()
	kinds := map[string]DestinationType{"Agent": DestinationAgent, "Service": DestinationService}
	var args any
	switch w[0] {
	case "RouteSelect":
		a := &RouteSelectArgs{CallID: p.number(w[2]), RouteActionType: RouteToService, RouteDestination: w[4]}
		a.RequestID, a.TenantID = p.number(w[1]), 1
		args = a
	case "TransferCall":
		a := &TransferCallArgs{CallHead: p.callHead(w), TransferType: TransferTypeBlind}
		if w[4] == "Blind" {
			a.DestinationType, a.DestinationAddress = kinds[w[5]], w[6]
		} else {
			a.TransferType, a.ConsultationCallID = TransferTypeConsultation, p.number(w[5])
		}
		args = a
	case "ConsultationCall":
		args = &ConsultationCallArgs{CallHead: p.callHead(w), DestinationType: kinds[w[4]], DestinationAddress: w[5]}
	case "ConferenceCall":
		args = &ConferenceCallArgs{CallHead: p.callHead(w), ConsultationCallID: p.number(w[4])}
	case "MakeCall":
		args = &MakeCallArgs{CallHead: p.callHead(w), DestinationType: kinds[w[4]], DestinationAddress: w[5]}
	default:
		p.t.Fatalf("unknown action %v", w)
	}
	if err := p.ask(args); err != nil {
		p.t.Fatalf("%v: %v", w, err)
	}
}

// expect compares the next event with a line: its number, marks, and then class
// and members.
func (p *play) expect(line string) {
	p.t.Helper()
	w := strings.Fields(line)
	k := 0
	for !strings.HasSuffix(w[k], "Event") {
		k++
	}
	if len(p.told) == 0 {
		p.t.Fatalf("%s: nothing is told, want %s", w[0], strings.Join(w[k:], " "))
	}
	next := p.told[0]
	p.told = p.told[1:]
	got := append([]string{reflect.TypeOf(next.Event).Elem().Name()}, members(next)...)
	if len(got) != len(w)-k {
		p.t.Fatalf("%s: got %v, want %v; then\n%s", w[0], got, w[k:], short(p.told))
	}
	for n, want := range w[k:] {
		if !p.same(got[n], want) {
			p.t.Errorf("%s: got %s, want %s", w[0], got[n], p.filled(want))
		}
	}
	if p.t.Failed() {
		p.t.Fatalf("%s: got\n%v, want\n%v; then\n%s", w[0], got, w[k:], short(p.told))
	}
}

// same compares a member; a name that stands for nothing yet gets its value.
func (p *play) same(got, want string) bool {
	key, value, _ := strings.Cut(want, "=")
	_, own, _ := strings.Cut(got, "=")
	if _, known := p.names[value]; !known && (value == "C" || value == "K" || strings.HasPrefix(value, "#")) {
		if own == "0" || own == "nil" {
			return false
		}
		p.names[value] = own
	}
	return got == p.filled(key+"="+value) || got == p.filled(want)
}

// filled is a member with the names replaced, which may stand inside of it.
func (p *play) filled(want string) string {
	key, value, ok := strings.Cut(want, "=")
	if !ok {
		return want
	}
	if v, known := p.names[value]; known {
		return key + "=" + v
	}
	value = strings.ReplaceAll(strings.ReplaceAll(value, "$ANI", p.names["$ANI"]), "$DNIS", p.names["$DNIS"])
	return key + "=" + value
}

// members are those of an event, as the session that has asked gets it, in the
// order of the wire.
func members(d telling) []string {
	d.base().RequestID = d.to.request
	v := reflect.ValueOf(d.Event).Elem()
	var out []string
	for _, c := range classByType[v.Type()].lineage() {
		for k := range c.members {
			m := &c.members[k]
			out = append(out, m.name+"="+valueText(m, c.field(v, m)))
		}
	}
	return out
}

func valueText(m *member, v reflect.Value) string {
	switch m.kind {
	case kindString:
		if v.Len() == 0 {
			return "nil"
		}
		return v.String()
	case kindEnum:
		return m.enum.text(v.Int())
	case kindArray:
		if v.IsNil() {
			return "nil"
		}
		items := make([]string, v.Len())
		for i := range items {
			items[i] = valueText(m.item, v.Index(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	case kindClass:
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return "nil"
			}
			v = v.Elem()
		}
		var parts []string
		for _, c := range m.class.lineage() {
			for k := range c.members {
				parts = append(parts, c.members[k].name+"="+valueText(&c.members[k], c.field(v, &c.members[k])))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	case kindInt, kindLong, kindBool:
	}
	return fmt.Sprint(v.Interface())
}

// TestFlowNumbers: what the letters of the lists stand for is what the switch
// says.
func TestFlowNumbers(t *testing.T) {
	t.Parallel()
	s := newStage(t, scene())
	s.arrive("49301000600")
	s.lift(ctitest.Anna)
	view, err := s.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := view.Calls[0]
	first, ok := s.told[0].Event.(*CallStartedEvent)
	if !ok || int64(first.CallID) != c.Number || first.CallSequenceID != c.Number || int64(first.ChannelID) != c.Conns[0].Number {
		t.Errorf("CallStarted %+v of call %d, connection %d", first, c.Number, c.Conns[0].Number)
	}
	connected, ok := s.told[3].Event.(*CallConnectedEvent)
	if !ok || int64(connected.ChannelID) != c.Conns[1].Number {
		t.Errorf("CallConnected %+v, connection %d", connected, c.Conns[1].Number)
	}
}
