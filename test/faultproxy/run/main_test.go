package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
)

// TestConsole begins and lifts faults by lines, as a person does.
func TestConsole(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, keyboard := io.Pipe()
	show, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-network", "udp", "-target", "127.0.0.1:9", "-fault", "drop way=client"}, in, out)
		_ = out.Close()
	}()
	lines := bufio.NewScanner(show)
	expect := func(want string) {
		t.Helper()
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
	}
	expect("fault 1: drop way=client")
	expect("-> 127.0.0.1:9")
	for _, step := range []struct{ line, want string }{
		{"latency delay=20ms", "fault 2: latency"},
		{"explode", "error: unknown mode"},
		{"lift 3", `error: there is no fault "3"`},
		{"lift 1\nlift\ncounts", "0 connections (0 open)"},
	} {
		go func() { _, _ = io.WriteString(keyboard, step.line+"\n") }()
		expect(step.want)
	}
	expect("fault 1 drop: 0 units")
	expect("fault 2 latency: 0 units")
	cancel()
	for lines.Scan() { // the last counts
	}
	_ = keyboard.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := run(t.Context(), []string{"-network", "udp"}, strings.NewReader(""), io.Discard); err == nil {
		t.Error("no target is taken")
	}
}
