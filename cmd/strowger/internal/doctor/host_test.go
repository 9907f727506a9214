package doctor

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
)

func hostBreakages() map[string]breakage {
	disk := func(free uint64, inodes int64) func(*testing.T, *healthy) {
		return func(_ *testing.T, h *healthy) {
			h.opt.Host.Disk = func(string) (Space, error) { return Space{Free: free, Inodes: inodes}, nil }
		}
	}
	create := func(name string, mode os.FileMode) func(*testing.T, *healthy) {
		return func(t *testing.T, h *healthy) {
			path := filepath.Join(h.dir, name)
			var err error
			if strings.Contains(name, ".") {
				err = os.WriteFile(path, nil, mode)
			} else {
				err = os.Mkdir(path, mode)
			}
			if err = errors.Join(err, os.Chmod(path, mode)); err != nil { // whatever the umask
				t.Fatal(err)
			}
		}
	}
	ari := func(h *healthy) string { return fmt.Sprintf("%04X", ariPortOf(h)) }
	password := func(p string) func(*testing.T, *healthy) {
		return func(_ *testing.T, h *healthy) {
			h.cfg.ICI.User, h.cfg.ICI.Password = "crm", config.NewSecret(p)
		}
	}
	weak := []string{"warn passwords.weak"}
	guessed := []string{"fail passwords.weak"}
	return map[string]breakage{
		"disk low":   {disk(500<<20, -1), []string{"warn disk.journal.low", "warn disk.database.low"}, "500 MiB free"},
		"disk full":  {disk(99<<20, -1), []string{"fail disk.journal.full", "fail disk.database.full"}, "store.journal_dir to a larger disk"},
		"no inodes":  {disk(9<<30, 5), []string{"fail disk.journal.inodes", "fail disk.database.inodes"}, "room for 5 more files"},
		"few inodes": {disk(9<<30, 5000), []string{"warn disk.journal.inodes", "warn disk.database.inodes"}, ""},
		"disk unread": {func(_ *testing.T, h *healthy) {
			h.opt.Host.Disk = func(string) (Space, error) { return Space{}, syscall.EIO }
		}, []string{"warn disk.journal.error", "warn disk.database.error"}, ""},
		"no database": {func(_ *testing.T, h *healthy) { h.cfg.Store.URL = "sqlite::memory:"; disk(500<<20, -1)(nil, h) }, []string{"skip database", "warn disk.journal.low"}, ""},
		"database server away": {func(_ *testing.T, h *healthy) {
			h.cfg.Store.URL, h.cfg.Store.Password = "postgres://canary-user@127.0.0.1:1/x", config.NewSecret("canary-password-y")
		}, []string{"fail database.unreachable"}, "cannot be reached"},
		"no SQLite": {func(t *testing.T, h *healthy) { h.spoilDatabase(t) }, []string{"fail database.unreachable"}, "no SQLite database"},
		"few files": {func(_ *testing.T, h *healthy) { h.opt.Host.OpenFiles = func() (uint64, error) { return 1024, nil } }, []string{"warn open-files.low"}, "LimitNOFILE"},
		"limit unread": {func(_ *testing.T, h *healthy) {
			h.opt.Host.OpenFiles = func() (uint64, error) { return 0, syscall.EPERM }
		}, []string{"warn open-files.error"}, ""},
		"open journal":   {create("journal", 0o755), []string{"warn folders.open"}, "chmod 700"},
		"file journal":   {func(t *testing.T, h *healthy) { create("j.x", 0o600)(t, h); h.cfg.Store.JournalDir = h.dir + "/j.x" }, []string{"fail folders.no-folder"}, ""},
		"open database":  {create("strowger.db", 0o644), []string{"warn folders.readable"}, "chmod 600"},
		"open key":       {func(t *testing.T, h *healthy) { create("ici.key", 0o640)(t, h); h.cfg.ICI.TLSKey = h.dir + "/ici.key" }, []string{"warn folders.readable"}, "the TLS key"},
		"not writable":   {func(_ *testing.T, h *healthy) { h.opt.Host.May = func(string, int) error { return syscall.EACCES } }, []string{"fail folders.not-writable", "fail folders.not-writable"}, "may not create it"},
		"ARI everywhere": {func(t *testing.T, h *healthy) { h.listening(t, "0: 00000000:"+ari(h)+" 00000000:0000 0A") }, []string{"warn ports.ari"}, "listens on 0.0.0.0:"},
		"AMI everywhere": {func(t *testing.T, h *healthy) {
			h.cfg.Asterisk.AMIUser, h.cfg.Asterisk.AMIAddr = "", "127.0.0.1:5038"
			h.listening(t, "0: 0100007F:13AE 00000000:0000 0A", "1: 0A0210AC:13AE 00000000:0000 0A", "2: 00000000:13AE 00000000:0000 01")
		}, []string{"warn ports.ami", "skip ami", "skip ami.rights", "skip phones-context", "note dialplan.unknown"}, "AMI listens on 172.16.2.10:5038"},
		"elsewhere": {func(_ *testing.T, h *healthy) {
			h.ari.Close()
			h.cfg.Asterisk.ARIURL = "http://192.0.2.1:1"
			h.opt.Timeout = 30 * time.Millisecond
			h.cfg.Asterisk.AMIUser = ""
		}, nil, "ss -ltn"},
		"no table":        {func(_ *testing.T, h *healthy) { h.opt.Host.ProcNet = h.dir + "/none" }, []string{"skip ports"}, ""},
		"good password":   {password("J4lmR2xkQ8wz"), nil, ""},
		"unset password":  {password("change-me"), nil, ""}, // the configuration warns of it
		"short password":  {password("J4lmR2xkQ8w"), weak, "has 11 characters"},
		"dull password":   {password("ababababababab"), weak, "repeats"},
		"common password": {password("Password123"), guessed, "tries first"},
		"number":          {password("123456789012"), guessed, "only digits"},
		"user name":       {password("CRM"), guessed, "is the user name"},
		"user and year":   {password("crm2024"), guessed, "with digits"},
	}
}

func (h *healthy) spoilDatabase(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(strings.TrimPrefix(h.cfg.Store.URL, "sqlite:"), []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ariPortOf(h *healthy) int {
	_, port, err := net.SplitHostPort(strings.TrimPrefix(h.cfg.Asterisk.ARIURL, "http://"))
	if err != nil {
		panic(err)
	}
	n := 0
	if _, err := fmt.Sscan(port, &n); err != nil {
		panic(err)
	}
	return n
}
