package list

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

const (
	// maxClaim is how many leads one claim takes at most; maxLooked is how many
	// it looks at for them, so that a long row of barred ones holds nobody up.
	maxClaim  = 500
	maxLooked = 2000
	// laneRows is how many leads of one place are read at a time, at least.
	laneRows = 20
	// campaignBar is how long a lead is put aside that one campaign must not call.
	campaignBar = time.Hour
)

// Claim takes the next leads for attempts. See the package's comment. Errors:
// Invalid, NotFound for a list that is gone, Unavailable, Stopped.
func (s *Store) Claim(ctx context.Context, w lead.Want) ([]lead.Claimed, error) {
	const op = "list: claim"
	if w.N < 1 || w.N > maxClaim || w.NewID == nil || w.Window == nil || w.Campaign == "" || w.Agent != "" && !w.Guarded {
		return nil, fault.Newf(fault.Invalid, op, clip(w.Campaign, maxID), "a claim names a campaign, its window, 1 to %d leads and where ids come from; leads of one agent only where agents are reserved", maxClaim)
	}
	sets, err := s.allSets(ctx, s.ask(op))
	if err != nil {
		return nil, err
	}
	c := &claim{s: s, w: w, open: map[int64]bool{}}
	for _, set := range sets {
		c.open[set.No] = len(set.Zones) > 0 && w.Window(set, w.Now).Open
	}
	err = s.db.Update(ctx, op, w.Campaign, func(ctx context.Context, tx port.Tx) error {
		c.begin(tx)
		return c.run(ctx)
	})
	if err != nil {
		return nil, err
	}
	s.share.took(w.Rules, c.out)
	return c.out, nil
}

// claim is one call of [Store.Claim].
type claim struct {
	s    *Store
	w    lead.Want
	open map[int64]bool // places

	tx      port.Tx
	out     []lead.Claimed
	numbers map[string]bool // claimed by this one
	looked  int
	lanes   []*lane
}

// lane is the leads of one list and place, in order. What is read of it is
// looked at once; the rest is read when that is used up.
type lane struct {
	list  List
	agent string
	set   int64
	rank  int64 // of the last one that was read
	id    int64
	heads []head
	dry   bool
}

type head struct{ rank, id int64 }

func (c *claim) begin(tx port.Tx) {
	c.tx, c.out, c.numbers, c.looked, c.lanes = tx, nil, map[string]bool{}, 0, nil
}

func (c *claim) run(ctx context.Context) error {
	for _, share := range c.w.Lists {
		l, err := c.s.listIn(ctx, c.tx.Query, share.List)
		if err != nil {
			return err
		}
		if l.Closed {
			continue
		}
		if err := c.promises(ctx, l); err != nil {
			return err
		}
		agents := []string{""}
		if c.w.Agent != "" {
			agents = []string{c.w.Agent, ""}
		}
		for _, agent := range agents {
			if err := c.addLanes(ctx, l, agent); err != nil {
				return err
			}
		}
	}
	for len(c.out) < c.w.N && c.looked < maxLooked {
		some, err := c.next(ctx, c.w.N-len(c.out))
		if err != nil || len(some) == 0 {
			return err
		}
		if err := c.take(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// promises lets anybody have the call-backs whose agent has not made them in time.
func (c *claim) promises(ctx context.Context, l List) error {
	if c.w.MineOnly {
		return nil
	}
	// The plus keeps SQLite from the index by list, which has all its leads.
	_, err := c.tx.Put(ctx, `UPDATE leads SET agent = owner WHERE id IN (SELECT id FROM leads WHERE state = 0 AND callback_agent <> '' AND callback_us <= ?2 AND +list = ?1
		AND callback_mine = 0 AND agent = callback_agent)`, l.No, micros(c.w.Now.Add(-c.w.CallbackWait)))
	return err
}

// addLanes finds the open places at which a list has leads, by stepping from
// one to the next in the index rather than reading it.
func (c *claim) addLanes(ctx context.Context, l List, agent string) error {
	return c.tx.Query(ctx, func(r port.Row) error {
		var set int64
		if err := r.Scan(&set); err != nil {
			return err
		}
		if c.open[set] {
			c.lanes = append(c.lanes, &lane{list: l, agent: agent, set: set, rank: -1})
		}
		return nil
	}, `WITH RECURSIVE places (z) AS (
		SELECT MIN(zones) FROM leads WHERE list = ?1 AND agent = ?2 AND state = 0
		UNION ALL
		SELECT (SELECT MIN(zones) FROM leads WHERE list = ?1 AND agent = ?2 AND state = 0 AND zones > places.z) FROM places WHERE places.z IS NOT NULL
	) SELECT z FROM places WHERE z IS NOT NULL`, l.No, agent)
}

// next returns the next leads of all lanes, merged by the weights of the lists and by rank.
func (c *claim) next(ctx context.Context, n int) (ids []int64, err error) {
	n = min(max(n, laneRows), maxLooked-c.looked)
	took := map[string]int{}
	for len(ids) < n {
		var best *lane
		for _, x := range c.lanes {
			if len(x.heads) == 0 && !x.dry {
				if err := c.fill(ctx, x, n); err != nil {
					return nil, err
				}
			}
			if len(x.heads) > 0 && (best == nil || c.before(x, best, took)) {
				best = x
			}
		}
		if best == nil {
			break
		}
		ids = append(ids, best.heads[0].id)
		best.heads = best.heads[1:]
		took[best.list.ID]++
	}
	c.looked += len(ids)
	return ids, nil
}

func (c *claim) fill(ctx context.Context, x *lane, n int) error {
	limit := max(n, laneRows)
	err := c.tx.Query(ctx, func(r port.Row) error {
		var h head
		err := r.Scan(&h.rank, &h.id)
		x.heads = append(x.heads, h)
		return err
	}, `SELECT rank, id FROM leads WHERE list = ?1 AND agent = ?2 AND zones = ?3 AND state = 0 AND (rank, id) > (?4, ?5) ORDER BY rank, id LIMIT ?6`,
		x.list.No, x.agent, x.set, x.rank, x.id, int64(limit))
	if len(x.heads) > 0 {
		last := x.heads[len(x.heads)-1]
		x.rank, x.id = last.rank, last.id
	}
	x.dry = len(x.heads) < limit
	return err
}

// before: an agent's own leads, then the list that is most behind its weight,
// then the lower rank, then the older.
func (c *claim) before(a, b *lane, took map[string]int) bool {
	if (a.agent != "") != (b.agent != "") {
		return a.agent != ""
	}
	if a.list.ID != b.list.ID {
		x, y := c.s.share.behind(c.w.Rules, a.list.ID, took), c.s.share.behind(c.w.Rules, b.list.ID, took)
		if x != y {
			return x < y
		}
	}
	return cmp.Or(cmp.Compare(a.heads[0].rank, b.heads[0].rank), cmp.Compare(a.heads[0].id, b.heads[0].id)) < 0
}

// take claims those of the leads that may be called, and puts the others where they belong.
func (c *claim) take(ctx context.Context, ids []int64) error {
	rows, err := c.s.load(ctx, c.tx.Query, ids, c.w.Now)
	if err != nil {
		return err
	}
	for _, x := range rows {
		if len(c.out) == c.w.N {
			return nil
		}
		if x.State != lead.Ready {
			continue
		}
		v := c.s.judge(x, &c.w.Rules, c.w.Now, c.w.Agent)
		if len(v.reasons) > 0 {
			if err := c.putAside(ctx, x, v); err != nil {
				return err
			}
			continue
		}
		if c.numbers[v.number.E164] {
			continue // another lead of this claim has it; later
		}
		c.numbers[v.number.E164] = true
		if err := c.claim(ctx, x, v.number); err != nil {
			return err
		}
	}
	return nil
}

func (c *claim) claim(ctx context.Context, x *row, n lead.Number) error {
	id := c.w.NewID()
	_, err := c.tx.Put(ctx, `UPDATE leads SET state = 2, attempt = ?2, at_number = ?3, zones = ?4 WHERE id = ?1`, x.ID, id.String(), int64(n.N), n.Set.No)
	if err != nil {
		return err
	}
	_, err = c.tx.Put(ctx, `INSERT INTO tries (attempt, lead, list, campaign, number, claimed_us, settled_us, seq, counted, locked_us, result, agent, code)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, '', '', '')`, id.String(), x.ID, x.listNo, c.w.Campaign, n.E164, micros(c.w.Now))
	if err != nil {
		return err
	}
	x.State, x.Attempt, x.At = lead.Taken, id, n.N
	c.out = append(c.out, lead.Claimed{Attempt: id, Lead: x.Lead, Number: n})
	return nil
}

// putAside keeps a lead that cannot be called from being looked at again at
// each claim: until its time has come, or for good.
func (c *claim) putAside(ctx context.Context, x *row, v verdict) error {
	first := v.first()
	if result, ever := forGood(first.Word); ever && !c.onlyHere(x, first.Word) {
		_, err := c.tx.Put(ctx, `UPDATE leads SET state = 4, result = ?2, result_us = ?3 WHERE id = ?1`, x.ID, string(result), micros(c.w.Now))
		return err
	}
	if first.Word == lead.WindowClosed || first.Word == lead.NoZone { // it goes to the place of the number that is next now
		if v.number.Set.No == x.zones {
			return nil
		}
		_, err := c.tx.Put(ctx, `UPDATE leads SET at_number = ?2, zones = ?3 WHERE id = ?1`, x.ID, int64(v.number.N), v.number.Set.No)
		return err
	}
	until := first.Until
	if first.Word == lead.DoNotCall || !until.After(c.w.Now) {
		until = c.w.Now.Add(campaignBar)
	}
	_, err := c.tx.Put(ctx, `UPDATE leads SET state = 1, next_us = ?2, waits = ?3 WHERE id = ?1`, x.ID, micros(until), string(first.Word))
	return err
}

// forGood is the result of a lead that a reason excludes.
func forGood(w lead.Word) (lead.Result, bool) {
	r, ever := map[lead.Word]lead.Result{
		lead.NoNumber: lead.NoNumbers, lead.Expired: lead.PastItsTime, lead.DoNotCall: lead.OnDoNotCall,
		lead.NoConsent: lead.WithoutOK, lead.CapLead: lead.CapReached,
	}[w]
	return r, ever
}

// onlyHere tells whether an open number of the lead may be called by other
// campaigns, or by all once an entry ends.
func (c *claim) onlyHere(x *row, w lead.Word) bool {
	if w != lead.DoNotCall {
		return false
	}
	return slices.ContainsFunc(x.Numbers, func(n lead.Number) bool {
		return n.Closed == "" && !slices.ContainsFunc(x.dnc[n.E164], func(e entry) bool { return e.binds("") && e.until.IsZero() })
	})
}

// share counts what the lists of a campaign have given, for their weights.
type share struct {
	sync.Mutex
	served map[string]map[string]float64 // by campaign and list: leads / weight
}

// maxShares bounds the campaigns whose shares are counted.
const maxShares = 1000

// behind is how much a list has given for its weight; equal for all lists without weights.
func (p *share) behind(r lead.Rules, list string, took map[string]int) float64 {
	weight := weightOf(r, list)
	if weight == 0 {
		return 0
	}
	p.Lock()
	defer p.Unlock()
	return p.served[r.Campaign][list] + float64(took[list])/float64(weight)
}

func weightOf(r lead.Rules, list string) int {
	for _, l := range r.Lists {
		if l.List == list {
			return l.Weight
		}
	}
	return 0
}

func (p *share) took(r lead.Rules, out []lead.Claimed) {
	p.Lock()
	defer p.Unlock()
	if len(p.served) >= maxShares {
		p.served = map[string]map[string]float64{}
	}
	of := p.served[r.Campaign]
	if of == nil {
		of = map[string]float64{}
		p.served[r.Campaign] = of
	}
	least := -1.0
	for _, x := range out {
		if w := weightOf(r, x.Lead.List); w > 0 {
			of[x.Lead.List] += 1 / float64(w)
		}
	}
	for _, l := range r.Lists { // only the differences matter
		if l.Weight > 0 && (least < 0 || of[l.List] < least) {
			least = of[l.List]
		}
	}
	for list := range of {
		of[list] -= max(least, 0)
	}
}
