package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"strowger/cmd/strowger/internal/client"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

// controller asks who answers on the local socket.
func (e *examiner) controller(ctx context.Context) []Finding {
	const id = "controller"
	c := client.New(e.cfg.HTTP.Socket)
	defer c.Close()
	s, err := c.Status(ctx)
	if err != nil {
		return []Finding{e.noController(id, err)}
	}
	e.learn(func(f *facts) { f.controller = &s })
	running := "strowger " + s.Version + " runs"
	switch {
	case s.Mode == rest.ModeSimulated:
		return []Finding{note(id+".simulated", running+", SIMULATED: no call is real", "it does not use Asterisk", "strowger serve   for real calls")}
	case !s.Ready:
		return []Finding{fail(id+".not-ready", running+", and is not ready: "+strings.Join(s.NotReady, "; "), "new callers go to the fallback of the dialplan", "strowger status   and its log; correct what else is found here")}
	case e.version != "" && s.Version != e.version:
		return []Finding{note(id+".version", running+"; this program is "+e.version, "the running one is from before an upgrade, or another installation", "systemctl restart strowger   (calls stay up)")}
	}
	return []Finding{ok(id, "%s and is ready", running)}
}

func (e *examiner) noController(id string, err error) Finding {
	socket := e.cfg.HTTP.Socket
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return note(id+".none", "no controller runs on "+socket, "callers are served by the dialplan alone", "strowger serve")
	case fault.Is(err, fault.Denied):
		return note(id+".denied", "who runs on "+socket+" cannot be asked by this user", "the socket is open to root and to the controller's user only", "sudo strowger doctor")
	case isTimeout(err):
		return fail(id+".stuck", "a controller listens on "+socket+" and does not answer", "it is overloaded or stuck", "systemctl restart strowger   (calls stay up)")
	}
	return warn(id+".unknown", fmt.Sprintf("what answers on %s is not understood: %s", socket, fault.ReasonOf(err)), "", "set http.socket to a path of its own")
}
