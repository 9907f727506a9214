package config

import (
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"strowger/switch/objects/schema"
)

// AllowPrefixes returns allow as networks; a single address is a network of one.
func (c ICI) AllowPrefixes() []netip.Prefix {
	out := make([]netip.Prefix, 0, len(c.Allow))
	for _, s := range c.Allow {
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
	for i, s := range c.Allow {
		if _, ok := parsePrefix(s); !ok {
			r.Errorf([]string{"ici", "allow", strconv.Itoa(i)}, "write 10.0.0.5 or 10.0.0.0/24", "%q is neither an address nor a network", s)
		}
	}
	for i, s := range c.CallbackAllow {
		if _, ok := parsePrefix(s); !ok && !hostName(s) {
			r.Errorf([]string{"ici", "callback_allow", strconv.Itoa(i)}, "write crm.example.com, 10.0.0.5 or 10.0.0.0/24, without http:// and port", "%q is neither a host nor an address nor a network", s)
		}
	}
	if len(c.CallbackAllow) > 0 && !slices.ContainsFunc(c.CallbackAllow, func(s string) bool { _, ok := parsePrefix(s); return ok || !hostName(s) }) {
		r.Errorf([]string{"ici", "callback_allow"}, "add the network of these hosts, such as 10.0.0.0/24: a name is called back only at an address that is allowed too",
			"it lists names and no network")
	}
	if n := c.SendDTMFCapability; n > 0 && n < 113 {
		r.Errorf([]string{"ici", "send_dtmf_capability"}, "take a number from 113 that the CRM expects, or 0", "%d is the capability of another operation", n)
	}
	checkCallback(c, r)
	checkTogether(r, "user", c.User != "", "password", !c.Password.Empty())
	checkTogether(r, "idd", c.IDD != "", "country", c.Country != "")
	checkTogether(r, "tls_cert", c.TLSCert != "", "tls_key", c.TLSKey != "")
	if c.TLSClientCA != "" && c.TLSCert == "" {
		r.Errorf([]string{"ici", "tls_client_ca"}, "set tls_cert and tls_key too", "client certificates need TLS")
	}
	checkFile(r, "tls_cert", c.TLSCert)
	checkFile(r, "tls_key", c.TLSKey)
	checkFile(r, "tls_client_ca", c.TLSClientCA)
	if host, ok := checkAddr(c.Listen, []string{"ici", "listen"}, "127.0.0.1:8181", r); ok && !loopback(host) && !r.Broken("ici") {
		checkICIExposure(c, r)
	}
}

// checkCallback judges how events are sent.
func checkCallback(c ICI, r *schema.Report) {
	for i, s := range c.CallbackPorts {
		if !validPort(s, 1) {
			r.Errorf([]string{"ici", "callback_ports", strconv.Itoa(i)}, "write ports from 1 to 65535", "%q is not a port", s)
		}
	}
	checkTogether(r, "callback_cert", c.CallbackCert != "", "callback_key", c.CallbackKey != "")
	checkFile(r, "callback_ca", c.CallbackCA)
	checkFile(r, "callback_cert", c.CallbackCert)
	checkFile(r, "callback_key", c.CallbackKey)
	checkTogether(r, "callback_proxy_user", c.ProxyUser != "", "callback_proxy_password", !c.ProxyPassword.Empty())
	if u, err := url.Parse(c.CallbackProxy); c.CallbackProxy != "" && (err != nil || u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "") {
		r.Errorf([]string{"ici", "callback_proxy"}, "write http://host:port; a login has keys of its own", "this is not the address of a proxy")
	}
	if len(c.MapSubscribeURL)%2 != 0 || slices.ContainsFunc(pairHeads(c.MapSubscribeURL), func(s string) bool { return strings.TrimSpace(s) == "" }) {
		r.Errorf([]string{"ici", "map_subscribe_url"}, "write what stands in the address and what replaces it, in turns", "it does not consist of pairs")
	}
	if c.SOAPWait > c.SOAPTimeout {
		r.Errorf([]string{"ici", "soap_wait"}, "write a time that is not longer", "longer than soap_timeout (%s)", FormatDuration(c.SOAPTimeout))
	}
	if c.FaultHTTPStatus != 200 && c.FaultHTTPStatus != 500 {
		r.Errorf([]string{"ici", "fault_http_status"}, "write 500 or 200", "%d is neither of the two", c.FaultHTTPStatus)
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			r.Errorf([]string{"ici", "public_url"}, "write http://host:port or https://host:port", "this is not such an address")
		}
	}
}

// pairHeads are the first of every two.
func pairHeads(list []string) []string {
	var out []string
	for i := 0; i < len(list); i += 2 {
		out = append(out, list[i])
	}
	return out
}

func checkFile(r *schema.Report, key, file string) {
	if file == "" {
		return
	}
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		r.Errorf([]string{"ici", key}, "correct the path, or create the file", "there is no file %s", file)
	}
}

// checkICIExposure judges an interface that other machines can reach: the
// protocol itself knows no login, so the allow list is its lock.
func checkICIExposure(c ICI, r *schema.Report) {
	path := []string{"ici", "listen"}
	outside, everyone := false, false
	for _, p := range c.AllowPrefixes() {
		outside = outside || !p.Addr().Unmap().IsLoopback()
		everyone = everyone || p.Bits() == 0
	}
	authenticated := c.User != "" || c.TLSClientCA != ""
	switch {
	case !outside:
		r.Errorf(path, "add the CRM's addresses to ici.allow, or listen on 127.0.0.1", "listens on %s, but ici.allow lets only this machine in", c.Listen)
	case everyone && !authenticated:
		r.Errorf([]string{"ici", "allow"}, "name the CRM's addresses, or set user and password, or tls_client_ca", "everyone may connect, without a login: anyone could answer and drop calls")
	case c.TLSCert == "":
		r.Warnf(path, "set tls_cert and tls_key, or put a TLS proxy in front", "%s is reachable from outside without TLS: calls and passwords cross the network readable", c.Listen)
	}
}

func checkTogether(r *schema.Report, a string, hasA bool, b string, hasB bool) {
	switch {
	case hasA && !hasB:
		r.Errorf([]string{"ici", b}, "set it, or remove "+a, "missing, and %s is set", a)
	case hasB && !hasA:
		r.Errorf([]string{"ici", a}, "set it, or remove "+b, "missing, and %s is set", b)
	}
}
