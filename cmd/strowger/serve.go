package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/controller"
	"strowger/switch/fault"
)

func newServeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the controller beside an Asterisk that already works",
		Long: `Run the controller until it is interrupted. Calls live in Asterisk: stopping or
killing the controller drops none, and the next start takes them over. A change of
the configuration file or of a certificate comes into force by itself, or at once by
SIGHUP: limits and the sections ici, sapphone and ctips; queues, agents and other objects change by
strowger apply, the rest needs a restart. While it is away, the dialplan of configs/asterisk/extensions_strowger.conf serves new callers.`,
		Example: `  strowger serve
  strowger serve --config /etc/strowger/strowger.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.loadConfig(cmd.Context())
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), cfg)
		},
	}
}

// serve runs a controller until ctx ends or it cannot go on.
func (a *app) serve(ctx context.Context, cfg *config.Config) error {
	log, level := newLogger(cfg.Log, a.stderr)
	c, err := controller.New(controller.Options{Config: cfg, Version: buildVersion().Version, Logger: log, Level: level, Load: a.loadConfig})
	if err != nil {
		return err
	}
	if err := c.Start(ctx); err != nil {
		return err
	}
	log.Info("strowger is running", "version", buildVersion().Version, "status_page", c.StatusURL(), "ici", c.ICIURL(), "socket", cfg.HTTP.Socket)
	err = a.attend(ctx, c, cfg, log)
	c.Stop(context.WithoutCancel(ctx))
	return err
}

// attend waits for the end and reloads the configuration on SIGHUP and when its
// files change.
func (a *app) attend(ctx context.Context, c *controller.Controller, cfg *config.Config, log *slog.Logger) error {
	files := newFileWatch(cfg.Files())
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			log.Info("stopping; calls stay up in Asterisk")
			return nil
		case err := <-c.Fatal():
			if fault.Is(err, fault.Conflict) {
				return &exitError{code: exitReplaced, err: err}
			}
			return err
		case <-hup:
			files = a.reload(ctx, c, files, log)
		case <-look.C:
			if files.changed() {
				files = a.reload(ctx, c, files, log)
			}
		}
	}
}

// reload brings the configuration into force, and returns what to watch now.
func (a *app) reload(ctx context.Context, c *controller.Controller, files *fileWatch, log *slog.Logger) *fileWatch {
	next := files
	cfg, err := a.loadConfig(ctx)
	if err == nil {
		next = newFileWatch(cfg.Files())
		err = c.Reload(ctx, cfg)
	}
	if err != nil {
		log.Error("the new configuration was not taken; the old one stays in force", "error", err)
		return next
	}
	log.Info("configuration reloaded: limits, ICI, SAPphone and CTIPS; objects change by strowger apply; addresses, other passwords and folders need a restart")
	return next
}

// newLogger makes the log that the configuration asks for; its level can change.
func newLogger(cfg config.Log, w io.Writer) (*slog.Logger, *slog.LevelVar) {
	var level slog.LevelVar
	if err := level.UnmarshalText([]byte(strings.ToUpper(cfg.Level))); err != nil {
		level.Set(slog.LevelInfo)
	}
	opts := &slog.HandlerOptions{Level: &level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts)), &level
	}
	return slog.New(slog.NewTextHandler(w, opts)), &level
}
