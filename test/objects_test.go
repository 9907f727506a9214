package test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/objects"
)

// sections matches the first line that begins a section of objects.
var sections = func() *regexp.Regexp {
	var names []string
	for _, k := range objects.Kinds() {
		names = append(names, regexp.QuoteMeta(k.Section()))
	}
	return regexp.MustCompile(`(?m)^(` + strings.Join(names, "|") + `):`)
}()

// splitConfig cuts a test's configuration into what belongs into
// strowger.yaml and the objects, which come after it.
func splitConfig(text string) (settings, things string) {
	at := sections.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	return text[:at[0]], text[at[0]:]
}

// objects adds objects, or changes those that have the same id: in
// objects.yaml before the first start, in the running controller afterwards.
func (s *site) objects(text string) {
	s.t.Helper()
	if s.cmd != nil {
		if err := s.tryObjects(text); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	if s.log != nil {
		s.t.Fatal("objects: the file is read at the first start only; start first")
	}
	path := filepath.Join(s.dir, "objects.yaml")
	before, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	both, err := mergeObjects(before, []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, both, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// tryObjects applies objects to the running controller.
func (s *site) tryObjects(text string) error {
	return s.send(http.MethodPost, "/api/v1/objects", "application/yaml", strings.NewReader(text), nil)
}

func mergeObjects(before, text []byte) ([]byte, error) {
	current, err := objects.Parse("objects.yaml", before)
	if err != nil {
		return nil, err
	}
	given, err := objects.Parse("more objects", text)
	if err != nil {
		return nil, err
	}
	next, _, err := objects.Merge(current, given, false)
	if err != nil {
		var problems objects.Problems
		if errors.As(err, &problems) {
			return nil, problems
		}
		return nil, err
	}
	return next.YAML()
}

// outsideObjects lets agents and queues that name the dial rule "outside" call
// every number of the outside world: the trunk of the sandbox, see outside.
const outsideObjects = `
numbering: {region: DE}
trunks:
  - {id: carrier, endpoint: trunk, default_caller_id: "+49301000600"}
routes:
  - {id: anywhere, prefixes: [""], trunks: [carrier]}
dial_rules:
  - {id: outside, allow: [""]}
`

// outside is the world behind the trunk, which takes calls to any number:
// numbers says how, rest says it for those that are not in it. One per test.
func (s *site) outside(rest siptest.Script, numbers map[string]siptest.Script) *siptest.Trunk {
	s.t.Helper()
	return siptest.NewTrunk(s.t, siptest.TrunkConfig{
		Phone:   ua.Config{Server: s.asterisk.SIPAddr(), Port: uint16(outsidePort()), Pacer: s.pacer},
		Default: rest, Numbers: numbers,
	})
}

func TestSplitConfig(t *testing.T) {
	settings, things := splitConfig(threeDesks)
	if !strings.Contains(settings, "ici:") || strings.Contains(settings, "queues:") || !strings.HasPrefix(things, "queues:") {
		t.Errorf("settings %q, objects %q", settings, things)
	}
	both, err := mergeObjects([]byte(things), []byte(outsideObjects+"agents:\n  - {id: dora, line: \"104\", station: {endpoint: \"104\"}, dial_rule: outside}\n"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := objects.Check("both", both)
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Config(); len(got.Agents) != 4 || len(got.Trunks) != 1 {
		t.Errorf("%d agents, %d trunks", len(got.Agents), len(got.Trunks))
	}
	if _, err := mergeObjects([]byte(things), []byte("queues:\n  - {id: x}\n")); err == nil {
		t.Error("a queue without a number was taken")
	}
}

// TestObjectsChangeWhileTalking: a new queue is in force at once, a file with
// a mistake changes nothing, and who talks does not notice.
func TestObjectsChangeWhileTalking(t *testing.T) {
	s := stage(t, threeDesks)
	a, b := s.talking()
	talk := markGaps(t, a, b)
	if err := s.tryObjects("queues:\n  - {id: more, number: \"601\"}\n  - {id: sales, number: \"601\"}\n"); err == nil || !strings.Contains(err.Error(), "601") {
		t.Errorf("two queues with one number: got %v, want a refusal with the number", err)
	}
	s.caller("4917055502").Dial("601").MustEndBy(ua.Remote, 404)
	s.objects("queues:\n  - {id: more, number: \"601\"}\nagents:\n  - {id: ben, line: \"102\", queues: [sales, more], station: {endpoint: \"102\"}}\n")
	desk := s.desk("102")
	s.agentState("ben", "ready")
	c := s.caller("4917055502").Dial("601")
	d := desk.Expect()
	d.MustAnswer()
	siptest.Talk(c, d)
	if gap := talk.longest(); gap > maxGap {
		t.Errorf("the talk was interrupted for %v", gap)
	}
	for _, leg := range []*siptest.Leg{a, c} {
		leg.MustHangup()
	}
	s.waitAgent("anna", "ready")
	s.waitAgent("ben", "wrap-up")
	s.must(http.MethodPost, "/api/v1/connections/"+s.agent("ben").Connection+"/end-wrap-up", nil, nil)
	s.noLeftovers()
}

// TestCallOutside: an agent calls a number that the rules allow, with the
// number that the trunk shows, and none that they do not.
func TestCallOutside(t *testing.T) {
	s := newSite(t, testAsterisk(t), "strowger", strings.Replace(threeDesks, `endpoint: "101"}`, `endpoint: "101"}, dial_rule: outside`, 1))
	s.objects(outsideObjects)
	s.objects("routes:\n  - {id: premium, prefixes: [\"49900\"], deny: true, reason: premium rate}\n")
	s.start()
	world := s.outside(siptest.Script{Answer: true, Say: 1000}, nil)
	desk := s.desk("101")
	s.agentState("anna", "not-ready")
	s.desk("102")
	s.agentState("ben", "not-ready")
	eventually(t, "both phones are known to be registered", func() bool { return !s.agent("anna").PhoneOff && !s.agent("ben").PhoneOff })
	type to struct {
		To string `json:"to"`
	}
	if err := s.try(http.MethodPost, "/api/v1/agents/anna/call", to{"0900123456"}, nil); err == nil || !strings.Contains(err.Error(), "premium rate") {
		t.Errorf("a forbidden number: got %v", err)
	}
	if err := s.try(http.MethodPost, "/api/v1/agents/ben/call", to{"0301234567"}, nil); err == nil || !strings.Contains(err.Error(), "dial rule") {
		t.Errorf("an agent without a dial rule: got %v", err)
	}
	s.must(http.MethodPost, "/api/v1/agents/anna/call", to{"0301234567"}, nil)
	b := desk.Expect()
	b.MustAnswer()
	arrived := world.MustArrive()
	if arrived.Dialed != "+49301234567" || arrived.From.User != "+49301000600" {
		t.Errorf("dialled %q from %q", arrived.Dialed, arrived.From.User)
	}
	out := world.Expect()
	b.Say(400)
	b.MustHear(1000)
	out.MustHear(400)
	b.MustHangup()
	out.MustEndBy(ua.Remote, 0)
	if n := world.Count(); n != 1 {
		t.Errorf("%d calls have left, want one", n)
	}
	s.noLeftovers()
}
