package sipp

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"strowger/bench/cputime"
)

//go:embed caller.xml
var callerScenario []byte

//go:embed phone.xml
var phoneScenario []byte

//go:embed random_caller.xml
var randomCaller []byte

//go:embed random_phone.xml
var randomPhone []byte

const loopback = "127.0.0.1"

// Tool is an installed SIPp with our scenario files laid out for it.
type Tool struct {
	path string
	dir  string
	runs int
}

// Find looks for SIPp and writes the scenario files into dir, where its logs
// go too.
func Find(dir string) (*Tool, error) {
	path, err := exec.LookPath("sipp")
	if err != nil {
		return nil, errors.New("SIPp is not installed: apt-get install sip-tester")
	}
	t := &Tool{path: path, dir: dir}
	for name, text := range map[string][]byte{
		"caller.xml": callerScenario, "phone.xml": phoneScenario, "random_caller.xml": randomCaller, "random_phone.xml": randomPhone,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Tool) command(ctx context.Context, log string, args ...string) (*exec.Cmd, *os.File, error) {
	out, err := os.Create(filepath.Join(t.dir, log))
	if err != nil {
		return nil, nil, err
	}
	args = append([]string{
		"-i", loopback, "-nostdin", "-timer_resol", "1", "-trace_err", "-error_file", log + ".errors",
	}, args...)
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.dir, out, out
	cmd.Env = append(os.Environ(), "TERM=dumb")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches us only; we end it
	return cmd, out, nil
}

// Phones are one SIPp process that answers for every agent.
type Phones struct {
	port int
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
}

// Answer starts the phones on a UDP port.
func (t *Tool) Answer(port int) (*Phones, error) { return t.phones(port, "phone.xml") }

// AnswerAtRandom starts phones that answer late, not at all, or hang up by
// themselves, as random_phone.xml says.
func (t *Tool) AnswerAtRandom(port int) (*Phones, error) { return t.phones(port, "random_phone.xml") }

func (t *Tool) phones(port int, scenario string) (*Phones, error) {
	cmd, log, err := t.command(context.Background(), "phones.log", "-sf", scenario, "-p", strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	p := &Phones{port: port, cmd: cmd, log: log, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it ends by our signal
		close(p.done)
	}()
	return p, nil
}

// Contact is the SIP address at which an agent's phone answers.
func (p *Phones) Contact(number string) string {
	return "sip:" + number + "@" + net.JoinHostPort(loopback, strconv.Itoa(p.port))
}

// Done is closed when the process has ended.
func (p *Phones) Done() <-chan struct{} { return p.done }

// CPU is the processor time used so far.
func (p *Phones) CPU() (time.Duration, error) { return cputime.OfProcess(p.cmd.Process.Pid) }

// Stop ends the process. It may be called twice.
func (p *Phones) Stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return p.log.Close()
}

// Load says what callers do.
type Load struct {
	Target string        // host:port of Asterisk
	Number string        // what they dial
	Rate   int           // calls per second, evenly spaced
	Calls  int           // how many
	Talk   time.Duration // from a second after the answer to hang-up; none if 0: a call takes a second then
}

// late is from when on an answer counts as late.
const late = time.Second

// Result is what the callers saw.
type Result struct {
	Calls   int             // placed
	Failed  int             // ended otherwise than planned
	Late    int             // answered later than after 1 s
	Resent  int             // messages that SIPp had to send again
	Changed int             // INVITEs within a call that Asterisk sent
	Connect []time.Duration // INVITE to 200 of every answered call, in the order of the answers
	Rate    float64         // calls per second, as placed
	Busy    float64         // part of one processor that SIPp used, 0 to 1
}

// Call places calls and returns when all have ended.
func (t *Tool) Call(ctx context.Context, l Load) (*Result, error) {
	t.runs++
	name := fmt.Sprintf("call-%03d", t.runs)
	limit := time.Duration(float64(l.Calls)/float64(l.Rate)*float64(time.Second)) + l.Talk + 90*time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd, log, err := t.command(ctx, name+".log", "-sf", "caller.xml", "-s", l.Number,
		"-r", strconv.Itoa(l.Rate), "-m", strconv.Itoa(l.Calls), "-l", strconv.Itoa(l.Calls),
		"-d", strconv.FormatInt(l.Talk.Milliseconds(), 10),
		"-trace_shortmsg", "-shortmessage_file", name+".messages", "-trace_stat", "-stf", name+".stat", "-fd", "1", l.Target)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	err = errors.Join(cmd.Run(), log.Close())
	took := time.Since(began)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("SIPp was ended after %s: %w", took.Round(time.Second), ctx.Err())
	}
	// Exit code 1 means that a call failed: that is a result, not an error.
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("SIPp: %w; see %s", err, filepath.Join(t.dir, name+".log"))
	}
	r, err := t.read(name)
	if err != nil {
		return nil, err
	}
	r.Busy = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() / took.Seconds()
	return r, nil
}

// CallAtRandom places calls of callers who give up or hang up after a random
// time, as random_caller.xml says, and returns when all have ended. How they
// ended is for others to tell. Caller numbers begin with prefix.
func (t *Tool) CallAtRandom(ctx context.Context, l Load, prefix string) error {
	t.runs++
	name := fmt.Sprintf("random-%s-%03d", prefix, t.runs)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(float64(l.Calls)/float64(l.Rate)*float64(time.Second))+90*time.Second)
	defer cancel()
	cmd, log, err := t.command(ctx, name+".log", "-sf", "random_caller.xml", "-s", l.Number, "-key", "prefix", prefix,
		"-r", strconv.Itoa(l.Rate), "-m", strconv.Itoa(l.Calls), "-l", strconv.Itoa(l.Calls), l.Target)
	if err != nil {
		return err
	}
	err = errors.Join(cmd.Run(), log.Close())
	if ctx.Err() != nil {
		return fmt.Errorf("SIPp was ended: %w", ctx.Err())
	}
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return fmt.Errorf("SIPp: %w; see %s", err, filepath.Join(t.dir, name+".log"))
	}
	return nil
}
