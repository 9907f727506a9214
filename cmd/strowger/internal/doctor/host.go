package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	diskWarn, diskFail   = 1 << 30, 100 << 20 // free bytes
	inodeWarn, inodeFail = 10_000, 1_000
	// filesWanted covers 2,000 subscriptions, 200 watchers and the journal.
	filesWanted = 4096
	// accessWrite and accessSearch are W_OK and X_OK of access(2).
	accessWrite, accessSearch = 2, 1
)

// Space is what is left on a file system. Inodes is -1 where there is no limit.
type Space struct {
	Free   uint64 // bytes that this user may still write
	Inodes int64
}

func (h Host) orThisMachine() Host {
	if h.ProcNet == "" {
		h.ProcNet = "/proc/net"
	}
	if h.Disk == nil {
		h.Disk = statfs
	}
	if h.OpenFiles == nil {
		h.OpenFiles = func() (uint64, error) {
			var l syscall.Rlimit
			err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
			return l.Max, err // the Go runtime raises the soft limit to it
		}
	}
	if h.Resolve == nil {
		h.Resolve = func(ctx context.Context, host string) []netip.Addr {
			a, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", host) // no address is the answer
			return a
		}
	}
	if h.Own == nil {
		h.Own = net.InterfaceAddrs
	}
	if h.May == nil {
		h.May = func(path string, mode int) error { return syscall.Access(path, uint32(mode)) }
	}
	return h
}

func statfs(path string) (Space, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return Space{}, err
	}
	s := Space{Free: st.Bavail * uint64(st.Bsize), Inodes: -1}
	if st.Files > 0 {
		s.Inodes = int64(st.Ffree)
	}
	return s, nil
}

// folder is one place that the controller writes to.
type folder struct {
	name, key, path string
}

// storage are the folders of journal and database; a database in memory has none.
func (e *examiner) storage() []folder {
	out := []folder{{"journal", "store.journal_dir", e.cfg.Store.JournalDir}}
	if file := e.databaseFile(); file != "" {
		out = append(out, folder{"database", "store.url", filepath.Dir(file)})
	}
	return out
}

// databaseFile is the SQLite file, empty when there is none.
func (e *examiner) databaseFile() string {
	file, ok := strings.CutPrefix(e.cfg.Store.URL, "sqlite:")
	if !ok || strings.HasPrefix(file, ":memory:") {
		return ""
	}
	return strings.TrimPrefix(file, "//")
}

// existing is the nearest folder above path, or path itself, that is there.
func existing(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

func (e *examiner) disk(context.Context) []Finding {
	var out []Finding
	for _, f := range e.storage() {
		out = append(out, e.diskOf("disk."+f.name, f))
	}
	return out
}

func (e *examiner) diskOf(id string, f folder) Finding {
	s, err := e.host.Disk(existing(f.path))
	if err != nil {
		return warn(id+".error", fmt.Sprintf("the free space of %s cannot be read: %v", f.path, err), "", "df -h "+f.path)
	}
	const why = "on a full disk the journal waits in memory: calls go on, and a crash loses what is not written"
	free := fmt.Sprintf("%s has %s free", f.path, size(s.Free))
	fix := "df -h " + f.path + "   and delete or move something, or set " + f.key + " to a larger disk"
	switch {
	case s.Free < diskFail:
		return fail(id+".full", free, why, fix)
	case s.Free < diskWarn:
		return warn(id+".low", free, why, fix)
	case s.Inodes >= 0 && s.Inodes < inodeFail:
		return fail(id+".inodes", fmt.Sprintf("%s has room for %d more files", f.path, s.Inodes), why, "df -i "+f.path+"   and delete folders with many small files")
	case s.Inodes >= 0 && s.Inodes < inodeWarn:
		return warn(id+".inodes", fmt.Sprintf("%s has room for %d more files", f.path, s.Inodes), why, "df -i "+f.path+"   and delete folders with many small files")
	}
	return ok(id, "%s", free)
}

func size(n uint64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// folders looks at who may write and who may read.
func (e *examiner) folders(context.Context) []Finding {
	const id = "folders"
	var out []Finding
	places := append(e.storage(), folder{"socket", "http.socket", filepath.Dir(e.cfg.HTTP.Socket)})
	seen := map[string]bool{}
	for _, f := range places {
		if seen[f.path] {
			continue
		}
		seen[f.path] = true
		out = append(out, e.folder(id, f)...)
	}
	for _, file := range []struct{ path, what string }{{e.databaseFile(), "the database"}, {e.cfg.ICI.TLSKey, "the TLS key"}} {
		if mode, loose := e.loose(file.path); loose {
			out = append(out, warn(id+".readable", fmt.Sprintf("other users may read %s %s (mode %04o)", file.what, file.path, mode), "it holds calls, numbers or secrets", "chmod 600 "+file.path))
		}
	}
	if out == nil {
		out = []Finding{ok(id, "writable, and closed to other users")}
	}
	return out
}

func (e *examiner) folder(id string, f folder) []Finding {
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if above := existing(f.path); e.host.May(above, accessWrite|accessSearch) != nil {
			return []Finding{fail(id+".not-writable", fmt.Sprintf("%s does not exist, and this user may not create it in %s", f.path, above), "the controller cannot start",
				fmt.Sprintf("install -d -m 700 -o strowger %s   (the user of the service), or set %s", f.path, f.key))}
		}
		return nil // serve creates it, closed to others
	case err != nil:
		return []Finding{fail(id+".unreadable", fmt.Sprintf("%s cannot be looked at: %v", f.path, err), "the controller cannot start", "ls -ld "+f.path)}
	case !info.IsDir():
		return []Finding{fail(id+".no-folder", f.path+" is a file, and must be a folder", "the controller cannot start", "correct "+f.key)}
	case e.host.May(f.path, accessWrite|accessSearch) != nil:
		return []Finding{fail(id+".not-writable", "this user may not write into "+f.path, "the controller cannot start", fmt.Sprintf("chown strowger %s   (the user of the service)", f.path))}
	}
	// A folder of a socket such as /run may be open; who may use the socket is checked by itself.
	if mode := info.Mode().Perm(); mode&0o022 != 0 || mode&0o044 != 0 && f.name == "journal" {
		return []Finding{warn(id+".open", fmt.Sprintf("%s is open to other users (mode %04o)", f.path, mode), "they could read callers' numbers, or put files of their own there", "chmod 700 "+f.path)}
	}
	return nil
}

// loose reports whether others may read or write a file.
func (e *examiner) loose(path string) (fs.FileMode, bool) {
	if path == "" {
		return 0, false
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, false // a database that is not there yet; a missing key is an error of the configuration
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o077 != 0
}

func (e *examiner) openFiles(context.Context) []Finding {
	const id = "open-files"
	n, err := e.host.OpenFiles()
	switch {
	case err != nil:
		return []Finding{warn(id+".error", fmt.Sprintf("the limit cannot be read: %v", err), "", "ulimit -Hn")}
	case n < filesWanted:
		return []Finding{warn(id+".low", fmt.Sprintf("this user may have %d files and connections open", n), fmt.Sprintf("with many CRM connections the controller needs up to %d", filesWanted), "in the service's unit: LimitNOFILE=65536   (or in the shell: ulimit -n 65536)")}
	}
	return []Finding{ok(id, "up to %d", n)}
}
