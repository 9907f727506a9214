package layers_test

import (
	"strings"
	"testing"

	"strowger/test/layers"
)

// sound is a house in order; each planted violation is added to it.
func sound() []layers.Package {
	return []layers.Package{
		{Path: "strowger/switch/fault", Imports: []string{"errors"}},
		{Path: "strowger/switch/numbering", Imports: []string{"strowger/switch/fault", "regexp"}},
		{Path: "strowger/switch/calendar", Imports: []string{"strowger/switch/fault", "embed", "time"}},
		{Path: "strowger/switch/callmodel", Imports: []string{"strowger/switch/fault", "strowger/switch/numbering", "strowger/switch/calendar", "time", "strowger/switch/callmodel"}},
		{Path: "strowger/switch/acd", Imports: []string{"strowger/switch/callmodel", "strowger/switch/calendar", "strowger/switch/numbering"}},
		{Path: "strowger/dialer/pacing", Imports: []string{"strowger/switch/fault", "math"}},
		{Path: "strowger/switch/port", Imports: []string{"context", "strowger/switch/callmodel"}},
		{Path: "strowger/switch/engine", Imports: []string{"strowger/switch/port", "strowger/switch/acd", "strowger/switch/engine/internal/lane"}},
		{Path: "strowger/switch/store", Imports: []string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx/v5"}},
		{Path: "strowger/ari/link", Imports: []string{"strowger/ari/arispec", "strowger/ari/aritest", "github.com/coder/websocket"}},
		{Path: "strowger/ari/sandbox", Imports: []string{"strowger/configs"}},
		{Path: "strowger/sip/leg", Imports: []string{"strowger/media/codec", "github.com/emiago/sipgo/sip"}},
		{Path: "strowger/media/rtpio", Imports: []string{"github.com/pion/rtp"}},
		{Path: "strowger/switch/objects", Imports: []string{"strowger/switch/callmodel", "strowger/switch/numbering", "strowger/switch/objects/schema", "go.yaml.in/yaml/v3"}},
		{Path: "strowger/cti/rest", Imports: []string{"strowger/switch/objects"}},
		{Path: "strowger/cti/ici", Imports: []string{"strowger/cti/soap", "strowger/switch/port", "strowger/switch/numbering"}},
		{Path: "strowger/cmd/strowger", Imports: []string{"strowger/ari/link", "strowger/sip/ua", "github.com/prometheus/client_golang/prometheus"}},
		{Path: "strowger/test", Imports: []string{"strowger/cmd/strowger", "strowger/test/layers", "github.com/emiago/sipgo"}},
		{Path: "strowger/bench/queue", Imports: []string{"strowger/ari/sandbox", "github.com/pion/rtp"}},
	}
}

func TestSoundHousePasses(t *testing.T) {
	t.Parallel()
	if found := layers.Check(sound()); len(found) != 0 {
		t.Errorf("a house in order is refused:\n%s", strings.Join(found, "\n"))
	}
}

func TestPlantedViolationsAreReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, reason string }{
		{"strowger/cti/ici", "strowger/ari/link", "imports point inwards"},
		{"strowger/ari/link", "strowger/switch/engine", "imports point inwards"},
		{"strowger/media/mix", "strowger/sip/leg", "data plane"},
		{"strowger/switch/callmodel", "strowger/switch/port", "pure value"},
		{"strowger/switch/callmodel", "strowger/switch/acd", "pure value"},
		{"strowger/switch/callmodel_test", "strowger/switch/acd", "pure value"},
		{"strowger/switch/fault", "strowger/switch/callmodel", "knows nobody"},
		{"strowger/switch/numbering", "strowger/switch/callmodel", "asks nobody"},
		{"strowger/switch/numbering", "strowger/switch/calendar", "asks nobody"},
		{"strowger/switch/calendar_test", "strowger/switch/numbering", "ask nobody"},
		{"strowger/switch/calendar", "github.com/oklog/ulid/v2", "standard library only"},
		{"strowger/switch/engine", "strowger/switch/store", "only through port"},
		{"strowger/switch/objects", "strowger/switch/store", "no store and no adapter"},
		{"strowger/switch/callmodel", "strowger/switch/objects", "pure value"},
		{"strowger/ari/link", "strowger/switch/objects", "imports point inwards"},
		{"strowger/switch/store", "strowger/switch/engine", "only through port"},
		{"strowger/switch/sim", "strowger/switch/engine", "behind port"},
		{"strowger/dialer/pacing", "strowger/switch/engine", "pure function"},
		{"strowger/dialer/runner", "strowger/cti/session", "client of port.Switch"},
		{"strowger/cti/rest", "strowger/configs", "imports point inwards"},
		{"strowger/ari/sandbox", "strowger/cmd/strowger", "outermost"},
		{"strowger/cmd/strowger", "strowger/test/layers", "outermost"},
		{"strowger/switch/callmodel", "github.com/oklog/ulid/v2", "standard library only"},
		{"strowger/dialer/pacing", "pgregory.net/rapid", "standard library only"},
		{"strowger/ari/link", "github.com/emiago/sipgo", "only in sip"},
		{"strowger/media/record", "github.com/pion/rtp", "only in media/rtpio"},
		{"strowger/sip/ua", "github.com/coder/websocket", "only in ari, cti"},
		{"strowger/cti/rest", "database/sql", "only in switch/store"},
		{"strowger/dialer/list", "modernc.org/sqlite", "only in switch/store"},
		{"strowger/cti/ici", "github.com/jackc/pgx/v5", "only in switch/store"},
		{"strowger/cti/ctips", "github.com/go-ldap/ldap/v3", "only in cti/ctips/directory"},
		{"strowger/ari/link", "github.com/prometheus/client_golang/prometheus", "only in cmd, cti/rest"},
		{"strowger/helpers", "errors", "in no folder"},
		{"strowger/cti/ici", "strowger/helpers", "in no folder"},
		{"elsewhere/x", "errors", "in no folder"},
	} {
		found := layers.Check(append(sound(), layers.Package{Path: c.from, Imports: []string{"fmt", c.to}}))
		if len(found) != 1 {
			t.Errorf("%s -> %s: %d violations reported, want 1: %q", c.from, c.to, len(found), found)
			continue
		}
		if !strings.HasPrefix(found[0], c.from+" ") || !strings.Contains(found[0], c.reason) {
			t.Errorf("%s -> %s: the report lacks %q: %s", c.from, c.to, c.reason, found[0])
		}
	}
}
