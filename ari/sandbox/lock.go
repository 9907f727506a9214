package sandbox

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"strowger/switch/fault"
)

// fileLock is an advisory lock that the kernel lifts when its owner dies. The
// file stays: removing it would let two owners lock two files of one name.
type fileLock struct{ f *os.File }

// tryLock returns nil without an error when somebody else holds the lock.
func tryLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Denied, "sandbox: lock", path, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &fileLock{f}, nil
	}
	_ = f.Close() // nothing was written to it
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fault.Wrap(fault.Unavailable, "sandbox: lock", path, err)
}

// waitLock waits for the lock until ctx ends; waiting is called once when it has to.
func waitLock(ctx context.Context, path string, waiting func()) (*fileLock, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	told := false
	for {
		l, err := tryLock(path)
		if l != nil || err != nil {
			return l, err
		}
		if !told {
			told = true
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, fault.Wrap(fault.KindOf(ctx.Err()), "sandbox: lock", path, ctx.Err())
		case <-tick.C:
		}
	}
}

// release gives the lock up.
func (l *fileLock) release() {
	_ = l.f.Close() // closing lifts the lock, and nothing was written
}
