package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/switch/fault"
)

// process is one run of Asterisk. Its goroutine waits for the end and closes done.
type process struct {
	pid  int // also its process group
	done chan struct{}
	err  error // how it ended; read after done
}

func startProcess(p Program, l layout, as account) (*process, error) {
	args := []string{"-C", l.conf(), "-f", "-n"}
	if as.name != "" {
		args = append(args, "-U", as.name)
	}
	console, err := os.OpenFile(l.console(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, fault.Wrap(fault.Denied, "sandbox: start", l.console(), err)
	}
	defer func() { _ = console.Close() }() // the child has its own handle
	cmd := p.command(context.Background(), args...)
	cmd.Stdout, cmd.Stderr = console, console
	if err := cmd.Start(); err != nil {
		if errors.Is(err, os.ErrPermission) && !p.Native() {
			return nil, fault.New(fault.Denied, "sandbox: start", p.Root, needRoot)
		}
		return nil, fault.Wrap(fault.Unavailable, "sandbox: start", p.Path, err)
	}
	proc := &process{pid: cmd.Process.Pid, done: make(chan struct{})}
	go func() {
		proc.err = cmd.Wait()
		close(proc.done)
	}()
	return proc, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop asks by SIGTERM and kills when ctx ends first.
func (p *process) stop(ctx context.Context) error {
	if p.ended() {
		return nil
	}
	if err := syscall.Kill(p.pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fault.Wrap(fault.Denied, "sandbox: stop", strconv.Itoa(p.pid), err)
	}
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	return p.kill()
}

// kill ends the process group and waits for the process. A group whose leader
// has been waited for is left alone: its number may be somebody else's by now.
func (p *process) kill() error {
	if p.ended() {
		return nil
	}
	if err := syscall.Kill(-p.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fault.Wrap(fault.Denied, "sandbox: kill", strconv.Itoa(p.pid), err)
	}
	<-p.done
	return nil
}

// pollEvery is how often a condition that nothing announces is looked at.
const pollEvery = 25 * time.Millisecond

// poll calls ok until it returns nil; its last error explains the failure.
func poll(ctx context.Context, dead <-chan struct{}, ok func() error) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return nil
		}
		select {
		case <-dead:
			return errors.New("it ended by itself")
		case <-ctx.Done():
			return fmt.Errorf("%w (%v)", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// waitReady waits until ARI answers our user, every module is loaded, AMI
// accepts and the SIP port is bound (a transport that fails is only logged).
func (in *Instance) waitReady(ctx context.Context, proc *process) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	if err := poll(ctx, proc.done, func() error { return in.ping(ctx, client) }); err != nil {
		return err
	}
	if _, err := in.CLI(ctx, "core waitfullybooted"); err != nil {
		return err
	}
	v := in.options.Values
	return poll(ctx, proc.done, func() error {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", in.AMIAddr())
		if err != nil {
			return err
		}
		_ = conn.Close() // only whether it listens
		if udpFree(v.SIPAddr, v.SIPPort) {
			return fmt.Errorf("nobody listens on SIP port %d", v.SIPPort)
		}
		return nil
	})
}

func (in *Instance) ping(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, in.ARIURL()+"/asterisk/ping", nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(in.options.Values.ARIUser, in.options.Values.ARIPassword)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // the status says it all
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ARI answers %s", resp.Status)
	}
	return nil
}

// sweep ends Asterisk processes that dead runs of this package left in base.
// The lock of a dead run is free; the process must also show our own
// configuration file on its command line and run in our root.
func sweep(ctx context.Context, p Program, base string) {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	locks, err := filepath.Glob(filepath.Join(base, "*.lock"))
	if err != nil {
		return
	}
	for _, path := range locks {
		lock, err := tryLock(path)
		if err != nil || lock == nil {
			continue // in use, or not ours to look at
		}
		l := newLayout(p, base, strings.TrimSuffix(filepath.Base(path), ".lock"))
		if pid := leftOver(p, l); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL) // gone meanwhile is as good
			gone := func() error { return stillThere(pid) }
			_ = poll(ctx, nil, gone) // its ports decide whether the start goes well
		}
		lock.release()
	}
}

const sweepTimeout = 5 * time.Second

// stillThere tells a process that has ended, and has given up its ports, from
// one whose first thread has ended and whose others still hold them. A zombie
// of one thread is gone: its parent only has not asked yet.
func stillThere(pid int) error {
	proc := fmt.Sprintf("/proc/%d", pid)
	threads, err := os.ReadDir(proc + "/task")
	if err != nil {
		return nil
	}
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil || len(threads) == 1 && strings.Contains(string(stat), ") Z ") {
		return nil
	}
	return fmt.Errorf("process %d is still there", pid)
}

// leftOver returns the pid of an Asterisk that runs on this layout, or 0.
func leftOver(p Program, l layout) int {
	text, err := os.ReadFile(l.pidFile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.Contains(string(cmdline), "\x00-C\x00"+l.conf()+"\x00") {
		return 0
	}
	root, err := os.Readlink(fmt.Sprintf("/proc/%d/root", pid))
	want := "/"
	if !p.Native() {
		want, _ = filepath.EvalSymlinks(p.Root) // "" matches no process
	}
	if err != nil || root != want {
		return 0
	}
	return pid
}
