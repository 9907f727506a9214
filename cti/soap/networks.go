package soap

import (
	"net/netip"

	"strowger/switch/fault"
)

// Networks parses a list of networks; a plain address means that address
// alone. Its error is fault.Invalid, with the entry as subject.
func Networks(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil {
			a = a.WithZone("")
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "networks", s, "%q is no network; write 10.1.0.0/16 or an address", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
