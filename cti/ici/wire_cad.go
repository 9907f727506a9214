package ici

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Application is one application's part of attached data. XML is the content
// of its Application element, or with an empty ID whatever else the document
// holds; it is kept byte by byte.
type Application struct {
	ID  string
	XML string
}

const (
	attachedRoot = "ItemAttachedData"
	attachedNode = "Application"
)

// CheckAttachedData refuses attached data that is no well-formed XML document
// or longer than limit bytes, with an [Error] 4/5. Empty data is fine.
func CheckAttachedData(doc string, limit int) error {
	if len(doc) > limit {
		return Refuse(ServiceItem, CodeBadAttachedData, "attached data is %d bytes long, the limit is %d", len(doc), limit)
	}
	if doc == "" {
		return nil
	}
	// The string is UTF-8 whatever its own declaration says: it was decoded
	// together with the message around it.
	if _, err := soap.Parse([]byte(doc), "utf-8", soap.Limits{Bytes: int64(limit)}); err != nil {
		return &Error{Service: ServiceItem, Code: CodeBadAttachedData, Text: "attached data: " + fault.ReasonOf(err), Err: err}
	}
	return nil
}

// SplitAttachedData checks a document and takes it apart into the parts of
// the applications, in document order (reference 7.2.1). A document with
// another root becomes one part with an empty ID; so does every child that is
// more than a plain Application with an id.
func SplitAttachedData(doc string, limit int) ([]Application, error) {
	if err := CheckAttachedData(doc, limit); err != nil || doc == "" {
		return nil, err
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var apps []Application
	depth := 0
	for {
		before := d.InputOffset()
		tok, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return apps, nil
		case err != nil:
			return nil, Refuse(ServiceItem, CodeBadAttachedData, "attached data is no well-formed XML")
		}
		start, isStart := tok.(xml.StartElement)
		switch {
		case isStart && depth == 0 && (start.Name.Local != attachedRoot || len(start.Attr) > 0):
			// Namespaces declared here would be lost if it were taken apart.
			return []Application{{XML: strings.TrimSpace(doc[before:])}}, nil
		case isStart && depth == 0:
			depth++
		case isStart:
			content := d.InputOffset()
			if err := d.Skip(); err != nil {
				return nil, Refuse(ServiceItem, CodeBadAttachedData, "attached data is no well-formed XML")
			}
			apps = appendPart(apps, start, doc[before:d.InputOffset()], doc[content:d.InputOffset()])
		}
	}
}

// appendPart adds one child of the root: whole is the element, inner what
// follows its start tag.
func appendPart(apps []Application, start xml.StartElement, whole, inner string) []Application {
	if start.Name.Local != attachedNode || len(start.Attr) != 1 || start.Attr[0].Name.Local != "id" || start.Attr[0].Value == "" {
		return append(apps, Application{XML: whole})
	}
	id := start.Attr[0].Value
	if end := strings.LastIndex(inner, "</"); end >= 0 {
		return append(apps, Application{ID: id, XML: inner[:end]})
	}
	return append(apps, Application{ID: id}) // <Application id="x"/>
}

// JoinAttachedData puts the document together again. Without parts it is
// empty, as getAttachedData wants it.
func JoinAttachedData(apps []Application) string {
	if len(apps) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<" + attachedRoot + ">")
	for _, a := range apps {
		if a.ID == "" {
			b.WriteString(a.XML)
			continue
		}
		b.WriteString("<" + attachedNode + ` id="`)
		b.WriteString(attributeEscaper.Replace(a.ID))
		b.WriteString(`">`)
		b.WriteString(a.XML)
		b.WriteString("</" + attachedNode + ">")
	}
	b.WriteString("</" + attachedRoot + ">")
	return b.String()
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#xA;", "\t", "&#x9;", "\r", "&#xD;")
