package rule

import "strowger/dialer/lead"

// Tighter returns the caps that satisfy both; 0 is no limit.
func Tighter(a, b lead.Caps) lead.Caps {
	return lead.Caps{
		Lead: tighter(a.Lead, b.Lead), NumberDay: tighter(a.NumberDay, b.NumberDay), Number24h: tighter(a.Number24h, b.Number24h),
		Number7d: tighter(a.Number7d, b.Number7d), Number30d: tighter(a.Number30d, b.Number30d),
	}
}

func tighter(a, b int) int {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

// CapsFor returns the caps for a number of a region: the pack's, the region's,
// and the campaign's own, whichever is tightest.
func (p *Pack) CapsFor(region string, own lead.Caps) lead.Caps {
	out := Tighter(p.Caps, own)
	if r, there := p.Regions[region]; there {
		out = Tighter(out, r.Caps)
	}
	return out
}
