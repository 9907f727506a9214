package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// Bounds of what requests carry, beside those of the model.
const (
	maxName     = 128                  // an id of a configuration object
	maxPlace    = 16                   // a parking place
	maxAhead    = 366 * 24 * time.Hour // of a callback
	maxXMLDepth = 64
	maxMedia    = 128 // of a media type
)

// wrong makes the refusal of a part of a request.
func wrong(field, format string, args ...any) error {
	return fault.Newf(fault.Invalid, "request", "", "body."+field+": "+format, args...)
}

// wrongBy is wrong with the reason of a refusal elsewhere.
func wrongBy(field string, err error) error { return wrong(field, "%s", fault.ReasonOf(err)) }

// checkText refuses what is too long or would disturb whoever reads it.
// Line breaks and tabs may stand in long texts only.
func checkText(field, text string, most int, long bool) error {
	if len(text) > most {
		return wrong(field, "has %d bytes; at most %d are possible", len(text), most)
	}
	if !utf8.ValidString(text) {
		return wrong(field, "is not UTF-8")
	}
	for _, r := range text {
		if long && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return wrong(field, "holds the control character %U", r)
		}
	}
	return nil
}

// checkName refuses what cannot be the id of a configuration object.
func checkName(field, id string) error {
	if id == "" {
		return wrong(field, "is missing")
	}
	return checkText(field, id, maxName, false)
}

// dialable reads a number that a person or a program has typed.
func dialable(field, text string) (string, error) {
	n, err := numbering.Dialable(text)
	if err != nil {
		return "", wrongBy(field, err)
	}
	return n, nil
}

// destination reads where a call shall go; kinds are those that make sense.
func destination(field, text string, kinds ...callmodel.DestKind) (callmodel.Dest, error) {
	d, err := callmodel.ParseDest(text)
	if err != nil {
		return d, wrongBy(field, err)
	}
	if err := checkText(field, text, callmodel.MaxDest, false); err != nil {
		return d, err
	}
	known := false
	words := make([]string, 0, len(kinds))
	for _, k := range kinds {
		known = known || k == d.Kind
		words = append(words, string(k))
	}
	if !known {
		return d, wrong(field, "a call cannot be sent to %s this way; possible: %s", d.Kind, strings.Join(words, ", "))
	}
	switch d.Kind {
	case callmodel.DestNumber:
		d.Value, err = dialable(field, d.Value)
	case callmodel.DestAnnounce:
		err = checkMedia(field, d.Value)
	case callmodel.DestQueue, callmodel.DestAgent, callmodel.DestIVR, callmodel.DestHangup:
	}
	return d, err
}

// callable are the destinations of somebody who wants to talk; anywhere are
// those of a call that is sent on. Never changed.
var (
	callable = []callmodel.DestKind{callmodel.DestNumber, callmodel.DestAgent, callmodel.DestQueue}
	onward   = append([]callmodel.DestKind{callmodel.DestIVR}, callable...)
	anywhere = append([]callmodel.DestKind{callmodel.DestAnnounce, callmodel.DestHangup}, onward...)
)

// checkMedia refuses what is no sound that can be played.
func checkMedia(field, media string) error {
	if err := callmodel.ValidMedia(media); err != nil {
		return wrongBy(field, err)
	}
	return nil
}

// checkDigits refuses what is no DTMF.
func checkDigits(field, digits string) error {
	if digits == "" || len(digits) > callmodel.MaxSendDigits {
		return wrong(field, "has %d characters; 1 to %d digits can be sent at once", len(digits), callmodel.MaxSendDigits)
	}
	for _, r := range digits {
		if !strings.ContainsRune("0123456789*#ABCD", r) {
			return wrong(field, "%q is no key: the digits are 0-9, *, # and A-D", r)
		}
	}
	return nil
}

// partyRef reads a number or a connection's id.
func partyRef(field, text string) (string, error) {
	if id, err := callmodel.ParseID(text); err == nil {
		return id.String(), nil
	}
	n, err := dialable(field, text)
	if err != nil {
		return "", wrong(field, "name the other party by number or by connection id: %s", fault.ReasonOf(err))
	}
	return n, nil
}

// skillNeeds reads what skills a call asks for.
func skillNeeds(field string, list []Skill) ([]callmodel.SkillNeed, error) {
	var out []callmodel.SkillNeed
	seen := map[string]bool{}
	for _, s := range list {
		if err := checkName(field, s.Skill); err != nil {
			return nil, err
		}
		if seen[s.Skill] {
			return nil, wrong(field, "the skill %s stands there twice", s.Skill)
		}
		seen[s.Skill] = true
		out = append(out, callmodel.SkillNeed{Skill: s.Skill, Level: s.Level})
	}
	return out, nil
}

// checkAttached refuses attached data that its readers could not read: it
// must be what its media type says, and no XML may bring a document type.
func checkAttached(e AttachedEntry) error {
	if err := checkText("entries.app", e.App, maxName, false); err != nil {
		return err
	}
	if e.App == "" {
		return wrong("entries.app", "is missing")
	}
	if !utf8.ValidString(e.Data) || strings.ContainsRune(e.Data, 0) {
		return wrong("entries.data", "of %s is not UTF-8 text", e.App)
	}
	kind, _, err := mime.ParseMediaType(e.Media)
	if err != nil || len(e.Media) > maxMedia || !strings.Contains(kind, "/") {
		return wrong("entries.media", "of %s is no media type, such as application/json, application/xml or text/plain", e.App)
	}
	switch {
	case e.Data == "", strings.HasPrefix(kind, "text/") && kind != "text/xml":
		return nil
	case kind == "application/json", strings.HasSuffix(kind, "+json"):
		if !json.Valid([]byte(e.Data)) {
			return wrong("entries.data", "of %s is not JSON", e.App)
		}
		return nil
	case kind == "application/xml", kind == "text/xml", strings.HasSuffix(kind, "+xml"):
		if err := checkXML([]byte(e.Data)); err != nil {
			return wrong("entries.data", "of %s is no well-formed XML: %s", e.App, fault.ReasonOf(err))
		}
		return nil
	}
	return wrong("entries.media", "of %s must be JSON, XML or text", e.App)
}

// checkXML reads a fragment: elements and text, no declarations.
func checkXML(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	for depth := 0; ; {
		tok, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.Directive, xml.ProcInst:
			return errors.New("declarations are not allowed")
		}
		if depth > maxXMLDepth {
			return errors.New("it is nested too deeply")
		}
	}
}
