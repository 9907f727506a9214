package ici

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Application is one application's part of attached data. XML is the content
// of its Application element, or with an empty ID whatever else the document
// holds; it is kept byte by byte. Where the element has more than an id, such as
// namespaces, XML is the element as a Whole.
type Application struct {
	ID    string
	XML   string
	Whole bool
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
// another root becomes one part with an empty ID; so does every child that is no
// Application with an id. Namespaces that the root declares go along with the
// children that use them.
func SplitAttachedData(doc string, limit int) ([]Application, error) {
	if err := CheckAttachedData(doc, limit); err != nil || doc == "" {
		return nil, err
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var apps []Application
	var root []xml.Attr
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
		case isStart && depth == 0 && (start.Name.Local != attachedRoot || !onlyNamespaces(start.Attr)):
			// What is said here would be lost if it were taken apart.
			return []Application{{XML: strings.TrimSpace(doc[before:])}}, nil
		case isStart && depth == 0:
			root = start.Attr
			depth++
		case isStart:
			content := d.InputOffset()
			if err := d.Skip(); err != nil {
				return nil, Refuse(ServiceItem, CodeBadAttachedData, "attached data is no well-formed XML")
			}
			whole, inner := doc[before:d.InputOffset()], doc[content:d.InputOffset()]
			apps = append(apps, partFrom(start, declaring(root, start, whole), inner, len(start.Attr) == 1 && strings.HasPrefix(whole, "<"+attachedNode)))
		}
	}
}

// partFrom is one child of the root: whole is the element, inner what follows its
// start tag, and plain that it has nothing but an id.
func partFrom(start xml.StartElement, whole, inner string, plain bool) Application {
	id := ""
	for _, a := range start.Attr {
		if a.Name.Local == "id" && a.Name.Space == "" {
			id = a.Value
		}
	}
	switch {
	case start.Name.Local != attachedNode || id == "":
		return Application{XML: whole}
	case !plain || !strings.HasSuffix(whole, inner) || strings.HasPrefix(whole, "<"+attachedNode+" "+xmlns):
		return Application{ID: id, XML: whole, Whole: true}
	}
	if end := strings.LastIndex(inner, "</"); end >= 0 {
		return Application{ID: id, XML: inner[:end]}
	}
	return Application{ID: id} // <Application id="x"/>
}

const xmlns = "xmlns"

func onlyNamespaces(attrs []xml.Attr) bool {
	return !slices.ContainsFunc(attrs, func(a xml.Attr) bool { _, is := prefixOf(a); return !is })
}

// prefixOf is the prefix that an attribute declares, empty for the default
// namespace.
func prefixOf(a xml.Attr) (prefix string, is bool) {
	switch {
	case a.Name.Space == xmlns:
		return a.Name.Local, true
	case a.Name.Space == "" && a.Name.Local == xmlns:
		return "", true
	}
	return "", false
}

// declaring adds to an element those of the declarations around it that it uses
// and does not make itself.
func declaring(around []xml.Attr, start xml.StartElement, whole string) string {
	var b strings.Builder
	for _, a := range around {
		prefix, _ := prefixOf(a)
		own := slices.ContainsFunc(start.Attr, func(have xml.Attr) bool { p, is := prefixOf(have); return is && p == prefix })
		if own || prefix != "" && !strings.Contains(whole, prefix+":") {
			continue
		}
		b.WriteString(" " + xmlns)
		if prefix != "" {
			b.WriteString(":" + prefix)
		}
		b.WriteString(`="` + attributeEscaper.Replace(a.Value) + `"`)
	}
	end := strings.IndexAny(whole, " \t\r\n/>")
	return whole[:end] + b.String() + whole[end:]
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
		b.WriteString(a.element())
	}
	b.WriteString("</" + attachedRoot + ">")
	return b.String()
}

// element is the part as it stands in a document.
func (a Application) element() string {
	if a.ID == "" || a.Whole {
		return a.XML
	}
	return "<" + attachedNode + ` id="` + attributeEscaper.Replace(a.ID) + `">` + a.XML + "</" + attachedNode + ">"
}

// content is what stands inside the part's element.
func (a Application) content() string {
	if !a.Whole {
		return a.XML
	}
	d := xml.NewDecoder(strings.NewReader(a.XML))
	if _, err := d.Token(); err != nil {
		return ""
	}
	inner := a.XML[d.InputOffset():]
	return inner[:max(strings.LastIndex(inner, "</"), 0)]
}

var attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\n", "&#xA;", "\t", "&#x9;", "\r", "&#xD;")
