package ctips

import (
	"fmt"
	"reflect"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Stamp sets category and type of an event to those of its class, and returns
// the event.
func Stamp(ev Event) Event {
	c := classByType[reflect.TypeOf(ev).Elem()]
	if kind, ok := eventKinds[c]; ok {
		head := ev.base()
		head.EventCategory, head.EventType = kind.category, kind.event
	}
	return ev
}

// eventKind is how an event class calls itself.
type eventKind struct {
	category EventCategory
	event    EventType
}

// eventKinds has all classes of events: a class is called after its EventType.
var eventKinds = newEventKinds()

func newEventKinds() map[*class]eventKind {
	kinds := map[*class]eventKind{}
	types := enumByType[reflect.TypeFor[EventType]()]
	for number, name := range types.values {
		if c := classByName[name+"Event"]; c != nil {
			kinds[c] = eventKind{categoryOf(EventType(number)), EventType(number)}
		}
	}
	return kinds
}

// categoryOf is the category that chapter 4's tables name for an event.
func categoryOf(t EventType) EventCategory {
	switch t {
	case EventTypeInvalid, EventTypeFilter:
		return EventCategoryInvalid
	case EventTypeAgentLoginStateChange, EventTypeAgentLoginRequestFailed, EventTypeAgentStateChange, EventTypeAgentRequestFailed,
		EventTypeAudioPathStateChange, EventTypeEnterPasscode, EventTypeServiceStateChange:
		return EventCategoryAgent
	case EventTypeCallCleared, EventTypeCallCompleted, EventTypeCallConferenced, EventTypeCallConnected, EventTypeCallConsultation,
		EventTypeCallDataUpdate, EventTypeCallDelivered, EventTypeCallEnd, EventTypeCallEstablished, EventTypeCallHeld,
		EventTypeCallOffered, EventTypeCallOriginated, EventTypeCallRequestFailed, EventTypeCallRetrieved, EventTypeCallStarted,
		EventTypeCallTransferred, EventTypeDigitsDialed:
		return EventCategoryCall
	case EventTypeRouteRequest, EventTypeRouteRequestFailed, EventTypeRouteUsed, EventTypeRouteReject:
		return EventCategoryRoute
	case EventTypeLinkStatus, EventTypeSnapShot, EventTypeSnapShotUpdate, EventTypeSnapShotRequestFailed:
		return EventCategorySystem
	}
	return EventCategoryInvalid
}

// malformed is what the peer is told of a message that breaks the contract.
func malformed(format string, args ...any) *soap.Fault {
	return &soap.Fault{Code: soap.CodeClient, Text: fmt.Sprintf(format, args...)}
}

// wrong is a mistake of ours in a message to be sent.
func wrong(subject, reason string) error {
	return fault.New(fault.Internal, "ctips: encode", subject, reason)
}
