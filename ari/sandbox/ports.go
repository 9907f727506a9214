package sandbox

import (
	"math/rand/v2"
	"net"
	"strconv"

	"strowger/configs"
	"strowger/switch/fault"
)

// Free ports are looked for below the range that Linux gives to outgoing
// connections and below the default range for audio, so that nobody takes one
// between the look and Asterisk's bind. Ports for audio are shared by all
// instances: Asterisk tries the next one when a port is taken.
const (
	firstFree  = 10000
	lastFree   = 19999
	freeTrials = 200
)

const loopback = "127.0.0.1"

// assignPorts fills in ports of 0 and refuses given ones that are taken.
func assignPorts(v configs.Values) (configs.Values, error) {
	sipAddr := v.SIPAddr
	if sipAddr == "" {
		sipAddr = loopback
	}
	used := map[int]bool{}
	for _, p := range []struct {
		port  *int
		label string
		free  func(port int) bool
	}{
		{&v.HTTPPort, "HTTP", func(port int) bool { return tcpFree(loopback, port) }},
		{&v.AMIPort, "AMI", func(port int) bool { return tcpFree(loopback, port) }},
		{&v.SIPPort, "SIP", func(port int) bool { return udpFree(sipAddr, port) }},
	} {
		if *p.port != 0 {
			if !p.free(*p.port) {
				return v, fault.Newf(fault.Conflict, "sandbox: ports", strconv.Itoa(*p.port),
					"the %s port %d is taken: end who uses it or choose another", p.label, *p.port)
			}
			used[*p.port] = true
			continue
		}
		for range freeTrials {
			port := firstFree + rand.IntN(lastFree-firstFree+1)
			if !used[port] && p.free(port) {
				*p.port, used[port] = port, true
				break
			}
		}
		if *p.port == 0 {
			return v, fault.Newf(fault.Busy, "sandbox: ports", p.label, "no free port from %d to %d: name one", firstFree, lastFree)
		}
	}
	return v, nil
}

func tcpFree(addr string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(addr, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = l.Close() // a listener nobody connected to
	return true
}

func udpFree(addr string, port int) bool {
	c, err := net.ListenPacket("udp", net.JoinHostPort(addr, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was sent
	return true
}
