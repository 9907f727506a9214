package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"strowger/switch/fault"
)

const minimal = "asterisk:\n  ari_password: geheim\n"

// load writes text to a file and loads it.
func load(t *testing.T, text string, env ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), DefaultFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(context.Background(), path, env)
}

// mustLoad is load for a text that has to be valid.
func mustLoad(t *testing.T, text string, env ...string) *Config {
	t.Helper()
	cfg, err := load(t, text, env...)
	if err != nil {
		t.Fatalf("want a valid configuration, got:\n%v", err)
	}
	return cfg
}

// problemsOf returns the findings of an error, and fails when there are none.
func problemsOf(t *testing.T, err error) Problems {
	t.Helper()
	var ps Problems
	if !errors.As(err, &ps) || !fault.Is(err, fault.Invalid) {
		t.Fatalf("want an Invalid error with problems, got %v", err)
	}
	return ps
}

var ignoreSource = []cmp.Option{
	cmp.AllowUnexported(Secret{}),
	cmpopts.IgnoreFields(Config{}, "File", "Warnings"),
	cmpopts.EquateEmpty(),
}

func TestMinimalFileIsTheDefault(t *testing.T) {
	cfg := mustLoad(t, minimal)
	want := Default()
	want.Asterisk.ARIPassword = NewSecret("geheim")
	resolvePaths(want, filepath.Dir(cfg.File))
	if d := cmp.Diff(want, cfg, ignoreSource...); d != "" {
		t.Errorf("defaults differ (-want +got):\n%s", d)
	}
	if cfg.ICI.SOAPTimeout != 100*time.Second || cfg.Limits.Calls != 5000 || !cfg.ICI.Enabled || cfg.ICI.ReplayOnSubscribe {
		t.Errorf("defaults were not read from the tags: %+v", cfg)
	}
}

func TestEnvironmentOverrides(t *testing.T) {
	cfg := mustLoad(t, minimal,
		"STROWGER_ASTERISK__APP=other", "STROWGER_LIMITS__CALLS=77", "STROWGER_ICI__ENABLED=false",
		"STROWGER_ICI__ALLOW=10.0.0.0/8, 127.0.0.1", "STROWGER_HTTP__LISTEN=127.0.0.1:0", "STROWGER_STORE__FSYNC_DELAY=5ms",
		"STROWGER_CONFIG=elsewhere.yaml", "STROWGER_PORT=tcp://10.0.0.1:80", "OTHER__X=1")
	if cfg.Asterisk.App != "other" || cfg.Limits.Calls != 77 || cfg.ICI.Enabled || cfg.Store.FsyncDelay != 5*time.Millisecond {
		t.Errorf("overrides were not applied: %+v", cfg)
	}
	if got := cfg.ICI.AllowPrefixes(); len(got) != 2 || got[1].String() != "127.0.0.1/32" {
		t.Errorf("allow = %v", got)
	}
}

func TestEnvironmentErrorsNameTheVariable(t *testing.T) {
	_, err := load(t, minimal, "STROWGER_LIMITS__CALLS=many", "STROWGER_ASTERISK__ARI_USR=x", "STROWGER_QUEUES__ID=x",
		"STROWGER_LOG__level=info", "STROWGER_ICI__ENABLED=yes", "STROWGER_ASTERISK__REST_TIMEOUT=3")
	text := problemsOf(t, err).Error()
	for _, want := range []string{
		"environment STROWGER_LIMITS__CALLS: limits.calls: a whole number is wanted",
		"environment STROWGER_ASTERISK__ARI_USR: no key has this name; did you mean STROWGER_ASTERISK__ARI_USER?",
		"environment STROWGER_QUEUES__ID: no key has this name",
		"environment STROWGER_LOG__level: no key has this name; did you mean STROWGER_LOG__LEVEL?",
		"environment STROWGER_ICI__ENABLED: ici.enabled: true or false is wanted",
		`environment STROWGER_ASTERISK__REST_TIMEOUT: asterisk.rest_timeout: "3" has no unit`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in:\n%s", want, text)
		}
	}
}

func TestWithoutAFile(t *testing.T) {
	cfg, err := Load(context.Background(), "", []string{"STROWGER_ASTERISK__ARI_PASSWORD=env:PW", "PW=geheim"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Asterisk.ARIPassword.Reveal() != "geheim" || cfg.HTTP.Socket != "var/strowger.sock" {
		t.Errorf("got %+v", cfg)
	}
	if _, err := Load(context.Background(), "", nil); !strings.Contains(problemsOf(t, err).Error(), "asterisk.ari_password: missing") {
		t.Errorf("the missing password was not reported: %v", err)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	_, err := Load(context.Background(), filepath.Join(dir, "none.yaml"), nil)
	if !fault.Is(err, fault.NotFound) || !strings.Contains(fault.ReasonOf(err), "strowger init") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(context.Background(), dir, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a folder: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, "", nil); !fault.Is(err, fault.Stopped) {
		t.Errorf("cancelled: %v", err)
	}
	comment := strings.Repeat("# "+strings.Repeat("x", 1000)+"\n", MaxFileSize/1000)
	if _, err := load(t, comment); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("too large: %v", err)
	}
}

func TestPathsBeginAtTheFile(t *testing.T) {
	cfg := mustLoad(t, minimal+"store: {journal_dir: /srv/journal}\n")
	dir := filepath.Dir(cfg.File)
	if cfg.HTTP.Socket != filepath.Join(dir, "var/strowger.sock") || cfg.Store.URL != "sqlite:"+filepath.Join(dir, "var/strowger.db") || cfg.Store.JournalDir != "/srv/journal" {
		t.Errorf("got %+v %+v", cfg.HTTP, cfg.Store)
	}
}

func TestTooManyProblemsAreCutOff(t *testing.T) {
	_, err := load(t, minimal+"ici: {allow: ["+strings.Repeat("x y, ", 200)+"]}\n")
	if ps := problemsOf(t, err); len(ps) != 101 {
		t.Errorf("got %d problems", len(ps))
	}
}

// TestFilesToWatch: what a change of makes the controller load the configuration
// again, certificates and passwords of SAPphone and CTIPS among it.
func TestFilesToWatch(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sap.secret", "a")
	write("crm.secret", "b")
	write("crm.pem", "c")
	write("desktop.hash", "pbkdf2-sha256$10000$c2FsdHNhbHQ$8AsC4H/147lFlEEMCnL1JMziEIWaSGvXLB7jM4MIJaM")
	write(DefaultFile, minimal+`sapphone:
  enabled: true
  user: sap
  password: file:sap.secret
  clients: [{connection: CLIENT=506 USER=x ASHOST=crm SYSNR=00, password: file:crm.secret}]
ctips:
  enabled: true
  listeners: [{listen: "127.0.0.1:8732"}]
  users: [{name: desktop, password_hash: file:desktop.hash, rights: [monitor]}]
`)
	got, err := Load(t.Context(), filepath.Join(dir, DefaultFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	got.ICI.CallbackCertDir = dir
	s := &got.SAPphone
	s.TLSCert, s.TLSKey, s.TLSClientCA, s.ClientCA = dir+"/own.crt", dir+"/own.key", dir+"/theirs.crt", dir+"/ca.crt"
	c := &got.CTIPS
	c.TLSCert, c.CallbackKey, c.LDAP.CA, c.Listeners[0].TLSClientCA = dir+"/ctips.crt", dir+"/back.key", dir+"/corp.crt", dir+"/second.crt"
	for _, want := range []string{DefaultFile, "ctips.crt", "back.key", "corp.crt", "second.crt", "desktop.hash", "own.crt", "own.key", "theirs.crt", "ca.crt", "sap.secret", "crm.secret", "crm.pem", ""} {
		if !slices.Contains(got.Files(), filepath.Join(dir, want)) {
			t.Errorf("%s is not watched: %q", want, got.Files())
		}
	}
}
