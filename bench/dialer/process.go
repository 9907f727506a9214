package dialer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"strowger/bench/report"
	"strowger/bench/rig"
	"strowger/dialer/pacing"
	"strowger/dialer/pacing/wire"
)

// runProcess lets "strowger dialer pace --stdio" work two shifts, as any
// simulator may, and compares them with those of the package.
func runProcess(ctx context.Context, o Options, book *report.Book) error {
	program := o.Program
	if program == "" {
		dir, err := os.MkdirTemp("", "strowger-bench")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a folder of temporary files
		o.Progress("building the program whose pacer is driven")
		if program, err = rig.Build(ctx, dir); err != nil {
			return err
		}
	}
	same := 0
	for i, c := range []Cell{Usual(5, 0.25, 120, 15), Usual(25, 0.40, 60, 45)} {
		c.Hours = 2
		kind, why := "patient", false // the protocol has nothing but the number of lines
		if i > 0 {
			kind, why = "ours", true // with --why it has what may be given up
		}
		o.Progress("%d agents, %s, by standard input and output", c.Agents, kind)
		want := NewWorld(c, 1, New(kind, 0.03, c)).Run()
		got, err := byProcess(ctx, program, c, why)
		if err != nil {
			return err
		}
		if got == want {
			same++
			continue
		}
		book.Note("%d agents: %+v by the process, %+v by the package", c.Agents, got, want)
	}
	book.AtLeast("process_same", float64(same), "of 2 shifts", nil, 2)
	return nil
}

// byProcess lets a process work a shift.
func byProcess(ctx context.Context, program string, c Cell, why bool) (Result, error) {
	args := []string{"dialer", "pace", "--stdio"}
	if why {
		args = append(args, "--why")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return Result{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Result{}, err
	}
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("start %s: %w", filepath.Base(program), err)
	}
	p := newDriven(in, out, wire.Hello{
		Agents: c.Agents, TrunkLimit: int(c.Lines * float64(c.Agents)), Grace: c.Grace, RingLimit: c.RingLimit, ShiftEnds: 3600 * c.Hours, Target: 0.03,
	})
	r := NewWorld(c, 1, p).Run()
	return r, errors.Join(p.err, in.Close(), cmd.Wait())
}

// driven is a pacer behind the protocol of simulators.
type driven struct {
	to   *json.Encoder
	from *bufio.Reader
	last wire.Reply
	err  error
}

func newDriven(to io.Writer, from io.Reader, h wire.Hello) *driven {
	d := &driven{to: json.NewEncoder(to), from: bufio.NewReader(from)}
	d.err = d.to.Encode(map[string]any{"hello": h})
	return d
}

func (d *driven) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	d.last = wire.Reply{}
	if d.err != nil {
		return 0
	}
	st := wire.State{
		T: s.Now.Seconds(), Agents: [][3]float64{}, Ringing: []float64{}, Waiting: s.Waiting, TrunkLimit: s.LineLimit, Trunks: s.Lines,
		Answered: s.Today.Humans, Abandoned: s.Today.Abandoned, Log: [][4]float64{},
	}
	for _, a := range s.Agents {
		pending := 0.0
		if a.Leaving {
			pending = 1
		}
		st.Agents = append(st.Agents, [3]float64{float64(a.Status), a.Since.Seconds(), pending})
	}
	for _, r := range s.Ringing {
		st.Ringing = append(st.Ringing, r.Seconds())
	}
	for _, f := range ended {
		st.Log = append(st.Log, [4]float64{f.At.Seconds(), float64(f.Kind), float64(f.Outcome), f.Took.Seconds()})
	}
	if d.err = d.to.Encode(st); d.err != nil {
		return 0
	}
	text, err := d.from.ReadBytes('\n')
	if d.err = err; err == nil {
		d.err = json.Unmarshal(text, &d.last)
	}
	return d.last.Dial
}

// GiveUp is the Canceller's.
func (d *driven) GiveUp() (oldest, newest int) { return d.last.Late, d.last.Cancel }
