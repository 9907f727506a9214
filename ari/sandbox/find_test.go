package sandbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/switch/fault"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n": "22.10.1",
		"Asterisk 20.9\n":                    "20.9.0",
		"Asterisk certified/20.7-cert2\n":    "20.7.0",
		"Asterisk certified-18.9-cert5\n":    "18.9.0",
		"Asterisk GIT-22-0123abc\n":          "22.0.0",
		"Asterisk 16.28.0~dfsg-0+deb11u4 \n": "16.28.0",
	} {
		v, err := ParseVersion(text)
		if err != nil || v.String() != want {
			t.Errorf("%q: got %s, %v, want %s", text, v, err, want)
		}
	}
	for _, text := range []string{"", "FreeSWITCH 1.10", "Asterisk", "Asterisk master"} {
		if _, err := ParseVersion(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v, want invalid", text, err)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	f.Add("Asterisk 22.10.1")
	f.Add("Asterisk certified/20.7-cert2")
	f.Add("Asterisk 999999999999.1")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVersion(text)
		if err == nil && (v.Major > 999 || v.Minor > 999 || v.Patch > 999) {
			t.Errorf("%q gave %s", text, v)
		}
	})
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version       Version
		refused, warn bool
	}{
		{Version{Major: 18, Minor: 26}, true, false},
		{Version{Major: 20}, false, true},
		{Version{Major: 22, Minor: 10}, false, true},
		{Version{Major: 22, Minor: 10, Patch: 1}, false, false},
		{Version{Major: 20, Minor: 20, Patch: 1}, false, true},
		{Version{Major: 23, Minor: 4}, false, true},
		{Version{Major: 23, Minor: 4, Patch: 1}, false, false},
		{Version{Major: 24}, false, false},
	} {
		warning, err := judge(c.version)
		if fault.Is(err, fault.Unsupported) != c.refused || (warning != "") != c.warn {
			t.Errorf("%s: warning %q, error %v", c.version, warning, err)
		}
	}
}

func TestMirrorFromSources(t *testing.T) {
	t.Parallel()
	const deb822 = `# comment
Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`
	for _, c := range []struct{ name, file, text, codename, want string }{
		{"deb822", "a.sources", deb822, "bookworm", "http://mirror.example/debian"},
		{
			"security first", "a.list", "deb http://sec.example/debian-security bookworm-security main\n" +
				"deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian bookworm main contrib # main\n", "bookworm", "https://mirror.example/debian",
		},
		{"foreign source first", "a.list", "deb https://tools.example/apt nodistro main\ndeb http://mirror.example/debian trixie main\n", "trixie", "http://mirror.example/debian"},
		{"disabled", "a.sources", "Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\n", "bookworm", ""},
		{"source packages only", "a.list", "deb-src http://mirror.example/debian bookworm main\n", "bookworm", ""},
		{"cdrom", "a.list", "deb cdrom:[Debian]/ bookworm main\n", "bookworm", ""},
		{"no such suite", "a.list", "deb http://mirror.example/debian stable main\n", "bookworm", "http://mirror.example/debian"},
		{"continued URIs", "a.sources", "Types: deb\nURIs:\n http://one.example/debian\n http://two.example/debian\nSuites: bookworm\nComponents: main\n", "bookworm", "http://one.example/debian"},
		{"cut off", "a.list", "deb [arch=amd64\ndeb\ndeb http://x\n", "bookworm", ""},
	} {
		if got := chooseMirror(parseSources(c.file, c.text), c.codename); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzParseSources(f *testing.F) {
	f.Add("a.list", "deb [arch=amd64] http://mirror.example/debian bookworm main")
	f.Add("a.sources", "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, s := range parseSources(name, text) {
			if strings.HasSuffix(s.uri, "/") {
				t.Errorf("%q ends with a slash", s.uri)
			}
		}
	})
}

func TestLockIsExclusiveAndWaitingIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.lock")
	first, err := tryLock(path)
	if err != nil || first == nil {
		t.Fatalf("first lock: %v, %v", first, err)
	}
	if second, err := tryLock(path); err != nil || second != nil {
		t.Fatalf("second lock while the first is held: %v, %v", second, err)
	}
	waiting := make(chan struct{})
	go func() {
		<-waiting
		first.release()
	}()
	third, err := waitLock(t.Context(), path, func() { close(waiting) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := waitLock(ctx, path, cancel); !fault.Is(err, fault.Stopped) {
		t.Errorf("cancelled wait: got %v, want stopped", err)
	}
	third.release()
}

func TestHalfMadeRootIsNotComplete(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if rootComplete(root) {
		t.Error("an empty folder is no root")
	}
	if err := os.MkdirAll(filepath.Join(root, "usr/sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, programInRoot), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if !rootComplete(root) {
		t.Error("a root with the program is complete")
	}
	if err := os.Mkdir(filepath.Join(root, "debootstrap"), 0o755); err != nil {
		t.Fatal(err)
	}
	if rootComplete(root) {
		t.Error("debootstrap has not finished, and the root passes as complete")
	}
}

func TestIsolateDoesNotFollowLinksOut(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(outside, []byte("nameserver 192.0.2.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "etc/resolv.conf")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := isolate(root); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(outside); err != nil || !strings.Contains(string(text), "192.0.2.1") {
		t.Errorf("the machine's own file was changed: %q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "etc/resolv.conf")); err != nil || len(text) != 0 {
		t.Errorf("resolv.conf in the root: %q, %v, want it empty", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "etc/hosts")); err != nil || !strings.HasPrefix(string(text), "127.0.0.1 localhost ") {
		t.Errorf("hosts in the root: %q, %v", text, err)
	}
}

func TestRunToolReportsTheLastLines(t *testing.T) {
	t.Parallel()
	var lines []string
	err := runTool(t.Context(), func(l string) { lines = append(lines, l) }, "sh", "-c", "for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 3")
	if err == nil || !strings.Contains(err.Error(), "line 3 | line 4 | line 5 | line 6 | line 7") || strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v", err)
	}
	if len(lines) != 7 {
		t.Errorf("got %d lines, want 7", len(lines))
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = runTool(ctx, func(string) { cancel() }, "sh", "-c", "echo started; exec tail -f /dev/null")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled tool: got %v", err)
	}
}

func TestDebootstrapProgressIsBounded(t *testing.T) {
	t.Parallel()
	var got []string
	p := debootstrapProgress(func(l string) { got = append(got, l) })
	for range 120 {
		p("I: Retrieving somepackage 1.0")
	}
	p("I: Unpacking the base system...")
	p("W: something else")
	if want := "  retrieving packages;  retrieving packages: 50;  retrieving packages: 100;  unpacking packages"; strings.Join(got, ";") != want {
		t.Errorf("got %q", got)
	}
}

func TestMountPointAndOSRelease(t *testing.T) {
	t.Parallel()
	if got := mountPoint(`36 35 98:0 /a /mnt/with\040space rw - ext4 /dev/x rw`); got != "/mnt/with space" {
		t.Errorf("mount point %q", got)
	}
	if got := mountPoint("36 35"); got != "" {
		t.Errorf("cut-off line gave %q", got)
	}
	r := parseOSRelease("ID=debian\nVERSION_CODENAME=\"bookworm\"\nnonsense\n")
	if r["ID"] != "debian" || r["VERSION_CODENAME"] != "bookworm" {
		t.Errorf("os-release %v", r)
	}
	if a := parseAccount("root:x:0:0::/:/bin/sh\nasterisk:x:101:102::/:/bin/false\n", "asterisk"); a != (account{"asterisk", 101, 102}) {
		t.Errorf("account %v", a)
	}
	if a := parseAccount("asterisk:x:one:two\n", "asterisk"); a.name != "" {
		t.Errorf("account from a broken line: %v", a)
	}
}
