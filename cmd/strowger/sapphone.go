package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/table"
	"strowger/cti/sapphone"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

func newSAPphoneCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sapphone",
		Short: "Look after the SAPphone interface: state, stop and start, metadata, check",
		Long: `SAPphone is the interface of RFC function modules by which SAP systems control telephones.
It is offered when sapphone.enabled is set; 'strowger config explain sapphone' shows its keys.

status shows what it does; stop, start and reload are for administrators and leave an entry in 'strowger audit'.`,
		Example: `  strowger sapphone status
  strowger sapphone metadata show`,
		Args: unknownSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	metadata := &cobra.Command{
		Use:   "metadata",
		Short: "What the function modules and their parameters are called",
		Long: `No public document has the exact names of SAPphone's parameters, their types and lengths, and the
return codes. What the switch has built in follows what is known; a file that sapphone.metadata
names replaces it in part or whole.`,
		Example: `  strowger sapphone metadata show`,
		Args:    unknownSubcommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	metadata.AddCommand(newMetadataImportCommand(a), newMetadataShowCommand(a))
	cmd.AddCommand(newSAPphoneStatus(a))
	for _, o := range []struct{ name, short string }{
		{"start", "Serve SAP systems again after a stop"},
		{"stop", "Refuse functions, end waits and announce no calls, until start; calls go on"},
		{"reload", "Read the configuration file again, and bring into force what can change while it runs"},
	} {
		cmd.AddCommand(newSAPphoneOrder(a, o.name, o.short))
	}
	cmd.AddCommand(metadata, newSAPphoneCheckCommand(a))
	return cmd
}

// importFlags are the flags of `sapphone metadata import`.
type importFlags struct {
	sap, client, user, passwordFile, file, output string
	force                                         bool
	timeout                                       time.Duration
}

func newMetadataImportCommand(a *app) *cobra.Command {
	var o importFlags
	cmd := &cobra.Command{
		Use:   "import --sap URL",
		Short: "Read names and lengths of function modules from a SAP system",
		Long: `Asks a SAP system for the description of every SAPphone function module
(URL/sap/bc/soap/wsdl11?services=NAME), keeps its names, types and lengths, finds out by the
likeness of names what each parameter means, and writes a metadata file. What has no meaning
here is listed: it is ignored, and sent initial. Look at the list, correct sem in the file where
it is wrong, set sapphone.metadata to the file, and restart. Nothing else is changed.

The SAP user needs the right S_RFC for the functions, and the service /sap/bc/soap/wsdl11 must
be active (transaction SICF). The password is read from the file or from STROWGER_SAP_PASSWORD.
Exit codes: 0 everything has a meaning, 3 something has none or was not found, 1 it failed.`,
		Example: `  strowger sapphone metadata import --sap http://crm.example:8000 --sap-client 506 --user STROWGER --password-file sap.secret
  strowger sapphone metadata import --sap https://crm.example:44300 --file site/sapphone-metadata.json --output json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.importMetadata(cmd.Context(), &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.sap, "sap", "", "`URL` of the SAP system's HTTP server, without a path")
	f.StringVar(&o.client, "sap-client", "", "`number` of the SAP client")
	f.StringVar(&o.user, "user", "", "SAP `user`")
	f.StringVar(&o.passwordFile, "password-file", "", "`file` with the user's password; without it STROWGER_SAP_PASSWORD")
	f.StringVar(&o.file, "file", "sapphone-metadata.json", "`file` to write")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "`time` for the whole import")
	_ = cmd.MarkFlagRequired("sap") // the flag is there
	outputFlag(cmd, &o.output)
	return cmd
}

// metadataReport is what the import prints as JSON.
type metadataReport struct {
	File      string                      `json:"file"`
	Found     int                         `json:"found"`
	Functions []sapphone.ImportedFunction `json:"functions"`
}

// clean reports whether nothing is left to look at.
func (r *metadataReport) clean() bool {
	for _, f := range r.Functions {
		if !f.Found || len(f.Unmapped) > 0 || len(f.Missing) > 0 {
			return false
		}
	}
	return true
}

func (a *app) importMetadata(ctx context.Context, o *importFlags) error {
	if _, err := os.Lstat(o.file); !errors.Is(err, fs.ErrNotExist) && !o.force {
		return fault.Newf(fault.Conflict, "import metadata", o.file, "the file is there already: write --force to replace it, or choose another by --file")
	}
	fetch, err := a.describing(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	got, err := sapphone.ImportMetadata(ctx, fetch)
	if err != nil {
		return err
	}
	report := metadataReport{File: o.file, Functions: got.Functions}
	for _, f := range got.Functions {
		if f.Found {
			report.Found++
		}
	}
	if report.Found == 0 {
		return fault.New(fault.NotFound, "import metadata", o.sap, "the system describes none of the functions: is /sap/bc/soap/wsdl11 active (SICF), and has the user the right S_RFC?")
	}
	text, err := json.MarshalIndent(got.File, "", "  ")
	if err != nil {
		return fault.Wrap(fault.Internal, "import metadata", o.file, err)
	}
	if err := os.WriteFile(o.file, append(text, '\n'), 0o644); err != nil {
		return fault.Wrap(fault.Denied, "import metadata", o.file, err)
	}
	if err := a.reportImport(o, &report); err != nil {
		return err
	}
	if !report.clean() {
		return exitWith(exitFindings)
	}
	return nil
}

func (a *app) reportImport(o *importFlags, r *metadataReport) error {
	if o.output == outputJSON {
		return a.printJSON(r)
	}
	t := table.New("FUNCTION", "FOUND", "MAPPED", "WITHOUT MEANING", "MISSING")
	var details strings.Builder
	for _, f := range r.Functions {
		t.Add(f.Name, map[bool]string{true: "yes", false: "no"}[f.Found], f.Mapped, len(f.Unmapped), len(f.Missing))
		if len(f.Unmapped) > 0 {
			fmt.Fprintf(&details, "%s: without meaning here: %s\n", f.Name, strings.Join(f.Unmapped, " "))
		}
		if f.Found && len(f.Missing) > 0 {
			fmt.Fprintf(&details, "%s: not in the SAP system: %s\n", f.Name, strings.Join(f.Missing, " "))
		}
		if f.Problem != "" {
			fmt.Fprintf(&details, "%s: %s\n", f.Name, f.Problem)
		}
	}
	if err := t.Write(a.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s\n%s: %d of %d functions. Set sapphone.metadata to it and restart.\n", details.String(), r.File, r.Found, len(r.Functions))
	return err
}

// describing returns what fetches descriptions. It goes nowhere but to the
// system that was named.
func (a *app) describing(o *importFlags) (func(context.Context, string) ([]byte, error), error) {
	base, err := url.Parse(o.sap)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || strings.Trim(base.Path, "/") != "" {
		return nil, usageError(fault.New(fault.Invalid, "import metadata", o.sap, "write --sap as http://host:port or https://host:port, without a path"))
	}
	password, err := a.sapPassword(o)
	if err != nil {
		return nil, err
	}
	anywhere := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	client := soap.NewClient(soap.ClientConfig{
		Allow: soap.Destinations{Hosts: []string{strings.ToLower(base.Hostname())}, Nets: anywhere}, MaxResponse: 4 << 20, MaxConns: 2,
		User: o.user, Password: password,
	})
	return func(ctx context.Context, function string) ([]byte, error) {
		q := url.Values{"services": {function}}
		if o.client != "" {
			q.Set("sap-client", o.client)
		}
		at := *base
		at.Path, at.RawQuery = "/sap/bc/soap/wsdl11", q.Encode()
		answer, err := client.Get(ctx, at.String())
		if fault.Is(err, fault.Invalid) { // SAP answers 500 for a function that it does not have
			err = fault.Wrap(fault.NotFound, "import metadata", function, err)
		}
		return answer.Body, err
	}, nil
}

func (a *app) sapPassword(o *importFlags) (string, error) {
	if o.passwordFile == "" {
		for _, e := range a.env {
			if v, ok := strings.CutPrefix(e, "STROWGER_SAP_PASSWORD="); ok {
				return v, nil
			}
		}
		return "", nil
	}
	text, err := os.ReadFile(o.passwordFile)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "import metadata", o.passwordFile, err)
	}
	return strings.TrimSpace(string(text)), nil
}

func newMetadataShowCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Show the functions, of a metadata file or built in",
		Long: `Checks a metadata file and shows the functions as they would be offered with it; without a
file, the built-in ones. With --output json it is the whole metadata, to begin a file of your own.`,
		Example: `  strowger sapphone metadata show
  strowger sapphone metadata show site/sapphone-metadata.json`,
		Args: maxArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := ""
			if len(args) > 0 {
				path = args[0]
			}
			return a.showMetadata(path, output)
		},
	}
	outputFlag(cmd, &output)
	return cmd
}

func (a *app) showMetadata(path, output string) error {
	m, err := sapphone.LoadMetadata(path)
	if err != nil {
		return err
	}
	if output == outputJSON {
		return a.printJSON(m.File())
	}
	t := table.New("FUNCTION", "DIRECTION", "PARAMETERS")
	for _, direction := range []string{"in", "out"} {
		for _, f := range m.Functions(direction) {
			names := make([]string, 0, len(f.Params))
			for _, p := range f.Params {
				names = append(names, string(p.Dir)+":"+p.Name)
			}
			t.Add(f.Name, direction, strings.Join(names, " "))
		}
	}
	return t.Write(a.stdout)
}
