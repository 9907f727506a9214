package ici_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// crashed is a server that keeps its subscriptions, what it has kept of anna's
// session, and how its successor is started on the same switch.
type crashed struct {
	*rig
	file string
	kept []byte
}

func crash(t *testing.T) *crashed {
	t.Helper()
	c := &crashed{file: filepath.Join(t.TempDir(), "subscriptions.json")}
	c.rig = newRig(t, func(cfg *ici.Config) { cfg.StateFile, cfg.MonitorInterval = c.file, time.Second })
	c.follow(ctitest.Anna)
	c.watch("W", "agents", 1, "anna")
	c.form("W")
	var err error
	if c.kept, err = os.ReadFile(c.file); err != nil {
		t.Fatalf("what was answered is not kept: %v", err)
	}
	if st, err := os.Stat(c.file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	return c
}

// again starts the successor with what the file says.
func (c *crashed) again(file []byte, adjust func(*ici.Config)) *rig {
	c.Helper()
	if err := os.WriteFile(c.file, file, 0o600); err != nil {
		c.Fatal(err)
	}
	r := rigOn(c.T, c.sw, c.sw, func(cfg *ici.Config) {
		cfg.StateFile, cfg.MonitorInterval = c.file, time.Second
		if adjust != nil {
			adjust(cfg)
		}
	})
	r.crm = c.crm
	return r
}

// Who was subscribed when the last run was killed hears what happens from then on,
// under the same names.
func TestSubscriptionsOutliveACrash(t *testing.T) {
	t.Parallel()
	c := crash(t)
	before := c.srv.Subscriptions()
	c.end()
	if _, err := os.Stat(c.file); !os.IsNotExist(err) {
		t.Errorf("a stop that said goodbye leaves subscriptions: %v", err)
	}
	r := c.again(c.kept, nil)
	after := r.srv.Subscriptions()
	if len(after) != 2 || r.srv.Push().Restored.Load() != 3 || r.srv.Push().NotRestored.Load() != 0 || r.srv.Push().Subscribed.Load() != 0 {
		t.Fatalf("%+v, %d, %d", after, r.srv.Push().Restored.Load(), r.srv.Push().NotRestored.Load())
	}
	for i, s := range after {
		if b := before[i]; s.AppID != b.AppID || !s.Since.Equal(b.Since) || strings.Join(append(s.Lines, s.Forms...), ";") != strings.Join(append(b.Lines, b.Forms...), ";") {
			t.Errorf("%+v, before %+v", s, b)
		}
	}
	if d := r.form("W"); d.figure("anna", "user") != "ANNA" {
		t.Errorf("%+v", d)
	}
	s := r.script(ctitest.Anna)
	r.sw.SetAgent(ctitest.Anna, callmodel.Ready, "")
	s.expect("user ANNA 2") // and nothing before it
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s.expect("C1 3/1 2,3")
	r.sw.HangUp(call)
	s.expect("C1 4/1")
	r.must(ici.OpUserUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "ANNA"})
	r.must(ici.OpContainerUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "ANNA"})
	if data, err := os.ReadFile(c.file); err != nil || bytes.Contains(data, []byte("ANNA")) || !bytes.Contains(data, []byte(`"W"`)) {
		t.Errorf("%s, %v", data, err)
	}
	r.must(ici.OpMonitorUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "W"})
	if _, err := os.Stat(c.file); !os.IsNotExist(err) {
		t.Errorf("the last one is gone, and there still is a file: %v", err)
	}
}

// end stops a server, and takes what it says goodbye with.
func (c *crashed) end() {
	c.Helper()
	if err := c.srv.Stop(c.Context()); err != nil {
		c.Fatal(err)
	}
	for {
		select {
		case <-c.crm.events:
		default:
			return
		}
	}
}

// With replay those who are restored are told all there is.
func TestRestoredAreToldWhatThereIs(t *testing.T) {
	t.Parallel()
	c := crash(t)
	c.end()
	c.sw.SetAgent(ctitest.Anna, callmodel.Ready, "")
	c.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r := c.again(c.kept, func(cfg *ici.Config) { cfg.ReplayOnSubscribe = true })
	seen := map[string]bool{}
	for s := r.script(ctitest.Anna); len(seen) < 2; {
		seen[s.text(s.raw())] = true
	}
	if !seen["user ANNA 2"] || !seen["C1 3/1 2,3"] {
		t.Errorf("%v", seen)
	}
}

// What is not allowed to subscribe today is not restored either, and forgotten.
func TestRestoreChecks(t *testing.T) {
	t.Parallel()
	type target = map[string]string
	line := func(url string, targets ...target) string {
		b, err := json.Marshal(map[string]any{"subscriptions": []any{map[string]any{"app_url": url, "app_id": "X", "targets": targets}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	anna, good := target{"interface": "IciUser", "id": "anna"}, "http://127.0.0.1:9/x"
	for name, test := range map[string]struct {
		file              string
		restored, refused int
		adjust            func(*ici.Config)
	}{
		"good":               {line(good, anna, target{"interface": "IciContainer", "id": "1/+101"}), 2, 0, nil},
		"another host":       {line("http://169.254.169.254/x", anna), 0, 1, nil},
		"not allowed now":    {line(good, anna, anna), 0, 2, func(c *ici.Config) { c.CallbackHosts, c.CallbackNets = nil, []string{"10.0.0.0/8"} }},
		"a file":             {line("file:///etc/passwd", anna), 0, 1, nil},
		"no address":         {line("", anna), 0, 1, nil},
		"unknown user":       {line(good, target{"interface": "IciUser", "id": "nobody"}), 0, 1, nil},
		"unknown line":       {line(good, target{"interface": "IciContainer", "id": "1/+999"}), 0, 1, nil},
		"another channel":    {line(good, target{"interface": "IciContainer", "id": "2/+101"}), 0, 1, nil},
		"unknown form":       {line(good, target{"interface": "IciMonitor", "id": "calls/5/"}), 0, 1, nil},
		"unknown instance":   {line(good, target{"interface": "IciMonitor", "id": "queues/5/699"}), 0, 1, nil},
		"too often":          {line(good, target{"interface": "IciMonitor", "id": "queues/5/600"}), 0, 1, func(c *ici.Config) { c.MonitorInterval = time.Minute }},
		"another interface":  {line(good, target{"interface": "IciSystem", "id": "anna"}), 0, 1, nil},
		"above the limit":    {line(good, anna, target{"interface": "IciUser", "id": "bernd"}), 1, 1, func(c *ici.Config) { c.MaxSubscriptions = 1 }},
		"somebody else's id": {line(good, target{"interface": "IciUser", "id": "anna", "name": "bernd"}), 1, 0, nil},
		"garbage":            {"{", 0, 0, nil},
		"nothing":            {"", 0, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &crashed{rig: &rig{T: t, sw: ctitest.NewFakeSwitch(ctitest.Config()), crm: newCRM(t)}, file: filepath.Join(t.TempDir(), "s.json")}
			r := c.again([]byte(test.file), test.adjust)
			p := r.srv.Push()
			if p.Restored.Load() != uint64(test.restored) || p.NotRestored.Load() != uint64(test.refused) || p.Subscriptions.Load() != int64(test.restored) {
				t.Errorf("%d restored, %d refused, %d now", p.Restored.Load(), p.NotRestored.Load(), p.Subscriptions.Load())
			}
			if test.refused > 0 && test.restored == 0 {
				r.until("file without them", func() bool { _, err := os.Stat(c.file); return os.IsNotExist(err) })
			}
			for _, u := range r.srv.Users() {
				if u.User != "anna" && u.User != "bernd" {
					t.Errorf("%+v", u)
				}
			}
		})
	}
}

// Where the file cannot be written subscribers are served all the same.
func TestSubscriptionsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(cfg *ici.Config) { cfg.StateFile = filepath.Join(t.TempDir(), "none", "s.json") })
	r.follow(ctitest.Anna)
	if n := r.srv.Push().KeepFailures.Load(); n == 0 || r.srv.Push().Subscriptions.Load() != 2 {
		t.Errorf("%d failures, %d subscriptions", n, r.srv.Push().Subscriptions.Load())
	}
	restart, err := r.srv.Apply(func() ici.Config {
		cfg := ici.DefaultConfig()
		cfg.Listen, cfg.StateFile = "127.0.0.1:0", filepath.Join(t.TempDir(), "other.json")
		return cfg
	}())
	if err != nil || len(restart) != 1 || restart[0] != "stateFile" {
		t.Errorf("%v, %v", restart, err)
	}
}
