package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/v2"

	"strowger/switch/fault"
)

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
	r := newReport(path)
	file := map[string]any{}
	if path != "" {
		data, err := readFile(path)
		if err != nil {
			return nil, err
		}
		file = parse(data, r)
	}
	var cfg *Config
	if file != nil {
		cfg = assemble(file, env, r)
	}
	if cfg != nil {
		finish(cfg, path, env, r)
	}
	if len(r.errors) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "config: load", Subject: path, Err: append(sorted(r.errors), sorted(r.warnings)...)}
	}
	cfg.File = path
	cfg.Warnings = sorted(r.warnings)
	return cfg, nil
}

// Default returns the configuration that applies when nothing is written. It
// has no queues and agents, and no ARI password, which Load demands.
func Default() *Config {
	cfg, err := decode(rootKey().defaults())
	if err != nil {
		panic("config: defaults: " + err.Error()) // any test shows it
	}
	return cfg
}

func newReport(path string) *report {
	return &report{
		file: path, unread: map[string]bool{},
		origin: &origin{file: path, at: map[string]position{}, env: map[string]string{}},
	}
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &fault.Error{
			Kind: fault.NotFound, Op: "config: load", Subject: path, Err: fs.ErrNotExist,
			Reason: "there is no such file: run `strowger init` to write one, or name yours with --config",
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
func assemble(file map[string]any, env []string, r *report) *Config {
	k := koanf.New(".")
	for _, p := range []koanf.Provider{values(rootKey().defaults()), values(file), envProvider(env, r)} {
		if err := k.Load(p, nil); err != nil {
			r.errorf(nil, "", "the configuration cannot be merged: %v", err)
			return nil
		}
	}
	merged := k.Raw()
	diagnose(merged, r)
	for section := range r.broken {
		delete(merged, section) // its checks are skipped; the rest is still checked
	}
	cfg, err := decode(merged)
	if err != nil {
		r.errorf(nil, "", "the configuration cannot be decoded: %v", err)
		return nil
	}
	return cfg
}

func decode(m map[string]any) (*Config, error) {
	k := koanf.New(".")
	if err := k.Load(values(m), nil); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	cfg := &Config{}
	err := k.UnmarshalWithConf("", cfg, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		TagName:    "yaml",
		DecodeHook: mapstructure.ComposeDecodeHookFunc(durationHook, mapstructure.TextUnmarshallerHookFunc()),
	}})
	return cfg, err
}

func durationHook(_, to reflect.Type, data any) (any, error) {
	s, ok := data.(string)
	if !ok || to != reflect.TypeFor[time.Duration]() {
		return data, nil
	}
	return ParseDuration(s)
}

// finish runs what needs the decoded form: bounds, cross checks, secrets, paths.
func finish(cfg *Config, path string, env []string, r *report) {
	dir := "."
	if path != "" {
		dir = filepath.Dir(path)
	}
	resolvePaths(cfg, dir)
	resolveSecrets(cfg, dir, env, r)
	check(cfg, r)
	checkFileMode(cfg, path, r)
}
