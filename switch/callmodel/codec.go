package callmodel

import (
	"encoding/json"
	"sort"

	"strowger/switch/fault"
)

func (ChannelArrived) Tag() string     { return "channel-arrived" }
func (ChannelRinging) Tag() string     { return "channel-ringing" }
func (ChannelUp) Tag() string          { return "channel-up" }
func (ChannelHeld) Tag() string        { return "channel-held" }
func (ChannelUnheld) Tag() string      { return "channel-unheld" }
func (ChannelJoined) Tag() string      { return "channel-joined" }
func (ChannelLeft) Tag() string        { return "channel-left" }
func (ChannelLeftApp) Tag() string     { return "channel-left-app" }
func (ChannelGone) Tag() string        { return "channel-gone" }
func (ChannelIdentified) Tag() string  { return "channel-identified" }
func (DeadAir) Tag() string            { return "dead-air" }
func (BridgeGone) Tag() string         { return "bridge-gone" }
func (NodeDown) Tag() string           { return "node-down" }
func (Resync) Tag() string             { return "resync" }
func (EffectDone) Tag() string         { return "effect-done" }
func (TimerFired) Tag() string         { return "timer-fired" }
func (WallClock) Tag() string          { return "wall-clock" }
func (ConfigLoaded) Tag() string       { return "config-loaded" }
func (SetAgentState) Tag() string      { return "set-agent-state" }
func (Accept) Tag() string             { return "accept" }
func (Reject) Tag() string             { return "reject" }
func (Drop) Tag() string               { return "drop" }
func (DropLine) Tag() string           { return "drop-line" }
func (HoldCall) Tag() string           { return "hold" }
func (Retrieve) Tag() string           { return "retrieve" }
func (RequireWrapUp) Tag() string      { return "require-wrap-up" }
func (EndWrapUp) Tag() string          { return "end-wrap-up" }
func (SetData) Tag() string            { return "set-data" }
func (ChannelReplaced) Tag() string    { return "channel-replaced" }
func (PhoneTransferred) Tag() string   { return "phone-transferred" }
func (PhoneTransferredTo) Tag() string { return "phone-transferred-to" }
func (PlayEnded) Tag() string          { return "play-ended" }
func (DigitReceived) Tag() string      { return "digit" }
func (DigitSecret) Tag() string        { return "digit-secret" }
func (EndpointState) Tag() string      { return "endpoint-state" }
func (Decision) Tag() string           { return "decision" }
func (Login) Tag() string              { return "login" }
func (ForceAgentState) Tag() string    { return "force-agent-state" }
func (PanicLogout) Tag() string        { return "panic-logout" }
func (Deflect) Tag() string            { return "deflect" }
func (DropAll) Tag() string            { return "drop-all" }
func (Alternate) Tag() string          { return "alternate" }
func (Consult) Tag() string            { return "consult" }
func (Transfer) Tag() string           { return "transfer" }
func (Conference) Tag() string         { return "conference" }
func (Reconnect) Tag() string          { return "reconnect" }
func (BlindTransfer) Tag() string      { return "blind-transfer" }
func (DropParty) Tag() string          { return "drop-party" }
func (Mute) Tag() string               { return "mute" }
func (Park) Tag() string               { return "park" }
func (PlayFile) Tag() string           { return "play-file" }
func (StopFile) Tag() string           { return "stop-file" }
func (SendDigits) Tag() string         { return "send-digits" }
func (SetDisposition) Tag() string     { return "set-disposition" }
func (MakeCall) Tag() string           { return "make-call" }
func (PickUp) Tag() string             { return "pick-up" }
func (RouteSelect) Tag() string        { return "route-select" }
func (RouteReject) Tag() string        { return "route-reject" }
func (EndCall) Tag() string            { return "end-call" }
func (CreateCallback) Tag() string     { return "create-callback" }
func (UpdateCallback) Tag() string     { return "update-callback" }
func (PauseQueue) Tag() string         { return "pause-queue" }
func (SetAgentQueues) Tag() string     { return "set-agent-queues" }

func decodeAs[T Input](b []byte) (Input, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}

// decoders lists every input by its tag. It is never changed.
var decoders = map[string]func([]byte) (Input, error){
	"channel-arrived":      decodeAs[ChannelArrived],
	"channel-ringing":      decodeAs[ChannelRinging],
	"channel-up":           decodeAs[ChannelUp],
	"channel-held":         decodeAs[ChannelHeld],
	"channel-unheld":       decodeAs[ChannelUnheld],
	"channel-joined":       decodeAs[ChannelJoined],
	"channel-left":         decodeAs[ChannelLeft],
	"channel-left-app":     decodeAs[ChannelLeftApp],
	"channel-gone":         decodeAs[ChannelGone],
	"dead-air":             decodeAs[DeadAir],
	"channel-identified":   decodeAs[ChannelIdentified],
	"bridge-gone":          decodeAs[BridgeGone],
	"node-down":            decodeAs[NodeDown],
	"resync":               decodeAs[Resync],
	"effect-done":          decodeAs[EffectDone],
	"timer-fired":          decodeAs[TimerFired],
	"wall-clock":           decodeAs[WallClock],
	"config-loaded":        decodeAs[ConfigLoaded],
	"set-agent-state":      decodeAs[SetAgentState],
	"accept":               decodeAs[Accept],
	"reject":               decodeAs[Reject],
	"drop":                 decodeAs[Drop],
	"drop-line":            decodeAs[DropLine],
	"hold":                 decodeAs[HoldCall],
	"retrieve":             decodeAs[Retrieve],
	"require-wrap-up":      decodeAs[RequireWrapUp],
	"end-wrap-up":          decodeAs[EndWrapUp],
	"set-data":             decodeAs[SetData],
	"channel-replaced":     decodeAs[ChannelReplaced],
	"phone-transferred":    decodeAs[PhoneTransferred],
	"phone-transferred-to": decodeAs[PhoneTransferredTo],
	"play-ended":           decodeAs[PlayEnded],
	"digit":                decodeAs[DigitReceived],
	"digit-secret":         decodeAs[DigitSecret],
	"endpoint-state":       decodeAs[EndpointState],
	"decision":             decodeAs[Decision],
	"login":                decodeAs[Login],
	"force-agent-state":    decodeAs[ForceAgentState],
	"panic-logout":         decodeAs[PanicLogout],
	"deflect":              decodeAs[Deflect],
	"drop-all":             decodeAs[DropAll],
	"alternate":            decodeAs[Alternate],
	"consult":              decodeAs[Consult],
	"transfer":             decodeAs[Transfer],
	"conference":           decodeAs[Conference],
	"reconnect":            decodeAs[Reconnect],
	"blind-transfer":       decodeAs[BlindTransfer],
	"drop-party":           decodeAs[DropParty],
	"mute":                 decodeAs[Mute],
	"park":                 decodeAs[Park],
	"play-file":            decodeAs[PlayFile],
	"stop-file":            decodeAs[StopFile],
	"send-digits":          decodeAs[SendDigits],
	"set-disposition":      decodeAs[SetDisposition],
	"make-call":            decodeAs[MakeCall],
	"pick-up":              decodeAs[PickUp],
	"route-select":         decodeAs[RouteSelect],
	"route-reject":         decodeAs[RouteReject],
	"end-call":             decodeAs[EndCall],
	"create-callback":      decodeAs[CreateCallback],
	"update-callback":      decodeAs[UpdateCallback],
	"pause-queue":          decodeAs[PauseQueue],
	"set-agent-queues":     decodeAs[SetAgentQueues],
	"start-recording":      decodeAs[StartRecording],
	"stop-recording":       decodeAs[StopRecording],
	"pause-recording":      decodeAs[PauseRecording],
	"resume-recording":     decodeAs[ResumeRecording],
	"recording-started":    decodeAs[RecordingStarted],
	"recording-ended":      decodeAs[RecordingEnded],
	"recording-saved":      decodeAs[RecordingSaved],
	"storage-state":        decodeAs[StorageState],

	"mirror-listing":        decodeAs[MirrorListing],
	"mirror-down":           decodeAs[MirrorDown],
	"mirror-member":         decodeAs[MirrorMemberSeen],
	"mirror-member-removed": decodeAs[MirrorMemberRemoved],
	"mirror-caller":         decodeAs[MirrorCallerJoined],
	"mirror-caller-moved":   decodeAs[MirrorCallerMoved],
	"supervise":             decodeAs[Supervise],
	"set-supervision":       decodeAs[SetSupervision],
	"end-supervision":       decodeAs[EndSupervision],
	"take-over":             decodeAs[TakeOver],
	"dial":                  decodeAs[Dial],
	"cancel-dial":           decodeAs[CancelDial],
	"screened":              decodeAs[Screened],
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

// CommandTags lists the tags of the inputs that get a verdict, in order.
func CommandTags() []string {
	var tags []string
	for _, t := range InputTags() {
		if in, err := DecodeInput(t, []byte("{}")); err == nil {
			if _, ok := in.(Command); ok {
				tags = append(tags, t)
			}
		}
	}
	return tags
}
