package config

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/knadh/koanf/v2"

	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/objects/schema"
)

// ObjectsFile is the name under which `strowger init` writes the objects.
const ObjectsFile = "objects.yaml"

// MaxFileSize bounds the configuration file, in bytes.
const MaxFileSize = 4 << 20

// DefaultFile is the name that `strowger init` writes and other commands read.
const DefaultFile = "strowger.yaml"

// Load reads the file at path, applies the environment (entries "NAME=value",
// as os.Environ returns them) and checks everything. An empty path means no
// file: defaults and environment only. Relative paths in the configuration
// are resolved against the file's folder.
//
// The error is a *fault.Error: NotFound when there is no such file, Denied
// when it may not be read, Invalid with a [Problems] cause that lists every
// mistake at once. Warnings do not fail; they are in Config.Warnings.
func Load(ctx context.Context, path string, env []string) (*Config, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(fault.Stopped, "config: load", path, err)
	}
	r := spec().NewReport(path)
	file := map[string]any{}
	if path != "" {
		data, err := readFile(path, "run `strowger init` to write one, or name yours with --config")
		if err != nil {
			return nil, err
		}
		file = r.Parse(data)
	}
	var cfg *Config
	if file != nil {
		cfg = assemble(file, env, r)
	}
	if cfg != nil {
		finish(cfg, path, env, r)
	}
	if found := r.Err(); found != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "config: load", Subject: path, Err: found}
	}
	cfg.File = path
	cfg.Warnings = schema.Sorted(r.Warnings)
	return cfg, nil
}

// Default returns the configuration that applies when nothing is written. It
// has no ARI password, which Load demands.
func Default() *Config {
	cfg, err := decode(spec().Root().Defaults())
	if err != nil {
		panic("config: defaults: " + err.Error()) // any test shows it
	}
	return cfg
}

func readFile(path, missing string) ([]byte, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &fault.Error{
			Kind: fault.NotFound, Op: "config: load", Subject: path, Err: fs.ErrNotExist,
			Reason: "there is no such file: " + missing,
		}
	case errors.Is(err, fs.ErrPermission):
		return nil, &fault.Error{
			Kind: fault.Denied, Op: "config: load", Subject: path, Err: fs.ErrPermission,
			Reason: "this user may not read the file: run as the user that owns it, or correct its owner (it should stay mode 0600)",
		}
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, "config: load", path, err)
	}
	defer func() { _ = f.Close() }() // only read from
	data, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "config: load", Subject: path, Err: err, Reason: "the file cannot be read: " + err.Error()}
	}
	if len(data) > MaxFileSize {
		return nil, fault.Newf(fault.Invalid, "config: load", path, "the file is larger than %d MiB: this is not a configuration file", MaxFileSize>>20)
	}
	return data, nil
}

// values lets koanf load a map.
type values map[string]any

func (v values) Read() (map[string]any, error) { return v, nil }

func (v values) ReadBytes() ([]byte, error) {
	return nil, fault.New(fault.Unsupported, "config: read", "", "a map has no bytes")
}

// assemble merges defaults, file and environment, validates the result, and
// returns it decoded; nil when its form does not allow that.
func assemble(file map[string]any, env []string, r *schema.Report) *Config {
	refuseMoved(file, r)
	k := koanf.New(".")
	for _, p := range []koanf.Provider{values(spec().Root().Defaults()), values(file), envProvider(env, r)} {
		if err := k.Load(p, nil); err != nil {
			r.Errorf(nil, "", "the configuration cannot be merged: %v", err)
			return nil
		}
	}
	merged := k.Raw()
	r.Diagnose(merged)
	for section := range merged {
		if r.Broken(section) {
			delete(merged, section) // its checks are skipped; the rest is still checked
		}
	}
	cfg, err := decode(merged)
	if err != nil {
		r.Errorf(nil, "", "the configuration cannot be decoded: %v", err)
		return nil
	}
	return cfg
}

func decode(m map[string]any) (*Config, error) {
	cfg := &Config{}
	return cfg, schema.Decode(m, cfg)
}

// refuseMoved reports the sections that have become configuration objects.
func refuseMoved(file map[string]any, r *schema.Report) {
	for _, kind := range objects.Kinds() {
		section := kind.Section()
		if _, found := file[section]; found {
			r.Errorf([]string{section}, "move the section as it is into "+ObjectsFile+" beside this file, write `objects: "+ObjectsFile+
				"` here, and run `strowger apply -f "+ObjectsFile+"` (the first start reads it by itself)",
				"%s are kept in the database now and are no part of this file", section)
			delete(file, section)
		}
	}
}

// finish runs what needs the decoded form: bounds, cross checks, secrets, paths.
func finish(cfg *Config, path string, env []string, r *schema.Report) {
	dir := "."
	if path != "" {
		dir = filepath.Dir(path)
	}
	resolvePaths(cfg, dir)
	resolveSecrets(cfg, dir, env, r)
	check(cfg, r)
	splitPassword(&cfg.Store)
	checkFileMode(cfg, path, r)
}

// ReadObjects returns the text of the file of configuration objects. Errors:
// NotFound when there is none, Denied, Invalid, Unavailable.
func ReadObjects(cfg *Config) ([]byte, error) {
	return readFile(cfg.Objects, "write your queues and agents into it (`strowger init` writes one to begin with), or remove the key objects")
}

// CheckObjects checks the file of configuration objects as a first start
// would; without the key objects the set is empty. Errors: as ReadObjects, and
// Invalid with a [Problems] cause.
func CheckObjects(cfg *Config) (*objects.Set, error) {
	if cfg.Objects == "" {
		return &objects.Set{}, nil
	}
	text, err := ReadObjects(cfg)
	if err != nil {
		return nil, err
	}
	set, err := objects.Check(cfg.Objects, text)
	if err != nil {
		return nil, err
	}
	m := set.Config()
	m.Nodes = cfg.Asterisk.Model() // where phones and trunks are
	return set, m.Validate()
}
