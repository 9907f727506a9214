package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionInfo is what `strowger version` prints. Version is the module's
// version as the Go tool stamped it, "(devel)" for a build outside a release.
type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func buildVersion() versionInfo {
	v := versionInfo{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func newVersionCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Example: `  strowger version
  strowger version --output json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := buildVersion()
			if output == outputJSON {
				return a.printJSON(v)
			}
			a.printf("strowger %s (%s, %s)\n", v.Version, v.Go, v.Platform)
			if v.Revision != "" {
				modified := ""
				if v.Modified {
					modified = ", with local changes"
				}
				a.printf("revision %s of %s%s\n", v.Revision, v.Time, modified)
			}
			return nil
		},
	}
	outputFlag(cmd, &output)
	return cmd
}
