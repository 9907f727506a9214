package sandbox

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"strowger/configs"
	"strowger/switch/fault"
)

var anyProgram = Program{Path: "/usr/sbin/asterisk", Root: "/nowhere"}

func TestOptionsAreCompleted(t *testing.T) {
	t.Parallel()
	o, err := Options{Name: "a", Agents: 3, Secret: "s"}.validate(anyProgram)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Values.Phones) != 3 || o.Values.Phones[2].Number != "103" || o.Values.Phones[2].Password != AgentPassword("s", "103") {
		t.Errorf("phones %v", o.Values.Phones)
	}
	if o.Values.Phones[0].Password == o.Values.Phones[1].Password {
		t.Error("two phones share a password")
	}
	if o.Values.ARIPassword == "" || o.Values.ARIPassword == o.Values.AMIPassword {
		t.Error("ARI and AMI must get random passwords of their own")
	}
	if err := o.Values.WithDefaults().Validate(); err != nil {
		t.Errorf("completed values are refused: %v", err)
	}
}

func TestOptionsAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no name":           {},
		"name with a path":  {Name: "../etc"},
		"too many agents":   {Name: "a", Agents: maxAgents + 1},
		"extra with a path": {Name: "a", Extra: map[string]string{"../x.conf": ""}},
		"extra asterisk":    {Name: "a", Extra: map[string]string{"asterisk.conf": ""}},
	} {
		if _, err := o.validate(anyProgram); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	if _, err := (Options{Name: "a"}).validate(Program{Path: "/usr/sbin/asterisk"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("own program without a folder: got %v", err)
	}
}

func TestLayoutWritesEverythingAfresh(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	l := newLayout(Program{Path: "/usr/sbin/asterisk"}, base, "a")
	o, err := Options{Name: "a", Dir: base, Agents: 1, Extra: map[string]string{"pjsip_local.conf": "[x](strowger-trunk)\n"}}.validate(Program{Path: "/usr/sbin/asterisk"})
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(l.dir, "spool", "left-over")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := l.write(o, account{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("a file of an earlier run is still there")
	}
	for name, want := range map[string]string{
		"asterisk.conf":    "astetcdir => " + l.dir + "/etc\n",
		"pjsip.conf":       "[101](strowger-phone)",
		"pjsip_local.conf": "[x](strowger-trunk)",
		"acl.conf":         "; defaults",
	} {
		path := filepath.Join(l.dir, "etc", name)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q (%v)", name, want, err)
		}
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s holds passwords and is open to others: %v", name, info.Mode())
		}
	}
	if !strings.Contains(l.asteriskConf(7, ""), "maxfiles = 7\n") {
		t.Error("asterisk.conf lacks the limit on open files")
	}
}

func TestLayoutRefusesPathsAsteriskCannotUse(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"long": "/" + strings.Repeat("x", 100), "semicolon": "/a;b"} {
		l := newLayout(Program{Path: "/usr/sbin/asterisk"}, dir, "a")
		if err := l.write(Options{Values: configs.Values{ARIPassword: "12345678", AMIPassword: "12345678"}}, account{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

func TestLayoutInRootIsSeenFromInside(t *testing.T) {
	t.Parallel()
	l := newLayout(Program{Path: programInRoot, Root: "/cache/asterisk"}, "/cache/asterisk/srv/strowger", "a")
	if l.conf() != "/srv/strowger/a/etc/asterisk.conf" || l.log() != "/cache/asterisk/srv/strowger/a/log/messages.log" {
		t.Errorf("conf %s, log %s", l.conf(), l.log())
	}
}

func TestAssignPorts(t *testing.T) {
	t.Parallel()
	v, err := assignPorts(configs.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if v.HTTPPort == v.AMIPort || v.HTTPPort < firstFree || v.SIPPort > lastFree {
		t.Errorf("ports %d %d %d", v.HTTPPort, v.AMIPort, v.SIPPort)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // nobody connected
	port := taken.Addr().(*net.TCPAddr).Port
	_, err = assignPorts(configs.Values{HTTPPort: port})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("taken port: got %v, want a conflict that names it", err)
	}
}

func TestClaimIsExclusivePerName(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	p := Program{Path: "/usr/sbin/asterisk"}
	first, err := claim(p, Options{Name: "a"}, base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(p, Options{Name: "a"}, base); !fault.Is(err, fault.Conflict) {
		t.Errorf("second claim of a name in use: got %v, want conflict", err)
	}
	one, err := claim(p, Options{Name: "u", Unique: true}, base)
	if err != nil {
		t.Fatal(err)
	}
	two, err := claim(p, Options{Name: "u", Unique: true}, base)
	if err != nil || one.Name() != "u-1" || two.Name() != "u-2" {
		t.Errorf("unique names %s, %s, %v", one.Name(), two.Name(), err)
	}
	first.lock.release()
	if _, err := claim(p, Options{Name: "a"}, base); err != nil {
		t.Errorf("claim after release: %v", err)
	}
}

func TestLeftOverTakesNobodyElsesProcess(t *testing.T) {
	t.Parallel()
	p := Program{Path: "/usr/sbin/asterisk"}
	l := newLayout(p, t.TempDir(), "a")
	if err := os.MkdirAll(filepath.Dir(l.pidFile()), 0o755); err != nil {
		t.Fatal(err)
	}
	// This test's own process lives and is no Asterisk: a recycled pid looks like that.
	for _, text := range []string{strconv.Itoa(os.Getpid()), "1", "0", "-1", "junk", ""} {
		if err := os.WriteFile(l.pidFile(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if pid := leftOver(p, l); pid != 0 {
			t.Errorf("pid file %q: would kill %d", text, pid)
		}
	}
}
