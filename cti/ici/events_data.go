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

// Media types of what CRM systems attach: the content of an Application element, or
// the element as a whole where it has more than an id.
const (
	mediaXML  = "application/xml"
	mediaNode = "application/x-ici-application+xml"
)

// attached composes the document: our own part first, then the other
// applications' as far as they are told and fit.
func (t translator) attached(own string, data []callmodel.AttachedData) string {
	id := t.data.ApplicationID
	parts := []Application{{ID: id, XML: own}}
	size := 0
	for _, d := range data {
		a := partOf(d)
		if size += len(a.ID) + len(a.XML); size > t.cadMax {
			t.leftOut.Add(1)
			continue
		}
		if a.ID == id && !a.Whole { // somebody else writes into the part that is ours
			parts[0].XML += without(a.XML, func(name string) bool { return strings.Contains(own, "<"+name+">") })
			continue
		}
		parts = append(parts, a)
	}
	return JoinAttachedData(parts)
}

// without leaves the elements with certain names out of a piece of XML.
func without(piece string, unwanted func(name string) bool) string {
	d := xml.NewDecoder(strings.NewReader("<x>" + piece + "</x>"))
	const head = len("<x>")
	var b strings.Builder
	for kept := head; ; {
		before := int(d.InputOffset())
		tok, err := d.Token()
		if err != nil {
			return b.String()
		}
		start, isStart := tok.(xml.StartElement)
		_, isEnd := tok.(xml.EndElement)
		switch {
		case before < head: // the element around it all
		case isEnd:
			b.WriteString(piece[kept-head : before-head])
			return b.String()
		case isStart:
			if d.Skip() != nil {
				return b.String()
			}
			after := int(d.InputOffset())
			if !unwanted(start.Name.Local) {
				b.WriteString(piece[kept-head : after-head])
			}
			kept = after
		}
	}
}

func leaf(b *strings.Builder, element, text string) {
	b.WriteString("<" + element + ">")
	_ = xml.EscapeText(b, []byte(text)) // a strings.Builder takes everything
	b.WriteString("</" + element + ">")
}

// partOf is one application's data as XML; other media types travel as text.
func partOf(d callmodel.AttachedData) Application {
	a := Application{ID: d.App, XML: d.Data, Whole: d.Media == mediaNode}
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
// left out: nobody else may change it; where it has the id of one of the CRM's,
// what is not ours is kept. What came back as it was sent keeps its media type.
func (t translator) entriesOf(doc string, limit int, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
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
		if a.ID == t.data.ApplicationID && a.Whole {
			a.ID, a.Whole = "", false // it cannot be merged with ours
		} else if a.ID == t.data.ApplicationID {
			if a.XML = without(a.XML, func(name string) bool { return ownElements[name] }); strings.TrimSpace(a.XML) == "" {
				continue
			}
		}
		if a.ID == "" {
			a.ID = unnamedApplication
		}
		next := callmodel.AttachedData{App: a.ID, Media: mediaXML, Data: a.XML}
		if a.Whole {
			next.Media = mediaNode
		}
		i, again := at[a.ID]
		if again {
			out[i] = Appended(out[i], next)
			continue
		}
		at[a.ID] = len(out)
		out = append(out, next)
	}
	for _, old := range have {
		if i, kept := at[old.App]; kept && out[i].Data == partOf(old).XML && (out[i].Media == mediaNode) == (old.Media == mediaNode) {
			out[i] = old
		}
	}
	return out, nil
}

// Appended is one application's data with more of it behind: in the same element,
// or where one of the two is an element of its own, in one beside it.
func Appended(have, more callmodel.AttachedData) callmodel.AttachedData {
	switch {
	case have.Data == "":
		return more
	case more.Data == "":
		return have
	case have.Media != mediaNode && more.Media != mediaNode:
		have.Data += more.Data
		return have
	}
	have.Media, have.Data = mediaNode, partOf(have).element()+partOf(more).element()
	return have
}
