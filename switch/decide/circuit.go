package decide

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// circuit counts one decision's failures in a row.
type circuit struct {
	url      string
	failures int
	until    time.Time // not asked before
	trying   bool      // one question is out to see whether the server is back
	used     time.Time
}

// circuit returns a decision's circuit; a new URL starts anew. The one that has
// not been used for the longest is forgotten where there are too many.
func (c *Client) circuit(d callmodel.DecisionConfig, now time.Time) *circuit {
	k := c.circuits[d.ID]
	if k == nil || k.url != d.URL {
		if k == nil && len(c.circuits) >= maxCircuits {
			oldest := ""
			for id, o := range c.circuits {
				if oldest == "" || o.used.Before(c.circuits[oldest].used) {
					oldest = id
				}
			}
			delete(c.circuits, oldest)
		}
		k = &circuit{url: d.URL}
		c.circuits[d.ID] = k
	}
	k.used = now
	return k
}

// allowed says why a decision is not asked now, or nil.
func (c *Client) allowed(d callmodel.DecisionConfig) error {
	now := c.opt.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.circuit(d, now)
	if k.failures < c.opt.MaxFailures {
		return nil
	}
	if now.Before(k.until) || k.trying {
		return fault.Newf(fault.Unavailable, "decide", d.ID, "its server has failed %d times in a row: it is asked again in a moment", k.failures)
	}
	k.trying = true
	return nil
}

// record counts the outcome of a question.
func (c *Client) record(d callmodel.DecisionConfig, good bool) {
	now := c.opt.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.circuit(d, now)
	k.trying = false
	if good {
		if k.failures >= c.opt.MaxFailures {
			c.opt.Logger.Info("a decision's server is back", "decision", d.ID)
		}
		k.failures = 0
		return
	}
	k.failures++
	if k.failures >= c.opt.MaxFailures {
		k.until = now.Add(c.opt.Pause)
		if k.failures == c.opt.MaxFailures {
			c.opt.Logger.Warn("a decision's server keeps failing and is not asked for a while", "decision", d.ID, "failures", k.failures, "pause", c.opt.Pause)
		}
	}
}
