package rest

import "time"

// The bodies of requests. Their lengths are counted in characters here and in
// bytes by the checks behind them (check.go).

// AgentStateRequest is the body of POST /api/v1/agents/{id}/force-state.
type AgentStateRequest struct {
	State  string `json:"state" enum:"ready,not-ready,logged-out" doc:"while a call occupies the agent it becomes the pending next state; forced, it holds at once"`
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"why not ready"`
}

// NextStateRequest is the body of POST /api/v1/agents/{id}/state.
type NextStateRequest struct {
	AgentStateRequest
	SkipWrapUp bool `json:"skip_wrap_up,omitempty" doc:"logged-out: open wrap-up ends, whatever its queue wants, and none follows the call"`
}

// LoginRequest is the body of POST /api/v1/agents/{id}/login.
type LoginRequest struct {
	Station string `json:"station,omitempty" maxLength:"128" doc:"id of the station to work at; the agent's own where it is left out"`
	State   string `json:"state,omitempty" enum:"ready,not-ready" doc:"to begin with; not-ready where it is left out"`
	Reason  string `json:"reason,omitempty" maxLength:"64" doc:"why not ready"`
	OneLine bool   `json:"one_line,omitempty" doc:"for this shift: no second call knocks, even where the agent may have several"`
}

// CallRequest is the body of POST /api/v1/agents/{id}/call.
type CallRequest struct {
	To       string `json:"to" minLength:"1" maxLength:"160" doc:"a number, or kind:value with the kinds number, agent and queue"`
	CallerID string `json:"caller_id,omitempty" maxLength:"64" doc:"number to show outside, or anonymous, where the rules allow it"`
	Gateway  string `json:"gateway,omitempty" maxLength:"64" doc:"gateway prefix: chooses among the routes"`
	Queue    string `json:"queue,omitempty" maxLength:"128" doc:"on whose behalf: its rules and its wrap-up apply"`
	InWrapUp bool   `json:"in_wrap_up,omitempty" doc:"also while the agent does after-call work, which is left to do beside the call"`
}

// ConsultRequest is the body of POST /api/v1/connections/{id}/consult.
type ConsultRequest struct {
	ToRequest
	Queue string `json:"queue,omitempty" maxLength:"128" doc:"on whose behalf: its rules and its wrap-up apply"`
}

// PickUpRequest is the body of POST /api/v1/agents/{id}/pick-up.
type PickUpRequest struct {
	Place string `json:"place" minLength:"1" maxLength:"16" doc:"number of the parking place"`
}

// RejectRequest is the body of POST /api/v1/connections/{id}/reject. It may be left out.
type RejectRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"64" doc:"id of a reject reason; some queues require one"`
	Then   string `json:"then,omitempty" enum:"later,never" doc:"of a callback or a preview, whose customer has not been called yet: call them later, or never; left out: somebody else gets the call"`

	Callback *DisposeCallback `json:"callback,omitempty" doc:"of a preview: when the customer is to be called instead; it is later, then"`
}

// ToRequest is the body of deflect and consult.
type ToRequest struct {
	To string `json:"to" minLength:"1" maxLength:"160" doc:"a number, or kind:value with the kinds number, agent, queue and (not to consult) ivr"`
}

// BlindTransferRequest is the body of blind-transfer.
type BlindTransferRequest struct {
	ToRequest
	Data []AttachedEntry `json:"data,omitempty" maxItems:"64" doc:"attached to the call before it goes on"`
}

// TransferRequest is the body of transfer. It may be left out.
type TransferRequest struct {
	Data []AttachedEntry `json:"data,omitempty" maxItems:"64" doc:"attached to the call before it goes on"`
}

// PartyRequest is the body of drop-party.
type PartyRequest struct {
	Party string `json:"party" minLength:"1" maxLength:"64" doc:"the other party's number or connection id"`
}

// ParkRequest is the body of park. It may be left out.
type ParkRequest struct {
	Place string `json:"place,omitempty" maxLength:"16" doc:"number of the place; the first free one where it is left out"`
}

// PlayRequest is the body of play.
type PlayRequest struct {
	Media string `json:"media" minLength:"1" maxLength:"256" doc:"such as sound:hello, digits:123, number:5 or tone:ring"`
}

// DigitsRequest is the body of send-digits.
type DigitsRequest struct {
	Digits string `json:"digits" minLength:"1" maxLength:"64" doc:"0-9, *, # and A-D"`
}

// DisposeRequest is the body of dispose.
type DisposeRequest struct {
	Codes      []string `json:"codes" minItems:"1" maxItems:"16" nullable:"false" doc:"disposition ids, the main one first"`
	Success    *bool    `json:"success,omitempty" doc:"as the main disposition says where it is left out"`
	NoWrapUp   bool     `json:"no_wrap_up,omitempty" doc:"during the call: no wrap-up shall follow"`
	KeepWrapUp bool     `json:"keep_wrap_up,omitempty" doc:"in wrap-up: go on with it"`

	Callback  *DisposeCallback `json:"callback,omitempty" doc:"of a campaign's call: the customer wants to be called again"`
	DoNotCall bool             `json:"do_not_call,omitempty" doc:"of a campaign's call: the customer wants no more calls"`
}

// AttachedEntry is one application's part of the data that travels with a call.
type AttachedEntry struct {
	App   string `json:"app" minLength:"1" maxLength:"128" doc:"application id"`
	Media string `json:"media" minLength:"1" maxLength:"128" doc:"media type: JSON, XML or text"`
	Data  string `json:"data" doc:"what the media type says; empty removes the part"`
}

// DataRequest is the body of PUT and PATCH /api/v1/connections/{id}/data.
type DataRequest struct {
	Entries []AttachedEntry `json:"entries" maxItems:"64" nullable:"false"`
}

// DataAnswer is the attached data of a connection's call.
type DataAnswer struct {
	Entries []AttachedEntry `json:"entries" nullable:"false" doc:"in order of application id"`
}

// Skill is a skill at a level.
type Skill struct {
	Skill string `json:"skill" minLength:"1" maxLength:"128"`
	Level int    `json:"level" minimum:"1" maximum:"100" doc:"at least this"`
}

// RouteRequest is the body of POST /api/v1/calls/{id}/route: the answer to a
// route request.
type RouteRequest struct {
	To            string   `json:"to" minLength:"1" maxLength:"160" doc:"a number, or kind:value with the kinds number, agent, queue, ivr, announce and hangup"`
	Preferred     string   `json:"preferred,omitempty" maxLength:"128" doc:"agent who is asked first, for the queue's preferred_wait"`
	Required      []string `json:"required,omitempty" maxItems:"32" doc:"agents: nobody else gets the call"`
	ExpireSeconds float64  `json:"expire_seconds,omitempty" minimum:"0" maximum:"86400" doc:"so long required holds; 0: for good"`
	Priority      *int     `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
	Skills        []Skill  `json:"skills,omitempty" maxItems:"16" doc:"instead of the queue's rules"`

	Data []AttachedEntry `json:"data,omitempty" maxItems:"64" doc:"attached to the call before it goes on"`
}

// CallbackRequest is the body of POST /api/v1/callbacks.
type CallbackRequest struct {
	Number   string     `json:"number" minLength:"1" maxLength:"64" doc:"the customer's"`
	Queue    string     `json:"queue" minLength:"1" maxLength:"128"`
	At       *time.Time `json:"at,omitempty" doc:"not before; now where it is left out, at most a year from now"`
	Until    *time.Time `json:"until,omitempty" doc:"given up then; as the queue says where it is left out"`
	Skills   []Skill    `json:"skills,omitempty" maxItems:"16"`
	Priority int        `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
	Gateway  string     `json:"gateway,omitempty" maxLength:"64"`
	Notes    string     `json:"notes,omitempty" maxLength:"4096"`
	Extra    string     `json:"extra,omitempty" maxLength:"4096" doc:"for the client's own use"`
	Campaign string     `json:"campaign,omitempty" maxLength:"40" doc:"that it is part of: agents see who they are to call before they do"`
	ListID   string     `json:"list_id,omitempty" maxLength:"32" doc:"entry of the campaign's list of calls"`
}

// CallbackUpdate is the body of PATCH /api/v1/callbacks/{id}.
type CallbackUpdate struct {
	Result string          `json:"result,omitempty" enum:"BADADDRESS,BUSY,NO_ANSWER,VOICEMAIL,OTHER,SUCCESSFUL,HANDLED,SKIP,AGENT_REJECTED" doc:"of the attempt; SUCCESSFUL, HANDLED and AGENT_REJECTED remove it"`
	Notes  *string         `json:"notes,omitempty" maxLength:"4096" doc:"as they are where they are left out"`
	Change *CallbackChange `json:"change,omitempty" doc:"what it becomes, without a result, as long as it is not being called"`
}

// CallbackChange is what a callback becomes; what is left out is as for a new one.
type CallbackChange struct {
	Number   string     `json:"number" minLength:"1" maxLength:"64"`
	At       *time.Time `json:"at,omitempty" doc:"not before"`
	Until    *time.Time `json:"until,omitempty" doc:"given up then"`
	Priority int        `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
	Extra    string     `json:"extra,omitempty" maxLength:"4096"`
}
