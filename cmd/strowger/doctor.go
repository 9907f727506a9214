package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/doctor"
	"strowger/switch/objects"
)

func newDoctorCommand(a *app) *cobra.Command {
	var output string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check Asterisk, this machine and the configuration, and say what to correct",
		Long: `Looks at everything that the controller depends on: Asterisk's version, ARI and AMI with
their rights, the dialplan, phones, passwords, open ports, disk, folders and limits. It may be
run at any time, also beside a running controller: it places no call, takes no application
away, and changes nothing but the dialplan global SW_DOCTOR, which it sets and removes.

Each line is ok, note (nothing to correct), skip (not checked, with the reason), warn, or
FAIL, with what it leads to and what to type. Exit codes: 0 nothing to correct, 3 warnings or
failures, 1 it could not run (for example, the configuration has errors).`,
		Example: `  strowger doctor
  strowger doctor --config site/strowger.yaml --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.doctor(cmd.Context(), output, timeout)
		},
	}
	outputFlag(cmd, &output)
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "`time` that Asterisk and the disks have to answer")
	return cmd
}

// doctor loads the configuration itself: its warnings are findings like others.
func (a *app) doctor(ctx context.Context, output string, timeout time.Duration) error {
	cfg, err := config.Load(ctx, a.configPath, a.env)
	if err != nil {
		return err
	}
	report, err := doctor.Run(ctx, doctor.Options{Config: cfg, Objects: knownObjects(ctx, cfg), Version: buildVersion().Version, Timeout: timeout})
	if err != nil {
		return err
	}
	if output == outputJSON {
		err = a.printJSON(report)
	} else {
		err = report.Write(a.stdout)
	}
	if err != nil {
		return err
	}
	if !report.Healthy() {
		return exitWith(exitFindings)
	}
	return nil
}

// knownObjects are the configuration objects in force, or else those of the
// file that the first start reads; nil when neither can be had.
func knownObjects(ctx context.Context, cfg *config.Config) *objects.Set {
	c := client.New(cfg.HTTP.Socket)
	defer c.Close()
	if listing, err := c.Objects(ctx, "", nil); err == nil {
		if set, err := objects.Parse("controller", []byte(listing.YAML)); err == nil {
			return set
		}
	}
	set, err := config.CheckObjects(cfg)
	if err != nil {
		return nil
	}
	return set
}
