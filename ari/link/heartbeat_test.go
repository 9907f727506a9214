package link_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/link"
	"strowger/switch/callmodel"
)

// count returns how often an operation arrived by a way.
func (r *linkRig) count(op arispec.Op, via string) int {
	n := 0
	for _, q := range r.fake.Requests() {
		if q.Op == op && (via == "" || q.Via == via) {
			n++
		}
	}
	return n
}

// TestStuckApplication: Asterisk answers everything but questions about our
// application. Callers must not be let in, and somebody must be told why.
func TestStuckApplication(t *testing.T) {
	r := newLink(t, nil)
	r.start()
	r.until("a heartbeat", func() bool { return r.count(arispec.OpAsteriskSetGlobalVar, "") > 0 })
	var stuck atomic.Bool
	stuck.Store(true)
	r.fake.On(arispec.OpApplicationsGet, func(aritest.Request) aritest.Reply {
		if stuck.Load() {
			return aritest.Reply{Hang: true}
		}
		return aritest.Reply{Body: map[string]any{"name": "strowger"}}
	})
	r.until("an alarm that names it", func() bool { return strings.Contains(r.link.Info().Trouble, "AST#2170") })
	beats := r.count(arispec.OpAsteriskSetGlobalVar, "")
	pings := r.count(arispec.OpAsteriskPing, "")
	r.until("the next tries", func() bool { return r.count(arispec.OpAsteriskPing, "") >= pings+2 })
	if n := r.count(arispec.OpAsteriskSetGlobalVar, ""); n != beats {
		t.Errorf("%d heartbeats while the application was stuck", n-beats)
	}
	if r.link.Info().Trouble == "" {
		t.Error("the alarm went by itself")
	}
	stuck.Store(false)
	r.until("heartbeats again", func() bool {
		return r.count(arispec.OpAsteriskSetGlobalVar, "") > beats && r.link.Info().Trouble == ""
	})
}

// TestSlowHTTP: where HTTP hangs, the websocket is tried in time, and somebody
// is told.
func TestSlowHTTP(t *testing.T) {
	r := newLink(t, func(o *link.Options) { o.BeatEvery, o.Timeout = 10*time.Millisecond, time.Minute })
	r.start()
	r.until("a heartbeat", func() bool { return !r.link.Info().BeatAt.IsZero() })
	var slow atomic.Bool
	slow.Store(true)
	r.fake.On(arispec.OpAsteriskPing, func(q aritest.Request) aritest.Reply {
		if slow.Load() && q.Via == "http" {
			return aritest.Reply{Hang: true}
		}
		return aritest.Reply{Body: map[string]any{"ping": "pong", "timestamp": "2026-03-01T12:00:00.000+0000"}}
	})
	r.until("heartbeats over the websocket", func() bool { return r.count(arispec.OpAsteriskSetGlobalVar, "websocket") > 0 })
	if i := r.link.Info(); !strings.Contains(i.Weak, "sessionlimit") || i.Trouble != "" {
		t.Errorf("told: weak %q, trouble %q", i.Weak, i.Trouble)
	}
	slow.Store(false)
	http := r.count(arispec.OpAsteriskSetGlobalVar, "http")
	r.until("heartbeats over HTTP", func() bool { return r.count(arispec.OpAsteriskSetGlobalVar, "http") > http })
	r.until("nothing more is told", func() bool { return r.link.Info().Weak == "" })
}

// TestUnknownOriginateIsLookedFor: whether a phone was called is asked when a
// listing can tell, not at the next periodic check.
func TestUnknownOriginateIsLookedFor(t *testing.T) {
	t.Parallel()
	r := newLink(t, nil)
	r.start()
	r.synced(1)
	r.fake.Once(arispec.OpChannelsOriginateWithID, aritest.Reply{Status: 200, Type: "text/html", Body: "<html>"})
	began := time.Now()
	if res := r.link.Apply(r.ctx(), callmodel.Originate{Channel: "sw-1", Endpoint: "101", Timeout: time.Minute}); res.Outcome != callmodel.Unknown {
		t.Fatalf("%+v", res)
	}
	want[callmodel.Resync](r)
	if d := time.Since(began); d < 2*time.Second {
		t.Errorf("listed after %v: the order may still show", d)
	}
}
