package config

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"strowger/cti/ctips"
	"strowger/cti/ctips/directory"
	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

func checkCTIPS(cfg *Config, r *schema.Report) {
	c := cfg.CTIPS
	if !c.Enabled {
		return
	}
	checkNetworks(r, "ctips", "allow", c.Allow)
	checkNetworks(r, "ctips", "trusted_proxies", c.TrustedProxies)
	checkFile(r, "ctips", "callback_ca", c.CallbackCA)
	checkFile(r, "ctips", "callback_cert", c.CallbackCert)
	checkFile(r, "ctips", "callback_key", c.CallbackKey)
	checkTogether(r, "ctips", "callback_cert", c.CallbackCert != "", "callback_key", c.CallbackKey != "")
	checkCTIPSUsers(c, r)
	checkCTIPSTenants(c, r)
	seen := map[string]bool{}
	for i, name := range c.UserDataNames {
		if name == "" || seen[name] {
			r.Errorf([]string{"ctips", "user_data_names", strconv.Itoa(i)}, "give each field a name of its own", "the name is empty, or another field's")
		}
		seen[name] = true
	}
	names, nets := 0, 0
	for _, s := range c.CallbackAllow {
		if _, ok := parsePrefix(s); ok {
			nets++
		} else {
			names++
		}
	}
	if names > 0 && nets == 0 {
		r.Errorf([]string{"ctips", "callback_allow"}, "list the networks too in which the names' addresses are", "there are names alone, so nothing could be called")
	}
	checkCTIPSDoors(cfg, r)
}

// checkCTIPSDoors judges the addresses that are listened on.
func checkCTIPSDoors(cfg *Config, r *schema.Report) {
	c := cfg.CTIPS
	taken := map[string]string{}
	if cfg.ICI.Enabled && !r.Broken("ici") {
		taken[cfg.ICI.Listen] = "ici.listen"
	}
	if cfg.SAPphone.Enabled && !r.Broken("sapphone") {
		taken[cfg.SAPphone.Listen] = "sapphone.listen"
	}
	user, password := "", Secret{}
	if len(c.Users) > 0 || c.LDAP.URL != "" {
		user, password = "users", NewSecret("hashed") // there is a login, in the messages
	}
	for i, l := range c.All() {
		path := []string{"ctips", "listen"}
		if i > 0 {
			path = []string{"ctips", "listeners", strconv.Itoa(i - 1), "listen"}
		}
		if other, is := taken[l.Listen]; is && !anyPort(l.Listen) {
			r.Errorf(path, "give one of them another port", "%s has the same address %s", other, l.Listen)
			continue
		}
		taken[l.Listen] = strings.Join(path, ".")
		e := entrance{
			section: "ctips", peer: "client application", example: "127.0.0.1:8731", listen: l.Listen, allow: c.Allow,
			user: user, password: password, cert: l.TLSCert, key: l.TLSKey, ca: l.TLSClientCA,
		}
		e.check(r)
		host, _, err := net.SplitHostPort(l.Listen)
		if err == nil && user == "" && !loopback(host) {
			r.Errorf(path, "list users, or set ldap, or listen on 127.0.0.1", "listens on %s, and every name and password would be taken", l.Listen)
		}
	}
	if user == "" {
		r.Warnf([]string{"ctips", "users"}, "list users, or set ldap", "nobody is listed: every program on this machine may open sessions, and do everything")
	}
	for _, p := range allowed(c.Allow) {
		if user == "" && !p.Addr().Unmap().IsLoopback() {
			r.Errorf([]string{"ctips", "users"}, "list users, or set ldap", "nobody is listed, and ctips.allow lets %s in: every name and password would be taken", p)
			break
		}
	}
}

func checkCTIPSUsers(c CTIPS, r *schema.Report) {
	seen, tenants := map[string]bool{}, map[string]bool{}
	for _, t := range c.Tenants {
		tenants[strconv.Itoa(t.ID)] = true
	}
	if len(c.Tenants) == 0 {
		tenants["1"] = true
	}
	for i, u := range c.Users {
		at := func(key string) []string { return []string{"ctips", "users", strconv.Itoa(i), key} }
		if seen[u.Name] {
			r.Errorf(at("name"), "leave one of them out", "user %s is there twice", u.Name)
		}
		seen[u.Name] = true
		for _, id := range u.Tenants {
			if !tenants[id] {
				r.Errorf(at("tenants"), "add it to ctips.tenants, or leave it out", "there is no tenant %s", id)
			}
		}
		if !slices.Contains(u.Rights, string(ctips.RightMonitor)) {
			r.Warnf(at("rights"), "add monitor", "without the right monitor the sessions of %s cannot go online", u.Name)
		}
		if u.PasswordHash.Empty() {
			continue // a reference that could not be followed has been told
		}
		if err := ctips.CheckHash(u.PasswordHash.Reveal()); err != nil {
			r.Errorf(at("password_hash"), "write what it prints, or file: and the name of a file that holds it", "%s", fault.ReasonOf(err))
		}
	}
	if c.LDAP.URL == "" {
		return
	}
	checkFile(r, "ctips", "ldap", c.LDAP.CA)
	if r.Broken("ctips") {
		return
	}
	if _, err := directory.New(c.LDAP.Directory()); err != nil {
		r.Errorf([]string{"ctips", "ldap"}, "correct it", "%s", err.Error())
	}
}

func checkCTIPSTenants(c CTIPS, r *schema.Report) {
	ids, queues, agents := map[int]bool{}, map[string]int{}, map[string]int{}
	for i, t := range c.Tenants {
		path := []string{"ctips", "tenants", strconv.Itoa(i)}
		if ids[t.ID] {
			r.Errorf(append(path, "id"), "give it another", "tenant %d is there twice", t.ID)
		}
		ids[t.ID] = true
		for _, q := range t.Queues {
			if other, is := queues[q]; is {
				r.Errorf(append(path, "queues"), "leave it to one of them", "queue %s is tenant %d's already", q, other)
			}
			queues[q] = t.ID
		}
		for _, a := range t.Agents {
			if other, is := agents[a]; is {
				r.Errorf(append(path, "agents"), "leave the agent to one of them", "agent %s is tenant %d's already", a, other)
			}
			agents[a] = t.ID
		}
	}
}

// All are the addresses to listen on, the first one first.
func (c *CTIPS) All() []CTIPSListener {
	first := CTIPSListener{Listen: c.Listen, TLSCert: c.TLSCert, TLSKey: c.TLSKey, TLSClientCA: c.TLSClientCA}
	return append([]CTIPSListener{first}, c.Listeners...)
}

// Directory is the section as the directory takes it.
func (l *CTIPSLDAP) Directory() directory.Config {
	out := directory.Config{URL: l.URL, Bind: l.Bind, Base: l.Base, Filter: l.Filter, CA: l.CA, Timeout: l.Timeout}
	for _, g := range l.Groups {
		out.Groups = append(out.Groups, directory.Group{DN: g.DN, Rights: RightsOf(g.Rights)})
	}
	return out
}

// RightsOf turns words of the configuration into rights.
func RightsOf(words []string) []ctips.Right {
	out := make([]ctips.Right, len(words))
	for i, w := range words {
		out[i] = ctips.Right(w)
	}
	return out
}
