package rest

import (
	"net"
	"syscall"
)

// peerUID returns the user at the other end of a unix socket.
func peerUID(c net.Conn) (int, bool) {
	u := unixConn(c)
	if u == nil {
		return 0, false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, false
	}
	var cred *syscall.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil || credErr != nil {
		return 0, false
	}
	return int(cred.Uid), true
}

func unixConn(c net.Conn) *net.UnixConn {
	if w, ok := c.(*counted); ok {
		c = w.Conn
	}
	u, _ := c.(*net.UnixConn)
	return u
}
