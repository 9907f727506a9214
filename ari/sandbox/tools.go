package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"strowger/switch/fault"
)

// toolTail is how much of a failed tool's output goes into the error, in lines.
const toolTail = 5

// runTool runs a program of the machine in its own process group, hands its
// output to line by line, and ends the whole group when ctx does. The error
// ends with the last lines of the output.
func runTool(ctx context.Context, line func(string), name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out := &lineWriter{line: line}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", name, ctx.Err())
	}
	return fmt.Errorf("%s: %w: %s", name, err, strings.Join(out.tail, " | "))
}

// lineWriter cuts a stream into lines. It is used by one copier at a time.
type lineWriter struct {
	line func(string)
	rest []byte
	tail []string
}

// maxLine bounds what is kept of a line that does not end.
const maxLine = 4096

// Write implements io.Writer and never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		i := bytes.IndexByte(w.rest, '\n')
		if i < 0 && len(w.rest) < maxLine {
			return len(p), nil
		}
		if i < 0 {
			i = len(w.rest) - 1
		}
		text := strings.TrimSpace(string(w.rest[:i]))
		w.rest = w.rest[i+1:]
		if text == "" {
			continue
		}
		if len(w.tail) == toolTail {
			w.tail = w.tail[1:]
		}
		w.tail = append(w.tail, text)
		w.line(text)
	}
}

// debootstrapProgress turns its thousand lines into one per phase and one per
// fifty packages.
func debootstrapProgress(progress func(string)) func(string) {
	phase, count := "", 0
	return func(line string) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] != "I:" || !slices.Contains([]string{"Retrieving", "Extracting", "Unpacking", "Configuring"}, f[1]) {
			return
		}
		if f[1] != phase {
			phase, count = f[1], 0
			progress("  " + strings.ToLower(phase) + " packages")
			return
		}
		if count++; count%50 == 0 {
			progress(fmt.Sprintf("  %s packages: %d", strings.ToLower(phase), count))
		}
	}
}

// needDebootstrap installs it when it is missing.
func needDebootstrap(ctx context.Context, progress func(string)) error {
	const op = "sandbox: debootstrap"
	if _, err := exec.LookPath("debootstrap"); err == nil {
		return nil
	}
	progress("installing debootstrap")
	quiet := func(string) {}
	for _, args := range [][]string{
		{"-o", "DPkg::Lock::Timeout=120", "update"},
		{"-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", "debootstrap", "ca-certificates"},
	} {
		if err := runTool(ctx, quiet, "apt-get", args...); err != nil {
			return fault.Newf(fault.Unavailable, op, "apt-get",
				"it could not be installed: %v. Check that this machine reaches its package mirror, then try again", err)
		}
	}
	return nil
}

// removeTree removes a half-made root. What an interrupted debootstrap left
// mounted in it is unmounted first: deleting through a mount would reach the
// machine's own files.
func removeTree(ctx context.Context, dir string) error {
	const op = "sandbox: remove"
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	mounts, err := mountsUnder(dir)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(mounts) {
		if err := runTool(ctx, func(string) {}, "umount", "-l", m); err != nil {
			return fault.Wrap(fault.Unavailable, op, m, err)
		}
	}
	if left, err := mountsUnder(dir); err != nil || len(left) > 0 {
		return fault.Newf(fault.Conflict, op, dir, "%d file systems are still mounted in it: unmount them and remove the folder", len(left))
	}
	return fault.Wrap(fault.Denied, op, dir, os.RemoveAll(dir))
}

// mountsUnder lists mount points in dir, outer ones first.
func mountsUnder(dir string) ([]string, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "sandbox: mounts", dir, err)
	}
	f, err := os.Open("/proc/self/mountinfo")
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "sandbox: mounts", dir, err)
	}
	defer func() { _ = f.Close() }() // read only
	var found []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if at := mountPoint(lines.Text()); at == real || strings.HasPrefix(at, real+"/") {
			found = append(found, at)
		}
	}
	return found, fault.Wrap(fault.Unavailable, "sandbox: mounts", dir, lines.Err())
}

// mountPoint is field 5 of a line of mountinfo, proc_pid_mountinfo(5).
func mountPoint(line string) string {
	f := strings.Fields(line)
	if len(f) < 5 {
		return ""
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(f[4])
}
