package test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	waitFor = 15 * time.Second
	lookAt  = 20 * time.Millisecond
)

// eventually waits until ok is true; what completes the sentence "still not so". It is
// for conditions of other processes that nothing announces; ours have signals. What
// the pointers seen show then is added to the message.
func eventually(t *testing.T, what string, ok func() bool, seen ...any) {
	t.Helper()
	deadline := time.NewTimer(waitFor)
	defer deadline.Stop()
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			for _, p := range seen {
				what += fmt.Sprintf("\nseen: %v", reflect.ValueOf(p).Elem().Interface())
			}
			t.Fatalf("after %s: still not so: %s", waitFor, what)
		case <-t.Context().Done():
			t.Fatalf("the test ended before: %s", what)
		case <-tick.C:
		}
	}
}

// waitForLog waits until a log file contains text and returns the whole file.
func waitForLog(t *testing.T, file, text string) string {
	t.Helper()
	var log string
	eventually(t, file+" has "+text, func() bool {
		b, err := os.ReadFile(file)
		log = string(b)
		return err == nil && strings.Contains(log, text)
	})
	return log
}
