package ici

import (
	"regexp"
	"time"
)

// Defaults of [CallSettings].
const (
	DefaultBusyStatus        = 5 * time.Second // reference 4.3 OII.BusyStatusDuration
	capabilityProfileDefault = "default"
	capabilityProfileStrict  = "strict"
	maxCapability            = 999
)

// CallSettings say which calls are told, what is told of them, and how calls
// are made and ended.
type CallSettings struct {
	CapabilityProfile  string        `json:"capabilityProfile"`  // default: the reference's lists; strict: without what cannot succeed now
	IgnoreOperDirect   bool          `json:"ignoreOperDirect"`   // calls to an agent's own number that never were in a queue are not shown; consultations are; default true (reference OII.IgnoreOperDirect)
	IgnoreCdtOutbound  bool          `json:"ignoreCdtOutbound"`  // calls that agents made outside ICI are not shown, default true (reference OII.IgnoreCdtOutbound)
	ShowBusyStatus     bool          `json:"showBusyStatus"`     // a call that failed for a busy line shows it before it ends, default false (reference OII.ShowBusyStatus)
	BusyStatusDuration time.Duration `json:"busyStatusDuration"` // for so long, default 5 s (reference OII.BusyStatusDuration)
	ForwardAndEnd      bool          `json:"forwardAndEnd"`      // no wrap-up follows where a connected call was sent on by forward, default false (reference OII.ForwardAndEnd)
	TransferAndEnd     bool          `json:"transferAndEnd"`     // the same for transfer (reference OII.TransferAndEnd)
	SendDTMF           bool          `json:"sendDTMF"`           // sendDTMF is offered, if it has a capability, default true (reference OII.SendDTMF)
	SendDTMFCapability int           `json:"sendDTMFCapability"` // the number of its capability, above CapListenEnd; default 0: none, not offered. The reference names none
	SendDTMFOperation  string        `json:"sendDTMFOperation"`  // its name in messages and description, default sendDTMF, which is understood in any case. The reference names none
}

// operationName is the form of an operation's name.
var operationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

func defaultCallSettings() CallSettings {
	return CallSettings{
		CapabilityProfile: capabilityProfileDefault,
		IgnoreOperDirect:  true, IgnoreCdtOutbound: true, BusyStatusDuration: DefaultBusyStatus, SendDTMF: true, SendDTMFOperation: OpSendDTMF.Name(),
	}
}

func (c *CallSettings) validate() error {
	if err := positive([]setting{{"busyStatusDuration", int64(c.BusyStatusDuration)}}); err != nil {
		return err
	}
	if n := c.SendDTMFCapability; n != 0 && (n <= CapListenEnd || n > maxCapability) {
		return wrong("sendDTMFCapability", "must be 0 or from %d to %d: the numbers below belong to other operations", CapListenEnd+1, maxCapability)
	}
	if op, taken := lookup(ServicePhoneCall, c.SendDTMFOperation, Style{}); !operationName.MatchString(c.SendDTMFOperation) ||
		taken && op != OpSendDTMF || reserved(ServicePhoneCall, c.SendDTMFOperation) {
		return wrong("sendDTMFOperation", "must be a name of at most 64 letters, digits, _, - and ., beginning with a letter, that no other operation of %s has", ServicePhoneCall)
	}
	return choice("capabilityProfile", c.CapabilityProfile, capabilityProfileDefault, capabilityProfileStrict)
}

// Strict reports whether capability lists leave out what cannot succeed now.
func (c *CallSettings) Strict() bool { return c.CapabilityProfile == capabilityProfileStrict }

// digits returns the capability of sendDTMF, 0 where it is not offered.
func (c *CallSettings) digits() int {
	if !c.SendDTMF {
		return 0
	}
	return c.SendDTMFCapability
}

// busyFor returns how long a busy line shows, 0 for not at all.
func (c *CallSettings) busyFor() time.Duration {
	if !c.ShowBusyStatus {
		return 0
	}
	return c.BusyStatusDuration
}
