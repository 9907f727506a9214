package main

import (
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/icicheck"
)

func newICICheck(a *app) *cobra.Command {
	opt := icicheck.Options{}
	passwordFile, output := "", ""
	cmd := &cobra.Command{
		Use:   "check URL",
		Short: "Play a CRM against a running interface, and report",
		Long: `Play a CRM against a running interface of this kind, and report step by step what works. It needs the URL alone,
on any machine that may connect. Without --act it changes nothing: with it the user is logged in (which ends their other
subscriptions, and their calls where login_drop_calls is on), and their work mode is changed and put back.

--dial has the agent call a number, as a CRM's button does, and hangs up when somebody answers: their own phone rings first.
--call makes the agent ready and waits for a caller of one of their queues; where the station takes calls by command it is accepted, else
lift the phone. Either way every event about the call is reported, in order, to its end; wrap-up is ended. A call that does not
end within --call-wait is dropped.

Events are received at --callback, which the interface must be able to reach and must allow (ici.callback_allow).

Exit codes: 0 everything works, 3 something does not, 1 it could not run.`,
		Example: `  strowger ici check http://127.0.0.1:8181/OII/OII.asmx
  strowger ici check http://127.0.0.1:8181/OII/OII.asmx --user anna --act --output json
  strowger ici check http://127.0.0.1:8181/OII/OII.asmx --user anna --act --dial +49301234567 --call --call-wait 2m`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.URL = args[0]
			var err error
			if opt.Password, err = passwordIn("ici check", passwordFile); err != nil {
				return err
			}
			report, err := icicheck.Run(cmd.Context(), opt)
			if err != nil {
				return err
			}
			return a.printCheck(report, output)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.User, "user", "", "agent to subscribe to; none: only what needs no agent is checked")
	f.BoolVar(&opt.Act, "act", false, "log the user in, and change their work mode and back")
	f.StringVar(&opt.Callback, "callback", "127.0.0.1:0", "address to receive events at, host:port")
	f.StringVar(&opt.Login, "login", "", "user of HTTP basic authentication")
	f.StringVar(&passwordFile, "password-file", "", "file with its password")
	f.StringVar(&opt.CA, "ca", "", "PEM file of the authority of an https interface")
	f.StringVar(&opt.Dial, "dial", "", "`number` that the agent calls; with --user and --act")
	f.BoolVar(&opt.Call, "call", false, "wait for a call to the agent and report its events; with --user and --act")
	f.DurationVar(&opt.CallWait, "call-wait", time.Minute, "longest wait for a call, and for each of its events")
	f.DurationVar(&opt.Wait, "wait", 10*time.Second, "longest wait for an answer or an event")
	outputFlag(cmd, &output)
	return cmd
}
