package ici

import (
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Event is a message from us to the CRM (interface IciEvent, reference 9.3).
type Event interface {
	record
	// EventName is the operation's name at the CRM.
	EventName() string
	withAppIDs(ids []string) Event
}

// UserChanged tells the current state of a user.
type UserChanged struct {
	AppIDs []string
	User   User
}

// EventName returns "userChanged".
func (*UserChanged) EventName() string { return "userChanged" }

func (e *UserChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *UserChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "user", need: true}, "User", &e.User)
}

// PhoneCallChanged tells a new or changed call.
type PhoneCallChanged struct {
	AppIDs    []string
	PhoneCall PhoneCall
}

// EventName returns "phoneCallChanged".
func (*PhoneCallChanged) EventName() string { return "phoneCallChanged" }

func (e *PhoneCallChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *PhoneCallChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "phoneCall", need: true}, "PhoneCall", &e.PhoneCall)
}

// ContainerChanged tells that a phone line works, fails or was removed.
type ContainerChanged struct {
	AppIDs          []string
	ChannelType     string
	ContainerID     string
	ContainerStatus TextElement
}

// EventName returns "containerChanged".
func (*ContainerChanged) EventName() string { return "containerChanged" }

func (e *ContainerChanged) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *ContainerChanged) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.text(field{name: "channelType"}, &e.ChannelType)
	c.text(field{name: "containerId", number: e.ChannelType == ChannelPhone}, &e.ContainerID)
	c.record(field{name: "containerStatus"}, "TextElement", &e.ContainerStatus)
}

// SubscriptionEnded tells that subscriptions were ended by us.
type SubscriptionEnded struct {
	AppIDs []string
	Reason TextElement
}

// EventName returns "subscriptionEnded".
func (*SubscriptionEnded) EventName() string { return "subscriptionEnded" }

func (e *SubscriptionEnded) withAppIDs(ids []string) Event { c := *e; c.AppIDs = ids; return &c }

func (e *SubscriptionEnded) fields(c codec) {
	appIDs(c, &e.AppIDs)
	c.record(field{name: "reason"}, "TextElement", &e.Reason)
}

func appIDs(c codec, v *[]string) { c.list(field{name: "appIds", need: true}, "String", texts(v)) }

// newEvents makes one of each, in the order of the reference.
func newEvents() []Event {
	return []Event{
		&UserChanged{}, &SubscriptionEnded{}, &ContainerChanged{}, &PhoneCallChanged{},
		&MessageChanged{}, &ChatChanged{}, &ChatNewPosting{}, &ActionItemChanged{},
		&MonitorDataChanged{},
	}
}

// EncodeEvent returns a whole envelope. Children are unqualified unless
// qualified is set: that is the form of the only live capture in the
// reference (9.3.8.4).
func EncodeEvent(e Event, qualified bool) ([]byte, error) {
	out := soap.NewEncoder(make([]byte, 0, 2048))
	out.StartEnvelope()
	wrap(out, ServiceEvent.Namespace(), e.EventName(), "evnt", !qualified, e.fields)
	out.EndEnvelope()
	return out.Bytes()
}

// DecodeEvent reads an event, for receivers: tests and simulated CRMs.
func DecodeEvent(env *soap.Envelope) (Event, error) {
	const op = "ici: decode event"
	if len(env.Body) != 1 {
		return nil, fault.New(fault.Invalid, op, "", "the Body must hold exactly one element")
	}
	for _, e := range newEvents() {
		if e.EventName() == env.Body[0].Local {
			return e, read(env.Body[0], ServiceEvent, e.fields)
		}
	}
	return nil, fault.New(fault.Unsupported, op, short(env.Body[0].Local), "unknown event")
}

// EncodeEventReply returns the envelope with which a receiver answers.
func EncodeEventReply(e Event) ([]byte, error) {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	wrap(out, ServiceEvent.Namespace(), e.EventName()+"Response", "n", false, func(c codec) { (&Empty{}).reply(c, Style{}) })
	out.EndEnvelope()
	return out.Bytes()
}
