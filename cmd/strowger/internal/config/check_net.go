package config

import (
	"net"
	"net/netip"
	"net/url"
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
