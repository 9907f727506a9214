package soap

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"strowger/switch/fault"
)

// maxURL bounds a callback address; longer ones serve nobody.
const maxURL = 2048

// Destinations says where a [Client] may connect to. A URL given by a peer is
// an instruction to connect somewhere, so every part is checked twice: names
// and ports when the URL is accepted, the address itself after name
// resolution, immediately before each connection (a name may change its
// address between the two).
type Destinations struct {
	// Hosts are the names that may stand in a URL, lower case, without port. A
	// leading dot allows every name below: ".crm.example".
	Hosts []string
	// Nets are the addresses that may be connected to, by name or by number.
	Nets []netip.Prefix
	// Ports that may be used; empty allows all.
	Ports []uint16
}

// Check parses a URL and applies the rules that need no name resolution.
// Errors are fault.Invalid (no usable http or https URL) or fault.Denied.
func (d Destinations) Check(raw string) (*url.URL, error) {
	const op = "soap: check URL"
	refuse := func(k fault.Kind, reason string) (*url.URL, error) {
		return nil, fault.New(k, op, clip(raw, 200), reason)
	}
	if len(raw) > maxURL {
		return refuse(fault.Invalid, "the URL is longer than 2048 characters")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return refuse(fault.Invalid, "this is not a URL")
	}
	port, portErr := effectivePort(u)
	switch host := strings.ToLower(u.Hostname()); {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse(fault.Invalid, "the URL must begin with http:// or https://")
	case host == "" || u.Opaque != "":
		return refuse(fault.Invalid, "the URL names no host")
	case portErr != nil:
		return refuse(fault.Invalid, "the URL's port is no number between 1 and 65535")
	case u.User != nil || u.Fragment != "":
		return refuse(fault.Invalid, "the URL must not hold a user or a fragment")
	case !d.hostAllowed(host):
		return refuse(fault.Denied, "host "+clip(host, 100)+" is not on the list of allowed callback hosts and networks")
	case !d.portAllowed(port):
		return refuse(fault.Denied, "port "+strconv.Itoa(int(port))+" is not on the list of allowed callback ports")
	}
	return u, nil
}

func effectivePort(u *url.URL) (uint16, error) {
	p := u.Port()
	if p == "" {
		if u.Scheme == "https" {
			return 443, nil
		}
		return 80, nil
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err == nil && n == 0 {
		err = strconv.ErrRange
	}
	return uint16(n), err
}

func (d Destinations) hostAllowed(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return contains(d.Nets, addr)
	}
	return namedIn(d.Hosts, host)
}

// namedIn reports whether a list of names, or of domains that begin with a dot,
// holds a host.
func namedIn(list []string, host string) bool {
	host = strings.TrimSuffix(host, ".")
	for _, h := range list {
		if host == h || (strings.HasPrefix(h, ".") && strings.HasSuffix(host, h) && len(host) > len(h)) {
			return true
		}
	}
	return false
}

func (d Destinations) portAllowed(port uint16) bool {
	if len(d.Ports) == 0 {
		return true
	}
	for _, p := range d.Ports {
		if p == port {
			return true
		}
	}
	return false
}

// control is a net.Dialer.Control: it sees the resolved address of every
// connection before it is made.
func (d Destinations) control(denied func()) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err == nil && contains(d.Nets, ap.Addr()) && d.portAllowed(ap.Port()) {
			return nil
		}
		denied()
		return fault.New(fault.Denied, "soap: connect", address, "the address is not in the list of allowed callback networks")
	}
}
