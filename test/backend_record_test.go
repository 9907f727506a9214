package test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/store/journal"
)

// pinSite is a menu that asks for an account and for a PIN.
const pinSite = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", wrap_up: 0s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
ivrs:
  - id: bank
    number: "650"
    nodes:
      - {id: account, kind: input, key: account, prompts: ["sound:beep"], min: 4, max: 12, next: pin}
      - {id: pin, kind: input, key: pin, prompts: ["sound:beep"], min: 4, max: 12, secret: true, next: "queue:sales"}
`

// TestSecretStaysOutOfTheController enters a PIN at a whole controller and
// looks for it in all files that it writes, its database included, and in what
// it tells its clients. The account number, entered the same way, must be in the journal.
func TestSecretStaysOutOfTheController(t *testing.T) {
	const account, pin = "73519264", "80529174"
	s := stage(t, pinSite)
	c := s.caller("4917055501").Dial("650")
	c.MustBeAnswered()
	for _, step := range []struct{ node, digits string }{{"account", account + "#"}, {"pin", pin + "#"}} {
		eventually(t, "the caller is asked for the "+step.node, func() bool {
			l := s.calls()
			return len(l) == 1 && strings.HasSuffix(l[0].Menu, "/"+step.node)
		})
		if err := c.SendDTMF(step.digits); err != nil {
			t.Fatal(err)
		}
	}
	var live rest.Call
	s.must(http.MethodGet, "/api/v1/calls/"+s.waitPhase("waiting").ID, nil, &live)
	c.MustHangup()
	s.noLeftovers()
	var ended rest.CallList
	s.must(http.MethodGet, "/api/v1/calls?ended=true", nil, &ended)
	told, err := json.Marshal([]any{live, ended})
	if err != nil {
		t.Fatal(err)
	}
	s.stop()
	if strings.Contains(string(told), pin) {
		t.Errorf("clients are told the PIN: %s", told)
	}
	if file := findSecret(t, s.dir, pin); file != "" {
		t.Errorf("the PIN stands in %s", file)
	}
	j, _, err := journal.Open(filepath.Join(s.dir, "var", "journal"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	typed, err := typedDigits(j)
	if err != nil || strings.Contains(typed, pin) || !strings.Contains(typed, account) {
		t.Errorf("the journal tells of the digits %q, %v; want %s and not %s", typed, err, account, pin)
	}
}
