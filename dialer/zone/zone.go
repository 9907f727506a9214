package zone

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// kind is what a number is for, as far as it matters here.
type kind uint8

const (
	geographic kind = iota + 1
	mobile
	nowhere // freephone, premium: whoever answers may be anywhere
)

const (
	// keyDigits of a number decide what it is for, together with its length.
	keyDigits = 7
	// maxKnown bounds what is remembered.
	maxKnown = 200_000
	unknown  = "Etc/Unknown"
)

// Book answers for numbers. It may be used from any goroutine.
type Book struct {
	mu   sync.RWMutex
	sets map[string]place // by the beginning of a number, its length and the state
}

// place is what is known of numbers that begin alike.
type place struct {
	zones []string
	state string
}

// New returns a book that has not been asked anything.
func New() *Book { return &Book{sets: map[string]place{}} }

// Of returns the zones of a number in E.164 with the plus, sorted; none if
// nobody knows. explicit is the lead's own zone and wins; region is its state
// or province, in the two letters of its country, and wins too. Without one it
// is the state of the area code, which numbers of the USA have; else none. The
// result must not be changed.
func (b *Book) Of(e164, explicit, region string) (zones []string, state string) {
	found := b.look(e164, region)
	zones, state = found.zones, region
	if explicit != "" {
		zones = []string{explicit}
	}
	if state == "" {
		state = found.state
	}
	return zones, state
}

// look remembers what find has found.
func (b *Book) look(e164, region string) place {
	digits, plus := strings.CutPrefix(e164, "+")
	if !plus || len(digits) < keyDigits {
		return place{}
	}
	key := digits[:keyDigits] + "/" + region + "/" + string(rune('a'+len(digits)))
	b.mu.RLock()
	set, known := b.sets[key]
	b.mu.RUnlock()
	if known {
		return set
	}
	set = find(e164, digits, region)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sets) >= maxKnown {
		clear(b.sets)
	}
	b.sets[key] = set
	return set
}

func find(e164, digits, region string) place {
	what, country := kindOf(e164)
	if what == nowhere {
		return place{}
	}
	if strings.HasPrefix(digits, "1") { // numbers are taken along on a move
		zones := append(areaZones(digits), states[region]...)
		slices.Sort(zones)
		return place{slices.Compact(zones), areaState(e164)}
	}
	for _, o := range overrides {
		if strings.HasPrefix(digits, o.prefix) && (o.kind == 0 || o.kind == what) {
			return place{zones: o.zones}
		}
	}
	zones := areaZones(digits)
	if what == mobile {
		zones = append(zones, areaZones(country)...)
	}
	slices.Sort(zones)
	return place{zones: slices.Compact(zones)}
}

// areaState is the state of the USA that an area code belongs to. The data says
// "Florida" of some beginnings of numbers and "Miami, FL" of others.
func areaState(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return ""
	}
	where, err := phonenumbers.GetGeocodingForNumber(n, "en")
	if err != nil {
		return ""
	}
	if code, known := stateNames[where]; known {
		return code
	}
	if _, code, city := strings.Cut(where, ", "); city {
		code = code[strings.LastIndex(code, " ")+1:]
		if slices.Contains(slices.Collect(maps.Values(stateNames)), code) {
			return code
		}
	}
	return ""
}

// areaZones returns the zones that numbers which begin so may be in.
func areaZones(digits string) []string {
	found, err := phonenumbers.GetTimezonesForPrefix(digits)
	if err != nil {
		return nil
	}
	var out []string
	for _, z := range found {
		if z == unknown {
			continue
		}
		if today, old := aliases[z]; old {
			z = today
		}
		out = append(out, z)
	}
	return out
}

// kindOf returns what a number is for, and its country code.
func kindOf(e164 string) (what kind, country string) {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return geographic, ""
	}
	country = strconv.Itoa(int(n.GetCountryCode()))
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE:
		return nowhere, country
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return mobile, country
	case phonenumbers.FIXED_LINE, phonenumbers.SHARED_COST, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN,
		phonenumbers.VOICEMAIL, phonenumbers.UNKNOWN:
	}
	return geographic, country
}
