package test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"strowger/test/faultproxy"
)

// badAnswers has Asterisk answer the order to call a phone with what it never
// says, once having obeyed and once not: no phone is called twice, and the
// caller is served.
func (c *chaos) badAnswers(r *chaosReport) {
	for _, answer := range []struct {
		name  string
		short bool // in the short form: the one of the two
		with  faultproxy.Answer
	}{
		{"500", true, faultproxy.Answer{Status: 500, Type: "application/json", Body: `{"message":"Allocation failed"}`}},
		{"503", true, faultproxy.Answer{Status: 503}},
		{"empty", false, faultproxy.Answer{Status: 200, Type: "application/json"}},
		{"HTML", true, faultproxy.Answer{Status: 200, Type: "text/html", Body: "<html><body>It works!"}},
		{"cut", true, faultproxy.Answer{Status: 200, Type: "application/json", Body: `{"id":"sw-`, CutBody: true}},
	} {
		for _, obeyed := range []bool{false, true} {
			if !longTrials() && obeyed != answer.short {
				continue
			}
			answer.with.Forward = obeyed
			a := c.inject(faultproxy.Fault{Mode: faultproxy.Reply, Path: "/ari/channels/sw-", Method: http.MethodPost, Contains: "endpoint=", Count: 1, Answer: answer.with})
			began := time.Now()
			c.call()
			progress(fmt.Sprintf("F19 %s, obeyed %v: call served and over after %v", answer.name, obeyed, time.Since(began).Round(time.Millisecond)))
			a.Lift()
			r.bites(a)
			c.settle()
		}
	}
}

// slowRequests has every answer over HTTP come three seconds late.
func (c *chaos) slowRequests(r *chaosReport) {
	goroutines := c.s.metric("go_goroutines")
	began := time.Now()
	faults := []*faultproxy.Active{}
	for _, path := range []string{"/ari/channels", "/ari/bridges", "/ari/asterisk", "/ari/applications", "/ari/playbacks"} {
		faults = append(faults, c.inject(faultproxy.Fault{Mode: faultproxy.Latency, Delay: 3 * time.Second, Path: path, Ways: faultproxy.ToClient}))
	}
	c.mustSay(true, "go over the event websocket")
	r.detected(began)
	c.call()
	worst := c.s.metric("go_goroutines")
	for range 10 {
		for _, p := range c.talking {
			if state := c.s.agent(p.agent).State; state != "on-call" {
				c.t.Errorf("%s is shown as %s", p.agent, state)
			}
		}
		worst = max(worst, c.s.metric("go_goroutines"))
	}
	for _, a := range faults {
		a.Lift()
		r.bites(a)
	}
	lifted := time.Now()
	eventually(c.t, "HTTP is used again", func() bool {
		_, text := c.wrong()
		return text == ""
	})
	r.recovered(lifted)
	progress(fmt.Sprintf("F20: %g goroutines before, %g at most", goroutines, worst))
	if worst > goroutines+2*goroutinesOfConnections {
		c.t.Errorf("%g goroutines, %g before", worst, goroutines)
	}
}

// sessionLimit sets Asterisk's limit of HTTP connections.
func (c *chaos) sessionLimit(n string) {
	c.t.Helper()
	file := filepath.Join(c.s.asterisk.Dir(), "etc", "http_strowger.conf")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, regexp.MustCompile(`(?m)^sessionlimit = \d+`).ReplaceAll(text, []byte("sessionlimit = "+n)), 0o640)
	}
	if err == nil {
		_, err = c.s.asterisk.CLI(c.t.Context(), "module reload http")
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// mustGoOverWebsocket cuts the HTTP connections of the controller, which finds
// no new ones, until it says so. What they leave free is taken at once.
func (c *chaos) mustGoOverWebsocket(take func()) {
	c.t.Helper()
	var text string
	eventually(c.t, "requests go over the websocket", func() bool {
		for _, path := range []string{"/ari/asterisk", "/ari/applications", "/ari/channels", "/ari/bridges", "/ari/endpoints", "/ari/playbacks", "/ari/recordings"} {
			c.proxy.Cut(path)
		}
		take()
		_, text = c.wrong()
		return strings.Contains(text, "sessionlimit")
	}, &text)
	c.mustSay(true, "sessionlimit")
}

// noSessionLeft opens connections until Asterisk, set to its own default limit
// of 100, takes no more.
func (c *chaos) noSessionLeft(r *chaosReport) {
	c.sessionLimit("100")
	defer c.sessionLimit("1000")
	http.DefaultClient.CloseIdleConnections() // of this test
	began := time.Now()
	var idle []net.Conn
	defer func() {
		for _, conn := range idle {
			_ = conn.Close() // as planned
		}
	}()
	target := strings.TrimSuffix(strings.TrimPrefix(c.s.asterisk.ARIURL(), "http://"), "/ari")
	open := func(n int) {
		for range n {
			conn, err := net.DialTimeout("tcp", target, waitFor)
			if err != nil {
				c.t.Fatal(err)
			}
			idle = append(idle, conn)
		}
	}
	open(120)
	c.mustGoOverWebsocket(func() { open(5) })
	r.detected(began)
	requests := c.s.metric("strowger_ari_rescue_requests_total")
	c.call()
	rescued := c.s.metric("strowger_ari_rescue_requests_total") - requests
	r.bitten("requests over the websocket", uint64(rescued))
	for _, conn := range idle {
		_ = conn.Close() // as planned
	}
	idle = nil
	freed := time.Now()
	eventually(c.t, "HTTP is used again", func() bool {
		_, text := c.wrong()
		return text == ""
	})
	r.recovered(freed)
}
