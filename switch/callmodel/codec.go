package callmodel

import (
	"encoding/json"
	"sort"

	"strowger/switch/fault"
)

func (ChannelArrived) Tag() string { return "channel-arrived" }
func (ChannelRinging) Tag() string { return "channel-ringing" }
func (ChannelUp) Tag() string      { return "channel-up" }
func (ChannelHeld) Tag() string    { return "channel-held" }
func (ChannelUnheld) Tag() string  { return "channel-unheld" }
func (ChannelJoined) Tag() string  { return "channel-joined" }
func (ChannelLeft) Tag() string    { return "channel-left" }
func (ChannelLeftApp) Tag() string { return "channel-left-app" }
func (ChannelGone) Tag() string    { return "channel-gone" }
func (BridgeGone) Tag() string     { return "bridge-gone" }
func (NodeDown) Tag() string       { return "node-down" }
func (Resync) Tag() string         { return "resync" }
func (EffectDone) Tag() string     { return "effect-done" }
func (TimerFired) Tag() string     { return "timer-fired" }
func (WallClock) Tag() string      { return "wall-clock" }
func (ConfigLoaded) Tag() string   { return "config-loaded" }
func (SetAgentState) Tag() string  { return "set-agent-state" }
func (Accept) Tag() string         { return "accept" }
func (Reject) Tag() string         { return "reject" }
func (Drop) Tag() string           { return "drop" }
func (DropLine) Tag() string       { return "drop-line" }
func (HoldCall) Tag() string       { return "hold" }
func (Retrieve) Tag() string       { return "retrieve" }
func (RequireWrapUp) Tag() string  { return "require-wrap-up" }
func (EndWrapUp) Tag() string      { return "end-wrap-up" }
func (SetData) Tag() string        { return "set-data" }

func decodeAs[T Input](b []byte) (Input, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}

// decoders lists every input by its tag. It is never changed.
var decoders = map[string]func([]byte) (Input, error){
	"channel-arrived":  decodeAs[ChannelArrived],
	"channel-ringing":  decodeAs[ChannelRinging],
	"channel-up":       decodeAs[ChannelUp],
	"channel-held":     decodeAs[ChannelHeld],
	"channel-unheld":   decodeAs[ChannelUnheld],
	"channel-joined":   decodeAs[ChannelJoined],
	"channel-left":     decodeAs[ChannelLeft],
	"channel-left-app": decodeAs[ChannelLeftApp],
	"channel-gone":     decodeAs[ChannelGone],
	"bridge-gone":      decodeAs[BridgeGone],
	"node-down":        decodeAs[NodeDown],
	"resync":           decodeAs[Resync],
	"effect-done":      decodeAs[EffectDone],
	"timer-fired":      decodeAs[TimerFired],
	"wall-clock":       decodeAs[WallClock],
	"config-loaded":    decodeAs[ConfigLoaded],
	"set-agent-state":  decodeAs[SetAgentState],
	"accept":           decodeAs[Accept],
	"reject":           decodeAs[Reject],
	"drop":             decodeAs[Drop],
	"drop-line":        decodeAs[DropLine],
	"hold":             decodeAs[HoldCall],
	"retrieve":         decodeAs[Retrieve],
	"require-wrap-up":  decodeAs[RequireWrapUp],
	"end-wrap-up":      decodeAs[EndWrapUp],
	"set-data":         decodeAs[SetData],
}

// InputTags lists the tags of all inputs in order, for documentation and tests.
func InputTags() []string {
	tags := make([]string, 0, len(decoders))
	for t := range decoders {
		tags = append(tags, t)
	}
	sort.Strings(tags)
	return tags
}

// EncodeInput returns the body of an input as the journal keeps it (JSON).
func EncodeInput(in Input) ([]byte, error) {
	b, err := json.Marshal(in)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "encode input", in.Tag(), err)
	}
	return b, nil
}

// DecodeInput reads what EncodeInput wrote under a tag.
func DecodeInput(tag string, body []byte) (Input, error) {
	dec, ok := decoders[tag]
	if !ok {
		return nil, fault.New(fault.Unsupported, "decode input", tag, "this version does not know the input: it was written by a newer one")
	}
	in, err := dec(body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "decode input", tag, err)
	}
	return in, nil
}
