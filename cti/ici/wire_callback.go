package ici

import (
	"time"

	"strowger/switch/callmodel"
)

// Nothing is a request without parameters.
type Nothing struct{}

func (*Nothing) fields(codec) {}

// CallbackRequest asks for a call to a customer (9.1.6). Queue is a queue's
// number, id or name; CallTime is in UTC, and empty it is
// due at once; ExtraData is an XML
// document with the root XML, or empty.
type CallbackRequest struct {
	Number    string
	Queue     string
	CallTime  string
	ExtraData string
	GwPrefix  string
	Notes     string
}

func (p *CallbackRequest) fields(c codec) {
	c.text(field{name: "number", need: true}, &p.Number) // as the customer has given it: 030.. and +4930.. are different
	c.text(field{name: "queue", need: true}, &p.Queue)
	c.text(field{name: "callTime"}, &p.CallTime)
	c.text(field{name: "extraData", max: callmodel.MaxCallbackText}, &p.ExtraData)
	c.text(field{name: "gwPrefix"}, &p.GwPrefix)
	c.text(field{name: "notes", max: callmodel.MaxCallbackText}, &p.Notes)
}

// CallbackChange reports the result of a callback or removes it (9.1.7). Empty
// Notes leave them as they are.
type CallbackChange struct {
	ID     string
	Result string
	Notes  string
}

func (p *CallbackChange) fields(c codec) {
	c.text(field{name: "id", need: true}, &p.ID)
	c.text(field{name: "result"}, &p.Result)
	c.text(field{name: "notes", max: callmodel.MaxCallbackText}, &p.Notes)
}

// CallBack is a callback (reference 10.8). Times are UTC, zero for none.
type CallBack struct {
	ID           string
	Number       string
	QueueNumber  string
	HandledTime  time.Time
	LastCallTime time.Time
	NextCallTime time.Time
	Failures     int
	MaxCalls     int
	LastResult   string
	ExtraData    string
	Notes        string
	GwPrefix     string
}

func (b *CallBack) fields(c codec) {
	c.text(field{name: "id"}, &b.ID)
	c.text(field{name: "number", number: true}, &b.Number)
	c.text(field{name: "queueNumber"}, &b.QueueNumber)
	c.moment(field{name: "handledTime", need: true}, &b.HandledTime)
	c.moment(field{name: "lastCallTime", need: true}, &b.LastCallTime)
	c.moment(field{name: "nextCallTime", need: true}, &b.NextCallTime)
	c.whole(field{name: "failures", need: true}, &b.Failures)
	c.whole(field{name: "maxCalls", need: true}, &b.MaxCalls)
	c.text(field{name: "lastResult"}, &b.LastResult)
	c.text(field{name: "extraData", max: callmodel.MaxCallbackText}, &b.ExtraData)
	c.text(field{name: "notes", max: callmodel.MaxCallbackText}, &b.Notes)
	c.text(field{name: "gwPrefix"}, &b.GwPrefix)
}
