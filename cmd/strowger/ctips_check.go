package main

import (
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/ctipscheck"
)

func newCTIPSCheck(a *app) *cobra.Command {
	opt := ctipscheck.Options{}
	passwordFile, output := "", ""
	cmd := &cobra.Command{
		Use:   "check URL",
		Short: "Play a client application against a running interface, and report",
		Long: `Play the sample client of CTI Portal Server's reference against a running interface of this kind, and report step by
step what works: descriptions, faults, OpenConnection with StartSession at the callback, registrations, filters, OnLine
with its heartbeat, a snapshot, OffLine and CloseConnection. It takes one session for a few seconds and changes nothing
else. With --agent and --act it also logs the agent in and out.

Events are received at --callback, which the interface must be able to reach and must allow (ctips.callback_allow).

Exit codes: 0 everything works, 3 something does not, 1 it could not run.`,
		Example: `  strowger ctips check http://cti.example:8731/CTIPS/AgentCallService
  strowger ctips check https://cti.example:8731/CTIPS/AgentCallService --user desktop --password-file desktop.password --agent anna --act --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.URL = args[0]
			var err error
			if opt.Password, err = passwordIn("ctips check", passwordFile); err != nil {
				return err
			}
			report, err := ctipscheck.Run(cmd.Context(), opt)
			if err != nil {
				return err
			}
			return a.printCheck(report, output)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.User, "user", "", "`user` of OpenConnection; without it strowger-check, for interfaces that list nobody")
	f.StringVar(&passwordFile, "password-file", "", "`file` with the user's password")
	f.Int32Var(&opt.Tenant, "tenant", 1, "TenantId")
	f.StringVar(&opt.Callback, "callback", "", "`address` to receive events at, host:port; without it a free port of the address that reaches the interface")
	f.StringVar(&opt.CA, "ca", "", "PEM `file` of the authority of an https interface")
	f.StringVar(&opt.Agent, "agent", "", "login `name` of an agent; with --act")
	f.StringVar(&opt.Station, "station", "", "`station` where the agent logs in; without it their own")
	f.BoolVar(&opt.Act, "act", false, "log the agent in and out")
	f.DurationVar(&opt.Wait, "wait", 10*time.Second, "longest wait for an answer or an event")
	outputFlag(cmd, &output)
	return cmd
}
