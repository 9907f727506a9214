package ua

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// maxRoutes bounds the route set of a dialog.
const maxRoutes = 16

// dialog is the state of RFC 3261 section 12. It belongs to Call.mu.
type dialog struct {
	localTag, remoteTag string
	local, remote       sip.FromHeader // without tags
	target              sip.Uri        // the peer's contact
	routes              []string       // Route values, in sending order
	localSeq, remoteSeq uint32
	seen                uint64 // bit i: the peer's number remoteSeq-i was used
}

// request builds a request inside the dialog and takes the next CSeq. ACK and
// its INVITE share a number, so ACK brings its own.
func (c *Call) request(method sip.RequestMethod, seq uint32) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &c.dialog
	if seq == 0 {
		d.localSeq++
		seq = d.localSeq
	}
	req := sip.NewRequest(method, *d.target.Clone())
	for _, r := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	c.identify(req, seq)
	if len(d.routes) > 0 {
		req.SetDestination(routeHost(d.routes[0]))
	}
	return req
}

// identify adds the headers every request of the dialog has; the caller holds mu.
func (c *Call) identify(req *sip.Request, seq uint32) {
	d := &c.dialog
	from := &sip.FromHeader{DisplayName: d.local.DisplayName, Address: *d.local.Address.Clone()}
	from.Params.Add("tag", d.localTag)
	to := &sip.ToHeader{DisplayName: d.remote.DisplayName, Address: *d.remote.Address.Clone()}
	if d.remoteTag != "" {
		to.Params.Add("tag", d.remoteTag)
	}
	callID := sip.CallIDHeader(c.id)
	maxForwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(from)
	req.AppendHeader(to)
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: req.Method})
	req.AppendHeader(&maxForwards)
	req.AppendHeader(sip.NewHeader("User-Agent", userAgent))
	changesTarget := req.Method == sip.INVITE || req.Method == sip.UPDATE
	if changesTarget || req.Method == sip.ACK || req.Method == sip.REFER {
		req.AppendHeader(c.ua.contact())
	}
	if changesTarget {
		req.AppendHeader(sip.NewHeader("Allow", allowed))
		req.AppendHeader(sip.NewHeader("Supported", "replaces"))
	}
}

// routeHost is host:port of a Route value, "" when it cannot be read.
func routeHost(value string) string {
	var uri sip.Uri
	var params sip.HeaderParams
	if _, err := sip.ParseAddressValue(value, &uri, &params); err != nil {
		return ""
	}
	return uri.HostPort()
}

// learn takes the peer's half of the dialog from the 2xx of our INVITE, or of
// the early dialog from a provisional response with a tag.
func (d *dialog) learn(res *sip.Response) {
	d.remoteTag, _ = res.To().Params.Get("tag")
	if ct := res.Contact(); ct != nil {
		d.target = *ct.Address.Clone()
	}
	routes := recordRoutes(res)
	d.routes = d.routes[:0]
	for i := len(routes) - 1; i >= 0; i-- { // section 12.1.2: in reverse
		d.routes = append(d.routes, routes[i])
	}
}

func recordRoutes(m sip.Message) []string {
	var out []string
	for _, h := range m.GetHeaders("record-route") {
		if len(out) == maxRoutes {
			break
		}
		out = append(out, h.Value())
	}
	return out
}

// newer checks and takes the CSeq of a request of the peer (section 12.2.2).
func (c *Call) newer(req *sip.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dialog.take(req.CSeq().SeqNo)
}

// take refuses a number that was used. One that was only overtaken is taken:
// sipgo runs a goroutine for each request, so that two which came right after
// each other, such as the NOTIFYs of a transfer, may get here the wrong way
// round, and a 500 would make the peer end the subscription.
func (d *dialog) take(seq uint32) bool {
	if seq > d.remoteSeq {
		d.seen = d.seen<<(seq-d.remoteSeq) | 1 // a shift by 64 or more leaves nothing
		d.remoteSeq = seq
		return true
	}
	bit := uint64(1) << (d.remoteSeq - seq)
	if bit == 0 || d.seen&bit != 0 {
		return false
	}
	d.seen |= bit
	return true
}

// retarget follows the peer's contact (section 12.2.2: target refresh).
func (c *Call) retarget(contact *sip.ContactHeader) {
	if contact == nil || contact.Address.Host == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialog.target = *contact.Address.Clone()
}

// find returns the call a request belongs to, by Call-ID and our tag.
func (u *UA) find(req *sip.Request) *Call {
	tag, _ := req.To().Params.Get("tag")
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls[callKey(req.CallID().Value(), tag)]
}

// q850 is the cause of a Reason header (RFC 3326), 0 when there is none.
func q850(m sip.Message) int {
	for _, h := range m.GetHeaders("reason") {
		proto, params, _ := strings.Cut(h.Value(), ";")
		if !strings.EqualFold(strings.TrimSpace(proto), "Q.850") {
			continue
		}
		for p := range strings.SplitSeq(params, ";") {
			if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "cause") {
				if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 128 {
					return n
				}
			}
		}
	}
	return 0
}
