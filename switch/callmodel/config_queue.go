package callmodel

import "time"

// Strategy names a routing strategy that the [Router] knows.
type Strategy string

// The strategies. All but RingAll choose one agent; ties go to the lower number.
const (
	LongestIdle   Strategy = "longest-idle"    // ready for the longest
	RoundRobin    Strategy = "round-robin"     // the next after the one who got the last call
	FewestCalls   Strategy = "fewest-calls"    // fewest calls answered since login
	LeastTalkTime Strategy = "least-talk-time" // least time talked since login
	Random        Strategy = "random"          // drawn, from a seed that is part of the state
	Ordered       Strategy = "ordered"         // lowest rank in the queue first
	RingAll       Strategy = "ring-all"        // everybody at once; the first to answer gets it
)

// AnswerPolicy says when a queue's caller is answered, that is, when the
// caller starts to pay (DESIGN.md 3, decision 2).
type AnswerPolicy string

const (
	// AnswerAgent: only when an agent answers; until then the caller hears
	// ringing, or music where the call was answered before it came to the queue.
	AnswerAgent AnswerPolicy = "agent"
	// AnswerTreatment: by the agent if one is free at once, else when the music starts.
	AnswerTreatment AnswerPolicy = "treatment"
	// AnswerAtOnce: as soon as the call arrives.
	AnswerAtOnce AnswerPolicy = "at-once"
)

// WrapUpMode says what ends an agent's after-call work in a queue.
type WrapUpMode string

const (
	// WrapUpTimer: WrapUp after the call, or earlier by command. The default.
	WrapUpTimer WrapUpMode = "timer"
	// WrapUpDisposition: when a disposition is set, or after WrapUpMax.
	WrapUpDisposition WrapUpMode = "disposition"
	// WrapUpRequest: only where it was asked for during the call, until it is
	// ended by command or after WrapUpMax.
	WrapUpRequest WrapUpMode = "request"
)

// SkillNeed asks for a skill at a level.
type SkillNeed struct {
	Skill string `json:"skill"`
	Level int    `json:"level"` // at least this, 1 to 100
}

// SkillStep is what a queue asks for from a waiting time on. The step with the
// highest After that has passed is in force; steps are in order of After.
type SkillStep struct {
	After time.Duration `json:"after"`
	Need  []SkillNeed   `json:"need,omitempty"` // empty: anybody
}

// OverflowWhen says what an overflow rule watches.
type OverflowWhen string

const (
	// OverflowSize: so many calls wait already when a call arrives (Limit).
	OverflowSize OverflowWhen = "size"
	// OverflowEstimate: the estimated wait on arrival is at least After.
	OverflowEstimate OverflowWhen = "estimated-wait"
	// OverflowWait: the call has waited for After.
	OverflowWait OverflowWhen = "waiting-time"
	// OverflowNoAgents: nobody who serves the queue is logged in, on arrival or while it waits.
	OverflowNoAgents OverflowWhen = "no-agents"
	// OverflowNoneReady: everybody who serves the queue is logged out or not ready, on arrival.
	OverflowNoneReady OverflowWhen = "none-ready"
	// OverflowClosed: outside the queue's hours, on arrival.
	OverflowClosed OverflowWhen = "closed"
	// OverflowHoliday: a holiday of the queue's hours, on arrival. Checked before closed.
	OverflowHoliday OverflowWhen = "holiday"
	// OverflowPaused: the queue is paused, on arrival.
	OverflowPaused OverflowWhen = "paused"
)

// OverflowRule sends a call elsewhere. Rules are checked in their order.
type OverflowRule struct {
	When  OverflowWhen  `json:"when"`
	Limit int           `json:"limit,omitempty"`
	After time.Duration `json:"after,omitempty"`
	To    Dest          `json:"to"`
}

// Announcements are what a waiting caller is told, beside the music.
type Announcements struct {
	First    time.Duration `json:"first,omitempty"`          // wait before the first
	Every    time.Duration `json:"every,omitempty"`          // between two; 0: only the first
	Position bool          `json:"position,omitempty"`       // say the place in the queue
	Wait     bool          `json:"estimated_wait,omitempty"` // say the estimated wait, in minutes
	Prompts  []string      `json:"prompts,omitempty"`        // one after the other, one each time
}

// on reports whether anything is announced.
func (a *Announcements) on() bool {
	return (a.First > 0 || a.Every > 0) && (a.Position || a.Wait || len(a.Prompts) > 0)
}

// CallbackOffer lets a waiting caller leave and be called back in their place.
type CallbackOffer struct {
	Digit    string        `json:"digit,omitempty"`       // pressed while waiting; empty: not offered to callers
	Prompt   string        `json:"prompt,omitempty"`      // played when it is taken
	MaxCalls int           `json:"max_calls,omitempty"`   // attempts, 1 to 20; default 3
	Retry    time.Duration `json:"retry_after,omitempty"` // between two attempts; default 15 m
	Expire   time.Duration `json:"expire,omitempty"`      // given up after this; default 24 h
	Ring     time.Duration `json:"ring,omitempty"`        // how long the customer's phone rings; default 30 s
}

// ExternalRoute asks a CTI client where a call shall go before it is queued.
type ExternalRoute struct {
	Timeout time.Duration `json:"timeout,omitempty"` // 0: not asked
	Default Dest          `json:"default,omitzero"`  // after the timeout or a rejection; zero: this queue
}

// QueueConfig is one queue as configured.
type QueueConfig struct {
	ID          QueueID       `json:"id"`
	Number      int64         `json:"number"` // stable, never reused
	Name        string        `json:"name"`
	Address     string        `json:"address"` // the queue's own number, digits
	DNIS        []string      `json:"dnis"`    // dialled numbers that lead here
	Strategy    Strategy      `json:"strategy"`
	RingTimeout time.Duration `json:"ring_timeout"`
	WrapUp      time.Duration `json:"wrap_up"` // 0: none
	Music       string        `json:"music"`   // music-on-hold class
	Answer      AnswerPolicy  `json:"answer"`
	MaxWaiting  int           `json:"max_waiting"`
	Priority    int           `json:"priority"` // higher is served first

	DeadAir time.Duration `json:"dead_air,omitempty"` // a party without any audio for so long ends the conversation; 0: never

	WrapUpMode    WrapUpMode     `json:"wrap_up_mode,omitempty"`
	WrapUpMax     time.Duration  `json:"wrap_up_max,omitempty"`     // longest wrap-up of the modes disposition and request; default 10 m
	WrapUpWarn    time.Duration  `json:"wrap_up_warning,omitempty"` // so long before its end the agent is warned; 0: never
	Dispositions  []string       `json:"dispositions,omitempty"`    // ids that may be given; empty: all
	Skills        []SkillStep    `json:"skills,omitempty"`
	PreferredWait time.Duration  `json:"preferred_wait,omitempty"` // how long a call waits for its preferred agent; default 30 s
	Hours         string         `json:"hours,omitempty"`          // calendar id; empty: always open
	Overflow      []OverflowRule `json:"overflow,omitempty"`
	Announce      Announcements  `json:"announce,omitzero"`
	Callback      CallbackOffer  `json:"callback,omitzero"`
	Route         ExternalRoute  `json:"external_route,omitzero"`
	ServiceLevel  time.Duration  `json:"service_level,omitempty"` // answered within; default 20 s
	RejectReason  bool           `json:"reject_reason_required,omitempty"`
	AudioAlert    string         `json:"audio_alert,omitempty"` // sound that the agent hears before the caller, at most 3 s of it
	DialRule      string         `json:"dial_rule,omitempty"`   // what calls of this queue may dial
	CallerID      string         `json:"caller_id,omitempty"`   // number that its outbound calls show
	Recording     RecordRule     `json:"recording,omitzero"`

	Supervision SuperviseConfig `json:"supervision,omitzero"`

	NoCTI      bool      `json:"no_cti,omitempty"`      // calls that are in it are not told to CTI clients with a view of their own, such as a CRM
	AnswerInfo string    `json:"answer_info,omitempty"` // text that an agent who gets one of its calls is shown
	ExtraData  ExtraData `json:"extra_data,omitzero"`
}

// ExtraData names what a CTI client is told beside a call's numbers, by moment,
// instead of what is set for all queues; nil: as for all.
type ExtraData struct {
	Allocated []string `json:"allocated,omitempty"` // from when the call is offered on
	CallOut   []string `json:"call_out,omitempty"`  // of a call that the agent makes
	Connected []string `json:"connected,omitempty"` // added when it is answered
	Join      []string `json:"join,omitempty"`      // added when it was transferred
}

// Bounds of a queue's texts for CTI clients.
const (
	MaxAnswerInfo = 2000
	MaxExtraKeys  = 32
)

// ExtraKey reports whether a name can be an element of attached data.
func ExtraKey(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '.') {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

func (k *checker) told(who string, q *QueueConfig) error {
	if len(q.AnswerInfo) > MaxAnswerInfo {
		return badConfig(who, "answer_info is too long")
	}
	for _, list := range [][]string{q.ExtraData.Allocated, q.ExtraData.CallOut, q.ExtraData.Connected, q.ExtraData.Join} {
		if len(list) > MaxExtraKeys {
			return badConfig(who, "extra_data has too many names")
		}
		for _, name := range list {
			if !ExtraKey(name) {
				return badConfig(who, "extra_data: a name has letters, digits, _ - and . and begins with a letter")
			}
		}
	}
	return nil
}

// Defaults of a queue's settings that may be left out.
const (
	DefaultWrapUpMax     = 10 * time.Minute
	DefaultPreferredWait = 30 * time.Second
	DefaultServiceLevel  = 20 * time.Second
	DefaultCallbackCalls = 3
	DefaultCallbackRetry = 15 * time.Minute
	DefaultCallbackLife  = 24 * time.Hour
	DefaultCallbackRing  = 30 * time.Second
)

func (q *QueueConfig) setDefaults() {
	if q.WrapUpMode == "" {
		q.WrapUpMode = WrapUpTimer
	}
	setDefault(&q.WrapUpMax, DefaultWrapUpMax)
	setDefault(&q.PreferredWait, DefaultPreferredWait)
	setDefault(&q.ServiceLevel, DefaultServiceLevel)
	setDefault(&q.Callback.MaxCalls, DefaultCallbackCalls)
	setDefault(&q.Callback.Retry, DefaultCallbackRetry)
	setDefault(&q.Callback.Expire, DefaultCallbackLife)
	setDefault(&q.Callback.Ring, DefaultCallbackRing)
}
