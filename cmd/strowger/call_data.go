package main

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// dataFlag adds --data, which attaches data to a call that is sent on.
func dataFlag(cmd *cobra.Command, to *[]string) {
	cmd.Flags().StringArrayVar(to, "data", nil, "attach `APPLICATION=TEXT` to the call: JSON, XML or text; nothing behind the sign removes it; can be given several times")
}

// dataEntries reads what --data gives.
func dataEntries(from []string) ([]rest.AttachedEntry, error) {
	var out []rest.AttachedEntry
	for _, f := range from {
		app, text, found := strings.Cut(f, "=")
		if !found || app == "" {
			return nil, fault.New(fault.Invalid, "data", f, `write it as application=text, such as crm='{"case":7}'`)
		}
		media := "text/plain"
		switch {
		case strings.HasPrefix(text, "<"):
			media = "application/xml"
		case json.Valid([]byte(text)):
			media = "application/json"
		}
		out = append(out, rest.AttachedEntry{App: app, Media: media, Data: text})
	}
	return out, nil
}
