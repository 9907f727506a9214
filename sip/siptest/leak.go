package siptest

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// CheckGoroutines fails the test if more goroutines are left at its end than
// there are now. Call it first, before anything is started; tests that run in
// parallel disturb it.
func CheckGoroutines(t testing.TB) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), DefaultLimit)
		defer cancel()
		if err := settle(ctx, before); err != nil {
			t.Error(err)
		}
	})
}

// settle waits until at most limit goroutines run.
func settle(ctx context.Context, limit int) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		n := runtime.NumGoroutine()
		if n <= limit {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			buf := make([]byte, 64<<10)
			return fmt.Errorf("%d goroutines left, %d at the beginning:\n%s", n, limit, buf[:runtime.Stack(buf, true)])
		}
	}
}
