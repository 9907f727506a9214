package test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/sip/ua"
)

// TestChaosFsyncFails: a disk that once failed to keep what it had taken is not
// believed again (fault 40): no acknowledgement any more, until a restart.
func TestChaosFsyncFails(t *testing.T) {
	strace := needTool(t, "strace", "strace")
	s := faultStage(t, crowdSite(4))
	db := s.sqlite(filepath.Join(s.dir, "var", "strowger.db"))
	c := gather(s, 2, 0, 0)
	marks := c.mark()
	talking := s.connOf(c.talking[0])
	if err := s.setData(talking, "acknowledged before"); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(s.dir, "var", "journal", "journal-*.seg"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("%v %v", segments, err)
	}
	args := []string{"-f", "-q", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-p", strconv.Itoa(s.cmd.Process.Pid)}
	for _, segment := range segments {
		args = append(args, "-P", segment)
	}
	var seen bytes.Buffer
	ctx, detach := context.WithCancel(t.Context())
	defer detach()
	tracer := exec.CommandContext(ctx, strace, args...)
	tracer.Cancel = func() error { return tracer.Process.Signal(syscall.SIGINT) } // lets go of the controller
	tracer.Stderr = &seen
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the tracer is attached", func() bool {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
		return err == nil && !strings.Contains(string(b), "TracerPid:\t0\n")
	})
	eventually(t, "the injected error bites", func() bool {
		err := s.setData(talking, "must not be acknowledged")
		return err != nil && strings.Contains(err.Error(), "503")
	})
	detach()
	_ = tracer.Wait() // it was interrupted
	injected := strings.Count(seen.String(), "EIO (Input/output error) (INJECTED)")
	progress(fmt.Sprintf("fsync failed %d times", injected))
	if injected == 0 {
		t.Fatalf("no fsync failed: the test showed nothing\n%s", seen.String())
	}
	s.refusesWhatMustLast(talking) // although the disk would take it now
	s.wantDegraded("the journal cannot be written")
	wantIncident(t, db, "input/output error")
	id := c.served() // calls go on
	if d := c.mustTalk(marks); d > maxGap {
		t.Errorf("the audio was gone for %v", d)
	}
	s.restartUnclean()
	s.wantHealthy()
	s.mustMatchAsterisk()
	if err := s.setData(talking, "acknowledged after"); err != nil {
		t.Error(err)
	}
	c.hangUp(c.talking)
	s.noLeftovers()
	_ = id
}

// restartUnclean ends a controller that cannot write its journal, so that it
// may end with an error, and starts it again.
func (s *site) restartUnclean() {
	s.t.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it runs: it has just answered
	select {
	case err := <-s.done:
		progress(fmt.Sprintf("the controller without a journal ended with: %v", err))
	case <-time.After(20 * time.Second):
		s.t.Fatal("the controller does not stop")
	}
	s.ended()
	s.start()
}

// TestChaosJournalDamaged: the file's end is torn or a bit of it has changed when
// the controller comes back after a crash (fault 41). It goes on from the last
// good record and Asterisk's own account, and says so.
func TestChaosJournalDamaged(t *testing.T) {
	for name, damage := range map[string]func(b []byte, end int) []byte{
		"torn tail": func(b []byte, end int) []byte { return b[:end-7] },
		"bit flip": func(b []byte, end int) []byte {
			b[end-2000] ^= 0x10 // some records before the last
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := faultStage(t, crowdSite(5))
			db := s.sqlite(filepath.Join(s.dir, "var", "strowger.db"))
			c := gather(s, 3, 0, 1)
			marks := c.mark()
			s.kill()
			segments, err := filepath.Glob(filepath.Join(s.dir, "var", "journal", "journal-*.seg"))
			if err != nil || len(segments) == 0 {
				t.Fatalf("%v %v", segments, err)
			}
			hurt := ""
			for _, segment := range slices.Backward(segments) {
				b, err := os.ReadFile(segment)
				if err != nil {
					t.Fatal(err)
				}
				end := len(bytes.TrimRight(b, "\x00")) // what is reserved behind the last record is empty
				if end < 4000 {
					continue
				}
				if err := os.WriteFile(segment, damage(b, end), 0o600); err != nil {
					t.Fatal(err)
				}
				hurt = fmt.Sprintf("%s, %d bytes", filepath.Base(segment), end)
				break
			}
			if hurt == "" {
				t.Fatal("no file is large enough to be damaged")
			}
			began := time.Now()
			s.start()
			progress(fmt.Sprintf("%s of %s: back in control after %v", name, hurt, time.Since(began).Round(time.Millisecond)))
			if name == "bit flip" { // a torn last record is what a crash leaves: it was never acknowledged
				wantIncident(t, db, "journal: ")
				if kept, err := filepath.Glob(filepath.Join(s.dir, "var", "journal", "quarantine", "*")); err != nil || len(kept) == 0 {
					t.Errorf("nothing was kept of the damaged part: %v", err)
				}
			}
			if name == "torn tail" {
				s.mustMatchAsterisk()
			} // else who talks in a call that is not known any more is left alone until one of them hangs up
			if d := c.mustTalk(marks); d > maxGap {
				t.Errorf("the audio was gone for %v", d)
			}
			known := map[string]bool{}
			for _, call := range s.calls() {
				known[call.Caller] = true
			}
			for _, p := range c.talking {
				p.a.MustHangup()
				if known[p.number] {
					p.b.MustEndBy(ua.Remote, 0)
				} else { // nobody knows that this was its call
					p.b.MustHangup()
				}
			}
			for _, p := range c.waiting {
				p.a.MustHangup()
			}
			eventually(t, "no call is left", func() bool { return len(s.calls()) == 0 })
			s.stop() // the bridge of the call that nobody knew goes with the next comparison
			s.start()
			s.noLeftovers()
		})
	}
}
