package journal

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"strowger/switch/fault"
)

// lockDir takes the folder for this process. The kernel gives the lock back
// when the process ends in any way, so a stale file never blocks a start.
func lockDir(dir string) (*os.File, error) {
	const op = "journal: open"
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, ioFault(op, path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := readHolder(f)
		_ = f.Close() // nothing was written through it
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.Newf(fault.Conflict, op, dir,
				"another controller%s has this journal open; stop it first, or give this one a folder of its own", holder)
		}
		return nil, ioFault(op, path, err)
	}
	if err := f.Truncate(0); err == nil {
		// The number only helps a person; the lock itself is the kernel's.
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return f, nil
}

func readHolder(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return ""
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
		return " (process " + strconv.Itoa(pid) + ")"
	}
	return ""
}

// syncDir makes names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// ioFault turns an error of the operating system into a fault whose reason
// says what a person can do.
func ioFault(op, subject string, err error) *fault.Error {
	e := &fault.Error{Kind: fault.Unavailable, Op: op, Subject: subject, Err: err}
	switch {
	case diskFull(err):
		e.Reason = "the disk is full; make room on it"
	case errors.Is(err, syscall.EIO):
		e.Reason = "the disk reports an input/output error; check the disk, then restart the controller"
	case errors.Is(err, os.ErrPermission):
		e.Kind, e.Reason = fault.Denied, "no permission; the folder must belong to the controller's user"
	case errors.Is(err, syscall.EROFS):
		e.Reason = "the file system is read-only; check the disk, then restart the controller"
	default:
		e.Reason = "the file cannot be used"
	}
	return e
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
