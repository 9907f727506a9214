package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

var update = flag.Bool("update", false, "rewrite configs/strowger.example.yaml")

const exampleFile = "../../../../configs/strowger.example.yaml"

func TestEveryKeyIsDescribed(t *testing.T) {
	envs := map[string]bool{}
	for _, k := range Keys() {
		if len(k.Doc) < 15 || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s: no documentation, or no sentence: %q", k.Path, k.Doc)
		}
		if k.Leaf() && k.Default == "" && k.Example == "" {
			t.Errorf("%s: neither default nor example", k.Path)
		}
		if strings.Contains(fmt.Sprint(k.Bounds), "^") || k.Env != "" && envs[k.Env] {
			t.Errorf("%s: bounds %q, env %q", k.Path, k.Bounds, k.Env)
		}
		envs[k.Env] = true
	}
	patterns := strings.Count(sectionsSource, "pattern=")
	if whys := strings.Count(sectionsSource, " why:\""); whys != patterns {
		t.Errorf("%d patterns, %d explanations in words", patterns, whys)
	}
}

func TestExampleFileIsCurrent(t *testing.T) {
	if *update {
		if err := os.WriteFile(exampleFile, Example(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(Example()), string(have)); d != "" {
		t.Errorf("configs/strowger.example.yaml differs from the structs; run go test ./cmd/strowger/internal/config -run Example -update\n%s", d)
	}
}

func TestExampleLoads(t *testing.T) {
	cfg := mustLoad(t, string(Example()))
	if filepath.Base(cfg.Objects) != "objects.yaml" || len(cfg.Warnings) != 1 {
		t.Errorf("got %+v", cfg)
	}
	cfg = mustLoad(t, string(NewFile(Secrets{ARI: "aaaa", AMI: "bbbb", ICI: "cccc"})))
	if cfg.Asterisk.ARIPassword.Reveal() != "aaaa" || len(cfg.Warnings) != 0 {
		t.Errorf("got %+v", cfg)
	}
}

// TestExampleWithEverythingSet removes every # before a key: the shown values
// must be valid, and every default equal to the real one.
func TestExampleWithEverythingSet(t *testing.T) {
	text := regexp.MustCompile(`(?m)^( *)#([a-z])`).ReplaceAllString(string(Example()), "$1$2")
	text = strings.ReplaceAll(text, "file:/etc/strowger/", "env:")
	text = regexp.MustCompile(`(?m)^ +(tls_|callback_(ca|cert|key)).*\n`).ReplaceAllString(text, "")
	got := mustLoad(t, text, "ami.secret=x", "ici.secret=y", "sapphone.secret=f", "desktop.hash=h", "sap.secret=g", "notify.secret=z", "wallboard.token=0123456789abcdef",
		"ari2.secret=a", "ami2.secret=b", "notify2.secret=c", "database.secret=d", "proxy.secret=e")
	want := mustLoad(t, string(Example()))
	want.Asterisk.AMIUser, want.Asterisk.AMIPassword = got.Asterisk.AMIUser, got.Asterisk.AMIPassword
	want.Asterisk.TalkNotify, want.Asterisk.ToneZone, want.REST = got.Asterisk.TalkNotify, got.Asterisk.ToneZone, got.REST
	want.Asterisk.CELFile = got.Asterisk.CELFile
	want.Asterisk.Nodes, want.Asterisk.Peer = got.Asterisk.Nodes, got.Asterisk.Peer
	want.ICI.User, want.ICI.Password, want.HTTP.Hosts, want.Objects = got.ICI.User, got.ICI.Password, got.HTTP.Hosts, got.Objects
	want.ICI.CallbackPorts, want.ICI.PublicURL, want.ICI.CMSHostID = got.ICI.CallbackPorts, got.ICI.PublicURL, got.ICI.CMSHostID
	want.ICI.CallbackProxy, want.ICI.ProxyUser, want.ICI.ProxyPassword = got.ICI.CallbackProxy, got.ICI.ProxyUser, got.ICI.ProxyPassword
	want.ICI.NoProxy, want.ICI.MapSubscribeURL = got.ICI.NoProxy, got.ICI.MapSubscribeURL
	want.Store.Password = got.Store.Password
	resolve := filepath.Dir(got.File)
	sap := &want.SAPphone
	sap.User, sap.Password, sap.Servers, sap.Clients, sap.ServerName = got.SAPphone.User, got.SAPphone.Password, got.SAPphone.Servers, got.SAPphone.Clients, got.SAPphone.ServerName
	sap.Campaigns = got.SAPphone.Campaigns
	sap.ClientCA, sap.Metadata, sap.StateFile = got.SAPphone.ClientCA, got.SAPphone.Metadata, filepath.Join(resolve, "var/sapphone.json")
	cti, set := &want.CTIPS, got.CTIPS
	cti.PublicURL, cti.TrustedProxies, cti.Users, cti.LDAP, cti.Tenants = set.PublicURL, set.TrustedProxies, set.Users, set.LDAP, set.Tenants
	cti.Listeners, cti.CallbackAllow, cti.Namespaces.Callback, cti.UserDataNames, cti.ParkReason = set.Listeners, set.CallbackAllow, set.Namespaces.Callback, set.UserDataNames, set.ParkReason
	want.Recording.Dir, want.Dialer.SamplesDir = filepath.Join(resolve, "var/recordings"), filepath.Join(resolve, "var/samples")
	want.Dialer.LogDir, want.Dialer.ImportDir = filepath.Join(resolve, "var/dialer"), filepath.Join(resolve, "var/imports")
	want.Dialer.EarsAddress = got.Dialer.EarsAddress
	if want.Store.JournalDir = filepath.Join(resolve, "var/journal"); got.Asterisk.AMIUser != "strowger" || got.ICI.User != "crm" ||
		got.Asterisk.TalkNotify.User != "strowger-notify" || len(got.REST.Tokens) != 1 || len(got.Asterisk.Nodes) != 1 || got.Asterisk.Nodes[0].TalkNotifySecret.Reveal() != "c" || got.REST.Tokens[0].Agent != "anna" || got.REST.Tokens[0].Secret.Reveal() != "0123456789abcdef" {
		t.Errorf("keys were not set: %+v", got)
	}
	want.Store.URL, want.HTTP.Socket = sqlitePrefix+filepath.Join(resolve, "var/strowger.db"), filepath.Join(resolve, "var/strowger.sock")
	if d := cmp.Diff(want, got, ignoreSource...); d != "" {
		t.Errorf("the example shows values that are not the defaults (-default +shown):\n%s", d)
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		name  string
		first string
		count int
	}{
		{"asterisk.ari_url", "asterisk.ari_url", 1},
		{"queues.ring_timeout", "queues[].ring_timeout", 1},
		{"queues[].ring_timeout", "queues[].ring_timeout", 1},
		{"Queues[3].Ring_Timeout", "queues[].ring_timeout", 1},
		{"STROWGER_LOG__LEVEL", "log.level", 1},
		{"log", "log", 3},
		{"agents.station", "agents[].station", 8},
		{"listen", "ici.listen", 5},
		{"ici.tls", "ici.tls_cert", 3},
		{"", "asterisk", len(Keys())},
	}
	for _, tt := range tests {
		keys, err := Explain(tt.name)
		if err != nil || len(keys) != tt.count || keys[0].Path != tt.first {
			t.Errorf("Explain(%q) = %d keys, %v", tt.name, len(keys), err)
		}
	}
	for name, want := range map[string]string{"ici.lisen": "did you mean ici.listen?", "ring_timout": "did you mean ring_timeout?", "zzzzzzzz": "lists all keys", strings.Repeat("x", 5000): "lists all keys"} {
		if _, err := Explain(name); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("Explain(%.20q) = %v", name, err)
		}
	}
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	for _, k := range spec().Keys() {
		node := any(s)
		for _, part := range strings.Split(k.Path, ".") {
			name, inList := strings.CutSuffix(part, "[]")
			node = schema.ValueAt(node, []string{"properties", name})
			if inList {
				node = schema.ValueAt(node, []string{"items"})
			}
		}
		m, ok := node.(map[string]any)
		if !ok || m["description"] != k.Doc {
			t.Errorf("%s: schema says %v", k.Path, m["description"])
		}
		if k.Default != "" && m["default"] == nil {
			t.Errorf("%s: the schema has no default", k.Path)
		}
	}
	first := Schema()
	first[0] = 'x'
	if bytes.Equal(first, Schema()) {
		t.Error("a caller can change the schema")
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	cfg := mustLoad(t, minimal)
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "cfg", cfg, "secret", cfg.Asterisk.ARIPassword)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "cfg", cfg, "secret", cfg.Asterisk.ARIPassword)
	pw := cfg.Asterisk.ARIPassword
	all := string(asJSON) + string(asYAML) + logged.String() + fmt.Sprintf("%v %+v %#v %s %q %x %d %v", cfg, *cfg, cfg, pw, pw, pw, pw, &pw)
	if strings.Contains(all, "geheim") || strings.Contains(all, fmt.Sprintf("%x", "geheim")) {
		t.Errorf("the password is shown: %s", all)
	}
	if !strings.Contains(all, redacted) || pw.Reveal() != "geheim" || pw.Empty() || !cfg.ICI.Password.Empty() || cfg.ICI.Password.String() != "" {
		t.Errorf("redaction does not work: %s", all)
	}
}

func TestSecretFromAFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"ok": "geheim\r\n", "empty": "\n", "large": strings.Repeat("x", maxSecretFile+1), "lines": "a\nb\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"ok": "", "empty": "the file is empty", "large": "too large", "lines": "line breaks", "none": "no such file", ".": "not a plain file"} {
		cfg, err := load(t, "asterisk: {ari_password: \"file:"+filepath.Join(dir, name)+"\"}\n")
		switch {
		case want == "" && (err != nil || cfg.Asterisk.ARIPassword.Reveal() != "geheim"):
			t.Errorf("%s: %v", name, err)
		case want != "" && !strings.Contains(fmt.Sprint(err), want):
			t.Errorf("%s: want %q, got %v", name, want, err)
		}
	}
}

// TestTokens reads secrets from where they point to, and shows none.
func TestTokens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t")
	if err := os.WriteFile(file, []byte("0123456789abcdef-geheim-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := mustLoad(t, minimal+"rest:\n  tokens:\n    - {name: a, role: agent, agent: anna, secret: \"file:"+file+"\"}\n    - {name: b, role: admin, secret: \"env:TOKEN\"}\n",
		"TOKEN=0123456789abcdef-geheim-env", "STROWGER_ASTERISK__TALK_NOTIFY__USER=n", "STROWGER_ASTERISK__TALK_NOTIFY__SECRET=s")
	if list := cfg.REST.Tokens; len(list) != 2 || list[0].Secret.Reveal() != "0123456789abcdef-geheim-file" || list[1].Secret.Reveal() != "0123456789abcdef-geheim-env" || list[0].Agent != "anna" {
		t.Errorf("got %+v", cfg.REST)
	}
	if shown := fmt.Sprintf("%v %+v %#v", cfg, *cfg, cfg.REST); strings.Contains(shown, "geheim") {
		t.Errorf("a secret is shown: %s", shown)
	}
	if n := cfg.Asterisk.TalkNotify; n.User != "n" || n.Secret.Reveal() != "s" {
		t.Errorf("the environment did not set %+v", n)
	}
}

func TestFileModeWarning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	for text, want := range map[string]int{minimal: 1, "asterisk: {ari_password: \"env:PW\"}\n": 0} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(t.Context(), path, []string{"PW=x"})
		if err != nil || len(cfg.Warnings) != want {
			t.Errorf("%q: %v, warnings %v", text, err, cfg.Warnings)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "0s": 0, "15s": 15 * time.Second, "250ms": 250 * time.Millisecond, "1h30m": 90 * time.Minute, "7d": 168 * time.Hour, "1d12h": 36 * time.Hour, "1.5s": 1500 * time.Millisecond} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "15", "-1s", "1h2d", "1d2d", "s", "1 s", "9999999999s", "999999h", "100000d", "1µs", "1us", "1e3s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 100*24*3600*1000).Draw(t, "ms")) * time.Millisecond
		if got, err := ParseDuration(FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%v written as %s, read as %v, %v", d, FormatDuration(d), got, err)
		}
	})
}
