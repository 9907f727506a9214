package soap

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
)

// Rules say who may use an interface.
type Rules struct {
	// Allow lists the networks that may connect. Empty refuses everybody.
	Allow []netip.Prefix
	// User and Password switch on HTTP Basic authentication when User is set.
	User, Password string
}

// Guard lets only known sources through, and optionally asks for a password.
// SOAP interfaces of telephone switches rarely authenticate in the message, so
// this is their lock. An address that has given too many wrong passwords is
// not listened to for a while.
type Guard struct {
	Denied       atomic.Uint64 // requests from a source outside Allow
	Unauthorised atomic.Uint64 // requests without the right password
	Blocked      atomic.Uint64 // requests of addresses with too many wrong passwords

	rules   atomic.Pointer[Rules]
	guesses Guesses
}

// NewGuard makes a guard.
func NewGuard(r Rules) *Guard {
	g := &Guard{}
	g.Set(r)
	return g
}

// Set brings other rules into force.
func (g *Guard) Set(r Rules) { g.rules.Store(&r) }

// Allows reports whether an address may connect.
func (g *Guard) Allows(a netip.Addr) bool { return contains(g.rules.Load().Allow, a) }

// Wrap puts the guard before next.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rules := g.rules.Load()
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !contains(rules.Allow, peer.Addr()) {
			g.Denied.Add(1)
			http.Error(w, "this address may not use the interface", http.StatusForbidden)
			return
		}
		if rules.User == "" {
			next.ServeHTTP(w, r)
			return
		}
		now := time.Now()
		if g.guesses.Blocked(peer.Addr(), now) {
			g.Blocked.Add(1)
			w.Header().Set("Retry-After", strconv.Itoa(int(guessPause/time.Second)))
			http.Error(w, "too many wrong passwords from this address; wait a minute", http.StatusTooManyRequests)
			return
		}
		if !rules.authorised(r) {
			g.Unauthorised.Add(1)
			if r.Header.Get("Authorization") != "" { // asking without one is how a client learns that it needs one
				g.guesses.Wrong(peer.Addr(), now)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="strowger", charset="UTF-8"`)
			http.Error(w, "user and password are required", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authorised compares digests, so that neither length nor content of a guess
// shows in the time it takes.
func (g *Rules) authorised(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	same := func(a, b string) int {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return subtle.ConstantTimeCompare(x[:], y[:])
	}
	return same(user, g.User)&same(password, g.Password) == 1
}

// contains reports whether one of the networks holds the address. IPv4 in
// IPv6 form counts as IPv4; an address with a zone is in no network.
func contains(nets []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" {
		return false
	}
	for _, p := range nets {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
