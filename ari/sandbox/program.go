package sandbox

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/switch/fault"
)

// Program is an Asterisk that can be started.
type Program struct {
	Path    string  // absolute; inside Root when there is one
	Root    string  // folder the process is confined to by chroot, or "" for the machine's own program
	Version Version // checked: 20 or later
	Warning string  // what to tell the operator about this version, or ""
}

// Native reports whether this is the machine's own program.
func (p Program) Native() bool { return p.Root == "" }

// RestAPI is the host's path of the folder with the ARI description, the
// *.json files that ari/internal/arigen reads.
func (p Program) RestAPI() string {
	for _, dir := range []string{"/usr/share/asterisk/rest-api", "/var/lib/asterisk/rest-api"} {
		if path := filepath.Join(p.Root, dir); isDir(path) {
			return path
		}
	}
	return filepath.Join(p.Root, "/usr/share/asterisk/rest-api")
}

// String says what it is in a few words.
func (p Program) String() string {
	if p.Native() {
		return "Asterisk " + p.Version.String() + " of this machine (" + p.Path + ")"
	}
	return "Asterisk " + p.Version.String() + " in " + p.Root
}

// FindOptions says where to look and where to put what has to be made.
type FindOptions struct {
	CacheDir    string            // the root is its subfolder asterisk; made when missing
	SandboxOnly bool              // do not use the machine's own program
	Progress    func(line string) // told what takes time; may be nil
}

// Find returns the machine's own Asterisk when there is one of version 20 or
// later, else the one under CacheDir, which it makes when there is none: about
// a minute, 600 MB, and it needs root, Debian and the machine's package mirror.
//
// Errors carry a Reason that says why there is no Asterisk and what to do:
// Denied (not root), Unsupported (not Debian, or no room), Unavailable (no mirror).
func Find(ctx context.Context, o FindOptions) (Program, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if !o.SandboxOnly {
		if path := nativePath(); path != "" {
			p, err := inspect(ctx, Program{Path: path})
			if err == nil {
				return p, nil
			}
			o.Progress("not using " + path + ": " + fault.ReasonOf(err))
		}
	}
	root, err := ensureRoot(ctx, o)
	if err != nil {
		return Program{}, err
	}
	return inspect(ctx, Program{Path: programInRoot, Root: root})
}

const programInRoot = "/usr/sbin/asterisk"

// nativePath looks in PATH and where a non-login shell's PATH often lacks sbin.
func nativePath() string {
	if path, err := exec.LookPath("asterisk"); err == nil {
		if abs, err := filepath.Abs(path); err == nil {
			return abs
		}
	}
	for _, path := range []string{"/usr/sbin/asterisk", "/usr/local/sbin/asterisk"} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// inspect runs asterisk -V and fills in the version.
func inspect(ctx context.Context, p Program) (Program, error) {
	const op = "sandbox: inspect"
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := p.command(ctx, "-V").CombinedOutput()
	if errors.Is(err, fs.ErrPermission) && !p.Native() {
		return Program{}, fault.New(fault.Denied, op, p.Root, needRoot)
	}
	if err != nil {
		return Program{}, fault.Newf(fault.Unavailable, op, p.Path, "it does not run (%v, %.200q): repair or reinstall it", err, out)
	}
	if p.Version, err = ParseVersion(string(out)); err != nil {
		return Program{}, err
	}
	p.Warning, err = judge(p.Version)
	return p, err
}

// command prepares a run of the program in its root and in a process group of
// its own, so that a Ctrl-C at the terminal reaches only who asked for it.
func (p Program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Path, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: p.Root, Setpgid: true}
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// account is the user an instance runs as.
type account struct {
	name     string // "" = the caller's own
	uid, gid int
}

// account returns the user asterisk when the caller is root and the root's
// (or machine's) passwd has one: Asterisk drops its rights to it by -U.
func (p Program) account() account {
	if os.Geteuid() != 0 {
		return account{}
	}
	passwd, err := os.ReadFile(filepath.Join(p.Root, "/etc/passwd"))
	if err != nil {
		return account{}
	}
	return parseAccount(string(passwd), "asterisk")
}

func parseAccount(passwd, name string) account {
	for line := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 4 || f[0] != name {
			continue
		}
		uid, errUID := strconv.Atoi(f[2])
		gid, errGID := strconv.Atoi(f[3])
		if errUID == nil && errGID == nil {
			return account{name: name, uid: uid, gid: gid}
		}
	}
	return account{}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
