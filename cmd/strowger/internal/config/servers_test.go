package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestServers: a further server has what is said of it, and of the first what is not.
func TestServers(t *testing.T) {
	one := mustLoad(t, minimal).Asterisk
	if all := one.Servers(); len(all) != 1 || all[0].Peer != one.Node || one.Several() || one.Model() != nil {
		t.Errorf("one server: %+v", all)
	}
	cfg := mustLoad(t, minimal+"  app: pbx\n  ami_user: u\n  ami_password: p\n  nodes: [{node: b, peer: way, ari_url: \"http://127.0.0.1:9\", ari_password: other}]\n")
	all := cfg.Asterisk.Servers()
	if len(all) != 2 || all[1].App != "pbx" || all[1].ARIUser != "strowger" || all[1].ARIPassword.Reveal() != "other" || all[1].AMIUser != "" || all[1].Peer != "way" {
		t.Errorf("got %+v", all)
	}
	if m := cfg.Asterisk.Model(); len(m) != 2 || m[0].ID != "asterisk-1" || m[0].Peer != "asterisk-1" || m[1].ID != "b" || m[1].Peer != "way" {
		t.Errorf("got %+v", m)
	}
	cfg.Objects = filepath.Join(t.TempDir(), ObjectsFile)
	for node, want := range map[string]string{"b": "", "asterisk-1": "", "c": "there is no telephony server c"} {
		text := "stations: [{id: x, endpoint: \"101\", node: " + node + "}]\n"
		if err := os.WriteFile(cfg.Objects, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := CheckObjects(cfg); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", node, err, want)
		}
	}
}
