package config

import (
	"strings"

	"strowger/ari/link"
	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

func checkDialer(cfg *Config, r *schema.Report) {
	d := cfg.Dialer
	listen, address := []string{"dialer", "ears_listen"}, []string{"dialer", "ears_address"}
	if d.EarsAddress != "" {
		if err := link.CheckEarAddress(d.EarsAddress); err != nil {
			r.Errorf(address, "write an address such as 192.0.2.7:9092", "%s", fault.ReasonOf(err))
		}
	}
	if d.EarsListen == "" {
		if d.EarsAddress != "" {
			r.Errorf(address, "set ears_listen, or remove it", "nobody listens there: ears_listen is empty")
		}
		return
	}
	host, ok := checkAddr(d.EarsListen, listen, "127.0.0.1:9092", r)
	if !ok {
		return
	}
	if !loopback(host) {
		r.Warnf(listen, "use a network of its own, or a tunnel", "the sound of calls crosses the network unprotected")
	}
	if d.EarsAddress != "" {
		return
	}
	if host == "" || strings.Trim(host, "0:.[]") == "" {
		r.Errorf(address, "write by which address the Asterisk servers reach this machine", "missing: ears_listen is every address")
	} else if err := link.CheckEarAddress(d.EarsListen); err != nil {
		r.Errorf(listen, "set ears_address", "%s", fault.ReasonOf(err))
	}
}
