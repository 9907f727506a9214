package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
)

func newSAPphoneStatus(a *app) *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "status", Short: "Show the interface on one page", Example: "  strowger sapphone status\n  strowger sapphone status --output json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd.Context(), o, screen[rest.SAPphoneStatus]{
				fetch: func(ctx context.Context, c *client.Client) (rest.SAPphoneStatus, error) { return c.SAPphone(ctx) },
				print: printSAPphone,
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func printSAPphone(w io.Writer, s rest.SAPphoneStatus) error {
	t := table.New("FIGURE", "VALUE")
	t.Add("state", s.State)
	t.Add("SOAP-RFC", s.Address+map[bool]string{true: " (TLS)"}[s.TLS])
	if len(s.Gateways) > 0 {
		t.Add("type T", strings.Join(s.Gateways, " "))
	}
	name := s.ServerName
	if name == "" {
		name = "not said by SAP yet: no call is announced"
	}
	t.Add("server name", name)
	t.Add("agents", fmt.Sprintf("%d wait, %d extensions are registered", s.Waiting, s.Registered))
	t.Add("functions", fmt.Sprintf("%d called, %d refused, %d conversations now", s.Calls, s.Refused, s.Conversations))
	t.Add("announcements", fmt.Sprintf("%d taken, %d given up", s.Announced, s.Lost))
	for _, system := range s.Systems {
		t.Add("SAP system", system.URL+" "+system.State)
	}
	return t.Write(w)
}

func newSAPphoneOrder(a *app, name, short string) *cobra.Command {
	return newOrderCommand(a, orderSpec[rest.SAPphoneStatus]{
		use: name, short: short, example: "  strowger sapphone " + name, args: noArgs,
		send: func(ctx context.Context, c *client.Client, _ []string) (rest.SAPphoneStatus, error) {
			return c.SAPphoneOrder(ctx, name)
		},
		tell: func(s rest.SAPphoneStatus) string { return "the interface is " + s.State },
	})
}
