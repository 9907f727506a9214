package rest

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"strowger/switch/fault"
)

// Role says what a peer may do. It follows from the listener.
type Role uint8

const (
	// RoleReader sees everything and changes nothing.
	RoleReader Role = 1
	// RoleAdmin may do everything.
	RoleAdmin Role = 2
)

// String returns the role in lower case.
func (r Role) String() string {
	switch r {
	case RoleReader:
		return "reader"
	case RoleAdmin:
		return "admin"
	}
	return "none"
}

// caller is who asks. by is written to the journal with every command.
type caller struct {
	role Role
	by   string
}

type callerKey struct{}

// callerOf returns the caller that the listener attached; without one, nobody
// with no rights.
func callerOf(ctx context.Context) caller {
	c, ok := ctx.Value(callerKey{}).(caller)
	if !ok {
		return caller{by: "unknown"}
	}
	return c
}

// contentPolicy lets the status page load only what this server sends.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
}

// guard lets a request through to the mux if a rule allows it. Whatever has
// no rule is refused.
func (s *Server) guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.stats.requests.Add(1)
		secureHeaders(w.Header())
		if p := s.refuse(mux, r); p != nil {
			s.stats.refused.Add(1)
			if p.Status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", s.allowed(r.URL.Path))
			}
			p.write(w)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		mux.ServeHTTP(w, r)
	})
}

// refuse returns why a request may not pass, or nil.
func (s *Server) refuse(mux *http.ServeMux, r *http.Request) *Problem {
	who := callerOf(r.Context())
	if who.role != RoleAdmin && !s.knownHost(r.Host) {
		p := newProblem(http.StatusMisdirectedRequest, fault.Denied, "the address "+quoted(r.Host)+
			" is not one of this server's names: use an IP address or localhost, or add the name to the configuration")
		return p
	}
	if site := r.Header.Get("Sec-Fetch-Site"); (site == "cross-site" || site == "same-site") && r.URL.Path != "/" {
		return newProblem(http.StatusForbidden, fault.Denied, "requests from other web sites are not accepted")
	}
	_, pattern := mux.Handler(r)
	need, known := s.rules[pattern]
	switch {
	case pattern == "" && s.allowed(r.URL.Path) != "":
		return newProblem(http.StatusMethodNotAllowed, fault.Invalid, r.Method+" is not possible here; possible: "+s.allowed(r.URL.Path))
	case pattern == "":
		return newProblem(http.StatusNotFound, fault.NotFound, "no such page: "+quoted(r.URL.Path))
	case !known:
		return newProblem(http.StatusForbidden, fault.Denied, "no rule allows this request")
	case who.role >= need:
		return nil
	case who.role == RoleReader:
		return newProblem(http.StatusForbidden, fault.Denied, "this listener is read-only: commands are accepted on the controller's "+
			"local socket only, for instance with 'strowger calls' and 'strowger agents'")
	}
	return newProblem(http.StatusForbidden, fault.Denied, "this peer has no rights")
}

// allowed lists the methods that a path has, empty for an unknown path.
func (s *Server) allowed(path string) string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := &http.Request{Method: m, URL: &url.URL{Path: path}, Host: "localhost"}
		if _, pattern := s.mux.Handler(probe); pattern != "" && s.rules[pattern] != 0 {
			out = append(out, m)
		}
	}
	return strings.Join(out, ", ")
}

// knownHost stops DNS rebinding: a web page can make its own name resolve to
// our address, and cannot make a browser send another Host than that name.
func (s *Server) knownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	return host != "" && slices.ContainsFunc(s.opts.Hosts, func(n string) bool { return strings.EqualFold(n, host) })
}

// quoted shortens what a stranger sent, for an error text.
func quoted(v string) string {
	const longest = 80
	if len(v) > longest {
		v = v[:longest] + "..."
	}
	return `"` + strings.ToValidUTF8(v, "?") + `"`
}
