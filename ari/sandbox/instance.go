package sandbox

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"strowger/configs"
	"strowger/switch/fault"
)

// Instance is one Asterisk process with a configuration of its own. Its
// methods may be called from several goroutines; those that start or end the
// process take turns.
type Instance struct {
	program Program
	options Options
	layout  layout
	runAs   account
	lock    *fileLock

	turn     sync.Mutex // held while the process is started or ended
	released bool       // the instance was stopped for good; guarded by turn

	mu   sync.Mutex
	proc *process // the latest one, running or ended; guarded by mu
}

// Start writes the configuration, starts Asterisk and returns when ARI answers
// and all modules are loaded. ctx bounds the start only; [Instance.Stop] ends it.
// What a dead run of this package left running in the same folder is ended first.
//
// Errors: Invalid (options), Conflict (name in use, port taken), Denied (file
// rights), Unavailable (Asterisk ended or did not answer; the reason has the
// last lines of its log).
func Start(ctx context.Context, p Program, o Options) (*Instance, error) {
	o, err := o.validate(p)
	if err != nil {
		return nil, err
	}
	base, err := o.base(p)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return nil, fault.Wrap(fault.Denied, "sandbox: start", base, err)
	}
	in, err := claimSwept(ctx, p, o, base)
	if err != nil {
		return nil, err
	}
	if err := in.prepare(); err != nil {
		in.lock.release()
		return nil, err
	}
	if err := in.boot(ctx); err != nil {
		in.lock.release()
		return nil, err
	}
	return in, nil
}

// claimSwept sweeps and claims alone: a sweep holds other names' locks for a moment.
func claimSwept(ctx context.Context, p Program, o Options, base string) (*Instance, error) {
	alone, err := waitLock(ctx, filepath.Join(base, ".sweeping"), func() {})
	if err != nil {
		return nil, err
	}
	defer alone.release()
	sweep(ctx, p, base)
	return claim(p, o, base)
}

// claim locks a name. The lock lives as long as this process, so that the next
// one can tell an instance in use from one left over.
func claim(p Program, o Options, base string) (*Instance, error) {
	names := []string{o.Name}
	if o.Unique {
		names = names[:0]
		for i := range maxUnique {
			names = append(names, fmt.Sprintf("%s-%d", o.Name, i+1))
		}
	}
	for _, name := range names {
		l := newLayout(p, base, name)
		lock, err := tryLock(l.lock())
		if err != nil {
			return nil, err
		}
		if lock != nil {
			return &Instance{program: p, options: o, layout: l, lock: lock}, nil
		}
	}
	return nil, fault.New(fault.Conflict, "sandbox: start", o.Name, "another run uses the instance of this name: end it or choose another name")
}

func newLayout(p Program, base, name string) layout {
	l := layout{name: name, dir: filepath.Join(base, name)}
	l.inside = l.dir
	if !p.Native() {
		l.inside = instancesInRoot + "/" + name
	}
	return l
}

// prepare chooses ports and account and writes the files.
func (in *Instance) prepare() error {
	values, err := assignPorts(in.options.Values)
	if err != nil {
		return err
	}
	in.options.Values = values.WithDefaults()
	in.runAs = in.program.account()
	// Below a folder closed to the user asterisk (a checkout in root's home)
	// the instance runs as its starter: it listens on the loopback only.
	if in.program.Native() && in.runAs.name != "" && !in.runAs.canReach(filepath.Dir(in.layout.dir)) {
		in.runAs = account{}
	}
	return in.layout.write(in.options, in.runAs)
}

// Name is the instance's name, with its number where Unique was asked for.
func (in *Instance) Name() string { return in.layout.name }

// Program is what was started.
func (in *Instance) Program() Program { return in.program }

// Values are what the configuration was filled with: ports, users, passwords, phones.
func (in *Instance) Values() configs.Values { return in.options.Values }

// ARIURL is the base of ARI's REST interface, without a slash at its end.
func (in *Instance) ARIURL() string { return "http://" + in.httpAddr() + "/ari" }

// AMIAddr is host:port of AMI.
func (in *Instance) AMIAddr() string {
	return net.JoinHostPort(loopback, strconv.Itoa(in.options.Values.AMIPort))
}

// SIPAddr is host:port of SIP over UDP.
func (in *Instance) SIPAddr() string {
	v := in.options.Values
	return net.JoinHostPort(v.SIPAddr, strconv.Itoa(v.SIPPort))
}

func (in *Instance) httpAddr() string {
	return net.JoinHostPort(loopback, strconv.Itoa(in.options.Values.HTTPPort))
}

// Dir is the host's path of the instance's folder: etc, log, spool and others.
// It stays after Stop, for a look at what happened, until Remove or the next
// start under the same name.
func (in *Instance) Dir() string { return in.layout.dir }

// RecordingDir is the host's path of ARI's recordings.
func (in *Instance) RecordingDir() string { return filepath.Join(in.layout.dir, "spool/recording") }

// CELPath is the file of channel events; Asterisk makes it at the first call.
func (in *Instance) CELPath() string {
	return filepath.Join(in.layout.dir, "log/cel-custom/strowger.csv")
}

// LogPath is the host's path of Asterisk's notices, warnings and errors.
func (in *Instance) LogPath() string { return in.layout.log() }

// LogTail returns the last n lines of that log, or of what Asterisk printed
// when it did not come as far as opening the log.
func (in *Instance) LogTail(n int) string {
	for _, path := range []string{in.layout.log(), in.layout.console()} {
		if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
			lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
			return strings.Join(lines[max(0, len(lines)-n):], "\n")
		}
	}
	return ""
}

// PID is the process id of Asterisk, or 0 when it does not run.
func (in *Instance) PID() int {
	if p := in.current(); p != nil && !p.ended() {
		return p.pid
	}
	return 0
}

// Done is closed when the Asterisk process that runs now has ended, by whatever cause.
func (in *Instance) Done() <-chan struct{} { return in.current().done }

func (in *Instance) current() *process {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.proc
}

// CLI runs one command on Asterisk's command line (asterisk -rx) and returns
// what it printed. Asterisk reports an unknown command as text, not as an error.
func (in *Instance) CLI(ctx context.Context, command string) (string, error) {
	const op = "sandbox: cli"
	if strings.ContainsFunc(command, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fault.Newf(fault.Invalid, op, in.layout.name, "the command %q has a control character", command)
	}
	out, err := in.program.command(ctx, "-C", in.layout.conf(), "-rx", command).CombinedOutput()
	if err != nil {
		return "", fault.Newf(fault.Unavailable, op, in.layout.name, "%s: %v: %.200s", command, err, out)
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// Stop ends Asterisk and gives the name up: first politely, then, after 10 s
// or when ctx ends, by force. It returns when the process is gone and may be
// called again. Stop is the end of the instance; see Restart.
func (in *Instance) Stop(ctx context.Context) error {
	in.turn.Lock()
	defer in.turn.Unlock()
	err := in.halt(ctx)
	if !in.released && err == nil {
		in.released = true
		in.lock.release()
	}
	return err
}

// Kill ends Asterisk by SIGKILL, as a crash would, and returns when it is
// gone. Restart brings it back.
func (in *Instance) Kill() error {
	in.turn.Lock()
	defer in.turn.Unlock()
	return in.current().kill()
}

// Restart ends Asterisk when it runs, and starts it again on the same
// configuration, folders and ports.
func (in *Instance) Restart(ctx context.Context) error {
	in.turn.Lock()
	defer in.turn.Unlock()
	if in.released {
		return fault.New(fault.Stopped, "sandbox: restart", in.layout.name, "the instance was stopped: start a new one")
	}
	if err := in.halt(ctx); err != nil {
		return err
	}
	return in.boot(ctx)
}

// Remove deletes the folder of a stopped instance.
func (in *Instance) Remove() error {
	in.turn.Lock()
	defer in.turn.Unlock()
	if !in.released {
		return fault.New(fault.Conflict, "sandbox: remove", in.layout.name, "the instance runs: stop it first")
	}
	return fault.Wrap(fault.Denied, "sandbox: remove", in.layout.dir, os.RemoveAll(in.layout.dir))
}

func (in *Instance) halt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, gracefulTimeout)
	defer cancel()
	return in.current().stop(ctx)
}

// boot starts the process and waits until it serves. On failure nothing is left running.
func (in *Instance) boot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, in.options.BootTimeout)
	defer cancel()
	start := time.Now()
	proc, err := startProcess(in.program, in.layout, in.runAs)
	if err != nil {
		return err
	}
	in.mu.Lock()
	in.proc = proc
	in.mu.Unlock()
	if err := in.waitReady(ctx, proc); err != nil {
		_ = proc.kill() // it did not serve; the error to report is why
		return fault.Newf(fault.Unavailable, "sandbox: start", in.layout.name,
			"Asterisk was not ready after %.1f s: %v. Its log ends with:\n%s", time.Since(start).Seconds(), err, in.LogTail(15))
	}
	return nil
}
