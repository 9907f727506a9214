package migrate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// Source is what is known of the queue that is to be moved.
type Source struct {
	Queue   rest.Queue
	Members []rest.Agent // mirrored
	Conf    Settings     // nil: queues.conf was not given
	Number  string       // of the new queue
	// Existing are our agents' objects as they are in force, by the endpoint of their phone.
	Existing map[string]map[string]any
}

// Proposal is what can be put in the queue's place.
type Proposal struct {
	Queue  Queue            `json:"queue" yaml:"queue"`
	Agents []map[string]any `json:"agents" yaml:"agents"`
	Notes  []string         `json:"notes" yaml:"-"` // what has no counterpart, or must be decided
}

// Queue is the queue's object, in the keys of a file of objects.
type Queue struct {
	ID           string    `json:"id" yaml:"id"`
	Name         string    `json:"name,omitempty" yaml:"name,omitempty"`
	Number       string    `json:"number" yaml:"number"`
	Strategy     string    `json:"strategy" yaml:"strategy"`
	RingTimeout  string    `json:"ring_timeout,omitempty" yaml:"ring_timeout,omitempty"`
	WrapUp       string    `json:"wrap_up,omitempty" yaml:"wrap_up,omitempty"`
	Music        string    `json:"music,omitempty" yaml:"music,omitempty"`
	MaxWaiting   int       `json:"max_waiting,omitempty" yaml:"max_waiting,omitempty"`
	Priority     int       `json:"priority,omitempty" yaml:"priority,omitempty"`
	ServiceLevel string    `json:"service_level,omitempty" yaml:"service_level,omitempty"`
	Announce     *Announce `json:"announce,omitempty" yaml:"announce,omitempty"`
}

// Announce is what waiting callers are told.
type Announce struct {
	First         string   `json:"first,omitempty" yaml:"first,omitempty"`
	Every         string   `json:"every,omitempty" yaml:"every,omitempty"`
	Position      bool     `json:"position,omitempty" yaml:"position,omitempty"`
	EstimatedWait bool     `json:"estimated_wait,omitempty" yaml:"estimated_wait,omitempty"`
	Prompts       []string `json:"prompts,omitempty" yaml:"prompts,omitempty"`
}

// strategies are app_queue's, in our words.
var strategies = map[string]string{
	"ringall": "ring-all", "leastrecent": "longest-idle", "fewestcalls": "fewest-calls", "random": "random", "wrandom": "random",
	"rrmemory": "round-robin", "rrordered": "round-robin", "linear": "ordered",
}

var (
	numberRule = regexp.MustCompile(`^[0-9]{1,15}$`)
	notID      = regexp.MustCompile(`[^a-z0-9-]+`)
)

// Propose makes the objects.
func Propose(s Source) (*Proposal, error) {
	if s.Queue.Mirror == "" {
		return nil, fault.New(fault.Invalid, "import queue", s.Queue.ID, "the queue is ours already; 'strowger queues --mirrored' lists those that can be imported")
	}
	if !numberRule.MatchString(s.Number) {
		return nil, fault.New(fault.Invalid, "import queue", s.Number, "the new queue needs a number of its own: digits, at most 15")
	}
	id := strings.Trim(notID.ReplaceAllString(strings.ToLower(s.Queue.Name), "-"), "-")
	if id == "" || len(id) > 40 {
		id = "queue-" + s.Number
	}
	p := &Proposal{Queue: Queue{
		ID: id, Name: s.Queue.Name, Number: s.Number, Strategy: strategies[s.Queue.Strategy],
		MaxWaiting: min(s.Queue.MaxWaiting, 5000), Priority: clamp(s.Queue.Priority, -100, 100),
	}}
	if p.Queue.Strategy == "" {
		p.Queue.Strategy = "longest-idle"
		p.note("strategy %s is not known here: longest-idle is proposed", s.Queue.Strategy)
	}
	if s.Queue.Strategy == "wrandom" {
		p.note("strategy wrandom: penalties as weights are not taken over, random draws evenly")
	}
	if n := s.Queue.ServiceSeconds; n >= 1 {
		p.Queue.ServiceLevel = fmt.Sprintf("%ds", int(n))
	}
	if s.Conf == nil {
		p.note("AMI does not tell the times, the music and the announcements: give queues.conf with --conf, or add ring_timeout, wrap_up and music by hand")
	} else {
		p.settings(s.Conf)
	}
	p.members(&s)
	return p, nil
}

func (p *Proposal) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

func clamp(n, low, high int) int { return max(low, min(n, high)) }

// members makes an agent of each member, or adds the queue to the agent of ours
// who is at the phone already.
func (p *Proposal) members(s *Source) {
	var here []rest.Agent
	ranked := p.Queue.Strategy == "ordered"
	for _, a := range s.Members {
		if i := membership(a, s.Queue.ID); i >= 0 {
			here = append(here, a)
			ranked = ranked || a.Memberships[i].Penalty > 0
		}
	}
	if ranked && p.Queue.Strategy != "ordered" && s.Queue.Strategy != "wrandom" {
		p.note("penalties become ranks, which need the strategy ordered: among equal ranks the lower agent number comes first, not %s", s.Queue.Strategy)
		p.Queue.Strategy = "ordered"
	}
	if s.Queue.Strategy == "linear" {
		p.note("strategy linear: AMI does not tell the order of the members; the ranks follow the penalties, so put them in order by hand")
	}
	for _, a := range here {
		m := a.Memberships[membership(a, s.Queue.ID)]
		endpoint := a.Station.Endpoint
		if endpoint == "" {
			p.note("member %s is no PJSIP phone: make an agent for it by hand, with the endpoint that it leads to", m.Interface)
			continue
		}
		o := s.Existing[endpoint]
		if o == nil {
			o = map[string]any{"id": "agent" + endpoint, "line": endpoint, "station": map[string]any{"endpoint": endpoint}}
			if a.Name != "" {
				o["name"] = a.Name
			}
			if !numberRule.MatchString(endpoint) {
				o["id"] = strings.ToLower(endpoint)
				p.note("agent %s: the line must be a number; %q is the name of the phone", o["id"], endpoint)
			}
		}
		queues := words(o["queues"])
		if !slices.Contains(queues, p.Queue.ID) {
			queues = append(queues, p.Queue.ID)
		}
		o["queues"] = queues
		if p.Queue.Strategy == "ordered" {
			ranks, _ := o["ranks"].([]any)
			o["ranks"] = append(ranks, map[string]any{"queue": p.Queue.ID, "rank": m.Penalty + 1})
		}
		if m.Paused {
			p.note("member %s is paused (%s): agents log in by themselves, and begin not ready", m.Interface, strings.TrimSpace("reason: "+m.Reason))
		}
		if m.Source != "static" {
			p.note("member %s is %s: who joins and leaves by the dialplan logs in and out here instead", m.Interface, m.Source)
		}
		p.Agents = append(p.Agents, o)
	}
	if len(here) == 0 {
		p.note("the queue has no members at the moment: assign it to agents")
	}
}

func membership(a rest.Agent, queue string) int {
	return slices.IndexFunc(a.Memberships, func(m rest.Membership) bool { return m.Queue == queue })
}

func words(v any) []string {
	var out []string
	switch v := v.(type) {
	case []any:
		for _, w := range v {
			out = append(out, fmt.Sprint(w))
		}
	case []string:
		out = append(out, v...)
	}
	return out
}

// settings takes over what queues.conf says.
func (p *Proposal) settings(conf Settings) {
	q := &p.Queue
	q.WrapUp, q.RingTimeout = "0s", "15s" // app_queue's own defaults
	a := &Announce{}
	seen := map[string]bool{}
	for _, c := range conf {
		if seen[c.Key] {
			continue // the last value counts, read below
		}
		seen[c.Key] = true
		value, _ := conf.Last(c.Key)
		n, err := strconv.Atoi(value)
		switch {
		case c.Key == "member" || c.Key == "strategy" || c.Key == "weight" || c.Key == "servicelevel": // AMI has told
		case c.Key == "timeout" && n > 0:
			q.RingTimeout = fmt.Sprintf("%ds", clamp(n, 1, 300))
		case c.Key == "wrapuptime" && err == nil:
			q.WrapUp = fmt.Sprintf("%ds", clamp(n, 0, 86400))
		case c.Key == "musicclass" || c.Key == "musiconhold" || c.Key == "music":
			q.Music = value
		case c.Key == "maxlen" && err == nil:
			q.MaxWaiting = clamp(n, 0, 5000)
		case c.Key == "announce-frequency" && err == nil && n > 0:
			a.First, a.Every = fmt.Sprintf("%ds", clamp(n, 1, 3600)), fmt.Sprintf("%ds", clamp(n, 1, 3600))
		case c.Key == "announce-position" && truth(value):
			a.Position = true
		case c.Key == "announce-holdtime" && (truth(value) || value == "once"):
			a.EstimatedWait = true
		case c.Key == "periodic-announce":
			for prompt := range strings.SplitSeq(value, ",") {
				a.Prompts = append(a.Prompts, "sound:"+strings.TrimSpace(prompt))
			}
		case c.Key == "periodic-announce-frequency" && err == nil && n > 0:
			if a.Every == "" {
				a.First, a.Every = fmt.Sprintf("%ds", clamp(n, 1, 3600)), fmt.Sprintf("%ds", clamp(n, 1, 3600))
			}
		default:
			p.unmapped(c.Key, value)
		}
	}
	if a.Every != "" && (a.Position || a.EstimatedWait || len(a.Prompts) > 0) {
		q.Announce = a
	}
}

// hints are settings without a counterpart, and what to do about them.
var hints = map[string]string{
	"joinempty": "add an overflow rule with when: no-agents", "leavewhenempty": "add an overflow rule with when: no-agents",
	"context": "callers cannot leave by a digit; offer a callback, or put a menu in front", "retry": "the next agent is chosen at once",
	"autopause": "an agent who does not answer becomes not ready, always", "ringinuse": "a phone with a call gets no other, always",
	"timeoutrestart": "every offer has the whole time", "timeoutpriority": "ring_timeout holds for each offer, overflow for the whole wait",
	"autofill": "always so", "shared_lastcall": "always so", "monitor-type": "recording is set in the queue's own rule", "monitor-format": "recording is set in the queue's own rule",
	"penaltymemberslimit": "skills and ranks do that", "defaultrule": "skills that relax with the waiting time do that",
	"announce": "say it to the agent by the desktop, or with audio_alert", "setinterfacevar": "attached data does that", "setqueuevar": "events tell that",
	"memberdelay": "use audio_alert", "reportholdtime": "the agent's client shows the wait", "eventwhencalled": "events are always there", "eventmemberstatus": "events are always there",
}

func (p *Proposal) unmapped(key, value string) {
	if hint := hints[key]; hint != "" {
		p.note("%s = %s: not taken over; %s", key, value, hint)
		return
	}
	p.note("%s = %s: not taken over", key, value)
}

func truth(v string) bool {
	switch strings.ToLower(v) {
	case "yes", "true", "y", "t", "1", "on", "limit", "more":
		return true
	}
	return false
}

// YAML writes the proposal as a file that `strowger apply` takes, with the
// notes in front.
func (p *Proposal) YAML() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Proposed for queue %s. Look at every line before you apply it.\n", clean(p.Queue.Name))
	for _, n := range p.Notes {
		fmt.Fprintf(&b, "# - %s\n", clean(n))
	}
	doc := struct {
		Queues []Queue          `yaml:"queues"`
		Agents []map[string]any `yaml:"agents,omitempty"`
	}{[]Queue{p.Queue}, p.Agents}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return "", fault.Wrap(fault.Internal, "import queue", p.Queue.ID, err)
	}
	return b.String(), fault.Wrap(fault.Internal, "import queue", p.Queue.ID, enc.Close())
}

// clean keeps a comment on its line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
