package config

import (
	"net/netip"
	"os"
	"strconv"

	"strowger/switch/objects/schema"
)

func allowed(list []string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		if p, ok := parsePrefix(s); ok {
			out = append(out, p)
		}
	}
	return out
}

func checkNetworks(r *schema.Report, section, key string, list []string) {
	for i, s := range list {
		if _, ok := parsePrefix(s); !ok {
			r.Errorf([]string{section, key, strconv.Itoa(i)}, "write 10.0.0.5 or 10.0.0.0/24", "%q is neither an address nor a network", s)
		}
	}
}

// entrance is an interface that other systems connect to: the protocols
// themselves know no login, so the allow list is its lock.
type entrance struct {
	section, peer, example string
	listen                 string
	allow                  []string
	user                   string
	password               Secret
	cert, key, ca          string
}

func (e entrance) check(r *schema.Report) {
	checkTogether(r, e.section, "user", e.user != "", "password", !e.password.Empty())
	checkTogether(r, e.section, "tls_cert", e.cert != "", "tls_key", e.key != "")
	if e.ca != "" && e.cert == "" {
		r.Errorf([]string{e.section, "tls_client_ca"}, "set tls_cert and tls_key too", "client certificates need TLS")
	}
	checkFile(r, e.section, "tls_cert", e.cert)
	checkFile(r, e.section, "tls_key", e.key)
	checkFile(r, e.section, "tls_client_ca", e.ca)
	if host, ok := checkAddr(e.listen, []string{e.section, "listen"}, e.example, r); ok && !loopback(host) && !r.Broken(e.section) {
		e.exposed(r)
	}
}

func checkFile(r *schema.Report, section, key, file string) {
	if file == "" {
		return
	}
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		r.Errorf([]string{section, key}, "correct the path, or create the file", "there is no file %s", file)
	}
}

// exposed judges an interface that other machines can reach.
func (e entrance) exposed(r *schema.Report) {
	path := []string{e.section, "listen"}
	outside, everyone := false, false
	for _, p := range allowed(e.allow) {
		outside = outside || !p.Addr().Unmap().IsLoopback()
		everyone = everyone || p.Bits() == 0
	}
	authenticated := e.user != "" || e.ca != ""
	switch {
	case !outside:
		r.Errorf(path, "add the "+e.peer+"'s addresses to "+e.section+".allow, or listen on 127.0.0.1", "listens on %s, but %s.allow lets only this machine in", e.listen, e.section)
	case everyone && !authenticated:
		r.Errorf([]string{e.section, "allow"}, "name the "+e.peer+"'s addresses, or set user and password, or tls_client_ca", "everyone may connect, without a login: anyone could answer and drop calls")
	case e.cert == "":
		r.Warnf(path, "set tls_cert and tls_key, or put a TLS proxy in front", "%s is reachable from outside without TLS: calls and passwords cross the network readable", e.listen)
	}
}

func checkTogether(r *schema.Report, section, a string, hasA bool, b string, hasB bool) {
	switch {
	case hasA && !hasB:
		r.Errorf([]string{section, b}, "set it, or remove "+a, "missing, and %s is set", a)
	case hasB && !hasA:
		r.Errorf([]string{section, a}, "set it, or remove "+b, "missing, and %s is set", b)
	}
}
