package migrate

import (
	"strings"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

const conf = `[general]
persistentmembers = yes

[usual](!)           ; a template
musicclass = jazz
timeout = 20
retry = 5

[support](usual)
strategy = rrmemory
timeout => 12        ; the last one counts
wrapuptime = 8
maxlen = 30
announce-frequency = 45
announce-position = yes
announce-holdtime = once
periodic-announce = hello,please-wait
joinempty = no
context = leave\;here
member => PJSIP/101
[other]
timeout = 99
`

func source(t *testing.T) Source {
	t.Helper()
	s, err := ReadConf(strings.NewReader(conf), "support")
	if err != nil {
		t.Fatal(err)
	}
	member := func(iface, endpoint, name string, penalty int, paused bool) rest.Agent {
		return rest.Agent{
			ID: iface + "@a1", Mirror: "app_queue", Node: "a1", Name: name, Station: rest.Station{Endpoint: endpoint},
			Memberships: []rest.Membership{{Queue: "support@a1", Interface: iface, Name: name, Penalty: penalty, Paused: paused, Source: "static"}},
		}
	}
	return Source{
		Queue: rest.Queue{ID: "support@a1", Mirror: "app_queue", Node: "a1", Name: "support", Strategy: "rrmemory", Priority: 2, ServiceSeconds: 20},
		Members: []rest.Agent{
			member("PJSIP/101", "101", "Anna", 0, false), member("PJSIP/102", "102", "", 0, true), member("Local/103@agents/n", "", "Cleo", 0, false),
		},
		Conf: s, Number: "600",
		Existing: map[string]map[string]any{"102": {"id": "ben", "line": "102", "queues": []any{"sales"}, "station": map[string]any{"endpoint": "102"}}},
	}
}

func TestProposalIsAFileOfObjects(t *testing.T) {
	t.Parallel()
	p, err := Propose(source(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"id: support", "strategy: round-robin", "ring_timeout: 12s", "wrap_up: 8s", "music: jazz", "max_waiting: 30", "priority: 2", "service_level: 20s",
		"first: 45s", "position: true", "estimated_wait: true", "sound:please-wait", "id: agent101", "name: Anna", "- sales", "- support",
		"# - member Local/103@agents/n is no PJSIP phone", "# - member PJSIP/102 is paused", "# - joinempty = no: not taken over; add an overflow rule", "# - context = leave;here",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	base := "queues: [{id: sales, number: \"601\"}]\n" // that ben serves already
	if _, err := objects.Check("proposal.yaml", []byte(base+text)); err == nil {
		t.Error("two sections of one name were accepted: the check checks nothing")
	}
	if _, err := objects.Check("proposal.yaml", []byte(strings.Replace(text, "queues:\n  - id: support", "queues:\n  - {id: sales, number: \"601\"}\n  - id: support", 1))); err != nil {
		t.Errorf("the proposal is refused: %v\n%s", err, text)
	}
}

func TestPenaltiesBecomeRanks(t *testing.T) {
	t.Parallel()
	s := source(t)
	s.Members[1].Memberships[0].Penalty = 4
	p, err := Propose(s)
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.YAML()
	if err != nil || p.Queue.Strategy != "ordered" || !strings.Contains(text, "rank: 5") || !strings.Contains(text, "# - penalties become ranks") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestWithoutTheFile(t *testing.T) {
	t.Parallel()
	s := source(t)
	s.Conf = nil
	p, err := Propose(s)
	if err != nil || p.Queue.RingTimeout != "" || !strings.Contains(strings.Join(p.Notes, "\n"), "--conf") {
		t.Errorf("%v %+v", err, p)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := source(t)
	s.Number = "6x"
	if _, err := Propose(s); !fault.Is(err, fault.Invalid) {
		t.Errorf("number: %v", err)
	}
	s = source(t)
	s.Queue.Mirror = ""
	if _, err := Propose(s); !fault.Is(err, fault.Invalid) {
		t.Errorf("our own: %v", err)
	}
	if _, err := ReadConf(strings.NewReader(conf), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no section: %v", err)
	}
}
