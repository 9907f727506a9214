package ici

// Dialing calls a number from an item that was created (9.7.2).
type Dialing struct {
	LineNumber string
	CallHandle string
	DialNumber string
}

func (p *Dialing) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "callHandle", need: true}, &p.CallHandle)
	c.text(field{name: "dialNumber", need: true, number: true}, &p.DialNumber)
}

// What a consultation is meant for (9.7.3).
const (
	nextUnknown   = 1
	nextTransfer  = 2
	nextReconnect = 4
)

// Consultation calls a number from an item that was created, while another
// call waits (9.7.3). NextStep is what the agent means to do then, 1 to 4;
// absent, it is not known.
type Consultation struct {
	LineNumber     string
	CallHandle     string
	ConnCallHandle string
	DialNumber     string
	NextStep       int
}

func (p *Consultation) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "callHandle", need: true}, &p.CallHandle)
	c.text(field{name: "connCallHandle", need: true}, &p.ConnCallHandle)
	c.text(field{name: "dialNumber", need: true, number: true}, &p.DialNumber)
	c.whole(field{name: "nextStep"}, &p.NextStep)
}

// CallPair names a line's two calls (9.7.4, 9.7.5, 9.7.9, 9.7.10).
type CallPair struct {
	LineNumber     string
	ConnCallHandle string
	HeldCallHandle string
}

func (p *CallPair) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "connCallHandle", need: true}, &p.ConnCallHandle)
	c.text(field{name: "heldCallHandle", need: true}, &p.HeldCallHandle)
}

// PartyRef names another party of a conference (9.7.11).
type PartyRef struct {
	LineNumber   string
	RemoteNumber string
	CallHandle   string
}

func (p *PartyRef) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "remoteNumber", need: true, number: true}, &p.RemoteNumber)
	c.text(field{name: "callHandle", need: true}, &p.CallHandle)
}

// Tones are digits for the other parties of a call. The reference names the
// operation only by its parameter OII.SendDTMF; its form is this product's.
type Tones struct {
	LineNumber string
	CallHandle string
	Digits     string
}

func (p *Tones) fields(c codec) {
	c.text(field{name: "lineNumber", need: true, number: true}, &p.LineNumber)
	c.text(field{name: "callHandle", need: true}, &p.CallHandle)
	c.text(field{name: "digits", need: true}, &p.Digits)
}
