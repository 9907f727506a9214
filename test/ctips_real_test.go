package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctips"
	"strowger/sip/siptest"
)

// ctipsSettings has the interface on a port.
func ctipsSettings(t *testing.T, port int) string {
	t.Helper()
	hash, err := ctips.HashPassword(ctipsSecret)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`
ici: {enabled: false}
ctips:
  enabled: true
  listen: "127.0.0.1:%d"
  users: [{name: crm, password_hash: "%s", rights: [monitor, agent, call, route]}]
`, port, hash)
}

// The flows of the reference with real phones on Asterisk, for clients that were
// made from our own descriptions: the order of events, and every member of each.
// Two tests, since run.sh has them run beside each other.
func TestCTIPSFlowsForWCF(t *testing.T)  { playOnAsterisk(t, "mono") }
func TestCTIPSFlowsForZeep(t *testing.T) { playOnAsterisk(t, "zeep") }

func playOnAsterisk(t *testing.T, kind string) {
	t.Helper()
	port := freePort(t)
	s := stage(t, ctipsSettings(t, port)+ctipsObjects)
	p := &ctipsPlay{t: t, exchange: &ctipsPhones{
		site: s, phones: map[string]*siptest.Phone{"anna": s.desk("101"), "bernd": s.desk("102")}, legs: map[string]*siptest.Leg{},
	}}
	p.all(kind, fmt.Sprintf("http://127.0.0.1:%d/CTIPS", port))
	s.noLeftovers()
	s.stop()
	p.silent()
}

// ctipsPhones are telephones on Asterisk.
type ctipsPhones struct {
	*site
	phones map[string]*siptest.Phone
	legs   map[string]*siptest.Leg // that are off the hook
}

func (p *ctipsPhones) dial(number string) { p.legs["customer"] = p.caller("4917055501").Dial(number) }
func (p *ctipsPhones) hangUp(who string)  { p.legs[who].MustHangup() }
func (p *ctipsPhones) pass(int)           {} // time passes by itself

func (p *ctipsPhones) lift(agent string) {
	leg := p.phones[agent].Expect()
	leg.MustAnswer()
	p.legs[agent] = leg
}

// TestCTIPSLinkStatus kills Asterisk in mid-call: the client is told, and again
// when Asterisk is back and the call is known to be over.
func TestCTIPSLinkStatus(t *testing.T) {
	port := freePort(t)
	s := stageOn(t, ownAsterisk(t, nil), ctipsSettings(t, port)+ctipsObjects)
	s.disturbed = true
	desk, phone := s.desk("101"), s.caller("4917055501")
	p := &ctipsPlay{t: t, names: map[string]string{}, client: newCTIPSClient(t, "zeep", fmt.Sprintf("http://127.0.0.1:%d/CTIPS", port))}
	p.open()
	a := phone.Dial("49301000600")
	desk.Expect().MustAnswer()
	a.MustBeAnswered()
	p.until("AgentStateChangeEvent AgentId=1 AgentState=Active")

	done := s.asterisk.Done()
	if err := s.asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	phone.Abandon() // they would wait for answers to their BYE
	desk.Abandon()
	const link = "LinkStatusEvent ComponentType=Gateway TenantId=0 RequestId=0 SwitchId=1 SiteId=1 EventCategory=EventCategorySystem ComponentState="
	p.until(link + "Down")
	if err := s.asterisk.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.until(link+"Up", "CallEndEvent ServiceId=1", "AgentStateChangeEvent AgentId=1 AgentState=Wrap")
	p.client.must("CloseConnection")
	s.stop()
}

// until passes over events until one of each class has come, in whatever order,
// and compares their members.
func (p *ctipsPlay) until(wants ...string) {
	p.t.Helper()
	for len(wants) > 0 {
		got := p.event(strings.Join(wants, ", "))
		i := slices.IndexFunc(wants, func(want string) bool {
			words := strings.Fields(want)
			return words[0] == got["event"] && (words[0] != "AgentStateChangeEvent" || words[2] == "AgentState="+ctipsText(got["AgentState"]))
		})
		if i >= 0 {
			p.has(got, strings.Fields(wants[i]))
			wants = slices.Delete(wants, i, i+1)
		}
	}
}
