package ctips

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// trailForTests remembers what is written down.
type trailForTests struct {
	mu   sync.Mutex
	list []Forced
	err  error
}

func (r *trailForTests) Begin(_ context.Context, f Forced) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return "", r.err
	}
	r.list = append(r.list, f)
	return "1", nil
}

func (r *trailForTests) End(_ context.Context, f Forced) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, f)
	return nil
}

// PanicLogout is written down before it is done, and not done where it cannot be.
func TestForcedRequests(t *testing.T) {
	t.Parallel()
	trail := &trailForTests{}
	r := newRig(t, func(c *Config) { c.Trail = trail })
	c := r.connect()
	seen := 0
	r.desk.before = func() {
		trail.mu.Lock()
		defer trail.mu.Unlock()
		seen = len(trail.list)
	}
	args := &PanicLogoutArgs{RequestHead: c.agent(0, 1).RequestHead, AgentLoginNameList: []string{"anna", "bernd"}}
	c.must("PanicLogout", args)
	if len(trail.list) != 2 || seen != 1 {
		t.Fatalf("written down %+v, %d before it was done", trail.list, seen)
	}
	asked, done := trail.list[0], trail.list[1]
	if asked.By != "Test01" || asked.Operation != "PanicLogout" || asked.Subject != "anna bernd" || asked.Outcome != "asked" || done.ID != "1" || done.Outcome != "accepted" {
		t.Errorf("%+v, %+v", asked, done)
	}
	args.AgentLoginNameList, args.LogoutAllAgents = nil, true
	c.must("PanicLogout", args)
	if got := trail.list[2].Subject; got != "all agents of tenant 1" {
		t.Errorf("subject %q", got)
	}
	args.AgentLoginNameList, args.LogoutAllAgents = strings.Fields(strings.Repeat("long-name ", 200)), false
	c.must("PanicLogout", args)
	if got := trail.list[4].Subject; len(got) > maxSubject+20 || !strings.HasSuffix(got, "(200 agents)") {
		t.Errorf("subject %q", got)
	}
	c.hold(1, 1, 1)
	if len(trail.list) != 6 {
		t.Errorf("%d entries: other requests are not forced", len(trail.list))
	}
	trail.mu.Lock()
	trail.err = fault.New(fault.Unavailable, "trail", "", "the disk is full")
	trail.mu.Unlock()
	seen = -1
	_, err := c.ask(Namespaces{}, "PanicLogout", args)
	var f *soap.Fault
	if !errors.As(err, &f) || f.Code != soap.CodeServer || seen != -1 {
		t.Errorf("without a record: %v, done %d", err, seen)
	}
}

// A PanicLogout without the right is written down, as far as that cannot fill
// the disk; other requests without theirs are not.
func TestForbiddenForcedRequests(t *testing.T) {
	t.Parallel()
	trail := &trailForTests{}
	r := newRig(t, func(c *Config) {
		c.Trail, c.Users = trail, []User{stored("Test01", "Secret-01", RightMonitor)}
	})
	c := r.connect()
	args := &PanicLogoutArgs{RequestHead: c.agent(0, 1).RequestHead, AgentLoginNameList: []string{"anna"}}
	c.refused(`no right "panic"`, "PanicLogout", args)
	c.refused(`no right "call"`, "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(7, 1), CallID: 1}})
	if len(trail.list) != 1 {
		t.Fatalf("written down %+v", trail.list)
	}
	if got := trail.list[0]; got.By != "Test01" || got.Operation != "PanicLogout" || got.Subject != "anna" || got.Outcome != "denied" || !strings.Contains(got.Reason, "panic") || got.Time.IsZero() {
		t.Errorf("%+v", got)
	}
	began := time.Now()
	for range 200 {
		c.refused(`no right "panic"`, "PanicLogout", args)
	}
	if seconds := int(time.Since(began)/time.Second) + 2; len(trail.list) > 20*seconds {
		t.Errorf("%d entries in %d s", len(trail.list), seconds)
	}
	trail.mu.Lock()
	trail.err = fault.New(fault.Unavailable, "trail", "", "the disk is full")
	trail.mu.Unlock()
	c.refused(`no right "panic"`, "PanicLogout", args)
}
