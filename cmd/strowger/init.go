package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"strowger/cmd/strowger/internal/config"
	"strowger/configs"
	"strowger/switch/fault"
)

// initResult is what `strowger init --output json` prints.
type initResult struct {
	File     string   `json:"file"`
	Objects  string   `json:"objects"`
	Snippets []string `json:"snippets"`
	Var      string   `json:"var"`
	Next     []string `json:"next"`
}

func newInitCommand(a *app) *cobra.Command {
	var dir, output string
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented configuration with generated passwords",
		Long: `Writes strowger.yaml, readable by its owner only, with every key explained and with
generated passwords; objects.yaml with a queue and an agent to begin with; the snippets for Asterisk's own configuration, with the same passwords,
into the folder asterisk; and creates the folder var for the database and the journal.
Existing files are not touched unless --force is given.`,
		Example: `  strowger init
  strowger init --dir site --force`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			result, err := initialise(dir, force)
			if err != nil {
				return err
			}
			if output == outputJSON {
				return a.printJSON(result)
			}
			a.printf("Wrote %s (mode 0600), %s and %s, created %s.\n\nNext steps:\n", result.File, result.Objects, plural(len(result.Snippets), "snippet")+" for Asterisk", result.Var)
			for i, step := range result.Next {
				a.printf("  %d. %s\n", i+1, step)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "`folder` to write into; it is created if needed")
	cmd.Flags().BoolVar(&force, "force", false, "replace existing files; their passwords are lost")
	outputFlag(cmd, &output)
	return cmd
}

func initialise(dir string, force bool) (initResult, error) {
	file, varDir, snippetDir := filepath.Join(dir, config.DefaultFile), filepath.Join(dir, "var"), filepath.Join(dir, "asterisk")
	secrets := config.Secrets{ARI: rand.Text(), AMI: rand.Text(), ICI: rand.Text()}
	defaults := config.Default().Asterisk
	snippets, err := configs.SiteFiles(configs.Values{
		App: defaults.App, InContext: defaults.Context, ARIUser: defaults.ARIUser, ARIPassword: secrets.ARI, AMIPassword: secrets.AMI,
	})
	if err != nil {
		return initResult{}, err
	}
	objectsFile := filepath.Join(dir, config.ObjectsFile)
	files := map[string][]byte{file: config.NewFile(secrets), objectsFile: configs.ObjectsStart()}
	for name, text := range snippets {
		files[filepath.Join(snippetDir, name)] = text
	}
	names := slices.Sorted(maps.Keys(files))
	if !force {
		for _, name := range append([]string{file}, names...) { // the file first: it is the one that matters
			if _, err := os.Lstat(name); err == nil {
				return initResult{}, existsFault(name)
			}
		}
	}
	for _, d := range []string{varDir, snippetDir} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return initResult{}, writeFault(d, err)
		}
	}
	for _, name := range names {
		if err := writeConfig(name, files[name], force); err != nil {
			return initResult{}, err
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == file || n == objectsFile })
	return initResult{File: file, Objects: objectsFile, Snippets: names, Var: varDir, Next: nextSteps(file, objectsFile, snippetDir)}, nil
}

func nextSteps(file, objectsFile, snippetDir string) []string {
	doctor := "strowger doctor"
	if file != config.DefaultFile {
		doctor += " --config " + file
	}
	return []string{
		"Copy the snippets to Asterisk: install -o asterisk -m 640 " + filepath.Join(snippetDir, "*.conf") + " /etc/asterisk/",
		"Add the #include line that each snippet names at its top (the ARI password is already in ari_strowger.conf), and run: asterisk -rx 'core reload'",
		"Write your queues and agents into " + objectsFile + ", and run: " + doctor,
	}
}

// writeConfig creates the file, or replaces it as a whole, so that a failure
// in between leaves the old one.
func writeConfig(file string, text []byte, force bool) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".strowger-*") // mode 0600
	if err != nil {
		return writeFault(file, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when it was moved
	_, writeErr := tmp.Write(text)
	if err := errors.Join(writeErr, tmp.Sync(), tmp.Close()); err != nil {
		return writeFault(file, err)
	}
	if force {
		if err := os.Rename(tmp.Name(), file); err != nil {
			return writeFault(file, err)
		}
		return nil
	}
	// A link, unlike a rename, never replaces a file that came in between.
	if err := os.Link(tmp.Name(), file); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return existsFault(file)
		}
		return writeFault(file, err)
	}
	return nil
}

func existsFault(file string) error {
	return fault.New(fault.Conflict, "init", file, "the file exists and was left as it is; --force replaces it, and its passwords are lost")
}

func writeFault(path string, err error) error {
	return &fault.Error{Kind: fault.Unavailable, Op: "init", Subject: path, Err: err, Reason: "cannot be written: " + err.Error()}
}
