package main

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"strowger/ari/sandbox"
	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/demo"
	"strowger/cti/rest"
)

// The site that `strowger run` makes up: two queues with three agents each.
const (
	demoAgents     = 6
	demoFirstAgent = 101
	demoHandsets   = 3    // the first ones; the others accept calls in the CRM
	demoTone       = 1200 // Hz of the first agent; the others 100 Hz apart
	demoRing       = 8 * time.Second
	demoHandsetEnd = 3 * time.Second  // wrap-up by timer
	demoCRMEnd     = 20 * time.Second // ended in the CRM much sooner
)

func demoQueues() []demo.Queue {
	return []demo.Queue{{ID: "sales", Name: "Sales", Number: "600"}, {ID: "support", Name: "Support", Number: "700"}}
}

func demoStaff(secret string) []demo.Agent {
	out := make([]demo.Agent, 0, demoAgents)
	for i := range demoAgents {
		line := strconv.Itoa(demoFirstAgent + i)
		out = append(out, demo.Agent{
			ID: "agent" + line, Line: line, OnAccept: i >= demoHandsets,
			Password: sandbox.AgentPassword(secret, line), Tone: float64(demoTone + 100*i),
		})
	}
	return out
}

// demoConfig is the configuration of the made-up site, with all files in dir,
// the socket in socketDir and a supervisor's token for the pages.
func demoConfig(dir, socketDir, token string) *config.Config {
	cfg := config.Default()
	cfg.HTTP.Socket = filepath.Join(socketDir, "strowger.sock")
	cfg.Store.URL = "sqlite:" + filepath.Join(dir, "strowger.db")
	cfg.Store.JournalDir = filepath.Join(dir, "journal")
	cfg.CTIPS.Enabled = true
	cfg.REST.Tokens = []config.Token{{Name: "demo", Role: rest.RoleSupervisor.String(), Secret: config.NewSecret(token)}}
	return cfg
}

// demoObjects are the queues and agents of the made-up site, as a file.
func demoObjects(agents []demo.Agent, campaign bool) []byte {
	var b bytes.Buffer
	queues := demoQueues()
	b.WriteString("queues:\n")
	for i, q := range queues {
		fmt.Fprintf(&b, "  - {id: %s, name: %q, number: %q, max_waiting: 100, ring_timeout: %s, wrap_up: %s}\n",
			q.ID, q.Name, q.Number, config.FormatDuration(demoRing), config.FormatDuration([]time.Duration{demoHandsetEnd, demoCRMEnd}[i]))
	}
	if campaign {
		b.WriteString(campaignQueue())
	}
	b.WriteString("agents:\n")
	for _, a := range agents {
		queue, mode := queues[0].ID, "handset"
		if a.OnAccept {
			queue, mode = queues[1].ID, "call-on-accept"
		}
		fmt.Fprintf(&b, "  - {id: %s, name: Agent %s, line: %q, queues: [%s], station: {endpoint: %q, mode: %s}}\n", a.ID, a.Line, a.Line, queue, a.Line, mode)
	}
	if campaign {
		b.WriteString(campaignAgents())
		b.Write(campaignObjects())
	}
	return b.Bytes()
}

// anyPort makes the system choose a port.
const anyPort = "127.0.0.1:0"

// freeOr returns addr if nobody listens there, else anyPort.
func freeOr(addr string) string {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return anyPort
	}
	_ = l.Close() // nobody connected
	return addr
}
