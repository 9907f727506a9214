package rig

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

// The numbers of agents and queues.
const (
	Agents     = 200
	FirstAgent = 101

	OurNumber       = "600" // leads to the controller
	ReferenceNumber = "700" // leads to app_queue
)

// Host says where a suite runs, and who is told how far it is.
type Host struct {
	CacheDir string // of the sandboxed Asterisk
	OutDir   string // a folder of the run's own is made below it
	Program  string // controller to measure; empty: built from the checkout
	Keep     bool   // the folder stays
	Progress func(format string, a ...any)
}

// Options say what to set up.
type Options struct {
	Host
	Name    string // of the suite, with which the folder's name begins
	Agents  int    // 0: Agents
	Random  bool   // phones answer late, not at all, or hang up by themselves
	Objects string // of the controller, without its agents; empty: one queue
}

// Rig is everything that runs during a measurement.
type Rig struct {
	Dir        string // configuration and logs of this run
	Asterisk   *sandbox.Instance
	Phones     *sipp.Phones
	Tool       *sipp.Tool
	Controller *Controller
	ari        http.Client
}

// With starts all parts, has use work with them, and stops them. Their files
// are removed when all went well.
func With(ctx context.Context, o Options, use func(*Rig) error) (err error) {
	if o.Agents == 0 {
		o.Agents = Agents
	}
	out, err := filepath.Abs(o.OutDir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(out, o.Name+"-")
	if err != nil {
		return err
	}
	o.Progress("starting Asterisk, %d phones and the controller; files are in %s", o.Agents, dir)
	r := &Rig{Dir: dir, ari: http.Client{Timeout: 10 * time.Second}}
	defer func() {
		err = errors.Join(err, r.stop())
		if !o.Keep && err == nil {
			err = r.discard()
		}
	}()
	if err := r.start(ctx, o); err != nil {
		return err
	}
	return use(r)
}

// start starts all parts. After an error some of them may run.
func (r *Rig) start(ctx context.Context, o Options) (err error) {
	raiseFileLimit()
	if r.Tool, err = sipp.Find(r.Dir); err != nil {
		return err
	}
	port, err := FreePort("udp")
	if err != nil {
		return err
	}
	answer := r.Tool.Answer
	if o.Random {
		answer = r.Tool.AnswerAtRandom
	}
	if r.Phones, err = answer(port); err != nil {
		return err
	}
	if r.Asterisk, err = startAsterisk(ctx, o, r.Dir, r.Phones); err != nil {
		return err
	}
	binary := o.Program
	if binary == "" {
		if binary, err = Build(ctx, r.Dir); err != nil {
			return err
		}
	}
	if r.Controller, err = startController(ctx, binary, r.Dir, r.Asterisk, o.Objects); err != nil {
		return err
	}
	return r.Controller.MakeReady(ctx)
}

func startAsterisk(ctx context.Context, o Options, dir string, phones *sipp.Phones) (*sandbox.Instance, error) {
	program, err := sandbox.Find(ctx, sandbox.FindOptions{CacheDir: o.CacheDir, Progress: func(line string) { o.Progress("%s", line) }})
	if err != nil {
		return nil, fmt.Errorf("no Asterisk can be had: %s", fault.ReasonOf(err))
	}
	o.Progress("on %s", program)
	var v configs.Values
	var members strings.Builder
	for i := range o.Agents {
		number := strconv.Itoa(FirstAgent + i)
		v.Phones = append(v.Phones, configs.Phone{Number: number, Contact: phones.Contact(number)})
		fmt.Fprintf(&members, "member => PJSIP/%s\n", number)
	}
	files := map[string]string{
		"queues_local.conf": "[bench]\nstrategy = rrmemory\nringinuse = no\ntimeout = 15\nretry = 1\nwrapuptime = 0\njoinempty = yes\n" + members.String(),
		// r: the caller hears ringing and no music, as with the controller while an agent is free.
		"extensions_local.conf": "[strowger-in](+)\nexten => " + ReferenceNumber + ",1,Queue(bench,r,,,30)\n same => n,Hangup()\n",
	}
	return sandbox.Start(ctx, program, sandbox.Options{
		Name: "bench", Unique: true, Dir: filepath.Join(dir, "instances"), Values: v,
		Extra: files,
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

// FreePort finds a port that nobody listens on now.
func FreePort(network string) (int, error) {
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
func (r *Rig) stop() error {
	var errs []error
	if r.Controller != nil {
		errs = append(errs, r.Controller.Stop())
	}
	if r.Asterisk != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		errs = append(errs, r.Asterisk.Stop(ctx))
	}
	if r.Phones != nil {
		errs = append(errs, r.Phones.Stop())
	}
	r.ari.CloseIdleConnections()
	return errors.Join(errs...)
}

// discard removes the files of a stopped rig.
func (r *Rig) discard() error {
	err := os.RemoveAll(r.Dir)
	if r.Asterisk != nil {
		err = errors.Join(err, r.Asterisk.Remove())
	}
	return err
}

// drainLimit is how long calls of an overload may take to end by themselves.
const drainLimit = 75 * time.Second

// Drain waits until Asterisk has no channel any more, and reports whether the
// last ones had to be hung up.
func (r *Rig) Drain(ctx context.Context) (forced bool, err error) {
	deadline := time.Now().Add(drainLimit)
	for {
		n, err := r.Channels(ctx)
		if err == nil && n == 0 {
			return forced, nil
		}
		if ctx.Err() != nil {
			return forced, ctx.Err()
		}
		if time.Now().After(deadline) {
			if forced {
				return forced, fmt.Errorf("%d channels are left and do not end: %w; the log of Asterisk is %s", n, errors.Join(errStuck, err), r.Asterisk.LogPath())
			}
			forced, deadline = true, time.Now().Add(drainLimit)
			if _, err := r.Asterisk.CLI(ctx, "channel request hangup all"); err != nil {
				return forced, err
			}
		}
		if err := Pause(ctx, 100*time.Millisecond); err != nil {
			return forced, err
		}
	}
}

var errStuck = errors.New("the calls of the last load")

// Channels returns how many channels live in Asterisk.
func (r *Rig) Channels(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Asterisk.ARIURL()+"/channels", nil)
	if err != nil {
		return 0, err
	}
	v := r.Asterisk.Values()
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

// Pause waits, or returns the context's end.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
