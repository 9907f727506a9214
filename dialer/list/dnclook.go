package list

import (
	"context"
	"strings"
	"time"

	"strowger/switch/port"
)

// Scopes of do-not-call entries.
const (
	ScopeSystem = "system" // everybody
	ScopeTenant = "tenant" // all campaigns of this switch
	// ScopeCampaign, with the campaign's id behind it, is for that one alone.
	ScopeCampaign = "campaign:"
)

// entry is a do-not-call entry that is in force: of a number, or of all that begin alike.
type entry struct {
	what   string // the number, or the area code
	scope  string
	source string
	by     string
	at     time.Time
	until  time.Time
}

// binds tells whether an entry holds for a campaign; with none it tells whether it does for all.
func (e entry) binds(campaign string) bool {
	return e.scope == ScopeSystem || e.scope == ScopeTenant || campaign != "" && e.scope == ScopeCampaign+campaign
}

// dncOf calls add for each entry in force for a number, or for its area code.
func dncOf(ctx context.Context, q ask, numbers []string, now time.Time, add func(number string, e entry)) error {
	if len(numbers) == 0 {
		return nil
	}
	scan := func(each func(what string, e entry)) func(port.Row) error {
		return func(r port.Row) error {
			var e entry
			var at, until int64
			if err := r.Scan(&e.what, &e.scope, &e.source, &e.by, &at, &until); err != nil {
				return err
			}
			e.at, e.until = fromMicros(at), fromMicros(until)
			each(e.what, e)
			return nil
		}
	}
	err := q(ctx, scan(add), `SELECT dnc.number, dnc.scope, dnc.source, dnc.by_whom, dnc.at_us, dnc.until_us FROM LIST(?1) JOIN dnc ON dnc.number = value
		WHERE dnc.until_us = 0 OR dnc.until_us > ?2 ORDER BY dnc.number, dnc.scope`, texts(numbers), micros(now))
	if err != nil {
		return err
	}
	// The table of area codes is small: all of it, rather than each beginning of each number.
	return q(ctx, scan(func(prefix string, e entry) {
		for _, n := range numbers {
			if strings.HasPrefix(n, prefix) {
				add(n, e)
			}
		}
	}), `SELECT prefix, scope, source, by_whom, at_us, until_us FROM dnc_prefixes WHERE until_us = 0 OR until_us > ?1 ORDER BY prefix, scope LIMIT `+maxPrefixesText, micros(now))
}

// maxPrefixesText bounds the area codes, see [Store.AddNumbers].
const (
	maxPrefixes     = 1000
	maxPrefixesText = "1000"
)
