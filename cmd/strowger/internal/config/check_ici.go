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
func (c ICI) AllowPrefixes() []netip.Prefix { return allowed(c.Allow) }

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
	if n := c.SendDTMFCapability; n > 0 && n < 113 {
		r.Errorf([]string{"ici", "send_dtmf_capability"}, "take a number from 113 that the CRM expects, or 0", "%d is the capability of another operation", n)
	}
	checkCallback(c, r)
	checkTogether(r, "ici", "idd", c.IDD != "", "country", c.Country != "")
	e := entrance{
		section: "ici", peer: "CRM", example: "127.0.0.1:8181", listen: c.Listen, allow: c.Allow,
		user: c.User, password: c.Password, cert: c.TLSCert, key: c.TLSKey, ca: c.TLSClientCA,
	}
	e.check(r)
}

// checkCallback judges how events are sent.
func checkCallback(c ICI, r *schema.Report) {
	for i, s := range c.CallbackPorts {
		if !validPort(s, 1) {
			r.Errorf([]string{"ici", "callback_ports", strconv.Itoa(i)}, "write ports from 1 to 65535", "%q is not a port", s)
		}
	}
	checkTogether(r, "ici", "callback_cert", c.CallbackCert != "", "callback_key", c.CallbackKey != "")
	checkFile(r, "ici", "callback_ca", c.CallbackCA)
	checkFile(r, "ici", "callback_cert", c.CallbackCert)
	checkFile(r, "ici", "callback_key", c.CallbackKey)
	if info, err := os.Stat(c.CallbackCertDir); c.CallbackCertDir != "" && (err != nil || !info.IsDir()) {
		r.Errorf([]string{"ici", "callback_cert_dir"}, "correct the path, or create the folder", "there is no folder %s", c.CallbackCertDir)
	}
	if c.CallbackCertDir != "" && c.CallbackCert != "" {
		r.Errorf([]string{"ici", "callback_cert_dir"}, "take one of the two away", "callback_cert names a certificate already")
	}
	if c.CallbackCertSubject != "" && c.CallbackCertDir == "" {
		r.Errorf([]string{"ici", "callback_cert_subject"}, "name the folder in callback_cert_dir", "there is no folder to pick from")
	}
	checkTogether(r, "ici", "callback_proxy_user", c.ProxyUser != "", "callback_proxy_password", !c.ProxyPassword.Empty())
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
