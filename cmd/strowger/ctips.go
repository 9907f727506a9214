package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/ctips"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

func newCTIPSCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ctips",
		Short: "Look after the interface for applications of Aspect's CTI Portal Server: state, sessions, passwords, check",
		Long: `CTIPS is the SOAP interface of Aspect's CTI Portal Server, for applications written for that.
It is offered when ctips.enabled is set; 'strowger config explain ctips' shows its keys.

status and sessions show what it does; close ends a session and reload reads the configuration file again, both leave
an entry in 'strowger audit'; password makes what ctips.users keeps of a password; check plays a client application
against a running interface.`,
		Example: `  strowger ctips status
  strowger ctips sessions --output json
  strowger ctips check http://cti.example:8731/CTIPS/AgentCallService`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	closing := newOrderCommand(a, orderSpec[rest.CTIPSStatus]{
		use: "close SESSION", short: "Close a session; its client has to open another", example: "  strowger ctips close 1-7", args: cobra.ExactArgs(1),
		send: func(ctx context.Context, c *client.Client, args []string) (rest.CTIPSStatus, error) {
			return c.CloseCTIPSSession(ctx, args[0])
		},
		tell: func(s rest.CTIPSStatus) string { return fmt.Sprintf("the session is closed; %d are open", s.Sessions) },
	})
	reload := newOrderCommand(a, orderSpec[rest.CTIPSStatus]{
		use: "reload", short: "Read the configuration file again; sessions whose user is gone end", example: "  strowger ctips reload", args: noArgs,
		send: func(ctx context.Context, c *client.Client, _ []string) (rest.CTIPSStatus, error) {
			return c.ReloadCTIPS(ctx)
		},
		tell: func(s rest.CTIPSStatus) string {
			return fmt.Sprintf("reloaded; %d sessions are open%s", s.Sessions, waitingKeys(s.Restart))
		},
	})
	cmd.AddCommand(newCTIPSStatus(a), newCTIPSSessions(a), closing, reload, newCTIPSPassword(a), newCTIPSCheck(a))
	return cmd
}

// waitingKeys says which changes have not come into force.
func waitingKeys(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "; changed, and in force at the next start: ctips." + strings.Join(keys, ", ctips.")
}

func newCTIPSStatus(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "status", Short: "Show the interface on one page", Example: "  strowger ctips status\n  strowger ctips status --output json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.CTIPSStatus]{
				fetch: func(ctx context.Context, c *client.Client) (rest.CTIPSStatus, error) { return c.CTIPS(ctx) },
				print: printCTIPS,
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func printCTIPS(w io.Writer, s rest.CTIPSStatus) error {
	t := table.New("FIGURE", "VALUE")
	for _, l := range s.Listeners {
		t.Add(fmt.Sprintf("listener %d", l.Number), fmt.Sprintf("%s%s, %d of %d sessions%s",
			l.Address, map[bool]string{true: " (TLS)"}[l.TLS], l.Sessions, l.MaxSessions, map[bool]string{true: ", misses the switch's events"}[l.Deaf]))
	}
	t.Add("sessions", fmt.Sprintf("%d now, %d opened%s%s", s.Sessions, s.Opened, byReason(", refused:", s.Refused), byReason(", over:", s.Ended)))
	t.Add("requests", fmt.Sprintf("%d, %d refused, %d wait for their outcome, %d outcomes were late", s.Requests, s.Faults, s.Pending, s.Late))
	t.Add("events", fmt.Sprintf("%d sent, %d lost, %d wait", s.Sent, s.Lost, s.Waiting))
	t.Add("heartbeats", fmt.Sprintf("%d, %d without an answer", s.Heartbeats, s.Missed))
	if s.LastErrorAt != nil {
		t.Add("last error", clockTime(s.LastErrorAt)+" "+s.LastError)
	}
	if len(s.Restart) > 0 {
		t.Add("settings", strings.TrimPrefix(waitingKeys(s.Restart), "; "))
	}
	return t.Write(w)
}

// byReason writes counts in the order of their names.
func byReason(title string, counts map[string]uint64) string {
	if len(counts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(title)
	for _, why := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, " %s %d", why, counts[why])
	}
	return b.String()
}

func newCTIPSSessions(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "sessions", Short: "List the sessions of client applications", Example: "  strowger ctips sessions\n  strowger ctips sessions --output json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.CTIPSSessions]{
				fetch: func(ctx context.Context, c *client.Client) (rest.CTIPSSessions, error) { return c.CTIPSSessions(ctx) },
				print: func(w io.Writer, l rest.CTIPSSessions) error {
					t := table.New("SESSION", "USER", "TENANT", "PEER", "STATE", "SINCE", "CLASSES", "FILTERS", ">SENT", ">LOST", ">WAITING", ">MISSED", "LAST ERROR")
					for _, s := range l.Sessions {
						t.Add(s.ID, s.User, s.Tenant, s.Peer, s.State, clockTime(&s.Since), strings.Join(s.Classes, ","), strings.Join(s.Filters, ","), s.Sent, s.Lost, s.Waiting, s.Missed, s.LastError)
					}
					return t.Write(w)
				},
			})
		},
	}
	o.flags(cmd)
	return cmd
}

// maxPasswordLine bounds what is read of standard input.
const maxPasswordLine = 4096

func newCTIPSPassword(a *app) *cobra.Command {
	output := ""
	cmd := &cobra.Command{
		Use:   "password",
		Short: "Make what ctips.users keeps of a password",
		Long: `Reads a password from the first line of standard input, and prints what stands for it in
ctips.users.password_hash. The password itself is kept nowhere: it is typed, or comes out of a file by
'< FILE'; '> FILE' writes what password_hash names as file:FILE.`,
		Example: `  strowger ctips password
  strowger ctips password --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := firstLine(cmd.InOrStdin())
			if err != nil {
				return err
			}
			hash, err := ctips.HashPassword(password)
			if err != nil {
				return err
			}
			if output == outputJSON {
				return a.printJSON(map[string]string{"password_hash": hash})
			}
			a.printf("%s\n", hash)
			return nil
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPasswordLine)).ReadString('\n')
	if err != nil && err != io.EOF { //nolint:errorlint // a reader returns it as it is
		return "", fault.Wrap(fault.Invalid, "ctips password", "", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usageError(fault.New(fault.Invalid, "ctips password", "", "standard input is empty: write the password into it, for example by < FILE"))
	}
	return line, nil
}
