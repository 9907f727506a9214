package soap

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"strowger/switch/fault"
)

// Listen opens the address of an adapter's server. Its error is of kind
// Conflict where the address is in use, Denied where the system does not allow
// it, else Unavailable; it names the configuration's key, "ADAPTER.listen".
func Listen(ctx context.Context, adapter, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err == nil {
		return l, nil
	}
	e := &fault.Error{Kind: fault.Unavailable, Op: adapter + ": listen", Subject: addr, Err: err, Reason: "cannot listen: " + err.Error()}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Kind, e.Reason = fault.Conflict, "the address is in use: stop what listens there, or choose another in the configuration ("+adapter+".listen)"
	case errors.Is(err, os.ErrPermission):
		e.Kind, e.Reason = fault.Denied, "the system does not allow it: choose a port above 1023"
	}
	return nil, e
}
