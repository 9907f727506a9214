package ici

import (
	"encoding/xml"
	"strings"

	"strowger/switch/callmodel"
)

// OwnApplication is the application id of our own part of attached data
// (reference 7.2.1; default of OII.CADApplicationID).
const OwnApplication = "SAP_BCM/OII"

// unnamedApplication keeps what a CRM attaches outside any Application element.
const unnamedApplication = "ici:document"

const mediaXML = "application/xml"

// Elements of our own part (reference 7.2.1).
const (
	elemFirstNumber = "FirstBNumber"
	elemFirstName   = "FirstBName"
	elemQueue       = "BNumberName"
	elemLastQueue   = "OrigQueue"
)

// attached composes the document: our own part first, then the other
// applications' as far as they fit.
func (t translator) attached(own string, data []callmodel.AttachedData) string {
	parts := []Application{{ID: OwnApplication, XML: own}}
	size := 0
	for _, d := range data {
		a := partOf(d)
		if size += len(a.ID) + len(a.XML); size > t.cadMax {
			t.leftOut.Add(1)
			continue
		}
		parts = append(parts, a)
	}
	return JoinAttachedData(parts)
}

// ownPart says how the call came here (reference 7.2.1): the queue that was
// called first, the present and the previous one. A call that never was in a
// queue has the number that was called; so has, for who made it, one that is
// on its way through queues.
func ownPart(dir *directory, c *callmodel.Call, p *callmodel.Connection) string {
	first, queue := c.Queue, c.Queue
	if made(c, p) {
		first = ""
	} else if n := len(c.Queues); n > 0 {
		first = c.Queues[0].Queue
		if queue == "" {
			queue = c.Queues[n-1].Queue
		}
	}
	number, name := callmodel.NormalNumber(dir.dialed(c)), string(first)
	if q := dir.queues[first]; q != nil {
		name = q.Name
		if q.Address != "" {
			number = q.Address
		}
	}
	var b strings.Builder
	leaf(&b, elemFirstNumber, number)
	if first != "" {
		leaf(&b, elemFirstName, name)
		leaf(&b, elemQueue, string(queue))
		leaf(&b, elemLastQueue, string(previousQueue(c, queue)))
	}
	if cb := dir.callbacks[c.Callback]; cb != nil {
		b.WriteString(cb.keys)
	}
	return b.String()
}

// previousQueue is the one in which the call was before the present one, which
// itself is named where there is none.
func previousQueue(c *callmodel.Call, now callmodel.QueueID) callmodel.QueueID {
	for i := len(c.Queues) - 1; i >= 0; i-- {
		if q := c.Queues[i].Queue; q != now {
			return q
		}
	}
	return now
}

func leaf(b *strings.Builder, element, text string) {
	b.WriteString("<" + element + ">")
	_ = xml.EscapeText(b, []byte(text)) // a strings.Builder takes everything
	b.WriteString("</" + element + ">")
}

// partOf is one application's data as XML; other media types travel as text.
func partOf(d callmodel.AttachedData) Application {
	a := Application{ID: d.App, XML: d.Data}
	if !strings.HasSuffix(d.Media, "xml") {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(d.Data)) // a strings.Builder takes everything
		a.XML = b.String()
	}
	if d.App == unnamedApplication {
		a.ID = ""
	}
	return a
}

// entriesOf takes a document apart into what the model stores. Our own part is
// left out: nobody else may change it. What came back as it was sent keeps its
// media type.
func entriesOf(doc string, limit int, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
	parts, err := SplitAttachedData(doc, limit)
	if err != nil {
		return nil, err
	}
	var out []callmodel.AttachedData
	at := map[string]int{}
	for _, a := range parts {
		if a.ID == OwnApplication {
			continue
		}
		if a.ID == "" {
			a.ID = unnamedApplication
		}
		i, again := at[a.ID]
		if again {
			out[i].Data += a.XML
			continue
		}
		at[a.ID] = len(out)
		out = append(out, callmodel.AttachedData{App: a.ID, Media: mediaXML, Data: a.XML})
	}
	for _, old := range have {
		if i, kept := at[old.App]; kept && out[i].Data == partOf(old).XML {
			out[i] = old
		}
	}
	return out, nil
}
