package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"strowger/configs"
	"strowger/switch/fault"
)

// layout is where an instance keeps its files. Host paths start with dir;
// Asterisk sees the same files under inside.
type layout struct {
	name   string
	dir    string // as the host names it
	inside string // as Asterisk names it
}

// subfolders of an instance; spool/recording must exist or ARI cannot record.
var subfolders = []string{"etc", "run", "db", "cache", "log", "log/cel-custom", "spool", "spool/recording", "spool/monitor", "spool/tmp"}

// emptyFiles belong to modules that do with their defaults, and that log an
// error when the file is not there.
var emptyFiles = []string{
	"acl.conf", "ccss.conf", "chan_websocket.conf", "features.conf", "pjproject.conf", "pjsip_notify.conf",
	"queuerules.conf", "res_http_media_cache.conf", "stasis.conf", "udptl.conf", "websocket_client.conf",
}

// maxSocketPath is what fits in sun_path, unix(7), with its final zero.
const maxSocketPath = 107

func (l layout) conf() string    { return l.inside + "/etc/asterisk.conf" }
func (l layout) pidFile() string { return l.dir + "/run/asterisk.pid" }
func (l layout) log() string     { return l.dir + "/log/messages.log" }
func (l layout) console() string { return l.dir + "/log/console.log" }
func (l layout) lock() string    { return l.dir + ".lock" }

// asteriskConf names the instance's folders. Modules, sounds and documentation
// stay where the program was built to look for them.
func (l layout) asteriskConf(maxFiles uint64, systemName string) string {
	if systemName != "" {
		systemName = "systemname = " + systemName + "\n"
	}
	return fmt.Sprintf(`[directories]
astetcdir => %[1]s/etc
astrundir => %[1]s/run
astdbdir => %[1]s/db
astcachedir => %[1]s/cache
astspooldir => %[1]s/spool
astlogdir => %[1]s/log

[options]
maxfiles = %[2]d
hideconnect = yes
live_dangerously = no
%[3]s`, l.inside, maxFiles, systemName)
}

// write makes the folders afresh and writes the configuration, readable by the
// account Asterisk runs as and by nobody else: it holds passwords.
func (l layout) write(o Options, as account) error {
	const op = "sandbox: write configuration"
	if len(l.inside+"/run/asterisk.ctl") > maxSocketPath {
		return fault.Newf(fault.Invalid, op, l.dir, "the path is too long for Asterisk's control socket (%d characters at most): choose a shorter folder", maxSocketPath-len("/run/asterisk.ctl"))
	}
	if strings.ContainsAny(l.inside, ";\r\n") {
		return fault.New(fault.Invalid, op, l.dir, "the path has a character that ends a line of asterisk.conf")
	}
	files, err := configs.SandboxFiles(o.Values)
	if err != nil {
		return err
	}
	for _, name := range emptyFiles {
		files[name] = []byte("; defaults\n")
	}
	for name, text := range o.Extra {
		files[name] = []byte(text)
	}
	files["asterisk.conf"] = []byte(l.asteriskConf(openFileLimit(), o.SystemName))
	if err := os.RemoveAll(l.dir); err != nil {
		return fault.Wrap(fault.Denied, op, l.dir, err)
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return fault.Wrap(fault.Denied, op, l.dir, err)
	}
	for _, sub := range subfolders {
		path := filepath.Join(l.dir, sub)
		if err := os.Mkdir(path, 0o750); err != nil {
			return fault.Wrap(fault.Denied, op, path, err)
		}
		if err := as.own(path); err != nil {
			return err
		}
	}
	for name, text := range files {
		path := filepath.Join(l.dir, "etc", name)
		if err := os.WriteFile(path, text, 0o640); err != nil {
			return fault.Wrap(fault.Denied, op, path, err)
		}
		if err := as.own(path); err != nil {
			return err
		}
	}
	return nil
}

// own gives a path to the account; the caller's own account already has it.
func (a account) own(path string) error {
	if a.name == "" {
		return nil
	}
	return fault.Wrap(fault.Denied, "sandbox: chown", path, os.Chown(path, a.uid, a.gid))
}

// canReach reports whether the account may enter every folder down to dir.
func (a account) canReach(dir string) bool {
	for at := dir; at != "/" && at != "."; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
	}
	return true
}

// openFileLimit is the hard limit on open files: a call takes a dozen.
func openFileLimit() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return min(limit.Max, 1<<20)
}
