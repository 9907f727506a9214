package ctips

import "time"

// restate takes other rules. Calls belong to who has their queues and agents
// now; nothing is told of that, clients take a snapshot. What was asked for an
// agent or a call that is another tenant's now has failed.
func (b *board) restate(r rules) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = r
	for _, i := range b.calls {
		i.tenant = 0
	}
	for _, i := range b.calls {
		b.ownAgain(i)
	}
	strange := func(p *pending) bool {
		i := b.calls[p.call]
		return p.agent != "" && r.Tenant("", p.agent) != p.who.tenantID() || i != nil && i.tenant != p.who.tenantID()
	}
	for _, p := range b.open.list(strange) {
		b.open.remove(p)
		b.failed(&p.ask, refuse(p.failure, "the settings were changed: it is another tenant's now"))
	}
}

// ownAgain finds a call's tenant after all have lost theirs; a consultation has
// that of its call.
func (b *board) ownAgain(i *call) {
	if i.parent != nil {
		b.ownAgain(i.parent)
		i.tenant = i.parent.tenant
	}
	b.own(i)
}

// requestTimeout is how long an outcome may take that should not take long.
func (b *board) requestTimeout() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rules.RequestTimeout
}
