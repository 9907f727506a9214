package config

import (
	"net"
	"strconv"
	"strings"

	"strowger/cti/sapphone"
	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

func checkSAPphone(cfg *Config, r *schema.Report) {
	c := cfg.SAPphone
	if !c.Enabled {
		return
	}
	checkNetworks(r, "sapphone", "allow", c.Allow)
	checkNetworks(r, "sapphone", "client_allow", c.ClientAllow)
	checkFile(r, "sapphone", "client_ca", c.ClientCA)
	checkFile(r, "sapphone", "metadata", c.Metadata)
	listed := map[string]bool{}
	for i, k := range c.Campaigns {
		at := func(key string) []string { return []string{"sapphone", "campaigns", strconv.Itoa(i), key} }
		if key := strings.ToUpper(k.ID); listed[key] {
			r.Errorf(at("id"), "leave one of them out", "campaign %s is there twice", k.ID)
		} else {
			listed[key] = true
		}
		switch {
		case k.Queue == "" && k.Campaign == "":
			r.Errorf(at("queue"), "write queue, which makes the calls as callbacks, or campaign, which is the dialer's", "campaign %s has neither queue nor campaign", k.ID)
		case k.ID == sapphone.AnyCampaign && k.Campaign != "":
			r.Errorf(at("campaign"), "list each campaign of SAP by itself", "the entries of all campaigns would be one list of the campaign %s", k.Campaign)
		}
	}
	for i, text := range c.Servers {
		checkGateway(r, c, i, text)
	}
	for i, s := range c.Clients {
		path := []string{"sapphone", "clients", strconv.Itoa(i), "connection"}
		switch parsed, err := sapphone.ParseClient(s.Connection); {
		case err != nil:
			r.Errorf(path, "write it as CLIENT=506 USER=strowger ASHOST=10.0.0.7 SYSNR=20", "%s", fault.ReasonOf(err))
		case parsed.Password != "":
			r.Errorf(path, "write the password as password beside connection, where it may be file:/path", "PASSWD stands in the connection string, which is shown")
		}
	}
	if c.Metadata != "" && !r.Broken("sapphone") {
		if _, err := sapphone.LoadMetadata(c.Metadata); err != nil {
			r.Errorf([]string{"sapphone", "metadata"}, "correct the file, or write a new one by strowger sapphone metadata import", "%v", err)
		}
	}
	e := entrance{
		section: "sapphone", peer: "SAP system", example: "127.0.0.1:8182", listen: c.Listen, allow: c.Allow,
		user: c.User, password: c.Password, cert: c.TLSCert, key: c.TLSKey, ca: c.TLSClientCA,
	}
	e.check(r)
	if cfg.ICI.Enabled && !r.Broken("ici") && c.Listen == cfg.ICI.Listen && !anyPort(c.Listen) {
		r.Errorf([]string{"sapphone", "listen"}, "give one of them another port", "ici.listen has the same address %s", c.Listen)
	}
}

// checkGateway judges a port for the classic RFC wire, which knows neither
// login nor encryption.
func checkGateway(r *schema.Report, c SAPphone, i int, text string) {
	path := []string{"sapphone", "servers", strconv.Itoa(i)}
	s, err := sapphone.ParseServer(text)
	if err != nil {
		r.Errorf(path, "write it as PROGRAM_ID=STROWGER GWHOST=switch GWSERV=sapgw88 LISTEN=127.0.0.1:3388", "%s", fault.ReasonOf(err))
		return
	}
	addr, _ := s.Address() // ParseServer has tried it
	host, _, _ := net.SplitHostPort(addr)
	if loopback(host) {
		return
	}
	for _, p := range allowed(c.Allow) {
		if p.Bits() == 0 {
			r.Errorf([]string{"sapphone", "allow"}, "name the SAP system's addresses", "everyone may connect to %s, which has no login: anyone could answer and drop calls", addr)
			return
		}
	}
	r.Warnf(path, "use a VPN or a tunnel and LISTEN=127.0.0.1:port", "%s is reachable from outside, and the classic RFC wire has no login and no encryption", addr)
}

// anyPort reports whether an address leaves the port to the system.
func anyPort(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	return err == nil && port == "0"
}
