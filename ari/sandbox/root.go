package sandbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"strowger/switch/fault"
)

const (
	needRoot = "making and starting a sandboxed Asterisk needs root (chroot): run as root, or install Asterisk 20 or later on this machine"

	// The root takes about 550 MB, and its packages as much again while it is made.
	neededBytes = 1500 << 20

	makeTimeout = 15 * time.Minute
	packages    = "asterisk,asterisk-core-sounds-en,asterisk-moh-opsound-wav,ca-certificates"
	suite       = "sid" // Debian's releases carry no Asterisk; its unstable suite has 22
)

// ensureRoot returns the folder of a complete root under o.CacheDir and makes
// it when there is none. Two runs at the same time make it once: the second
// waits. A half-made root bears another name and is never used.
func ensureRoot(ctx context.Context, o FindOptions) (string, error) {
	const op = "sandbox: root"
	cache, err := filepath.Abs(o.CacheDir)
	if err != nil || o.CacheDir == "" {
		return "", fault.New(fault.Invalid, op, o.CacheDir, "the cache folder must be named")
	}
	root := filepath.Join(cache, "asterisk")
	if os.Geteuid() != 0 {
		return "", fault.New(fault.Denied, op, root, needRoot)
	}
	if rootComplete(root) {
		return root, isolate(root)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fault.Wrap(fault.Denied, op, cache, err)
	}
	lock, err := waitLock(ctx, root+".lock", func() {
		o.Progress("another run is making the sandboxed Asterisk: waiting for it")
	})
	if err != nil {
		return "", err
	}
	defer lock.release()
	if rootComplete(root) {
		return root, isolate(root)
	}
	if err := makeRoot(ctx, root, o.Progress); err != nil {
		return "", err
	}
	return root, nil
}

// rootComplete: debootstrap keeps its own folder there until it has finished.
func rootComplete(root string) bool {
	info, err := os.Stat(filepath.Join(root, programInRoot))
	return err == nil && info.Mode().IsRegular() && !isDir(filepath.Join(root, "debootstrap"))
}

// makeRoot builds beside the final place and renames when all is well.
func makeRoot(ctx context.Context, root string, progress func(string)) error {
	const op = "sandbox: make root"
	ctx, cancel := context.WithTimeout(ctx, makeTimeout)
	defer cancel()
	codename, err := checkHost(filepath.Dir(root))
	if err != nil {
		return err
	}
	mirror, err := machineMirror(codename)
	if err != nil {
		return err
	}
	if isDir(root) && !isDir(filepath.Join(root, "debootstrap")) {
		return fault.New(fault.Conflict, op, root, "this folder exists and holds no Asterisk: move it away or name another cache folder")
	}
	part, debs := root+".part", root+".debs"
	for _, left := range []string{root, part} {
		if err := removeTree(ctx, left); err != nil {
			return err
		}
	}
	if err := needDebootstrap(ctx, progress); err != nil {
		return err
	}
	if err := os.MkdirAll(debs, 0o755); err != nil {
		return fault.Wrap(fault.Denied, op, debs, err)
	}
	progress("making a sandboxed Asterisk under " + root + " (about a minute, 600 MB, once)")
	start := time.Now()
	err = runTool(ctx, debootstrapProgress(progress), "debootstrap", "--variant=minbase",
		"--include="+packages, "--cache-dir="+debs, suite, part, mirror)
	if err != nil {
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		_ = removeTree(cleanup, part) // the next run tries again; the first error is the one to report
		if ctx.Err() != nil {
			return fault.Newf(fault.KindOf(ctx.Err()), op, root, "making it was interrupted (%v) and what was half made is removed: start again", ctx.Err())
		}
		return fault.Newf(fault.Unavailable, op, root,
			"debootstrap failed: %v. Check that this machine reaches its package mirror (apt-get update), then try again; or install Asterisk 20 or later by hand", err)
	}
	if err := isolate(part); err != nil {
		return err
	}
	if _, err := inspect(ctx, Program{Path: programInRoot, Root: part}); err != nil {
		return err
	}
	if err := os.Rename(part, root); err != nil {
		return fault.Wrap(fault.Internal, op, root, err)
	}
	if err := os.RemoveAll(debs); err != nil {
		progress("note: " + err.Error())
	}
	progress(fmt.Sprintf("sandboxed Asterisk is ready (%d s)", int(time.Since(start).Seconds())))
	return nil
}

// checkHost returns the codename of this Debian, or why the recipe cannot work here.
func checkHost(dir string) (codename string, err error) {
	const op = "sandbox: check host"
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "", fault.New(fault.Unsupported, op, "/etc/os-release", "this is not a Debian machine: install Asterisk 20 or later by hand")
	}
	release := parseOSRelease(string(text))
	if release["ID"] != "debian" {
		return "", fault.Newf(fault.Unsupported, op, release["ID"],
			"the recipe needs Debian and its mirror, this is %q: install Asterisk 20 or later by hand", release["ID"])
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return "", fault.Wrap(fault.Unavailable, op, dir, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < neededBytes {
		return "", fault.Newf(fault.Unsupported, op, dir,
			"%d MB are free and %d MB are needed: make room or name another cache folder", free>>20, neededBytes>>20)
	}
	return release["VERSION_CODENAME"], nil
}

// parseOSRelease reads os-release(5).
func parseOSRelease(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			m[key] = strings.Trim(value, `"'`)
		}
	}
	return m
}

// isolate gives the root name look-ups that never leave it. Without this every
// call waits for DNS (its host name, the root servers), seconds under load.
func isolate(root string) error {
	const op = "sandbox: isolate"
	host, err := os.Hostname()
	if err != nil {
		host = "sandbox"
	}
	nsswitch := "passwd: files\ngroup: files\nshadow: files\nhosts: files\nnetworks: files\nprotocols: files\nservices: files\n"
	// os.Root: a link inside the root that points to an absolute path must not
	// lead to the machine's own file.
	r, err := os.OpenRoot(root)
	if err != nil {
		return fault.Wrap(fault.Unavailable, op, root, err)
	}
	defer func() { _ = r.Close() }() // only a handle
	for name, want := range map[string]string{
		"etc/hosts":         "127.0.0.1 localhost " + host + "\n",
		"etc/resolv.conf":   "",
		"etc/nsswitch.conf": nsswitch,
	} {
		if have, err := r.ReadFile(name); err == nil && string(have) == want {
			continue
		}
		next := fmt.Sprintf("%s.%d", name, os.Getpid())
		if err := r.WriteFile(next, []byte(want), 0o644); err != nil {
			return fault.Wrap(fault.Denied, op, name, err)
		}
		if err := r.Rename(next, name); err != nil {
			return fault.Wrap(fault.Denied, op, name, err)
		}
	}
	return nil
}
