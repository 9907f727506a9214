package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/tone"
	"strowger/sip/ua"
)

// baresip is a phone that is not ours: a running baresip, driven over its
// control socket.
type baresip struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

const (
	baresipTone    = 700.0 // Hz, what its user says
	baresipSeconds = 60    // for how long
)

// startBaresip runs baresip as a phone of the sandbox. It also returns the
// pattern of the file in which it records what it hears.
func startBaresip(t *testing.T, s *site, number string) (*baresip, string) {
	t.Helper()
	path := needTool(t, "baresip", "baresip")
	dir := t.TempDir()
	says := filepath.Join(dir, "says.wav")
	writeTone(t, says)
	control := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	password := ""
	for _, p := range s.asterisk.Values().Phones {
		if p.Number == number {
			password = p.Password
		}
	}
	files := map[string]string{
		"accounts": fmt.Sprintf("<sip:%s@%s;transport=udp>;auth_pass=%s;regint=120;audio_codecs=pcmu;answermode=manual\n", number, s.asterisk.SIPAddr(), password),
		"contacts": "",
		"config": fmt.Sprintf("module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\nmodule_app account.so\nmodule_app menu.so\nmodule_app contact.so\n"+
			"module_app ctrl_tcp.so\nctrl_tcp_listen %s\nsip_listen 127.0.0.1:%d\naudio_source aufile,%s\naudio_player aubridge,ear\naudio_alert aufile,/none\nsnd_path %s\nnet_interface 127.0.0.1\n",
			control, freePort(t), says, dir),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-f", dir)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()                          // its exit code says nothing
		_ = log.Close()
		if b, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("log of baresip:\n%s", b)
		}
	})
	b := &baresip{t: t}
	eventually(t, "baresip's control socket listens", func() bool {
		b.conn, err = net.Dial("tcp", control)
		return err == nil
	})
	t.Cleanup(func() { _ = b.conn.Close() })
	b.in = bufio.NewReader(b.conn)
	return b, filepath.Join(dir, "dump-*-dec.wav")
}

// writeTone makes the WAV file that baresip plays to the other party.
func writeTone(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // the writer's Close has reported what failed
	g, err := tone.NewGenerator(baresipTone, -10)
	if err != nil {
		t.Fatal(err)
	}
	w, err := codec.NewWAVWriter(f, baresipSeconds*8000)
	if err != nil {
		t.Fatal(err)
	}
	frame := make([]int16, 160)
	for range baresipSeconds * 50 {
		g.Fill(frame)
		if err := w.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// command sends a command; it is a JSON object in a netstring.
func (b *baresip) command(name string) {
	b.t.Helper()
	msg, err := json.Marshal(map[string]string{"command": name})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.conn, "%d:%s,", len(msg), msg); err != nil {
		b.t.Fatal(err)
	}
}

// waitEvent reads until baresip reports an event of this type.
func (b *baresip) waitEvent(want string) {
	b.t.Helper()
	if err := b.conn.SetReadDeadline(time.Now().Add(waitFor)); err != nil {
		b.t.Fatal(err)
	}
	var seen []string
	for {
		length, err := b.in.ReadString(':')
		if err != nil {
			b.t.Fatalf("baresip: no event %s, but %v: %v", want, seen, err)
		}
		n, err := strconv.Atoi(length[:len(length)-1])
		if err != nil || n < 0 || n > 1<<20 {
			b.t.Fatalf("baresip: length %q", length)
		}
		msg := make([]byte, n+1) // with the comma
		if _, err := io.ReadFull(b.in, msg); err != nil {
			b.t.Fatal(err)
		}
		var event struct{ Type string }
		if err := json.Unmarshal(msg[:n], &event); err != nil {
			b.t.Fatalf("baresip: %v in %s", err, msg)
		}
		if event.Type == want {
			return
		}
		seen = append(seen, event.Type)
	}
}

// TestBaresipAsAgent has a phone of another make as the agent's.
func TestBaresipAsAgent(t *testing.T) {
	s := stage(t, threeDesks)
	phone, heard := startBaresip(t, s, "102")
	eventually(t, "baresip is registered", func() bool {
		out, err := s.asterisk.CLI(t.Context(), "pjsip show aor 102")
		return err == nil && contact.MatchString(out)
	})
	s.agentState("ben", "ready")
	a := s.caller("4917055501").Dial("600")
	phone.waitEvent("CALL_INCOMING")
	a.MustRing()
	a.Say(400)
	phone.command("accept")
	phone.waitEvent("CALL_ESTABLISHED")
	a.MustBeAnswered()
	a.MustHear(baresipTone)
	s.waitAgent("ben", "on-call")
	s.command(s.agentConn(), "hold")
	s.waitConn("hold")
	mustHearMusic(t, a, baresipTone)
	s.command(s.agentConn(), "retrieve")
	s.waitConn("connected")
	a.MustHear(baresipTone)
	ctx, cancel := contextFor(t, waitFor)
	defer cancel()
	if err := a.Heard().WaitFrames(ctx, 40); err != nil { // while it records
		t.Fatal(err)
	}
	phone.command("hangup")
	phone.waitEvent("CALL_CLOSED")
	a.MustEndBy(ua.Remote, 0)
	s.waitAgent("ben", "wrap-up")
	s.waitAgent("ben", "ready")
	s.noLeftovers()
	mustHoldTone(t, heard, 400)
}

// contact is a registered contact in the answer to "pjsip show aor".
var contact = regexp.MustCompile(`Contact:\s+102/sip:`)

// mustHoldTone checks that a recording has the tone in it, for a quarter of a second or more.
func mustHoldTone(t *testing.T, path string, hz float64) {
	t.Helper()
	d, err := tone.NewDetector(hz)
	if err != nil {
		t.Fatal(err)
	}
	var blocks int
	eventually(t, "baresip's recording has the caller's tone", func() bool {
		files, err := filepath.Glob(path)
		if err != nil || len(files) != 1 {
			return false
		}
		f, err := os.Open(files[0])
		if err != nil {
			return false
		}
		defer func() { _ = f.Close() }() // it has been read
		pcm, err := codec.ReadWAV(f, 0)
		if err != nil {
			return false
		}
		blocks = 0
		d.Feed(pcm, func(b tone.Block) {
			if b.Present {
				blocks++
			}
		})
		return blocks >= 12
	}, &blocks)
}
