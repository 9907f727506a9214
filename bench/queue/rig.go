package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"strowger/ari/sandbox"
	"strowger/bench/sipp"
	"strowger/configs"
	"strowger/switch/fault"
)

const (
	agents     = 200
	firstAgent = 101

	ourNumber       = "600" // leads to the controller
	referenceNumber = "700" // leads to app_queue
)

// rig is everything that runs during a measurement.
type rig struct {
	dir        string // configuration and logs of this run
	asterisk   *sandbox.Instance
	phones     *sipp.Phones
	tool       *sipp.Tool
	controller *controller
	ari        http.Client
}

// newRig starts all parts. On an error nothing is left running.
func newRig(ctx context.Context, o Options, dir string) (r *rig, err error) {
	raiseFileLimit()
	r = &rig{dir: dir, ari: http.Client{Timeout: 10 * time.Second}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.stop())
		}
	}()
	if r.tool, err = sipp.Find(dir); err != nil {
		return r, err
	}
	port, err := freePort("udp")
	if err != nil {
		return r, err
	}
	if r.phones, err = r.tool.Answer(port); err != nil {
		return r, err
	}
	if r.asterisk, err = startAsterisk(ctx, o, dir, r.phones); err != nil {
		return r, err
	}
	binary := o.Program
	if binary == "" {
		if binary, err = build(ctx, dir); err != nil {
			return r, err
		}
	}
	if r.controller, err = startController(ctx, binary, dir, r.asterisk); err != nil {
		return r, err
	}
	return r, r.controller.makeReady(ctx)
}

func startAsterisk(ctx context.Context, o Options, dir string, phones *sipp.Phones) (*sandbox.Instance, error) {
	program, err := sandbox.Find(ctx, sandbox.FindOptions{CacheDir: o.CacheDir, Progress: func(line string) { o.Progress("%s", line) }})
	if err != nil {
		return nil, fmt.Errorf("no Asterisk can be had: %s", fault.ReasonOf(err))
	}
	o.Progress("on %s", program)
	var v configs.Values
	var members strings.Builder
	for i := range agents {
		number := strconv.Itoa(firstAgent + i)
		v.Phones = append(v.Phones, configs.Phone{Number: number, Contact: phones.Contact(number)})
		fmt.Fprintf(&members, "member => PJSIP/%s\n", number)
	}
	return sandbox.Start(ctx, program, sandbox.Options{
		Name: "bench", Unique: true, Dir: filepath.Join(dir, "instances"), Values: v,
		Extra: map[string]string{
			"queues_local.conf": "[bench]\nstrategy = rrmemory\nringinuse = no\ntimeout = 15\nretry = 1\nwrapuptime = 0\njoinempty = yes\n" + members.String(),
			// r: the caller hears ringing and no music, as with the controller while an agent is free.
			"extensions_local.conf": "[strowger-in](+)\nexten => " + referenceNumber + ",1,Queue(bench,r,,,30)\n same => n,Hangup()\n",
		},
	})
}

// raiseFileLimit lets everything that we start open as many files as may be:
// a call takes a dozen in Asterisk. Explicitly, because Go undoes its own
// raise for the processes it starts.
func raiseFileLimit() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) == nil {
		l.Cur = l.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l) // with less it still works, up to a lower rate
	}
}

// freePort finds a port that nobody listens on now.
func freePort(network string) (int, error) {
	if network == "udp" {
		c, err := net.ListenPacket(network, "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		return c.LocalAddr().(*net.UDPAddr).Port, c.Close()
	}
	l, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// stop ends what was started, the last first.
func (r *rig) stop() error {
	var errs []error
	if r.controller != nil {
		errs = append(errs, r.controller.stop())
	}
	if r.asterisk != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		errs = append(errs, r.asterisk.Stop(ctx))
	}
	if r.phones != nil {
		errs = append(errs, r.phones.Stop())
	}
	r.ari.CloseIdleConnections()
	return errors.Join(errs...)
}

// discard removes the files of a stopped rig.
func (r *rig) discard() error {
	err := os.RemoveAll(r.dir)
	if r.asterisk != nil {
		err = errors.Join(err, r.asterisk.Remove())
	}
	return err
}

// drainLimit is how long calls of an overload may take to end by themselves.
const drainLimit = 75 * time.Second

// drain waits until Asterisk has no channel any more, and reports whether the
// last ones had to be hung up.
func (r *rig) drain(ctx context.Context) (forced bool, err error) {
	deadline := time.Now().Add(drainLimit)
	for {
		n, err := r.channels(ctx)
		if err == nil && n == 0 {
			return forced, nil
		}
		if ctx.Err() != nil {
			return forced, ctx.Err()
		}
		if time.Now().After(deadline) {
			if forced {
				return forced, fmt.Errorf("%d channels are left and do not end: %w; the log of Asterisk is %s", n, errors.Join(errStuck, err), r.asterisk.LogPath())
			}
			forced, deadline = true, time.Now().Add(drainLimit)
			if _, err := r.asterisk.CLI(ctx, "channel request hangup all"); err != nil {
				return forced, err
			}
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return forced, err
		}
	}
}

var errStuck = errors.New("the calls of the last load")

func (r *rig) channels(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.asterisk.ARIURL()+"/channels", nil)
	if err != nil {
		return 0, err
	}
	v := r.asterisk.Values()
	req.SetBasicAuth(v.ARIUser, v.ARIPassword)
	resp, err := r.ari.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read only
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("GET channels: %s", resp.Status)
	}
	var list []struct {
		ID string `json:"id"`
	}
	err = json.NewDecoder(resp.Body).Decode(&list)
	return len(list), err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
