package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/controller"
	"strowger/switch/sim"
)

// TestObjectScripts runs the command lines in testdata/objects against a real
// controller with a simulated exchange.
func TestObjectScripts(t *testing.T) {
	runScripts(t, testscript.Params{
		Dir: "testdata/objects",
		Setup: func(e *testscript.Env) error {
			dir := filepath.Join(e.WorkDir, "var")
			cfg := config.Default()
			cfg.HTTP.Listen, cfg.HTTP.Socket, cfg.ICI.Enabled = "", filepath.Join(dir, "strowger.sock"), false
			cfg.Store.URL, cfg.Store.JournalDir = "sqlite:"+filepath.Join(dir, "s.db"), filepath.Join(dir, "journal")
			ex := sim.New(sim.Options{Node: "sim"})
			c, err := controller.New(controller.Options{Config: cfg, Version: "1.2.3", Simulated: simulatedBackend{ex}})
			if err != nil {
				return err
			}
			e.Defer(func() {
				c.Stop(context.Background())
				ex.Stop()
			})
			return c.Start(context.Background())
		},
	})
}
