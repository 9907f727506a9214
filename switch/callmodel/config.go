package callmodel

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"strowger/switch/calendar"
	"strowger/switch/numbering"
)

// Config is one immutable version of the configuration. A call keeps the
// version it started with (DESIGN.md 3, decision 7).
type Config struct {
	Version uint64        `json:"version"`
	Queues  []QueueConfig `json:"queues"`
	Agents  []AgentConfig `json:"agents"`

	Stations     []StationConfig      `json:"stations,omitempty"`
	Skills       []SkillConfig        `json:"skills,omitempty"`
	Reasons      []ReasonConfig       `json:"reasons,omitempty"`
	Dispositions []DispositionConfig  `json:"dispositions,omitempty"`
	IVRs         []IVRConfig          `json:"ivrs,omitempty"`
	Decisions    []DecisionConfig     `json:"decisions,omitempty"`
	Calendars    []calendar.Calendar  `json:"calendars,omitempty"`
	DNIS         []numbering.Entry    `json:"dnis,omitempty"`
	DNISSources  []numbering.Source   `json:"dnis_sources,omitempty"` // empty: all, in the usual order
	DNISPattern  string               `json:"dnis_pattern,omitempty"` // of the caller name; empty: the usual one
	Plan         numbering.Plan       `json:"plan,omitzero"`
	Trunks       []numbering.Trunk    `json:"trunks,omitempty"`
	Routes       []numbering.Route    `json:"routes,omitempty"`
	DialRules    []numbering.DialRule `json:"dial_rules,omitempty"`
	Parking      ParkingConfig        `json:"parking,omitzero"`
	Nodes        []NodeConfig         `json:"nodes,omitempty"` // telephony servers; empty: one, whatever its name
	Campaigns    []CampaignConfig     `json:"campaigns,omitempty"`

	CTI CTIConfig `json:"cti,omitzero"`

	MaxCalls     int           `json:"max_calls"`      // calls at once; more are refused
	AttachedMax  int           `json:"attached_max"`   // bytes of attached data per call
	RetryBackoff time.Duration `json:"retry_backoff"`  // wait after an effect failed for want of a link
	LeftGrace    time.Duration `json:"left_app_grace"` // wait for the end of a channel that left our application

	tables
}

// tables are the look-ups that prepare builds.
type tables struct {
	numbers      map[string]Dest // queues', agents', menus' own numbers and the queues' DNIS
	queues       map[QueueID]*QueueConfig
	agents       map[AgentID]*AgentConfig
	stations     map[StationID]*StationConfig
	ivrs         map[IVRID]*IVRConfig
	decisions    map[string]*DecisionConfig
	reasons      map[string]*ReasonConfig
	dispositions map[string]*DispositionConfig
	calendars    map[string]*calendar.Compiled
	campaigns    map[string]*CampaignConfig
	serving      map[QueueID][]*AgentConfig // agents of a queue in number order
	book         *numbering.Book            // nil: no DNIS table
	dial         *numbering.Table           // nil: no numbering plan, no outside numbers
}

// Defaults of the limits that a configuration may leave out.
const (
	DefaultMaxCalls     = 5000
	DefaultAttachedMax  = 32 << 10
	DefaultRetryBackoff = 500 * time.Millisecond
	DefaultLeftGrace    = 10 * time.Second
)

// prepare sets defaults and builds the look-up tables. Called once, before
// the version becomes visible; Validate has passed.
func (c *Config) prepare() {
	c.setDefaults()
	t := tables{
		numbers: map[string]Dest{}, queues: map[QueueID]*QueueConfig{}, agents: map[AgentID]*AgentConfig{},
		stations: map[StationID]*StationConfig{}, ivrs: map[IVRID]*IVRConfig{},
		decisions: map[string]*DecisionConfig{}, reasons: map[string]*ReasonConfig{}, dispositions: map[string]*DispositionConfig{},
		calendars: map[string]*calendar.Compiled{}, campaigns: map[string]*CampaignConfig{}, serving: map[QueueID][]*AgentConfig{},
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		t.queues[q.ID] = q
		for _, n := range append([]string{q.Address}, q.DNIS...) {
			t.number(n, Dest{DestQueue, string(q.ID)})
		}
	}
	order := slices.Clone(c.Agents)
	slices.SortFunc(order, func(a, b AgentConfig) int { return int(a.Number - b.Number) })
	for i := range c.Agents {
		a := &c.Agents[i]
		t.agents[a.ID] = a
		t.number(a.Line, Dest{DestAgent, string(a.ID)})
	}
	for _, a := range order {
		for _, q := range a.Queues {
			t.serving[q] = append(t.serving[q], t.agents[a.ID])
		}
	}
	for i := range c.IVRs {
		t.ivrs[c.IVRs[i].ID] = &c.IVRs[i]
		t.number(c.IVRs[i].Address, Dest{DestIVR, string(c.IVRs[i].ID)})
	}
	index(t.stations, c.Stations, func(s *StationConfig) StationID { return s.ID })
	index(t.decisions, c.Decisions, func(d *DecisionConfig) string { return d.ID })
	index(t.reasons, c.Reasons, func(r *ReasonConfig) string { return r.ID })
	index(t.dispositions, c.Dispositions, func(d *DispositionConfig) string { return d.ID })
	index(t.campaigns, c.Campaigns, func(d *CampaignConfig) string { return d.ID })
	c.tables = t
	c.compile()
}

// compile builds what other packages look up. What does not compile has been
// refused by Validate.
func (c *Config) compile() {
	for _, cal := range c.Calendars {
		if compiled, err := cal.Compile(); err == nil {
			c.calendars[cal.ID] = compiled
		}
	}
	if c.hasBook() {
		c.book, _ = numbering.NewBook(c.Plan, c.DNIS, c.DNISSources, c.DNISPattern)
	}
	if c.planned() {
		c.dial, _ = numbering.NewTable(c.Plan, c.Trunks, c.Routes, c.DialRules)
	}
}

// hasBook reports whether there is a DNIS table.
func (c *Config) hasBook() bool {
	return len(c.DNIS) > 0 || len(c.DNISSources) > 0 || c.DNISPattern != ""
}

// planned reports whether there is a numbering plan.
func (c *Config) planned() bool { return c.Plan.Country != "" }

func (t *tables) number(n string, to Dest) {
	if n != "" {
		t.numbers[NormalNumber(n)] = to
	}
}

func index[K comparable, V any](m map[K]*V, list []V, key func(*V) K) {
	for i := range list {
		m[key(&list[i])] = &list[i]
	}
}

func (c *Config) setDefaults() {
	setDefault(&c.MaxCalls, DefaultMaxCalls)
	setDefault(&c.AttachedMax, DefaultAttachedMax)
	setDefault(&c.RetryBackoff, DefaultRetryBackoff)
	setDefault(&c.LeftGrace, DefaultLeftGrace)
	if c.Parking.First != "" {
		setDefault(&c.Parking.Places, DefaultParkPlaces)
		setDefault(&c.Parking.Timeout, DefaultParkTimeout)
	}
	for i := range c.Queues {
		c.Queues[i].setDefaults()
	}
	for i := range c.Campaigns {
		c.Campaigns[i].setDefaults()
	}
	for i := range c.Decisions {
		setDefault(&c.Decisions[i].Timeout, DefaultDecisionTimeout)
	}
	for i := range c.IVRs {
		for j := range c.IVRs[i].Nodes {
			c.IVRs[i].Nodes[j].setDefaults()
		}
	}
}

// Same reports whether two configurations say the same, whatever their
// versions and whether or not their defaults have been filled in.
func (c *Config) Same(o *Config) bool {
	left, errLeft := c.canonical()
	right, errRight := o.canonical()
	return errLeft == nil && errRight == nil && string(left) == string(right)
}

// canonical is the configuration without its version and with its defaults. It
// works on a copy: the version in force must not change.
func (c *Config) canonical() ([]byte, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	var n Config
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, err
	}
	n.Version = 0
	n.setDefaults()
	return json.Marshal(&n)
}

func setDefault[T int | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

// Queue returns a queue's configuration, or nil.
func (c *Config) Queue(id QueueID) *QueueConfig { return c.queues[id] }

// Agent returns an agent's configuration, or nil.
func (c *Config) Agent(id AgentID) *AgentConfig { return c.agents[id] }

// IVR returns a menu's configuration, or nil.
func (c *Config) IVR(id IVRID) *IVRConfig { return c.ivrs[id] }

// Station returns a station object, or nil.
func (c *Config) Station(id StationID) *StationConfig { return c.stations[id] }

// Number returns what a dialled number means inside: a queue, an agent or a menu.
func (c *Config) Number(dialled string) (Dest, bool) {
	d, ok := c.numbers[NormalNumber(dialled)]
	return d, ok
}

// NormalNumber drops the leading plus sign, so that +49301 and 49301 compare equal.
func NormalNumber(n string) string { return strings.TrimPrefix(n, "+") }
