package objects

import "time"

// queueObject is one entry of the list `queues`.
type queueObject struct {
	// Short name of the queue. Agents refer to it, records keep it: choose it once.
	ID string `yaml:"id" example:"support" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{0\\,39}$" why:"small letters, digits and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Support" jsonschema:"maxLength=80"`
	// The queue's own number: what an agent dials or transfers to.
	Number string `yaml:"number" example:"600" jsonschema:"required,pattern=^[0-9]{1\\,15}$" why:"digits only, at most 15"`
	// Dialled numbers that lead into this queue, with or without a leading +. The queue's own number needs no entry.
	DNIS []string `yaml:"dnis" example:"+49301000600" jsonschema:"maxItems=1000,pattern=^[+]?[0-9]{1\\,32}$" why:"digits, with or without a leading +, at most 32"`
	// How the next agent is chosen. longest-idle: who has been without a call for the longest time.
	Strategy string `yaml:"strategy" default:"longest-idle" jsonschema:"enum=longest-idle,enum=round-robin,enum=fewest-calls,enum=least-talk-time,enum=random,enum=ordered,enum=ring-all"`
	// How long a call is offered to one agent before it goes back to the head of the queue and the agent is set not ready.
	RingTimeout time.Duration `yaml:"ring_timeout" default:"15s" min:"1s" max:"5m"`
	// Time for the agent's follow-up work after a call; it ends earlier on command. 0 = none.
	WrapUp time.Duration `yaml:"wrap_up" default:"10s" min:"0s" max:"24h"`
	// Music class that waiting callers hear (musiconhold.conf).
	Music string `yaml:"music" default:"default" jsonschema:"pattern=^[A-Za-z0-9_-]{1\\,40}$" why:"letters, digits, _ and -, at most 40"`
	// When the caller's call is answered. agent: only when an agent takes it; treatment: when music or a prompt starts, or by an agent who is free at once; at-once: on arrival.
	Answer string `yaml:"answer" default:"treatment" jsonschema:"enum=agent,enum=treatment,enum=at-once"`
	// How many callers may wait. One more is refused as busy.
	MaxWaiting int `yaml:"max_waiting" default:"500" jsonschema:"minimum=1,maximum=5000"`
	// A free agent who serves several queues takes the caller of the queue with the higher number first.
	Priority int `yaml:"priority" default:"0" jsonschema:"minimum=-100,maximum=100"`
	// What ends the follow-up work. timer: wrap_up; disposition: the agent's result of the call; request: only where the agent asks for it.
	WrapUpMode string `yaml:"wrap_up_mode" default:"timer" jsonschema:"enum=timer,enum=disposition,enum=request"`
	// Longest follow-up work of the modes disposition and request.
	WrapUpMax time.Duration `yaml:"wrap_up_max" default:"10m" min:"1s" max:"24h"`
	// So long before its end the agent is warned. 0 = never.
	WrapUpWarning time.Duration `yaml:"wrap_up_warning" default:"0s" min:"0s" max:"1h"`
	// The id of each result that agents may give. Empty: all.
	Dispositions []string `yaml:"dispositions" example:"solved" jsonschema:"maxItems=1000"`
	// Skills that are asked for, relaxed with the waiting time. The step with the highest after that has passed is in force.
	Skills []skillStepObject `yaml:"skills" jsonschema:"maxItems=20"`
	// How long a call waits for the agent it prefers.
	PreferredWait time.Duration `yaml:"preferred_wait" default:"30s" min:"1s" max:"1h"`
	// The id of the calendar with the queue's hours. Empty: always open.
	Hours string `yaml:"hours" example:"office" jsonschema:"maxLength=40"`
	// Where calls go instead of waiting. The first rule that fits counts.
	Overflow []overflowObject `yaml:"overflow" jsonschema:"maxItems=20"`
	// What waiting callers are told, beside the music.
	Announce announceObject `yaml:"announce"`
	// Whether a waiting caller can be called back instead, and how.
	Callback callbackObject `yaml:"callback"`
	// Whether a CTI client is asked where a call shall go before it is queued.
	ExternalRoute externalRouteObject `yaml:"external_route"`
	// A call that is answered within this time is within the service level.
	ServiceLevel time.Duration `yaml:"service_level" default:"20s" min:"1s" max:"1h"`
	// Whether an agent must give a reason for rejecting a call.
	RejectReasonRequired bool `yaml:"reject_reason_required" default:"false"`
	// A conversation is ended when no audio at all has come from one party's phone for so long; a phone on hold does not count. 0 = never.
	DeadAir time.Duration `yaml:"dead_air" default:"30s" min:"0s" max:"1h"`
	// Sound that the agent hears before the caller is connected.
	AudioAlert string `yaml:"audio_alert" example:"sound:queue-thankyou" jsonschema:"maxLength=160"`
	// The id of the dial rule for what calls of this queue may dial. Empty: no outside numbers.
	DialRule string `yaml:"dial_rule" example:"national" jsonschema:"maxLength=40"`
	// Number that outbound calls of this queue show.
	CallerID string `yaml:"caller_id" example:"+49301000600" jsonschema:"pattern=^([+]?[0-9]{1\\,32}|anonymous)?$" why:"digits, with or without a leading +, at most 32, or anonymous"`
	// Whether the queue's conversations are recorded.
	Recording recordObject `yaml:"recording"`
	// What is heard when a supervisor listens.
	Supervision superviseObject `yaml:"supervision"`
	// Whether calls that are in this queue are told to CTI clients such as a CRM. Agents get them all the same.
	CTI bool `yaml:"cti" default:"true"`
	// Text that an agent who gets a call of this queue is shown. Empty: none.
	AnswerInfo string `yaml:"answer_info" example:"Support: ask for the customer's number" jsonschema:"maxLength=2000"`
	// What CTI clients are told of calls of this queue, where it differs from what is set for all (ici.extra_data).
	ExtraData extraDataObject `yaml:"extra_data"`
}

// extraDataObject is `extra_data` of a queue.
type extraDataObject struct {
	// Names from when the call is offered on. XML stands for what other applications have attached. None: as for all queues.
	Allocated []string `yaml:"allocated" example:"XML,CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// The same for calls that agents make.
	CallOut []string `yaml:"call_out" example:"XML" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// Names that are added when the call is answered.
	Connected []string `yaml:"connected" example:"SIP_CALL_ID" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
	// Names that are added when it has been transferred.
	Join []string `yaml:"join" example:"FirstANumber" jsonschema:"maxItems=32,pattern=^[A-Za-z_][A-Za-z0-9_.-]{0\\,63}$" why:"letters, digits, _ - and ., beginning with a letter"`
}

// superviseObject is `supervision` of a queue.
type superviseObject struct {
	// Sound that all who talk hear when a supervisor begins to listen, whisper or barge in. Empty: nothing. Some countries demand one.
	Beep string `yaml:"beep" example:"sound:beep" jsonschema:"maxLength=160"`
	// Again after this time. 0s: only once.
	Every time.Duration `yaml:"every" default:"0s" min:"0s" max:"1h"`
}

// skillStepObject is one entry of `skills` of a queue.
type skillStepObject struct {
	// Waiting time from which the step is in force.
	After time.Duration `yaml:"after" default:"0s" min:"0s" max:"24h"`
	// The skills that are all needed then. Empty: anybody will do.
	Need []levelObject `yaml:"need" jsonschema:"maxItems=20"`
}

// levelObject is a skill with its level.
type levelObject struct {
	// The id of the skill.
	Skill string `yaml:"skill" example:"english" jsonschema:"required,maxLength=40"`
	// How good: at least this in a queue, exactly this for an agent.
	Level int `yaml:"level" default:"1" jsonschema:"minimum=1,maximum=100"`
}

// overflowObject is one entry of `overflow` of a queue.
type overflowObject struct {
	// What is watched. size: limit calls wait; estimated-wait and waiting-time: after; the others need no number.
	When string `yaml:"when" example:"size" jsonschema:"required,enum=size,enum=estimated-wait,enum=waiting-time,enum=no-agents,enum=none-ready,enum=closed,enum=holiday,enum=paused"`
	// So many calls wait already. Only for size.
	Limit int `yaml:"limit" default:"0" jsonschema:"minimum=0,maximum=5000"`
	// The time, for estimated-wait and waiting-time.
	After time.Duration `yaml:"after" default:"0s" min:"0s" max:"24h"`
	// Where the call goes: queue:sales, agent:ann, ivr:main, number:600, announce:sound:closed, hangup:busy.
	To string `yaml:"to" example:"hangup:busy" jsonschema:"required,maxLength=160"`
}

// announceObject is `announce` of a queue.
type announceObject struct {
	// Wait before the first announcement.
	First time.Duration `yaml:"first" default:"0s" min:"0s" max:"1h"`
	// Time between two. 0 = only the first.
	Every time.Duration `yaml:"every" default:"0s" min:"0s" max:"1h"`
	// Whether the place in the queue is said.
	Position bool `yaml:"position" default:"false"`
	// Whether the estimated wait is said, in minutes.
	EstimatedWait bool `yaml:"estimated_wait" default:"false"`
	// Sounds, one after the other, one each time.
	Prompts []string `yaml:"prompts" example:"sound:queue-thankyou" jsonschema:"maxItems=20,maxLength=160"`
}

// callbackObject is `callback` of a queue.
type callbackObject struct {
	// Digit that a waiting caller presses. Empty: not offered to callers.
	Digit string `yaml:"digit" example:"1" jsonschema:"pattern=^[0-9*#]?$" why:"one digit, * or #"`
	// Sound that confirms it.
	Prompt string `yaml:"prompt" example:"sound:vm-goodbye" jsonschema:"maxLength=160"`
	// How often it is tried.
	MaxCalls int `yaml:"max_calls" default:"3" jsonschema:"minimum=1,maximum=20"`
	// Time between two attempts.
	RetryAfter time.Duration `yaml:"retry_after" default:"15m" min:"10s" max:"7d"`
	// When it is given up.
	Expire time.Duration `yaml:"expire" default:"24h" min:"1m" max:"30d"`
	// How long the customer's phone rings.
	Ring time.Duration `yaml:"ring" default:"30s" min:"5s" max:"2m"`
}

// externalRouteObject is `external_route` of a queue.
type externalRouteObject struct {
	// How long the answer may take. 0 = nobody is asked.
	Timeout time.Duration `yaml:"timeout" default:"0s" min:"0s" max:"1m"`
	// Where the call goes after the timeout or a rejection. Empty: into this queue.
	Default string `yaml:"default" example:"queue:support" jsonschema:"maxLength=160"`
}

// agentObject is one entry of the list `agents`.
type agentObject struct {
	// Login name. Capital and small letters are the same.
	ID string `yaml:"id" example:"agent101" jsonschema:"required,pattern=^[^/\\s\\x00-\\x1f\\x7f]{1\\,64}$" why:"no slash, no spaces, at most 64 characters"`
	// Name that people read.
	Name string `yaml:"name" example:"Agent 101" jsonschema:"maxLength=80"`
	// Number of the agent's line. A CRM addresses the agent's calls by it.
	Line string `yaml:"line" example:"101" jsonschema:"required,pattern=^[0-9]{1\\,15}$" why:"digits only, at most 15"`
	// The id of each queue that the agent serves.
	Queues []string `yaml:"queues" example:"support" jsonschema:"maxItems=100"`
	// The phone of the agent, and how a call reaches it. Left out where there are stations: the agent chooses one at the login.
	Station agentStationObject `yaml:"station"`
	// The skills of the agent.
	Skills []levelObject `yaml:"skills" jsonschema:"maxItems=100"`
	// Places in queues with the strategy ordered.
	Ranks []rankObject `yaml:"ranks" jsonschema:"maxItems=100"`
	// Name of the agent's group, for reports and supervisors.
	WorkGroup string `yaml:"work_group" example:"north" jsonschema:"maxLength=80"`
	// The agent's mailbox, which CTI clients are told at the login.
	Email string `yaml:"email" example:"agent101@example.com" jsonschema:"maxLength=254,pattern=^([^@ ]+@[^@ ]+)?$" why:"an address such as name@example.com"`
	// What work the agent is given. standard: every kind; director: no calls of queues; on-demand: those only while nobody else is ready.
	Capabilities []string `yaml:"capabilities" example:"standard" jsonschema:"maxItems=3,pattern=^(standard|director|on-demand)$" why:"standard, director or on-demand"`
	// Whether a second call may knock while the agent talks.
	MultiLine bool `yaml:"multi_line" default:"false"`
	// The id of the dial rule for what the agent may dial. Empty: no outside numbers.
	DialRule string `yaml:"dial_rule" example:"national" jsonschema:"maxLength=40"`
	// Number that the agent's outbound calls show.
	CallerID string `yaml:"caller_id" example:"+49301000600" jsonschema:"pattern=^([+]?[0-9]{1\\,32}|anonymous)?$" why:"digits, with or without a leading +, at most 32, or anonymous"`
	// Whether the agent's conversations are recorded.
	Recording recordObject `yaml:"recording"`
}

// agentStationObject is `station` of an agent.
type agentStationObject struct {
	// The id of a station object that the agent usually sits at. Then the other keys here are not used.
	ID string `yaml:"id" example:"desk-7" jsonschema:"maxLength=40"`
	// Name of the phone's PJSIP endpoint (pjsip.conf), without PJSIP/.
	Endpoint string `yaml:"endpoint" example:"101" jsonschema:"pattern=^[A-Za-z0-9_-]{0\\,40}$" why:"the name alone: letters, digits, _ and -, at most 40"`
	// Name of the Asterisk server where it registers, one of asterisk.nodes in strowger.yaml. Empty: the first.
	Node string `yaml:"node" example:"asterisk-2" jsonschema:"pattern=^[A-Za-z0-9._-]{0\\,40}$" why:"letters, digits, dot, _ and -, at most 40"`
	// How an offered call is answered. handset: the phone rings, a person lifts it; call-on-accept: the offer shows in the CRM only, and on accept the phone is called and answers by itself; nailed: the phone stays connected for the shift; talk-notify: the phone rings and answers when the CRM accepts.
	Mode string `yaml:"mode" default:"handset" jsonschema:"enum=handset,enum=call-on-accept,enum=nailed,enum=talk-notify"`
	// How long the phone may take to answer after the accept.
	AcceptTimeout time.Duration `yaml:"accept_timeout" default:"5s" min:"1s" max:"1m"`
	// Whether who logs in must show that they are at the phone: it is called, and they type the three digits that the login has shown them.
	Passcode bool `yaml:"passcode" default:"false"`
	// Only for nailed: sound that announces a call.
	Beep string `yaml:"beep" example:"sound:beep" jsonschema:"maxLength=160"`
}

// rankObject is one entry of `ranks` of an agent.
type rankObject struct {
	// The id of the queue.
	Queue string `yaml:"queue" example:"support" jsonschema:"required,maxLength=40"`
	// The agent with the lowest rank is asked first.
	Rank int `yaml:"rank" default:"1" jsonschema:"minimum=1,maximum=1000"`
}
