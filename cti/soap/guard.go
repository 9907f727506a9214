package soap

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"sync/atomic"
)

// Guard lets only known sources through, and optionally asks for a password.
// SOAP interfaces of telephone switches rarely authenticate in the message, so
// this is their lock.
type Guard struct {
	// Allow lists the networks that may connect. Empty refuses everybody.
	Allow []netip.Prefix
	// User and Password switch on HTTP Basic authentication when User is set.
	User, Password string

	Denied       atomic.Uint64 // requests from a source outside Allow
	Unauthorised atomic.Uint64 // requests without the right password
}

// Wrap puts the guard before next.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !contains(g.Allow, peer.Addr()) {
			g.Denied.Add(1)
			http.Error(w, "this address may not use the interface", http.StatusForbidden)
			return
		}
		if g.User != "" && !g.authorised(r) {
			g.Unauthorised.Add(1)
			w.Header().Set("WWW-Authenticate", `Basic realm="strowger", charset="UTF-8"`)
			http.Error(w, "user and password are required", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authorised compares digests, so that neither length nor content of a guess
// shows in the time it takes.
func (g *Guard) authorised(r *http.Request) bool {
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
