package list

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
)

// Mapping says which column of a file means what: from a column's name in the
// first line, or "#3" for the third, to one of
//
//	ref                the owner's own name for the lead
//	name               several columns are joined by a space
//	number[:kind]      kind is mobile, home, work or other; up to ten columns
//	tz region postal   time zone (Europe/Berlin), state (FL), postal code (kept as a field)
//	priority owner     0 to 255, higher first; the agent who alone may call
//	not_before not_after callback callback_agent
//	consent consent_source consent_at
//	field:NAME         a field of one's own
//	ignore
//
// Columns without a word are left out.
type Mapping map[string]string

// Words of a [Mapping].
const (
	colRef           = "ref"
	colName          = "name"
	colNumber        = "number"
	colZone          = "tz"
	colRegion        = "region"
	colPriority      = "priority"
	colOwner         = "owner"
	colNotBefore     = "not_before"
	colNotAfter      = "not_after"
	colCallback      = "callback"
	colCallbackAgent = "callback_agent"
	colConsent       = "consent"
	colConsentSource = "consent_source"
	colConsentAt     = "consent_at"
	colField         = "field:"
	colIgnore        = "ignore"
)

// headerWords are names of columns in English, German and French, without
// spaces, dashes and case.
var headerWords = map[string]string{
	"ref": colRef, "id": colRef, "leadid": colRef, "customerid": colRef, "reference": colRef, "kundennummer": colRef, "kundennr": colRef, "referenz": colRef, "référence": colRef, "numeroclient": colRef,
	"name": colName, "fullname": colName, "firstname": colName, "lastname": colName, "surname": colName, "vorname": colName, "nachname": colName, "nom": colName, "prénom": colName, "prenom": colName,
	"number": colNumber, "phone": colNumber, "phonenumber": colNumber, "telephone": colNumber, "tel": colNumber, "telefon": colNumber, "telefonnummer": colNumber, "rufnummer": colNumber, "téléphone": colNumber, "numéro": colNumber,
	"mobile": colNumber + ":mobile", "mobilephone": colNumber + ":mobile", "cell": colNumber + ":mobile", "cellphone": colNumber + ":mobile", "handy": colNumber + ":mobile", "mobil": colNumber + ":mobile", "portable": colNumber + ":mobile",
	"home": colNumber + ":home", "homephone": colNumber + ":home", "privat": colNumber + ":home", "domicile": colNumber + ":home",
	"work": colNumber + ":work", "workphone": colNumber + ":work", "office": colNumber + ":work", "büro": colNumber + ":work", "bureau": colNumber + ":work",
	"tz": colZone, "timezone": colZone, "zeitzone": colZone, "fuseau": colZone, "state": colRegion, "region": colRegion, "province": colRegion,
	"priority": colPriority, "priorität": colPriority, "priorité": colPriority, "owner": colOwner, "agent": colOwner, "betreuer": colOwner, "conseiller": colOwner,
	"notbefore": colNotBefore, "notafter": colNotAfter, "callback": colCallback, "rückruf": colCallback, "rappel": colCallback, "callbackagent": colCallbackAgent,
	"consent": colConsent, "optin": colConsent, "einwilligung": colConsent, "consentement": colConsent, "consentsource": colConsentSource, "consentat": colConsentAt, "consentdate": colConsentAt,
}

var squeeze = strings.NewReplacer(" ", "", "_", "", "-", "", ".", "", "#", "")

// Propose returns a mapping for a table. What no word is known for becomes a
// field of that name. Without a header the column with the most numbers is the number.
func Propose(header []string, rows [][]string) Mapping {
	m := Mapping{}
	if header != nil {
		exported := !slices.ContainsFunc(exportFixed, func(c string) bool { return !slices.Contains(header, c) })
		for _, name := range header {
			word, known := "", false
			if exported {
				word, known = exportKinds(name)
			}
			if !known {
				word, known = headerWords[squeeze.Replace(strings.ToLower(name))]
			}
			if !known {
				word = colField + name
			}
			m[name] = word
		}
		return m
	}
	counts := map[int]int{}
	best := -1
	for _, r := range rows {
		for i, cell := range r {
			if looksLikeNumber(cell) {
				counts[i]++
				if best < 0 || counts[i] > counts[best] {
					best = i
				}
			}
		}
	}
	if best >= 0 {
		m["#"+strconv.Itoa(best+1)] = colNumber
	}
	return m
}

// column is what a cell of a row is for.
type column struct {
	at    int
	word  string
	kind  lead.NumberKind
	field string
}

// columns resolves a mapping against a table. Errors name what is missing.
func (m Mapping) columns(header []string, width int) (out []column, err error) {
	const op = "import: mapping"
	numbers := 0
	for name, word := range m {
		at := -1
		n, isIndex := strings.CutPrefix(name, "#")
		if isIndex || header == nil {
			if i, err := strconv.Atoi(n); err == nil && i >= 1 && i <= maxColumns {
				at = i - 1
			}
		}
		for i, h := range header {
			if at < 0 && strings.EqualFold(h, name) {
				at = i
			}
		}
		c, err := parseColumn(op, name, word)
		if err != nil {
			return nil, err
		}
		if c.word == colIgnore {
			continue
		}
		if at < 0 || at >= max(width, len(header)) {
			return nil, fault.Newf(fault.Invalid, op, clip(name, maxID), "the file has no such column; it has: %s", clip(strings.Join(header, ", "), 500))
		}
		if c.at = at; c.word == colNumber {
			numbers++
		}
		out = append(out, c)
	}
	if numbers == 0 {
		return nil, noNumber(op, header)
	}
	// In the order of the file, because names are joined and numbers have an order.
	sortColumns(out)
	return out, nil
}

// noNumber says what there is instead of a column of numbers.
func noNumber(op string, header []string) error {
	text := "no column is a number: map one, as in --map 'Phone=number'"
	if names := clip(strings.Join(header, ", "), 500); len(header) == 1 {
		text += "; the file has one column only, " + names + ": another --delimiter?"
	} else if len(header) > 1 {
		text += "; the file has: " + names
	}
	return fault.New(fault.Invalid, op, "", text)
}

func parseColumn(op, name, word string) (c column, err error) {
	c.word = word
	if kind, is := strings.CutPrefix(word, colNumber+":"); is {
		k, known := lead.ParseNumberKind(kind)
		if !known {
			return c, fault.Newf(fault.Invalid, op, clip(name, maxID), "%s is no kind of number: mobile, home, work or other", clip(kind, maxID))
		}
		c.word, c.kind = colNumber, k
		return c, nil
	}
	if word == "postal" {
		word = colField + word
	}
	if field, is := strings.CutPrefix(word, colField); is && field != "" {
		c.word, c.field = colField, field
		return c, nil
	}
	switch word {
	case colRef, colName, colNumber, colZone, colRegion, colPriority, colOwner, colNotBefore, colNotAfter, colCallback, colCallbackAgent,
		colConsent, colConsentSource, colConsentAt, colIgnore:
		return c, nil
	}
	return c, fault.Newf(fault.Invalid, op, clip(name, maxID), "%q is no meaning of a column; there are ref, name, number[:kind], tz, region, postal, priority, owner, not_before, not_after, callback, callback_agent, consent, consent_source, consent_at, field:NAME and ignore", clip(word, maxID))
}

// row reads a row by the columns.
func (s *Store) row(columns []column, rec record) (r Row, bad *badRow) {
	r.Line = rec.line
	var dates [4]string
	for _, c := range columns {
		if c.at >= len(rec.cells) {
			continue
		}
		cell := strings.TrimSpace(rec.cells[c.at])
		if cell == "" {
			continue
		}
		if reason := r.set(c, cell, &dates); reason != "" {
			return r, &badRow{rec.line, c.word, reason}
		}
	}
	for i, word := range [...]string{colNotBefore, colNotAfter, colCallback, colConsentAt} {
		if dates[i] == "" {
			continue
		}
		at, ok := parseTime(dates[i], s.placeOf(&r))
		if !ok {
			return r, &badRow{rec.line, word, fmt.Sprintf("%q is no time; write 2027-03-31 14:30, or with a zone 2027-03-31T14:30:00+02:00", clip(dates[i], maxID))}
		}
		*[...]*time.Time{&r.NotBefore, &r.NotAfter, &r.Callback.At, &r.ConsentAt}[i] = at
	}
	return r, nil
}

func (r *Row) set(c column, cell string, dates *[4]string) (reason string) {
	switch c.word {
	case colRef:
		r.Ref = unguard(cell)
	case colName:
		if r.Name != "" {
			r.Name += " "
		}
		r.Name += unguard(cell)
	case colNumber:
		r.Numbers = append(r.Numbers, RowNumber{unguard(cell), c.kind})
	case colZone:
		r.Zone = cell
	case colRegion:
		r.Region = strings.ToUpper(cell)
	case colPriority:
		n, err := strconv.Atoi(cell)
		if err != nil {
			return fmt.Sprintf("priority %q: a whole number from 0 to %d", clip(cell, maxID), maxPriority)
		}
		r.Priority = &n
	case colOwner:
		r.Owner = strings.ToLower(cell)
	case colNotBefore:
		dates[0] = cell
	case colNotAfter:
		dates[1] = cell
	case colCallback:
		dates[2] = cell
	case colCallbackAgent:
		r.Callback.Agent = strings.ToLower(cell)
	case colConsent:
		yes, known := yesWords[strings.ToLower(cell)]
		if !known {
			return fmt.Sprintf("consent %q: write yes or no", clip(cell, maxID))
		}
		r.Consent = &yes
	case colConsentSource:
		r.ConsentSource = unguard(cell)
	case colConsentAt:
		dates[3] = cell
	case colField:
		if r.Fields == nil {
			r.Fields = map[string]string{}
		}
		r.Fields[c.field] = unguard(cell)
	}
	return ""
}

var yesWords = map[string]bool{
	"yes": true, "y": true, "true": true, "1": true, "x": true, "ja": true, "j": true, "oui": true, "o": true,
	"no": false, "n": false, "false": false, "0": false, "nein": false, "non": false,
}

// unguard takes off the apostrophe that keeps a spreadsheet from reading a cell
// as a formula, which [Store.Export] writes.
func unguard(cell string) string {
	if rest, is := strings.CutPrefix(cell, "'"); is && needsGuard(rest) {
		return rest
	}
	return cell
}

func needsGuard(cell string) bool { return cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 }

// placeOf is where a row's times are meant that have no zone: at the customer.
func (s *Store) placeOf(r *Row) *time.Location {
	name := r.Zone
	if name == "" && len(r.Numbers) > 0 {
		if e164, reason := readNumber(s.plan(), r.Numbers[0].Text); reason == "" {
			if zones, _ := s.place(e164, "", r.Region); len(zones) > 0 {
				name = zones[0]
			}
		}
	}
	if where := s.zone(name); where != nil {
		return where
	}
	return time.UTC
}

// timeForms are the forms of times. A day with dots begins with the day; one
// with slashes is not taken, because nobody knows which comes first.
var timeForms = [...]string{
	"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02", "02.01.2006 15:04", "02.01.2006",
}

func parseTime(text string, where *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), true
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, text, where); err == nil {
			return t.UTC(), true
		}
	}
	if days, err := strconv.ParseFloat(text, 64); err == nil && days > 20_000 && days < 80_000 { // of a spreadsheet: days since 1899-12-30
		whole := int(days)
		seconds := int((days - float64(whole)) * 86_400)
		return time.Date(1899, 12, 30+whole, 0, 0, seconds, 0, where).UTC(), true
	}
	return time.Time{}, false
}
