// Command run is a relay that makes faults between two programs, as between a
// controller and its Asterisk:
//
//	go run ./test/faultproxy/run -http -listen 127.0.0.1:18088 -target 127.0.0.1:8088
//
// with asterisk.ari_url set to http://127.0.0.1:18088. Faults are begun with
// -fault or, while it runs, by lines of standard input; help prints them.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"strowger/test/faultproxy"
)

const commands = `Commands, one a line:
  FAULT        begin it; its number is printed
  lift [N]     end fault N, or all
  cut [PATH]   reset the connections that are there, or those of a path
  counts       what went through, and what each fault has touched
  help         this
A FAULT is ` + faultproxy.Syntax

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "faultproxy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("faultproxy", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		say(out, "Usage: faultproxy -target HOST:PORT [flags]")
		flags.PrintDefaults()
		say(out, commands)
	}
	cfg := faultproxy.Config{}
	var begin []string
	flags.StringVar(&cfg.Network, "network", "tcp", "tcp or udp")
	flags.StringVar(&cfg.Listen, "listen", "127.0.0.1:0", "where to listen")
	flags.StringVar(&cfg.Target, "target", "", "where to relay to")
	flags.BoolVar(&cfg.HTTP, "http", false, "it is HTTP with websockets: faults work on requests, answers and frames")
	flags.Uint64Var(&cfg.Seed, "seed", 1, "of what goes by chance")
	flags.Func("fault", "begin with this `FAULT`; may be given more than once", func(s string) error {
		begin = append(begin, s)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil
		}
		return err
	}
	if cfg.Target == "" || flags.NArg() > 0 {
		return fmt.Errorf("-target is missing, or there is more than flags; -help says what there is")
	}
	p, err := faultproxy.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer p.Stop()
	c := console{p: p, out: out}
	for _, text := range begin {
		if err := c.begin(text); err != nil {
			return err
		}
	}
	say(out, p.Addr(), "->", cfg.Target)
	lines := make(chan string)
	go func() { // reading standard input cannot be broken off: it ends with the process
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line := <-lines:
			if err := c.do(line); err != nil {
				say(out, "error:", err)
			}
		case <-ctx.Done():
			c.counts()
			return nil
		}
	}
}

// say prints a line; a terminal that has gone is no reason to end the relay.
func say(out io.Writer, what ...any) { _, _ = fmt.Fprintln(out, what...) }

type console struct {
	p      *faultproxy.Proxy
	out    io.Writer
	faults []*faultproxy.Active
}

func (c *console) do(line string) error {
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb {
	case "":
	case "lift":
		return c.lift(rest)
	case "cut":
		say(c.out, c.p.Cut(strings.TrimSpace(rest)), "connections cut")
	case "counts":
		c.counts()
	case "help":
		say(c.out, commands)
	default:
		return c.begin(line)
	}
	return nil
}

func (c *console) begin(text string) error {
	f, err := faultproxy.ParseFault(text)
	if err != nil {
		return err
	}
	a, err := c.p.Inject(f)
	if err != nil {
		return err
	}
	c.faults = append(c.faults, a)
	say(c.out, fmt.Sprintf("fault %d: %s", len(c.faults), text))
	return nil
}

func (c *console) lift(which string) error {
	if which == "" {
		c.p.Lift()
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(which))
	if err != nil || n < 1 || n > len(c.faults) {
		return fmt.Errorf("there is no fault %q", which)
	}
	c.faults[n-1].Lift()
	return nil
}

func (c *console) counts() {
	say(c.out, c.p.Counts())
	for i, a := range c.faults {
		say(c.out, fmt.Sprintf("fault %d %s: %s", i+1, a.Mode, a.Bitten()))
	}
}
