package sim

import (
	"math/rand/v2"
	"strconv"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// What a site of the random simulation has at most.
const (
	siteQueues = 3
	siteAgents = 5
	siteGates  = 2
)

func queueID(i int) callmodel.QueueID { return callmodel.QueueID("q" + strconv.Itoa(i)) }
func agentID(i int) callmodel.AgentID { return callmodel.AgentID("a" + strconv.Itoa(i)) }

// siteConfig draws a configuration version: the same numbers, queues and
// agents, and now and then one queue or agent less.
type siteConfig struct {
	rng    *rand.Rand
	cfg    *callmodel.Config
	called bool // its agents work for campaigns mostly: their phones stay up, or are called for them
}

// config draws a version. A later one may be invalid, which must be refused;
// nothing would happen in a run that begins with one.
func (h *harness) config() *callmodel.Config {
	h.version++
	for {
		if cfg := h.drawConfig(); h.version > 1 || cfg.Validate() == nil {
			return cfg
		}
	}
}

func (h *harness) drawConfig() *callmodel.Config {
	c := &siteConfig{rng: h.rng, cfg: &callmodel.Config{Version: h.version}, called: h.seed%5 == 0}
	queues, agents := siteQueues, siteAgents
	if h.version > 1 && c.rng.IntN(3) == 0 {
		queues--
	}
	if h.version > 1 && c.rng.IntN(3) == 0 {
		agents--
	}
	c.cfg.CTI = callmodel.CTIConfig{
		Paperwork: c.one(4), Requested: c.one(4), ReadyEnds: c.one(3), Outbound: c.one(2), WrapUpMax: c.some(time.Minute), MultiSession: c.one(2),
		Made: c.one(4), Direct: c.one(4),
	}
	c.outside()
	c.words()
	for i := 1; i <= queues; i++ {
		c.cfg.Queues = append(c.cfg.Queues, c.queue(i, queues))
	}
	for i := 1; i <= agents; i++ {
		c.cfg.Agents = append(c.cfg.Agents, c.agent(i, queues))
	}
	c.menus()
	c.campaigns()
	h.twoServers(c.cfg)
	return c.cfg
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// some is d, or nothing, evenly.
func (c *siteConfig) some(d time.Duration) time.Duration { return d * time.Duration(c.rng.IntN(2)) }

func (c *siteConfig) one(n int) bool { return c.rng.IntN(n) == 0 }

// outside is the numbering plan, two trunks and what may be dialled.
func (c *siteConfig) outside() {
	plan, err := numbering.DefaultPlan("DE")
	if err != nil {
		panic(err) // the package's own table
	}
	c.cfg.Plan = plan
	c.cfg.Trunks = []numbering.Trunk{
		{ID: "t1", Number: 1, Endpoint: "gw1", MaxCalls: 3, DefaultCallerID: "+4930100", CallerIDs: []string{"+4930*"}},
		{ID: "t2", Number: 2, Endpoint: "gw2", AllowWithheld: true},
	}
	c.cfg.Routes = []numbering.Route{
		{ID: "r1", Number: 1, Prefixes: []string{"4930"}, Trunks: []string{"t1", "t2"}},
		{ID: "r2", Number: 2, Prefixes: []string{""}, Trunks: []string{"t2"}},
		{ID: "r3", Number: 3, Prefixes: []string{"49900"}, Deny: true, Reason: "premium"},
	}
	c.cfg.DialRules = []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{"", "="}, Deny: []string{"4999"}}}
}

// words are reasons, dispositions, skills, parking places and free seats.
func (c *siteConfig) words() {
	c.cfg.Reasons = []callmodel.ReasonConfig{
		{ID: "lunch", Number: 1, For: "not-ready", Park: c.one(2)}, {ID: "wrong", Number: 2, For: "reject"}, {ID: "mail", Number: 3, For: "ready"}, {ID: "home", Number: 4, For: "logout"},
	}
	c.cfg.Dispositions = []callmodel.DispositionConfig{{ID: "sold", Number: 1, Success: true}, {ID: "lost", Number: 2}}
	c.cfg.Skills = []callmodel.SkillConfig{{ID: "tax", Number: 1}}
	c.cfg.Parking = callmodel.ParkingConfig{First: "701", Places: 2, Timeout: 6 * time.Second, Music: "park"}
	c.cfg.Stations = []callmodel.StationConfig{
		{ID: "s6", Number: 6, Station: callmodel.Station{Endpoint: "p6", Mode: callmodel.Handset, Passcode: c.one(2)}},
		{ID: "s1", Number: 7, Station: callmodel.Station{Endpoint: "p1", Mode: callmodel.CallOnAccept, AcceptTimeout: 2 * time.Second}},
	}
}

// dest draws where a call is sent by an overflow rule or a menu.
func (c *siteConfig) dest(queues int) callmodel.Dest {
	return pick(c.rng,
		callmodel.Dest{Kind: callmodel.DestQueue, Value: string(queueID(1 + c.rng.IntN(queues)))},
		callmodel.Dest{Kind: callmodel.DestAgent, Value: string(agentID(1 + c.rng.IntN(siteAgents-1)))},
		callmodel.Dest{Kind: callmodel.DestIVR, Value: "main"},
		callmodel.Dest{Kind: callmodel.DestAnnounce, Value: "sound:sorry"},
		callmodel.Dest{Kind: callmodel.DestHangup, Value: "busy"},
	)
}

func (c *siteConfig) queue(i, queues int) callmodel.QueueConfig {
	n := strconv.Itoa(i)
	q := callmodel.QueueConfig{
		ID: queueID(i), Number: int64(i), Name: "Queue " + n, Address: "80" + n, DNIS: []string{"+49" + n},
		Strategy: pick(c.rng, callmodel.LongestIdle, callmodel.RoundRobin, callmodel.FewestCalls, callmodel.LeastTalkTime,
			callmodel.Random, callmodel.Ordered, callmodel.RingAll, callmodel.RingAll),
		RingTimeout: time.Duration(3+c.rng.IntN(8)) * time.Second,
		WrapUp:      time.Duration(c.rng.IntN(3)) * 2 * time.Second, Music: "default",
		Answer:     pick(c.rng, callmodel.AnswerAgent, callmodel.AnswerTreatment, callmodel.AnswerAtOnce),
		MaxWaiting: c.rng.IntN(2) * 4, Priority: c.rng.IntN(3),
		WrapUpMode: pick(c.rng, "", callmodel.WrapUpTimer, callmodel.WrapUpDisposition, callmodel.WrapUpRequest),
		DeadAir:    c.some(20 * time.Second), WrapUpMax: 8 * time.Second, WrapUpWarn: c.some(time.Second), PreferredWait: 3 * time.Second,
		RejectReason: c.one(3), DialRule: "all", CallerID: "+4930200", Recording: c.recording(),
	}
	if c.one(3) {
		q.AudioAlert = "sound:alert"
	}
	if c.one(3) {
		tax := []callmodel.SkillNeed{{Skill: "tax", Level: 50}}
		q.Skills = []callmodel.SkillStep{{Need: tax}, {After: 4 * time.Second}}
	}
	if c.one(2) {
		when := pick(c.rng, callmodel.OverflowSize, callmodel.OverflowEstimate, callmodel.OverflowWait, callmodel.OverflowNoAgents,
			callmodel.OverflowNoneReady, callmodel.OverflowPaused)
		q.Overflow = []callmodel.OverflowRule{{When: when, Limit: 3, After: 6 * time.Second, To: c.dest(queues)}}
	}
	if c.one(2) {
		q.Announce = callmodel.Announcements{First: c.some(2 * time.Second), Every: 5 * time.Second, Position: c.one(2), Wait: c.one(2), Prompts: []string{"sound:wait", "sound:none"}}
	}
	if c.one(2) {
		q.Callback = callmodel.CallbackOffer{Digit: "1", Prompt: "sound:callback", MaxCalls: 2, Retry: 3 * time.Second, Expire: time.Minute, Ring: 4 * time.Second}
	}
	if c.one(3) {
		q.Route = callmodel.ExternalRoute{Timeout: 2 * time.Second, Default: pick(c.rng, callmodel.Dest{}, c.dest(queues))}
	}
	return q
}

func (c *siteConfig) agent(i, queues int) callmodel.AgentConfig {
	n := strconv.Itoa(i)
	a := callmodel.AgentConfig{
		ID: agentID(i), Number: int64(i), Name: "Agent " + n, Line: "10" + n, MultiLine: c.one(2), CallerID: "+4930300",
		Station: callmodel.Station{Endpoint: "p" + n, AcceptTimeout: 3 * time.Second},
		Skills:  []callmodel.AgentSkill{{Skill: "tax", Level: 20 * i}},
		Ranks:   []callmodel.QueueRank{{Queue: "q1", Rank: c.rng.IntN(3)}},
	}
	a.Recording = c.recording()
	a.Station.Passcode = c.one(6)
	a.Station.Mode = pick(c.rng, callmodel.Handset, callmodel.Handset, callmodel.CallOnAccept, callmodel.Nailed, callmodel.TalkNotify)
	if c.called {
		a.Station.Mode = pick(c.rng, callmodel.Nailed, callmodel.Nailed, callmodel.CallOnAccept)
	}
	if !c.one(4) {
		a.DialRule = "all"
	}
	if c.one(6) {
		a.Capabilities = []callmodel.Capability{pick(c.rng, callmodel.CapabilityDirector, callmodel.CapabilityOnDemand)}
	}
	if i >= siteAgents-1 {
		a.Capabilities = append(a.Capabilities, callmodel.CapabilityStandard, callmodel.CapabilityDirector)
	}
	for q := 1; q <= queues; q++ {
		if c.rng.IntN(3) > 0 {
			a.Queues = append(a.Queues, queueID(q))
		}
	}
	return a
}

// menus is one menu with a node of each kind.
func (c *siteConfig) menus() {
	c.cfg.Decisions = []callmodel.DecisionConfig{{ID: "crm", Number: 1, URL: "http://crm.example/route", Timeout: 2 * time.Second}}
	c.cfg.IVRs = []callmodel.IVRConfig{{
		ID: "main", Number: 1, Address: "600", Nodes: []callmodel.IVRNode{
			{ID: "hello", Kind: callmodel.NodePlay, Prompts: []string{"sound:hello"}, Next: "ask"},
			{
				ID: "ask", Kind: callmodel.NodeMenu, Prompts: []string{"sound:menu"}, NoBarge: c.one(3), Tries: 2, FirstDigit: 2 * time.Second, InterDigit: time.Second,
				Choices: []callmodel.IVRChoice{{Digits: "1", Next: "queue:q1"}, {Digits: "2", Next: "number"}, {Digits: "3", Next: "pin"}, {Digits: "44", Next: "mark"}}, Fail: "queue:q1",
			},
			{ID: "number", Kind: callmodel.NodeInput, Prompts: []string{"sound:number"}, Key: "customer", Min: 2, Max: 6, Next: "decide"},
			{ID: "pin", Kind: callmodel.NodeInput, Prompts: []string{"sound:pin"}, Key: "pin", Min: 4, Max: pinLength, Secret: true, FirstDigit: 4 * time.Second, Next: "queue:q2", Invalid: []string{"sound:none"}},
			{ID: "mark", Kind: callmodel.NodeSet, Key: "vip", Value: "yes", Next: "agent:a1"},
			{ID: "decide", Kind: callmodel.NodeDecide, Decision: "crm", Default: "queue:q1"},
		},
	}}
}

// decide is the HTTP server that menus ask.
func (h *harness) decide(callmodel.Decide) (callmodel.Decision, time.Duration) {
	d := callmodel.Decision{Set: []callmodel.Var{{Key: "tier", Value: "gold"}}}
	switch h.ex.rng.IntN(5) {
	case 0:
		d.Outcome, d.Reason = callmodel.Failed, "status 500"
	case 1:
		d.To = "pin"
	case 2:
		d.To = "nowhere"
	default:
		d.To = "queue:q1"
	}
	return d, h.ex.draw(Range{0, 3 * time.Second})
}
