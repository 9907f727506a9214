package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
)

// Controller is a `strowger serve` process.
type Controller struct {
	// ICI is the base URL that a CRM is given.
	ICI string

	binary, dir string
	cmd         *exec.Cmd
	log         *os.File
	done        chan struct{}
	http        http.Client // over the unix socket
}

// build makes the program as `make build` does.
// Build builds the controller of this checkout into a folder.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "strowger")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "strowger/cmd/strowger")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build of the controller: %w\n%s", err, out)
	}
	return path, nil
}

const readyLimit = 20 * time.Second

// startController writes a configuration, starts the controller and waits
// until it is ready for calls.
func startController(ctx context.Context, binary, dir string, in *sandbox.Instance, objects string) (*Controller, error) {
	config := filepath.Join(dir, "strowger.yaml")
	ici, err := FreePort("tcp")
	if err != nil {
		return nil, err
	}
	text, err := configText(in, ici)
	if err != nil {
		return nil, err
	}
	for path, text := range map[string][]byte{config: text, filepath.Join(dir, "objects.yaml"): objectsText(in, objects)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	c := &Controller{binary: binary, dir: dir, ICI: fmt.Sprintf("http://127.0.0.1:%d/OII/OII.asmx", ici)}
	socket := filepath.Join(dir, "strowger.sock")
	c.http.Timeout = 10 * time.Second
	c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Start runs the process, the first time or after Kill, and waits until it is ready.
func (c *Controller) Start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(c.dir, "strowger.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd, done := exec.Command(c.binary, "serve", "--config", filepath.Join(c.dir, "strowger.yaml")), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches us only; we end it
	if err := cmd.Start(); err != nil {
		return errors.Join(err, log.Close())
	}
	c.cmd, c.log, c.done = cmd, log, done
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(done)
	}()
	if err := c.WaitReady(ctx); err != nil {
		return errors.Join(err, c.Stop(), logTail(log.Name()))
	}
	return nil
}

// PID is the process.
func (c *Controller) PID() int { return c.cmd.Process.Pid }

// Kill is kill -9, and returns when the process is gone.
func (c *Controller) Kill() error {
	c.http.CloseIdleConnections()
	err := c.cmd.Process.Kill()
	<-c.done
	return errors.Join(err, c.log.Close())
}

func configText(in *sandbox.Instance, ici int) ([]byte, error) {
	status, err := FreePort("tcp")
	if err != nil {
		return nil, err
	}
	v := in.Values()
	return fmt.Appendf(nil, `asterisk:
  ari_url: %s
  ari_user: %s
  ari_password: %s
http:
  listen: 127.0.0.1:%d
  socket: strowger.sock
ici:
  listen: 127.0.0.1:%d
store:
  url: sqlite:strowger.db
  journal_dir: journal
log:
  level: info
objects: objects.yaml
`, strings.TrimSuffix(in.ARIURL(), "/ari"), v.ARIUser, v.ARIPassword, status, ici), nil
}

// objectsText is the queue, or what is given instead, and an agent for each phone.
func objectsText(in *sandbox.Instance, instead string) []byte {
	var b bytes.Buffer
	if instead == "" {
		instead = fmt.Sprintf(`queues:
  - id: bench
    number: "%s"
    answer: treatment
    wrap_up: 0s
    dead_air: 0s # SIPp sends no audio
`, OurNumber)
	}
	b.WriteString(instead + "agents:\n")
	for _, p := range in.Values().Phones {
		fmt.Fprintf(&b, "  - {id: agent%[1]s, line: \"%[1]s\", queues: [bench], station: {endpoint: \"%[1]s\", mode: handset}}\n", p.Number)
	}
	return b.Bytes()
}

// WaitReady waits until the controller serves calls.
func (c *Controller) WaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		err := c.Call(ctx, http.MethodGet, "/readyz", nil, nil)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return errors.New("the controller ended at its start")
		default:
		}
		if Pause(ctx, 50*time.Millisecond) != nil {
			return fmt.Errorf("the controller is not ready after %s: %w", readyLimit, err)
		}
	}
}

// MakeReady makes every agent ready who is not.
func (c *Controller) MakeReady(ctx context.Context) error {
	_, err := c.Mend(ctx)
	return err
}

// Mend makes agents ready again whom an overload has put out of service, and
// returns how many.
func (c *Controller) Mend(ctx context.Context) (int, error) {
	var list rest.AgentList
	if err := c.Call(ctx, http.MethodGet, "/api/v1/agents", nil, &list); err != nil {
		return 0, err
	}
	mended := 0
	for i := range list.Agents {
		a := &list.Agents[i]
		if a.State == "ready" {
			continue
		}
		mended++
		if err := c.Call(ctx, http.MethodPost, "/api/v1/agents/"+a.ID+"/state", rest.AgentStateRequest{State: "ready"}, nil); err != nil {
			return mended, err
		}
	}
	return mended, nil
}

// maxAnswer bounds an answer of the controller.
const maxAnswer = 16 << 20

// Call sends a request over the unix socket.
func (c *Controller) Call(ctx context.Context, method, path string, send, receive any) error {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // read only
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, resp.Status, text)
	}
	if receive == nil {
		return nil
	}
	return json.Unmarshal(text, receive)
}

// Stop ends the process, first politely. It may be called twice.
func (c *Controller) Stop() error {
	c.http.CloseIdleConnections()
	select {
	case <-c.done:
		return nil
	default:
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	t := time.NewTimer(15 * time.Second)
	defer t.Stop()
	select {
	case <-c.done:
	case <-t.C:
		_ = c.cmd.Process.Kill() // it did not end in time; it cannot refuse this
		<-c.done
		return errors.Join(errors.New("the controller did not stop within 15 s and was killed"), c.log.Close())
	}
	return c.log.Close()
}

// logTail gives the end of a log as an error, to be shown with what went wrong.
func logTail(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const limit = 2000
	return fmt.Errorf("its log ends with:\n%s", text[max(0, len(text)-limit):])
}
