package callmodel

import "time"

// Effect is an order to a telephony backend. It is executed once, in order
// per call; its outcome returns as [EffectDone] where it is not plain success.
type Effect interface {
	// Head returns the part that all effects share.
	Head() EffectHead
	// What is the stable name.
	What() string
}

// EffectHead is the part that all effects share.
type EffectHead struct {
	ID   uint64 // unique per shard
	Node NodeID // the server that must do it
	Call CallID // zero for a leg that belongs to no call
	Conn ConnID
}

// Head implements Effect.
func (h EffectHead) Head() EffectHead { return h }

type (
	// Originate calls a station. Once-only: when its outcome is unknown it is
	// resolved by evidence, never repeated.
	Originate struct {
		EffectHead
		Channel    ChannelID
		Endpoint   string
		CallerID   string // number to show, digits and +
		CallerName string // printable, at most 64 runes
		AutoAnswer bool   // ask the phone to answer by itself
		Timeout    time.Duration
	}
	// Answer answers a caller's leg.
	Answer struct {
		EffectHead
		Channel ChannelID
	}
	// Ring lets a caller's leg hear ringing.
	Ring struct {
		EffectHead
		Channel ChannelID
	}
	// StartMusic plays music on hold to a leg. Its success is reported.
	StartMusic struct {
		EffectHead
		Channel ChannelID
		Class   string
	}
	// StopMusic ends StartMusic.
	StopMusic struct {
		EffectHead
		Channel ChannelID
	}
	// CreateBridge makes the call's mixing point.
	CreateBridge struct {
		EffectHead
		Bridge BridgeID
	}
	// Join puts legs into a bridge.
	Join struct {
		EffectHead
		Bridge   BridgeID
		Channels []ChannelID
	}
	// Leave takes a leg out of a bridge; it stays under our control.
	Leave struct {
		EffectHead
		Bridge  BridgeID
		Channel ChannelID
	}
	// DestroyBridge removes a bridge.
	DestroyBridge struct {
		EffectHead
		Bridge BridgeID
	}
	// Hangup ends a leg.
	Hangup struct {
		EffectHead
		Channel ChannelID
		Cause   Cause
	}
)

// What implements Effect for each kind.
func (Originate) What() string     { return "originate" }
func (Answer) What() string        { return "answer" }
func (Ring) What() string          { return "ring" }
func (StartMusic) What() string    { return "start-music" }
func (StopMusic) What() string     { return "stop-music" }
func (CreateBridge) What() string  { return "create-bridge" }
func (Join) What() string          { return "join" }
func (Leave) What() string         { return "leave" }
func (DestroyBridge) What() string { return "destroy-bridge" }
func (Hangup) What() string        { return "hangup" }

// Reported says whether plain success of an effect must return as EffectDone;
// every other outcome always does.
func Reported(e Effect) bool {
	_, ok := e.(StartMusic)
	return ok
}
