package runner

import (
	"math"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// redial is a customer whom an agent wants to call again at once.
type redial struct {
	end   uint64    // of the attempt before, as the settler counts: the lead is free when it is stored
	until time.Time // then it is a promise like others
}

// redialFor is how long an agent is kept for a customer whom they want to call
// again at once.
const redialFor = 10 * time.Second

// wanted keeps the agent who says, in wrap-up as a rule, that they want to call
// the customer again at once: they are free in the moment in which the call ends,
// and the switch may show that before it tells of the end.
func (run *run) wanted(a *attempt, c *callmodel.Call, now time.Time) {
	agent := ""
	for i := range c.Conns {
		if w := c.Conns[i].Callback; w != nil && w.Mine && !w.At.After(now) {
			agent = string(c.Conns[i].Agent)
		}
	}
	if a.again != agent {
		delete(run.again, a.again)
	}
	if a.again = agent; agent != "" {
		run.again[agent] = redial{notEnded, now.Add(redialFor)}
	}
}

// notEnded is the end of an attempt that goes on.
const notEnded = math.MaxUint64

// redials follows an attempt that has ended: its customer is called again by the
// agent who wants it, if no later than now.
func (run *run) redials(a *attempt, s *lead.Settled, end uint64, now time.Time) {
	delete(run.again, a.again)
	if s.Callback.Agent != "" && s.DoNotCall == "" && !s.Next.IsZero() && !s.Next.After(s.At) {
		run.again[s.Callback.Agent] = redial{end, now.Add(redialFor)}
	}
}

// keeps reports whether an agent is kept for such a customer, who is being
// stored or claimed.
func (run *run) keeps(agent string, now time.Time) bool {
	one, wants := run.again[agent]
	if wants && !now.Before(one.until) {
		delete(run.again, agent)
		return false
	}
	return wants
}

// redialed are the free agents whose customer can be claimed now.
func (r *Runner) redialed(run *run) (out []string) {
	for _, agent := range run.view.kept {
		if r.settler.stored(run.again[agent].end) {
			out = append(out, agent)
		}
	}
	return out
}
