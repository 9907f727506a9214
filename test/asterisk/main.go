// Command asterisk is the developer's handle on the Asterisk of the tests.
//
//	go run ./test/asterisk -cache .cache rest-api   make it if need be, print the folder of the ARI description
//	go run ./test/asterisk -cache .cache version    make it if need be, print what it is
//	go run ./test/asterisk -cache .cache run        start an instance, print its addresses, stop it on Ctrl-C
//
// Results go to standard output, progress to standard error. Where no Asterisk
// can be had it says why and exits with 3.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"strowger/ari/sandbox"
	"strowger/configs"
	"strowger/switch/fault"
)

// noAsterisk is the exit code that the Makefile tells from a failure of ours.
const noAsterisk = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "asterisk:", err)
	var missing missingError
	if errors.As(err, &missing) {
		os.Exit(noAsterisk)
	}
	os.Exit(1)
}

type missingError struct{ cause error }

func (e missingError) Error() string { return "no Asterisk can be had: " + fault.ReasonOf(e.cause) }
func (e missingError) Unwrap() error { return e.cause }

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("asterisk", flag.ContinueOnError)
	flags.SetOutput(progress)
	cache := flags.String("cache", ".cache", "folder that holds the sandboxed Asterisk")
	name := flags.String("name", "manual", "name of the instance to run")
	sip := flags.Int("sip", 0, "SIP port of the instance; 0 = a free one")
	http := flags.Int("http", 0, "HTTP port of the instance; 0 = a free one")
	ami := flags.Int("ami", 0, "AMI port of the instance; 0 = a free one")
	agents := flags.Int("agents", 60, "phones to make, numbered from 101")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := sandbox.Find(ctx, sandbox.FindOptions{
		CacheDir: *cache,
		Progress: func(line string) { _, _ = fmt.Fprintln(progress, line) }, // progress may be lost
	})
	if err != nil {
		return missingError{err}
	}
	switch flags.Arg(0) {
	case "rest-api":
		_, err = fmt.Fprintln(out, p.RestAPI())
	case "version":
		_, err = fmt.Fprintln(out, p)
	case "run":
		err = runInstance(ctx, out, p, sandbox.Options{
			Name: *name, Dir: filepath.Join(*cache, "instances"), Agents: *agents,
			Values: configs.Values{SIPPort: *sip, HTTPPort: *http, AMIPort: *ami},
		})
	default:
		err = errors.New("say what to do: rest-api, version or run")
	}
	return err
}

func runInstance(ctx context.Context, out io.Writer, p sandbox.Program, o sandbox.Options) error {
	in, err := sandbox.Start(ctx, p, o)
	if err != nil {
		return err
	}
	v := in.Values()
	_, err = fmt.Fprintf(out, "%s\nARI  %s  user %s password %s\nAMI  %s  user %s password %s\nSIP  %s\nlog  %s\npid  %d\nCtrl-C stops it.\n",
		p, in.ARIURL(), v.ARIUser, v.ARIPassword, in.AMIAddr(), v.AMIUser, v.AMIPassword, in.SIPAddr(), in.LogPath(), in.PID())
	if err == nil {
		select {
		case <-ctx.Done():
		case <-in.Done():
			err = errors.New("Asterisk ended by itself; its log ends with:\n" + in.LogTail(10))
		}
	}
	return errors.Join(err, in.Stop(context.WithoutCancel(ctx)))
}
