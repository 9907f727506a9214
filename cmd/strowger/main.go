// Command strowger is the telephony switch controller: the server, its setup
// and checks, and the operator's view of a running one.
//
// Every subcommand has its own file with a newXCommand constructor; root.go
// lists them. main is the only place that reads the process's arguments and
// environment.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(mainExit())
}

// mainExit lets deferred calls run before os.Exit.
func mainExit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return runApp(ctx, &app{stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()}, os.Args[1:])
}
