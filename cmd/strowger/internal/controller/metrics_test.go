package controller

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/objects"
)

// scrape is what /metrics says, by line.
func scrape(t *testing.T, c *Controller) string {
	t.Helper()
	w := httptest.NewRecorder()
	c.metrics.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return "\n" + w.Body.String()
}

func wantMetrics(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\nstrowger_"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			name, _, _ = strings.Cut(name, " ")
			t.Errorf("no %q among%s", line, grep(text, name))
		}
	}
}

func grep(text, name string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "strowger_"+name) {
			out.WriteString("\n  " + strings.TrimSpace(line))
		}
	}
	return out.String()
}

// TestMetricsOfTheSwitch: what queues, agents and objects do is in /metrics.
func TestMetricsOfTheSwitch(t *testing.T) {
	l := startLive(t, liveObjects+"stations: [{id: desk, endpoint: 109, mode: nailed}]\n")
	l.do(t, callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready})
	leg, _ := l.call(t, "600")
	if _, err := l.objects.Apply(l.ctx, objects.Apply{YAML: []byte("queues: [{id: x"), By: "anna"}); err == nil {
		t.Fatal("broken objects were taken")
	}
	text := scrape(t, l.Controller)
	wantMetrics(t, text,
		`calls{phase="talking"} 1`, `calls{phase="waiting"} 0`, `agents{state="on-call"} 1`, `agents{state="logged-out"} 1`,
		`queue_waiting{queue="sales"} 0`, `queue_arrived_total{queue="sales"} 1`, `queue_answered_total{queue="sales"} 1`,
		`queue_service_level_ratio{queue="sales"} 1`, `queue_agents_logged_in{queue="sales"} 1`, `queue_agents_ready{queue="sales"} 0`,
		`queue_service{queue="sales",state="active"} 1`, `queue_service{queue="first",state="unmanned"} 1`, `queue_overflowed_total{queue="first"} 0`,
		`callbacks{state="waiting"} 0`, `standing_legs{state="up"} 0`, `phones_off 0`,
		`objects_version 1`, `objects_applies_total 1`, `objects_applies_refused_total 1`, `objects{kind="queue"} 2`, `objects{kind="station"} 1`,
		`decisions_waiting 0`,
	)
	leg.Hangup()
	l.next(t, callmodel.EvCallEnded, nil)
	wantMetrics(t, scrape(t, l.Controller), `calls{phase="talking"} 0`, `agents{state="ready"} 1`)
	if !strings.Contains(grep(scrape(t, l.Controller), "queue_handle_seconds"), `queue="sales"`) {
		t.Error("no handle time")
	}
}

// TestSignedOutIsNotCounted: figures of a queue are about those who are signed in to it.
func TestSignedOutIsNotCounted(t *testing.T) {
	l := startLive(t, liveObjects)
	s := statistics{Store: l.store, sw: l.engine, today: l.records.today, cfg: l.opt.Config.Statistics}
	figures := func(ready int) {
		t.Helper()
		live, err := s.Live(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range live.Queues {
			if q.Group == "sales" && q.AgentsReady != ready || live.Total.AgentsReady != 1 {
				t.Errorf("sales has %d ready agents, want %d, and all together %d", q.AgentsReady, ready, live.Total.AgentsReady)
			}
		}
	}
	l.do(t, callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready})
	figures(1)
	l.do(t, callmodel.SetAgentQueues{Agent: "anna", Only: true})
	wantMetrics(t, scrape(t, l.Controller), `queue_agents_logged_in{queue="sales"} 0`, `queue_agents_ready{queue="sales"} 0`,
		`queue_service{queue="sales",state="unmanned"} 1`, `agents{state="ready"} 1`)
	figures(0)
}

// onAsterisk is a controller beside a pretended Asterisk that knows the phones
// 101, 102 and 103.
func onAsterisk(t *testing.T, own string, change func(*config.Config)) (*Controller, *aritest.Server, *logText) {
	t.Helper()
	fake, dir := aritest.Start(t), t.TempDir()
	phone := func(name string) arispec.Endpoint {
		return arispec.Endpoint{Technology: "PJSIP", Resource: name, State: "online"}
	}
	fake.On(arispec.OpEndpointsListByTech, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: []arispec.Endpoint{phone("101"), phone("102"), phone("103")}}
	})
	cfg := config.Default()
	cfg.Asterisk.ARIURL, cfg.Asterisk.ARIUser, cfg.Asterisk.ARIPassword = strings.TrimSuffix(fake.URL(), "/ari"), aritest.User, config.NewSecret(aritest.Password)
	cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+filepath.Join(dir, "s.db"), filepath.Join(dir, "journal")
	cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", filepath.Join(dir, "s.sock"), false
	if change != nil {
		change(cfg)
	}
	log := &logText{}
	c, err := New(Options{Config: cfg, Objects: []byte(own), Version: "test", Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop(context.Background()) })
	return c, fake, log
}

// asked waits for a request of an operation whose arguments contain a text.
func asked(ctx context.Context, t *testing.T, fake *aritest.Server, op arispec.Op, text string) {
	t.Helper()
	for {
		r, err := fake.Next(ctx)
		if err != nil {
			t.Fatalf("no %s with %q: %v", op, text, err)
		}
		if r.Op == op && strings.Contains(fmt.Sprint(r.Query), text) {
			return
		}
	}
}

// subscribed waits until the link watches a phone.
func subscribed(ctx context.Context, t *testing.T, fake *aritest.Server, phone string) {
	t.Helper()
	asked(ctx, t, fake, arispec.OpApplicationsSubscribe, "PJSIP/"+phone)
}

// TestPhonesFollowTheObjects: the phones of agents and stations are watched,
// those of new objects at once.
func TestPhonesFollowTheObjects(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // less than the link's own look, every 30 s
	defer cancel()
	c, fake, log := onAsterisk(t, "queues: [{id: sales, number: 600}]\nagents: [{id: anna, line: 101, station: {endpoint: 101}}]\nstations: [{id: desk, endpoint: 102}]\n", nil)
	subscribed(ctx, t, fake, "102")
	if _, err := c.objects.Apply(ctx, objects.Apply{YAML: []byte("stations: [{id: new, endpoint: 103, mode: talk-notify}, {id: unknown, endpoint: 104}]"), By: "anna"}); err != nil {
		t.Fatal(err)
	}
	subscribed(ctx, t, fake, "103")
	c.Stop(context.Background())
	if text := log.String(); strings.Count(text, "asterisk.talk_notify") != 1 || !strings.Contains(text, "first=103") {
		t.Errorf("the log says\n%s", text)
	}
}

// TestMetricsOfTheLink: the figures that only Asterisk has are there, and an
// account for talk-notify keeps the log silent about it.
func TestMetricsOfTheLink(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, fake, log := onAsterisk(t, "stations: [{id: desk, endpoint: 102, mode: talk-notify}]\n", func(cfg *config.Config) {
		cfg.Asterisk.TalkNotify = config.TalkNotify{User: "notify", Secret: config.NewSecret("geheim")}
	})
	subscribed(ctx, t, fake, "102")
	asked(ctx, t, fake, arispec.OpAsteriskSetGlobalVar, "SW_HB") // in step
	wantMetrics(t, scrape(t, c), `ari_phones_watched 1`, `ari_phones_missing 0`, `ari_digits_total 0`, `ari_sounds 0`, `ari_phone_transfers_total 0`, `ari_collections_open 0`)
	c.Stop(context.Background())
	if strings.Contains(log.String(), "talk_notify") || strings.Contains(log.String(), "geheim") {
		t.Errorf("the log says\n%s", log)
	}
}
