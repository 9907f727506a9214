package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/table"
	"strowger/cti/sapphone"
	"strowger/cti/sapphone/gateway"
	"strowger/switch/fault"
)

func newSAPphoneCheckCommand(a *app) *cobra.Command {
	var output string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "check [ADDRESS]",
		Short: "Call the ports for destinations of type T as a SAP system does",
		Long: `Connects to a port of sapphone.servers, without ADDRESS to all of them, greets it as the
gateway of a destination of type T, and calls functions over the classic RFC wire: the
connection test, the version, a function that does not exist, and one that returns a table.
It changes nothing. What it proves is that port, allow list, metadata and this program's own
side work; the SAP system's side is tested in transaction SM59. With ADDRESS the configuration
is not read, and names are those of the built-in metadata.

Exit codes: 0 everything answered as it should, 3 something did not, 1 it could not run.`,
		Example: `  strowger sapphone check
  strowger sapphone check switch.example:3388 --output json`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.checkSAPphone(cmd.Context(), args, output, timeout)
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "`time` that each port has to answer")
	outputFlag(cmd, &output)
	return cmd
}

// portReport is what the check found at one port.
type portReport struct {
	Address  string            `json:"address"`
	Findings []gateway.Finding `json:"findings"`
}

func (a *app) checkSAPphone(ctx context.Context, args []string, output string, timeout time.Duration) error {
	addrs, metadata := args, ""
	if len(addrs) == 0 {
		cfg, err := a.loadConfig(ctx)
		if err != nil {
			return err
		}
		if addrs, err = gatewayAddresses(cfg.SAPphone.Servers); err != nil {
			return err
		}
		metadata = cfg.SAPphone.Metadata
	}
	meta, err := sapphone.LoadMetadata(metadata)
	if err != nil {
		return err
	}
	var all []portReport
	healthy := true
	for _, addr := range addrs {
		limit, cancel := context.WithTimeout(ctx, timeout)
		r := portReport{Address: addr, Findings: gateway.Check(limit, addr, meta)}
		cancel()
		for _, f := range r.Findings {
			healthy = healthy && f.OK
		}
		all = append(all, r)
	}
	if err := a.reportPorts(all, output); err != nil {
		return err
	}
	if !healthy {
		return exitWith(exitFindings)
	}
	return nil
}

// gatewayAddresses are where the ports of connection strings can be reached
// from this machine.
func gatewayAddresses(servers []string) ([]string, error) {
	const op = "check sapphone"
	if len(servers) == 0 {
		return nil, fault.New(fault.NotFound, op, "sapphone.servers", "no port for destinations of type T is configured: name an address, or set sapphone.servers")
	}
	var out []string
	seen := map[string]bool{}
	for _, text := range servers {
		s, err := sapphone.ParseServer(text)
		if err != nil {
			return nil, err
		}
		addr, err := s.Address()
		if err != nil {
			return nil, err
		}
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, op, addr, err)
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			addr = net.JoinHostPort("127.0.0.1", port)
		}
		if !seen[addr] {
			seen[addr] = true
			out = append(out, addr)
		}
	}
	return out, nil
}

func (a *app) reportPorts(all []portReport, output string) error {
	if output == outputJSON {
		return a.printJSON(all)
	}
	t := table.New("ADDRESS", "STEP", "OUTCOME", "TOOK", "WHAT CAME")
	var failed strings.Builder
	for _, r := range all {
		for _, f := range r.Findings {
			detail := f.Detail
			if !f.OK {
				detail = "see below"
				fmt.Fprintf(&failed, "\n%s, %s: %s\n", r.Address, f.Step, table.Clean(f.Detail))
			}
			t.Add(r.Address, f.Step, map[bool]string{true: "ok", false: "FAIL"}[f.OK], f.Took.Round(10*time.Microsecond), detail)
		}
	}
	if err := t.Write(a.stdout); err != nil {
		return err
	}
	a.printf("%s", failed.String())
	return nil
}
