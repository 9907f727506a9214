package objects

import (
	"strings"
	"testing"

	"strowger/switch/fault"
)

type mistake struct {
	name, text string
	want       []string
}

const site = `skills: [{id: english}]
queues: [{id: support, number: 600}]
`

func mistakes() []mistake {
	agent := func(id, line, endpoint, rest string) string {
		return "  - {id: " + id + ", line: " + line + ", station: {endpoint: " + endpoint + "}" + rest + "}\n"
	}
	menu := func(nodes string) string { return site + "ivrs:\n  - id: m\n    nodes:\n" + nodes }
	camp := func(keys string) string {
		return "numbering: {region: DE}\ntrunks: [{id: t, endpoint: e}]\ndial_rules: [{id: all, allow: ['']}]\ncalendars: [{id: office, zone: UTC}]\n" +
			"queues: [{id: sales, number: 600, dial_rule: all}, {id: mute, number: 601}]\ncampaigns: [{" + keys + "}]\n"
	}
	return []mistake{
		{"not a map", "- a\n", []string{":1: the file does not begin with a section"}},
		{"unknown section", "qeues: []\n", []string{":1: qeues: unknown key; did you mean queues?"}},
		{"key in the wrong place", "queues:\n  - {id: a, number: 1, endpoint: x}\n", []string{":2: queues[0].endpoint: unknown key; did you mean "}},
		{"shallower line", "queues:\n  - id: a\n    number: 1\n   music: y\n", []string{":4: the line is not indented like its neighbours"}},
		{"duration", "queues: [{id: a, number: 1, ring_timeout: 1h}]\n", []string{":1: queues[0].ring_timeout: 1h is out of bounds; write a duration from 1s to 5m"}},
		{"duration without unit", "queues: [{id: a, number: 1, ring_timeout: 15}]\n", []string{`"15" has no unit: write 15s`}},
		{"mapping for a list", "queues: {id: a}\n", []string{":1: queues: a list of entries is wanted, this is a group of keys"}},
		{"list for a section", "parking: [a]\n", []string{":1: parking: a group of keys is wanted, this is a list"}},
		{"empty entry", "queues:\n  -\n", []string{":2: queues[0].id: missing; set it, for example `id: support`", ":2: queues[0].number: missing"}},
		{"bad dnis", "queues: [{id: a, number: 1, dnis: [\"300&PJSIP/x\"]}]\n", []string{`queues[0].dnis[0]: "300&PJSIP/x" is not allowed here`}},
		{"strategy", "queues: [{id: a, number: 1, strategy: longest}]\n", []string{`queues[0].strategy: "longest" is not a value of this key`}},
		{"no station", "agents: [{id: a, line: 1}]\n", []string{":1: agents[a].station.endpoint: missing"}},
		{"endpoint with PJSIP", "agents: [{id: a, line: 1, station: {endpoint: PJSIP/101}}]\n", []string{"agents[0].station.endpoint: \"PJSIP/101\" is not allowed here; write the name alone"}},
		{"double queue", "queues:\n  - {id: a, number: 1}\n  - {id: a, number: 1}\n", []string{`:3: queues[1].id: "a" is already used by queues[0].id in line 2`}},
		{"double number", "queues:\n  - {id: a, number: 1}\n  - {id: b, number: 1}\n", []string{`:3: queues[b].number: "1" is already used by queues[a].number in line 2`}},
		{"double dnis", "queues:\n  - {id: a, number: 1, dnis: [22, +33]}\n  - {id: b, number: 2, dnis: [33, 1]}\n", []string{
			`:3: queues[b].dnis[0]: "33" is already used by queues[a].dnis[1] in line 2`, `:3: queues[b].dnis[1]: "1" is already used by queues[a].number`,
		}},
		{"double agents", "agents:\n" + agent("Ann", "101", "e1", "") + agent("ann", "102", "e2", ""), []string{`:3: agents[1].id: "ann" is already used by agents[0].id in line 2`}},
		{"double phones", "agents:\n" + agent("ann", "101", "e1", "") + agent("ben", "102", "e1", ""), []string{`:3: agents[ben].station.endpoint: "e1" is already used`}},
		{"unknown queue", site + "agents:\n" + agent("a", "1", "e", ", queues: [suport, x]"), []string{
			`:4: agents[a].queues[0]: there is no queue "suport"; did you mean support?`, `:4: agents[a].queues[1]: there is no queue "x"; the queues are support`,
		}},
		{"unknown skill", site + "agents:\n" + agent("a", "1", "e", ", skills: [{skill: englsh, level: 5}]"), []string{`agents[a].skills[0].skill: there is no skill "englsh"; did you mean english?`}},
		{"rank elsewhere", site + "agents:\n" + agent("a", "1", "e", ", ranks: [{queue: support}]"), []string{"agents[a].ranks[0].queue: the agent does not serve the queue"}},
		{"line break", "queues: [{id: a, number: 1, name: \"a\\nb\"}]\n", []string{"queues[0].name: holds control characters"}},
		{"station twice over", "stations: [{id: s, endpoint: e}]\nagents: [{id: a, line: 1, station: {id: s, endpoint: f}}]\n", []string{"agents[a].station.endpoint: the station s has an endpoint of its own"}},
		{"overflow", "queues:\n  - {id: a, number: 1, overflow: [{when: size, to: 'queue:a'}, {when: closed, to: 'queue:b'}, {when: waiting-time, to: nowhere:x}]}\n", []string{
			"queues[a].overflow[0].to: the calls would come back", "queues[a].overflow[0].limit: missing", `overflow[1].to: there is no queue "b"`, "overflow[1].when: the queue has no hours",
			`overflow[2].to: "nowhere:x" is not a destination`, "overflow[2].after: missing",
		}},
		{"sounds", "queues: [{id: a, number: 1, audio_alert: beep, announce: {prompts: ['sound:../x', 'tone:loud']}}]\n", []string{
			`queues[a].audio_alert: "beep" is not a sound`, `prompts[0]: "sound:../x" is not a sound`, `prompts[1]: "tone:loud" is not a sound`,
		}},
		{"menu", menu("      - {id: a, kind: menu, choices: [{digits: 1, next: b}, {digits: 1, next: 'queue:suport'}]}\n      - {id: c, kind: play, key: x}\n"), []string{
			`nodes[0].choices[1].digits: "1" is already used`, `choices[0].next: there is no node "b"`, `choices[1].next: there is no queue "suport"; did you mean support?`,
			"nodes[1]: no way leads to this node", "nodes[1].key: a node of the kind play does not use it",
		}},
		{"menu start", menu("      - {id: a, kind: set, key: k}\n    start: b\n"), []string{`ivrs[m].start: there is no node "b"`}},
		{"decide", menu("      - {id: a, kind: decide}\n"), []string{"nodes[0].decision: missing", "nodes[0].default: missing"}},
		{"input", menu("      - {id: a, kind: input, min: 5, max: 4}\n"), []string{"nodes[0].key: missing", "nodes[0].min: 5 is more than max, 4"}},
		{"decision", "decisions: [{id: d, url: 'ftp://x'}]\n", []string{"decisions[d].url: this is not an http or https address"}},
		{"no plan", "trunks: [{id: t, endpoint: e}]\n", []string{"numbering: missing, and trunks"}},
		{"bad plan", "numbering: {region: XX}\n", []string{":1: numbering.region: there is no ready plan"}},
		{"route", "numbering: {region: DE}\ntrunks: [{id: t, endpoint: e}]\nroutes:\n  - {id: a, prefixes: [49], trunks: [t]}\n  - {id: b, prefixes: [49], trunks: [t]}\n", []string{`:5: routes[b]: prefix "49" already belongs`}},
		{"dnis pattern", "numbering: {region: DE}\ndnis_settings: {name_pattern: '('}\n", []string{":2: dnis_settings: it is no regular expression"}},
		{"calendar", "calendars: [{id: c, zone: Europe/Berln}]\n", []string{":1: calendars[c]: "}},
		{"campaign", camp("id: c, queue: slaes"), []string{`campaigns[c].queue: there is no queue "slaes"; did you mean sales?`}},
		{"campaign without queue", camp("id: c"), []string{"campaigns[0].queue: missing"}},
		{"campaign whose queue may not dial", camp("id: c, queue: mute"), []string{"campaigns[c].queue: the queue mute has no dial_rule, so its calls reach no outside number; give the queue a dial_rule"}},
		{"predictive without message", camp("id: c, queue: sales, mode: predictive"), []string{"campaigns[c].dropped: missing: a predictive campaign reaches people for whom no agent is free"}},
		{"message without message", camp("id: c, queue: sales, mode: message"), []string{"campaigns[c].message: missing"}},
		{"message not used", camp("id: c, queue: sales, message: ['sound:x'], preview: {at_end: skip}"), []string{"campaigns[c].message: only the mode message uses it", "campaigns[c].preview.timer: missing"}},
		{"share", camp("id: c, queue: sales, target: 4.5"), []string{"campaigns[c].target: 4.5 % is more than the rules allow, 3 %; write at most 3"}},
		{"share of own rules", camp("id: c, queue: sales, target: 2, rules: custom, custom: {limit: 1.5, ring_least: 30s, hours: ofice}"), []string{
			`custom.hours: there is no calendar "ofice"; did you mean office?`, "target: 2 % is more than the rules allow, 1.5 %", "ring: a phone must ring for 30s at least",
		}},
		{"share of no country", camp("id: c, queue: sales, rules: custom, custom: {limit: 20}"), []string{"campaigns[c].custom.limit: 20 % of abandoned calls are more than any country allows; write at most 5"}},
		{"own rules unused", camp("id: c, queue: sales, custom: {limit: 1}"), []string{"campaigns[c].custom: only rules: custom uses it"}},
		{"machine without detector", camp("id: c, queue: sales, screen: {machine: message}"), []string{"screen.detector: nobody listens", "screen.message: missing"}},
		{"machine's message unused", camp("id: c, queue: sales, screen: {detector: audio, message: ['sound:x']}"), []string{"screen.message: only machine: message uses it"}},
		{"listens for too long", camp("id: c, queue: sales, screen: {detector: audio, limit: 1600ms}"), []string{
			"campaigns[c].screen.limit: who answers must have an agent within 2s, counted from the answer: whoever is listened to for 1.6s is dropped though an agent is free; write at most 1.5s",
		}},
		{"AMD does not hear the greeting's end", camp("id: c, queue: sales, rules: us, screen: {detector: asterisk, limit: 1800ms}"), []string{"campaigns[c].screen.limit: who answers must have an agent within 2s, counted from the answer, because the detector asterisk does not say"}},
		{"no time to listen", camp("id: c, queue: sales, rules: custom, custom: {connect_within: 800ms}, screen: {detector: audio, limit: 600ms}"), []string{"campaigns[c].screen.detector: who answers must have an agent within 800ms of the answer: that leaves no time"}},
		{"campaign's lists", camp("id: c, queue: sales, lists: [{list: l}, {list: l}], regions: [{region: FL, calendar: x}], caller_ids: [{numbers: [1]}, {numbers: [2]}]"), []string{
			`lists[1].list: "l" is already used`, `regions[0].calendar: there is no calendar "x"`, "caller_ids[1].prefix: there is an entry for this prefix already",
		}},
		{"calling again", camp("id: c, queue: sales, retry: [{result: busy, after: [5, 1s]}], results: [{disposition: gone}]"), []string{
			`retry[0].after[0]: "5" is no delay`, `retry[0].after[1]: "1s" is no delay`, `results[0].disposition: there is no disposition "gone"`,
		}},
		{"unknown result", camp("id: c, queue: sales, retry: [{result: engaged}]"), []string{`retry[0].result: "engaged" is not a value of this key`}},
		{"trunk groups", camp("id: c, queue: sales, trunk_group: g3") + "trunk_groups: [{id: g, trunks: [t]}, {id: g2, trunks: [t, u], max_calls: 5, reserve: 5}]\n", []string{
			`campaigns[c].trunk_group: there is no trunk-group "g3"`, `trunk_groups[g2].trunks[0]: "t" is already used`, `trunk_groups[g2].trunks[1]: there is no trunk "u"`, "trunk_groups[g2].reserve: nothing would be left",
		}},
		{"parking", "queues: [{id: a, number: 805}]\nparking: {first: 800}\n", []string{`parking.first: "805" is already used by queues[a].number`}},
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range mistakes() {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Check("x.yaml", []byte(tt.text))
			text := problemText(err)
			if !fault.Is(err, fault.Invalid) || text == "" {
				t.Fatalf("want findings, got %v", err)
			}
			if n := strings.Count(text, "\n") + 1; n != len(tt.want) {
				t.Errorf("want %d findings, got %d:\n%s", len(tt.want), n, text)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("missing %q in:\n%s", want, text)
				}
			}
		})
	}
}

// TestHostileTexts reads texts that are built to be expensive: each must end
// in a bounded list of findings.
func TestHostileTexts(t *testing.T) {
	const n = 1 << 18
	rep := strings.Repeat
	bomb := "a: &a [x,x]\n" + "b: &b [*a,*a]\nc: &c [*b,*b]\nqueues: [*c,*c]\n"
	for name, text := range map[string]string{
		"brackets": rep("[", n), "flow maps": "queues: {" + rep("b: {", n/4), "commas": "[" + rep(",", n), "quotes": rep("\"", n), "anchors": rep("&a ", n/3),
		"bomb": bomb, "empty queues": "queues: [" + rep("{},", n/3) + "]", "same agents": "agents: [" + rep("{id: a,line: 1},", n/18) + "]",
		"deep": "ivrs: " + rep("[", 100) + rep("]", 100), "deep maps": "ivrs: [{nodes: [" + rep("{choices: [", 50) + rep("]}", 50) + "]}]",
		"long id": "queues: [{id: " + rep("x", n) + ", number: 1}]", "values": "x: [" + rep("1,", 260000) + "]",
		"numbers": "queues: [{id: a, number: 1, max_waiting: " + rep("9", n) + "}]", "too large": rep("# comment\n", 1<<19),
		"steers": "queues: [{id: \"\\e[31m\", number: 1}]\n", "two documents": "queues: []\n---\nqueues: []\n", "merge": "queues: [{<<: {id: a}, number: 1}]\n",
	} {
		_, err := Check("x.yaml", []byte(text))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if text := problemText(err); strings.Count(text, "\n") > 101 || strings.Contains(text, "\x1b") || len(text) > 4*n {
			t.Errorf("%s: findings of %d bytes", name, len(text))
		}
	}
}
