package rest

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// caller is who asks. by is written to the journal with every command.
type caller struct {
	role  Role
	by    string            // "name (role)"
	agent callmodel.AgentID // RoleAgent: whose line they may act on
	local bool              // by a listener that only this machine's own user reaches
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
		who, p := s.authenticate(r)
		_, pattern := mux.Handler(r)
		if p == nil {
			p = s.refuse(who, pattern, r)
		}
		if p != nil {
			s.stats.refused.Add(1)
			s.auditRefused(r.Context(), who, s.rules[pattern].id, r.URL.Path, p)
			if p.Status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", s.allowed(r.URL.Path))
			}
			p.write(w)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, who))
		r.Body = http.MaxBytesReader(w, r.Body, s.rules[pattern].maxBody)
		mux.ServeHTTP(w, r)
	})
}

// rule is what the guard knows of a route.
type rule struct {
	id      string // operation id
	roles   roleSet
	maxBody int64
}

// refuse returns why a request may not pass, or nil.
func (s *Server) refuse(who caller, pattern string, r *http.Request) *Problem {
	if !who.local && !s.knownHost(r.Host) {
		return newProblem(http.StatusMisdirectedRequest, fault.Denied, "the address "+quoted(r.Host)+
			" is not one of this server's names: use an IP address or localhost, or add the name to the configuration")
	}
	if site := r.Header.Get("Sec-Fetch-Site"); (site == "cross-site" || site == "same-site") && r.URL.Path != "/" {
		return newProblem(http.StatusForbidden, fault.Denied, "requests from other web sites are not accepted")
	}
	need, known := s.rules[pattern]
	switch {
	case pattern == "" && s.allowed(r.URL.Path) != "":
		return newProblem(http.StatusMethodNotAllowed, fault.Invalid, r.Method+" is not possible here; possible: "+s.allowed(r.URL.Path))
	case pattern == "":
		return newProblem(http.StatusNotFound, fault.NotFound, "no such page: "+quoted(r.URL.Path))
	case !known:
		return newProblem(http.StatusForbidden, fault.Denied, "no rule allows this request")
	case need.roles.has(who.role):
		return nil
	case who.role == RoleReader:
		return newProblem(http.StatusForbidden, fault.Denied, "without a token this listener is read-only: send 'Authorization: Bearer' and a secret of "+
			"rest.tokens, or use the controller's local socket, for instance with 'strowger call' and 'strowger agent'")
	case who.role == 0:
		return newProblem(http.StatusForbidden, fault.Denied, "this peer has no rights")
	}
	return newProblem(http.StatusForbidden, fault.Denied, "this needs another role: "+strings.Join(need.roles.names(), ", ")+"; this token's is "+who.role.String())
}

// allowed lists the methods that a path has, empty for an unknown path.
func (s *Server) allowed(path string) string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: m, URL: &url.URL{Path: path}, Host: "localhost"}
		if _, pattern := s.mux.Handler(probe); pattern != "" && s.rules[pattern].roles != 0 {
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
