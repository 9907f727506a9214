package arispec

import (
	"fmt"
	"time"
)

// dateLayout is Asterisk's form: the zone has no colon, so it is not RFC 3339.
const dateLayout = "2006-01-02T15:04:05.000-0700"

// Date is a point in time as Asterisk writes it: 2015-12-16T15:13:59.526-0500.
type Date struct{ time.Time }

// MarshalText writes Asterisk's form with milliseconds.
func (d Date) MarshalText() ([]byte, error) {
	return d.AppendFormat(make([]byte, 0, len(dateLayout)), dateLayout), nil
}

// MarshalJSON writes Asterisk's form as a JSON string, and "" for the zero time.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte(`""`), nil
	}
	return d.AppendFormat(make([]byte, 0, len(dateLayout)+2), `"`+dateLayout+`"`), nil
}

// UnmarshalJSON accepts Asterisk's form, RFC 3339, and "" or null for the zero time.
func (d *Date) UnmarshalJSON(b []byte) error {
	if string(b) == "null" || string(b) == `""` {
		d.Time = time.Time{}
		return nil
	}
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return fmt.Errorf("date %.40q is not a string", b)
	}
	return d.UnmarshalText(b[1 : len(b)-1])
}

// UnmarshalText is UnmarshalJSON without the quotes.
func (d *Date) UnmarshalText(b []byte) error {
	if t, ok := fastDate(b); ok {
		d.Time = t
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999-0700", time.RFC3339Nano} {
		if t, err := time.Parse(layout, string(b)); err == nil {
			d.Time = t
			return nil
		}
	}
	return fmt.Errorf("date %.40q is neither Asterisk's form nor RFC 3339", b)
}

// fastDate reads exactly dateLayout with a whole-minute offset; anything else
// is left to the slow path, which also checks what is refused here.
func fastDate(b []byte) (time.Time, bool) {
	if len(b) != len(dateLayout) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' {
		return time.Time{}, false
	}
	ok := true
	num := func(from, to int) int {
		n := 0
		for _, c := range b[from:to] {
			if c < '0' || c > '9' {
				ok = false
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	y, mo, day := num(0, 4), num(5, 7), num(8, 10)
	h, mi, s, ms := num(11, 13), num(14, 16), num(17, 19), num(20, 23)
	offset := num(24, 26)*3600 + num(26, 28)*60
	switch b[23] {
	case '+':
	case '-':
		offset = -offset
	default:
		ok = false
	}
	if !ok || mo < 1 || mo > 12 || day < 1 || day > 28 || h > 23 || mi > 59 || s > 59 {
		return time.Time{}, false // days 29 to 31 need the calendar: slow path
	}
	zone := time.UTC
	if offset != 0 {
		zone = time.FixedZone("", offset)
	}
	return time.Date(y, time.Month(mo), day, h, mi, s, ms*1e6, zone), true
}
