package ici

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"strowger/switch/fault"
)

// lookupLimit bounds the search for the name of an address.
const lookupLimit = 3 * time.Second

// mapURL puts the second text of each pair in the place of the first, in turn.
func mapURL(pairs []string, appURL string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		appURL = strings.ReplaceAll(appURL, strings.TrimSpace(pairs[i]), strings.TrimSpace(pairs[i+1]))
	}
	return appURL
}

// route is where events for an appUrl are sent: mapped first, then by name
// where reverse look-up is on. Every step ends at what the rules allow; the
// error says why nothing does.
func (p *Push) route(ctx context.Context, cfg *Config, appURL string) (string, error) {
	to := mapURL(cfg.MapSubscribeURL, appURL)
	if to != appURL {
		p.Stats.Mapped.Add(1)
	}
	check := p.reach.Load().client.Check
	if !cfg.ReverseDNS {
		return to, check(to)
	}
	named, ok := p.named(ctx, to)
	if ok && check(named) == nil {
		return named, nil
	}
	err := check(to)
	if err == nil && ok {
		p.log.Warn("ici: the name of a CRM's address is not allowed in ici.callback_allow; its address is used", "url", short(to), "named", short(named))
	}
	return to, err
}

// named replaces the address in a URL by its name.
func (p *Push) named(ctx context.Context, raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return "", false // it is a name
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	p.Stats.Lookups.Add(1)
	names, err := p.lookup(ctx, addr.String())
	if err != nil || len(names) == 0 {
		p.log.Warn("ici: a CRM's address has no name; the address is used", "address", addr.String(), "error", err)
		return "", false
	}
	host := strings.TrimSuffix(names[0], ".")
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	u.Host = host
	return u.String(), true
}

// badURL is the refusal of an appUrl.
func badURL(s Service, err error) *Error {
	code := CodeBadAppURL
	if fault.Is(err, fault.Denied) {
		code = CodeAppURLNotAllowed
	}
	return &Error{Service: s, Code: code, Text: "appUrl: " + fault.ReasonOf(err), Err: err}
}
