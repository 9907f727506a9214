package config

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"strowger/switch/objects/schema"
)

// maxSocketPath is the longest path of a unix socket on Linux, in bytes.
const maxSocketPath = 107

func checkAsterisk(cfg *Config, r *schema.Report) {
	a := cfg.Asterisk
	if a.Context == "stasis-"+a.App {
		r.Errorf([]string{"asterisk", "context"}, "choose another name, for example strowger-in", "Asterisk makes the context %s itself", a.Context)
	}
	checkServers(cfg, r)
}

// checkServer checks how one Asterisk is reached; at says where its keys stand.
func checkServer(a Asterisk, at func(keys ...string) []string, r *schema.Report) {
	checkARIURL(a.ARIURL, at("ari_url"), r)
	if a.ARIPassword.value == unsetPassword {
		r.Warnf(at("ari_password"), "choose a long random password, here and in ari.conf", "this is the password of the example")
	}
	checkTalkNotify(a, at, r)
	if a.AMIUser != "" && a.AMIPassword.Empty() {
		r.Errorf(at("ami_password"), "set it, or remove ami_user to do without AMI", "missing, and ami_user is set")
	}
	if a.AMIUser == "" && a.TalkNotify.User == "" {
		return
	}
	if host, ok := checkAddr(a.AMIAddr, at("ami_addr"), "127.0.0.1:5038", r); ok && !loopback(host) {
		r.Warnf(at("ami_addr"), "use a VPN or a tunnel, or run beside Asterisk", "AMI sends its password unprotected over the network")
	}
}

func checkTalkNotify(a Asterisk, at func(keys ...string) []string, r *schema.Report) {
	path := func(key string) []string { return at("talk_notify", key) }
	switch n := a.TalkNotify; {
	case n.User != "" && n.Secret.Empty():
		r.Errorf(path("secret"), "set it, or remove talk_notify.user", "missing, and talk_notify.user is set")
	case n.User == "" && !n.Secret.Empty():
		r.Errorf(path("user"), "set it, or remove talk_notify.secret", "missing, and talk_notify.secret is set")
	case n.User != "" && n.User == a.AMIUser:
		r.Errorf(path("user"), "make a user of its own, as manager_strowger.conf shows: the class system can stop Asterisk, and the other account must not have it",
			"ami_user is the same account")
	}
}

func checkARIURL(s string, path []string, r *schema.Report) {
	const fix = "write the address of Asterisk's HTTP server, for example http://127.0.0.1:8088"
	u, err := url.Parse(s)
	switch {
	case err != nil:
		r.Errorf(path, fix, "this is not a URL")
	case u.User != nil:
		r.Errorf(path, "use ari_user and ari_password", "user and password do not belong into the URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		r.Errorf(path, fix, "%q is not an http or https address", s)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		r.Errorf(path, fix, "%q has more than host and port", s)
	case u.Port() != "" && !validPort(u.Port(), 1):
		r.Errorf(path, fix, "%q is not a port", u.Port())
	case u.Scheme == "http" && !loopback(u.Hostname()):
		r.Warnf(path, "use https, or a tunnel", "the ARI password crosses the network unprotected")
	}
}

// checkAddr splits host:port and reports what is wrong with it.
func checkAddr(s string, path []string, example string, r *schema.Report) (host string, ok bool) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		r.Errorf(path, "write host:port, for example "+example+" ([::1]:port for IPv6)", "%q is not an address", s)
		return "", false
	}
	if !validPort(port, 0) {
		r.Errorf(path, "write a port from 0 to 65535 (0: any free one)", "%q is not a port", port)
		return "", false
	}
	if strings.ContainsAny(host, " /@") {
		r.Errorf(path, "write host:port, for example "+example, "%q is not a host", host)
		return "", false
	}
	return host, true
}

// hostOf is the host of an address that is one.
func hostOf(addr string) (string, bool) {
	host, _, err := net.SplitHostPort(addr)
	return host, err == nil
}

func validPort(s string, least int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= least && n <= 65535 && s[0] != '+'
}

// loopback reports whether host can only be reached from this machine. An
// empty host means every interface.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// parsePrefix reads a network, or a single address as a network of one.
func parsePrefix(s string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		return netip.PrefixFrom(ip, ip.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// AllowPrefixes returns allow as networks; a single address is a network of one.
func (c ICI) AllowPrefixes() []netip.Prefix { return allowed(c.Allow) }

func allowed(list []string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		if p, ok := parsePrefix(s); ok {
			out = append(out, p)
		}
	}
	return out
}

func checkICI(cfg *Config, r *schema.Report) {
	c := cfg.ICI
	if !c.Enabled {
		return
	}
	checkNetworks(r, "ici", "allow", c.Allow)
	for i, s := range c.CallbackAllow {
		if _, ok := parsePrefix(s); !ok && !hostName(s) {
			r.Errorf([]string{"ici", "callback_allow", strconv.Itoa(i)}, "write crm.example.com, 10.0.0.5 or 10.0.0.0/24, without http:// and port", "%q is neither a host nor an address nor a network", s)
		}
	}
	if len(c.CallbackAllow) > 0 && !slices.ContainsFunc(c.CallbackAllow, func(s string) bool { _, ok := parsePrefix(s); return ok || !hostName(s) }) {
		r.Errorf([]string{"ici", "callback_allow"}, "add the network of these hosts, such as 10.0.0.0/24: a name is called back only at an address that is allowed too",
			"it lists names and no network")
	}
	e := entrance{
		section: "ici", peer: "CRM", example: "127.0.0.1:8181", listen: c.Listen, allow: c.Allow,
		user: c.User, password: c.Password, cert: c.TLSCert, key: c.TLSKey, ca: c.TLSClientCA,
	}
	e.check(r)
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

// hostName reports whether s has the form of a DNS name.
func hostName(s string) bool {
	if s == "" || len(s) > 253 || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "-") {
		return false
	}
	for _, c := range s {
		if c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func checkHTTP(cfg *Config, r *schema.Report) {
	path := []string{"http", "listen"}
	if host, ok := checkAddr(cfg.HTTP.Listen, path, "127.0.0.1:8080", r); ok && !loopback(host) {
		r.Warnf(path, "allow only your monitoring by a firewall or a proxy with a login", "%s is reachable from outside, and the status page and metrics have no login", cfg.HTTP.Listen)
	}
	if cfg.ICI.Enabled && !r.Broken("ici") && cfg.HTTP.Listen == cfg.ICI.Listen && !strings.HasSuffix(cfg.HTTP.Listen, ":0") {
		r.Errorf(path, "give one of them another port", "ici.listen has the same address %s", cfg.HTTP.Listen)
	}
	if n := len(cfg.HTTP.Socket); n > maxSocketPath {
		r.Errorf([]string{"http", "socket"}, "use a shorter path, for example /run/strowger/strowger.sock", "the path is %d bytes long; a unix socket allows %d", n, maxSocketPath)
	}
}
