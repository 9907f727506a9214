package callmodel_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the scenario files")

// TestScenarios runs every testdata/*.txt twice: straight through, and with
// the controller restarted (snapshot, encode, restore) before every input.
// Both must give the expected text.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario files: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := runScenario(t, string(want), false)
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compare(t, "straight", got, string(want))
			compare(t, "restarted before every input", runScenario(t, string(want), true), string(want))
		})
	}
}

func compare(t *testing.T, how, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var gl, wl string
		if i < len(g) {
			gl = g[i]
		}
		if i < len(w) {
			wl = w[i]
		}
		if gl != wl {
			t.Fatalf("%s, line %d:\n got  %s\n want %s\n(go test ./switch/callmodel -run TestScenarios -update rewrites the files)", how, i+1, gl, wl)
		}
	}
}

// scenario is one run: comments, `config` lines, then blocks of one input
// line, `----` and the output lines.
type scenario struct {
	t     *testing.T
	state *callmodel.State
	cfg   *callmodel.Config
	now   callmodel.Instant
	ids   uint64
	alias map[string]string // symbolic name -> id
	back  []string          // id, name, ...
}

func runScenario(t *testing.T, text string, restart bool) string {
	t.Helper()
	s := &scenario{
		t: t, state: callmodel.New(router{}), now: 1_000_000, alias: map[string]string{},
		cfg: &callmodel.Config{Version: 1},
	}
	var out strings.Builder
	loaded := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "config "):
			fmt.Fprintln(&out, line)
			s.config(strings.Fields(line)[1:])
		case strings.HasPrefix(line, "> "):
			if !loaded {
				loaded = true
				s.step(callmodel.ConfigLoaded{Config: s.cfg})
				s.step(callmodel.Resync{Node: "a1", Epoch: "e1", AsOf: s.now, Fresh: true})
			}
			if restart {
				s.restart()
			}
			fmt.Fprintf(&out, "\n%s\n----\n%s", line, s.input(strings.Fields(line)[1:]))
		}
	}
	return out.String()
}

func (s *scenario) restart() {
	data, err := s.state.Freeze().Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.state, err = callmodel.Restore(router{}, data); err != nil {
		s.t.Fatal(err)
	}
}

// config reads "queue ID NUMBER [key=value...]" and "agent ID LINE MODE QUEUE...".
func (s *scenario) config(f []string) {
	switch f[0] {
	case "queue":
		q := callmodel.QueueConfig{
			ID: callmodel.QueueID(f[1]), Number: int64(len(s.cfg.Queues) + 1), Name: f[1], Address: f[2], Strategy: callmodel.LongestIdle,
			RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, Music: "default", Answer: callmodel.AnswerTreatment,
		}
		for _, kv := range f[3:] {
			k, v, _ := strings.Cut(kv, "=")
			switch k {
			case "wrap":
				q.WrapUp = s.duration(v)
			case "ring":
				q.RingTimeout = s.duration(v)
			case "answer":
				q.Answer = callmodel.AnswerPolicy(v)
			case "max":
				q.MaxWaiting = s.number(v)
			case "priority":
				q.Priority = s.number(v)
			default:
				s.t.Fatalf("unknown queue key %q", k)
			}
		}
		s.cfg.Queues = append(s.cfg.Queues, q)
	case "agent":
		a := callmodel.AgentConfig{
			ID: callmodel.AgentID(f[1]), Number: int64(len(s.cfg.Agents) + 1), Name: f[1], Line: f[2],
			Station: callmodel.Station{Endpoint: f[2], Mode: callmodel.AnswerMode(f[3]), AcceptTimeout: 5 * time.Second},
		}
		for _, q := range f[4:] {
			a.Queues = append(a.Queues, callmodel.QueueID(q))
		}
		s.cfg.Agents = append(s.cfg.Agents, a)
	case "patch": // queue|agent ID JSON
		s.patch(f[1], f[2], strings.Join(f[3:], " "))
	case "set": // JSON
		s.unmarshal(strings.Join(f[1:], " "), s.cfg)
	default:
		s.t.Fatalf("unknown config line %q", f)
	}
}

// patch changes a queue or an agent by JSON; times are written as "20s".
func (s *scenario) patch(kind, id, text string) {
	for i := range s.cfg.Queues {
		if kind == "queue" && string(s.cfg.Queues[i].ID) == id {
			s.unmarshal(text, &s.cfg.Queues[i])
			return
		}
	}
	for i := range s.cfg.Agents {
		if kind == "agent" && string(s.cfg.Agents[i].ID) == id {
			s.unmarshal(text, &s.cfg.Agents[i])
			return
		}
	}
	s.t.Fatalf("no %s %s", kind, id)
}

var quotedTime = regexp.MustCompile(`"[0-9]+(ms|s|m|h)"`)

func (s *scenario) unmarshal(text string, to any) {
	text = quotedTime.ReplaceAllStringFunc(text, func(q string) string {
		return strconv.FormatInt(int64(s.duration(strings.Trim(q, `"`))), 10)
	})
	if err := json.Unmarshal([]byte(text), to); err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
}

func (s *scenario) duration(v string) time.Duration {
	d, err := time.ParseDuration(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *scenario) number(v string) int {
	n, err := strconv.Atoi(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *scenario) step(in callmodel.Input) string {
	tag := in.Tag()
	body, err := callmodel.EncodeInput(in)
	if err != nil {
		s.t.Fatal(err)
	}
	if in, err = callmodel.DecodeInput(tag, body); err != nil {
		s.t.Fatal(err)
	}
	o := s.state.Step(s.now, in)
	if err := s.state.CheckQueues(); err != nil {
		s.t.Errorf("%T: %v", in, err)
	}
	s.learn()
	var b strings.Builder
	for i := range o.Events {
		fmt.Fprintf(&b, "%s\n", s.symbolic(o.Events[i].String()))
	}
	for _, e := range o.Effects {
		at := ""
		if len(s.cfg.Nodes) > 0 {
			at = "@" + string(e.Head().Node)
		}
		fmt.Fprintf(&b, "effect%s %s\n", at, s.symbolic(string(callmodel.AppendEffect(nil, e))))
	}
	for _, op := range o.Timers {
		verb := fmt.Sprintf("timer %s in %s", op.Key.Kind, op.Due.Sub(s.now))
		if op.Cancel {
			verb = fmt.Sprintf("timer %s cancelled", op.Key.Kind)
		}
		fmt.Fprintln(&b, verb)
	}
	if o.Fault != nil {
		fmt.Fprintf(&b, "refused: %s\n", regexp.MustCompile(`[0-9A-F]{32}`).ReplaceAllString(o.Fault.Error(), "ID"))
	}
	return b.String()
}

// learn gives new legs and bridges their symbolic names: leg2 is the channel
// of connection number 2, bridge1 the bridge of call number 1.
func (s *scenario) learn() {
	for _, c := range s.state.View().Calls {
		for n := range c.Bridges {
			s.name(bridgeName(c.Number, n+1), callmodel.BridgeOf(c.ID, n+1))
		}
		for i := range c.Conns {
			s.name(fmt.Sprintf("leg%d", c.Conns[i].Number), string(c.Conns[i].Channel))
			s.alias[fmt.Sprintf("conn%d", c.Conns[i].Number)] = c.Conns[i].ID.String()
		}
		s.alias[fmt.Sprintf("call%d", c.Number)] = c.ID.String()
		if c.Plays > 0 {
			for n := range c.Plays {
				s.name(fmt.Sprintf("play%d.%d", c.Number, n+1), fmt.Sprintf("%sp-%s-%d", callmodel.OwnPrefix, c.ID, n+1))
			}
		}
	}
	s.learnRecordings()
	for _, v := range s.state.View().Supervisions {
		s.learnSupervision(v)
	}
	for _, a := range s.state.View().Agents {
		for n := 1; a.Entering != nil && a.Entering.Channel.Ours(); n++ { // the leg on which the agent's nth passcode is typed
			sym := fmt.Sprintf("code-%s-%d", a.ID, n)
			if s.name(sym, string(a.Entering.Channel)); s.alias[sym] == string(a.Entering.Channel) {
				break
			}
		}
		if a.Standing != nil {
			s.name(fmt.Sprintf("standing-%s-%d", a.ID, a.Standing.Count), string(a.Standing.Channel))
		}
	}
}

// learnSupervision names what belongs to supervision number 3: leg3, tap3.1, side3.1.
func (s *scenario) learnSupervision(v *callmodel.Supervision) {
	s.name(fmt.Sprintf("leg%d", v.Number), string(v.Channel))
	s.alias[fmt.Sprintf("conn%d", v.Number)] = v.ID.String()
	for n := range v.Taps {
		s.name(fmt.Sprintf("tap%d.%d", v.Number, n+1), fmt.Sprintf("%st-%s-%d", callmodel.OwnPrefix, v.ID, n+1))
	}
	for n := range v.Bridges {
		s.name(fmt.Sprintf("side%d.%d", v.Number, n+1), callmodel.BridgeOf(callmodel.CallID(v.ID), n+1))
	}
}

func (s *scenario) name(sym, id string) {
	if strings.HasPrefix(id, callmodel.OwnPrefix) && s.alias[sym] == "" {
		s.alias[sym] = id
		s.back = append(s.back, id, sym)
	}
}

func (s *scenario) symbolic(text string) string { return strings.NewReplacer(s.back...).Replace(text) }

func (s *scenario) id(sym string) string {
	if id, ok := s.alias[sym]; ok {
		return id
	}
	return sym
}

func (s *scenario) conn(sym string) callmodel.ConnID {
	id, err := callmodel.ParseID(s.id("conn" + sym))
	if err != nil {
		s.t.Fatalf("connection %s: %v", sym, err)
	}
	return callmodel.ConnID{ID: id}
}

// bridgeName is bridge1 for a call's first bridge, bridge1.2 for its second.
func bridgeName(call int64, n uint32) string {
	if n == 1 {
		return fmt.Sprintf("bridge%d", call)
	}
	return fmt.Sprintf("bridge%d.%d", call, n)
}

// router is longest idle and first come, first served, like switch/acd, which
// the model must not know.
type router struct{}

// Choose takes who is ready, by the two strategies that differ most, and asks
// for the skills of the queue's step.
func (r router) Choose(q *callmodel.RouteQuery) callmodel.Choice {
	need, _ := r.Step(q.Queue, q.Call, q.Waited)
	out := callmodel.Choice{Why: make([]callmodel.Verdict, len(q.Agents))}
	best := -1
	for i, c := range q.Agents {
		out.Why[i] = callmodel.Verdict{Agent: c.Agent.ID, Why: why(q, c, need), Key: int64(c.Agent.IdleSince)}
		if out.Why[i].Why != callmodel.WhyLater {
			continue
		}
		if q.Queue.Strategy == callmodel.RingAll {
			out.Why[i].Why = callmodel.WhyChosen
			out.Agents = append(out.Agents, i)
		} else if best < 0 || c.Agent.IdleSince < q.Agents[best].Agent.IdleSince {
			best = i
		}
	}
	if best >= 0 {
		out.Why[best].Why = callmodel.WhyChosen
		out.Agents = []int{best}
	}
	return out
}

func why(q *callmodel.RouteQuery, c callmodel.Candidate, need []callmodel.SkillNeed) callmodel.Why {
	switch {
	case c.Agent.State == callmodel.LoggedOut:
		return callmodel.WhyLoggedOut
	case c.Off:
		return callmodel.WhySignedOut
	case c.Agent.State == callmodel.NotReady:
		return callmodel.WhyNotReady
	case c.Agent.State != callmodel.Ready:
		return callmodel.WhyBusy
	case c.Away:
		return callmodel.WhyServerAway
	case c.Far:
		return callmodel.WhyFar
	case c.Agent.PhoneOff:
		return callmodel.WhyPhoneOff
	case c.Agent.Elsewhere != "":
		return callmodel.WhyElsewhere
	case slices.Contains(q.Call.Refused, c.Agent.ID):
		return callmodel.WhyRefused
	case len(q.Call.Required) > 0 && !slices.Contains(q.Call.Required, c.Agent.ID) && (q.Call.RequiredTo == 0 || q.Now < q.Call.RequiredTo):
		return callmodel.WhyNotRequired
	}
	for _, n := range need {
		if c.Config.Skill(n.Skill) < n.Level {
			return callmodel.WhySkill
		}
	}
	return callmodel.WhyLater
}

func (router) Step(q *callmodel.QueueConfig, _ *callmodel.Call, waited time.Duration) (need []callmodel.SkillNeed, next time.Duration) {
	for _, step := range q.Skills {
		if step.After > waited {
			return need, step.After
		}
		need = step.Need
	}
	return need, 0
}

func (router) Estimate(q *callmodel.Queue, ahead, staffed, ready int) time.Duration {
	if ready > ahead || staffed == 0 {
		return 0
	}
	handle := q.Handle
	if q.Handles == 0 {
		handle = 3 * time.Minute
	}
	return time.Duration(ahead-ready+1) * handle / time.Duration(staffed)
}

func (router) PickCall(_ *callmodel.Agent, queues []*callmodel.QueueConfig, calls []*callmodel.Call, _ callmodel.Instant) int {
	best := 0
	for i := range calls {
		if d := queues[i].Priority - queues[best].Priority; d > 0 || d == 0 && calls[i].Order < calls[best].Order {
			best = i
		}
	}
	return best
}
