package soap

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of wrong passwords.
const (
	maxGuesses   = 10          // of one address, before it is blocked
	guessPause   = time.Minute // for so long, and so long are they counted
	maxGuessers  = 4096        // addresses that are remembered
	guesserBits6 = 64          // one site has at least so many IPv6 addresses
)

// Guesses counts wrong passwords by address, for passwords in HTTP's header
// ([Guard] does so itself) and for those in messages. Its zero value is ready;
// safe for concurrent use.
type Guesses struct {
	mu sync.Mutex // guards by
	by map[netip.Prefix]*guesser
}

type guesser struct {
	wrong int
	since time.Time
}

// Blocked reports whether an address has been wrong so often that it is not
// listened to for now.
func (g *Guesses) Blocked(a netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := g.by[guesserOf(a)]
	return who != nil && now.Sub(who.since) < guessPause && who.wrong >= maxGuesses
}

// Wrong notes a wrong password. The address that began longest ago makes room
// for a new one.
func (g *Guesses) Wrong(a netip.Addr, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := guesserOf(a)
	who := g.by[key]
	if who == nil || now.Sub(who.since) >= guessPause {
		if who == nil && len(g.by) >= maxGuessers {
			g.forgetOldest()
		}
		who = &guesser{since: now}
		if g.by == nil {
			g.by = map[netip.Prefix]*guesser{}
		}
		g.by[key] = who
	}
	if who.wrong++; who.wrong == maxGuesses {
		who.since = now // the pause begins
	}
}

func (g *Guesses) forgetOldest() {
	var oldest netip.Prefix
	var since time.Time
	for key, who := range g.by {
		if since.IsZero() || who.since.Before(since) {
			oldest, since = key, who.since
		}
	}
	delete(g.by, oldest)
}

// guesserOf is an IPv4 address, or the network of an IPv6 one.
func guesserOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return netip.PrefixFrom(a, a.BitLen())
	}
	return netip.PrefixFrom(a, guesserBits6).Masked()
}
