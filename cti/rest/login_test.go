package rest_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/rest"
)

// TestLoginWithPasscode: the digits are in the answer to the login alone, and
// are those that the switch waits for.
func TestLoginWithPasscode(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.Agents[0].Station.Passcode = true
	sw := ctitest.NewFakeSwitch(cfg)
	f := newFixture(t, func(o *rest.Options) { o.Switch, o.Clock = sw, sw })
	read := func(text string) (a rest.Agent) {
		t.Helper()
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := read(f.post(t, "/api/v1/agents/anna/login", `{"state":"ready"}`, 200))
	if a.State != "logged-out" || !a.LoggingIn || !regexp.MustCompile(`^[0-9]{3}$`).MatchString(a.Passcode) {
		t.Fatalf("logged in as %+v", a)
	}
	v, err := sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range v.Agents {
		if in.ID == "anna" && (in.Entering == nil || in.Entering.Code != a.Passcode) {
			t.Errorf("the switch waits for %+v, not for %s", in.Entering, a.Passcode)
		}
	}
	if b := read(f.do(rest.RoleAdmin, "GET", "/api/v1/agents/anna", "").Body.String()); !b.LoggingIn || b.Passcode != "" {
		t.Errorf("later: %+v", b)
	}
	f.post(t, "/api/v1/agents/anna/state", `{"state":"ready"}`, 409)
	if b := read(f.post(t, "/api/v1/agents/anna/state", `{"state":"logged-out"}`, 200)); b.LoggingIn || b.Passcode != "" {
		t.Errorf("given up: %+v", b)
	}
	if b := read(f.post(t, "/api/v1/agents/bernd/login", ``, 200)); b.State != "not-ready" || b.Passcode != "" || b.LoggingIn {
		t.Errorf("at a station without: %+v", b)
	}
}
