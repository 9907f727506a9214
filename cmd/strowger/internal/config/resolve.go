package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/objects/schema"
)

// maxSecretFile bounds a file that a secret points to, in bytes.
const maxSecretFile = 4096

// sqlitePrefix begins the store URL of a SQLite file.
const sqlitePrefix = "sqlite:"

// resolvePaths makes relative paths independent of the working directory.
func resolvePaths(cfg *Config, dir string) {
	for _, p := range []*string{
		&cfg.Objects, &cfg.Asterisk.CELFile, &cfg.HTTP.Socket, &cfg.Store.JournalDir, &cfg.Recording.Dir, &cfg.Dialer.SamplesDir, &cfg.Dialer.LogDir, &cfg.Dialer.ImportDir, &cfg.ICI.TLSCert, &cfg.ICI.TLSKey, &cfg.ICI.TLSClientCA,
		&cfg.ICI.CallbackCA, &cfg.ICI.CallbackCert, &cfg.ICI.CallbackKey, &cfg.ICI.CallbackCertDir,
		&cfg.SAPphone.TLSCert, &cfg.SAPphone.TLSKey, &cfg.SAPphone.TLSClientCA, &cfg.SAPphone.ClientCA, &cfg.SAPphone.StateFile, &cfg.SAPphone.Metadata,
	} {
		*p = below(dir, *p)
	}
	for _, p := range cfg.CTIPS.files() {
		*p = below(dir, *p)
	}
	if file, ok := strings.CutPrefix(cfg.Store.URL, sqlitePrefix); ok && file != ":memory:" {
		cfg.Store.URL = sqlitePrefix + below(dir, file)
	}
}

// files are those that the section names.
func (c *CTIPS) files() []*string {
	out := []*string{&c.TLSCert, &c.TLSKey, &c.TLSClientCA, &c.CallbackCA, &c.CallbackCert, &c.CallbackKey, &c.LDAP.CA}
	for i := range c.Listeners {
		l := &c.Listeners[i]
		out = append(out, &l.TLSCert, &l.TLSKey, &l.TLSClientCA)
	}
	return out
}

// Files are the files that the configuration was made of, certificates
// included: when one of them changes, it has to be loaded again.
func (c *Config) Files() []string {
	out := make([]string, 0, 8)
	for _, f := range []string{c.File, c.ICI.TLSCert, c.ICI.TLSKey, c.ICI.TLSClientCA, c.ICI.CallbackCA, c.ICI.CallbackCert, c.ICI.CallbackKey, c.SAPphone.TLSCert, c.SAPphone.TLSKey, c.SAPphone.TLSClientCA, c.SAPphone.ClientCA} {
		if f != "" {
			out = append(out, f)
		}
	}
	for _, f := range c.CTIPS.files() {
		if *f != "" {
			out = append(out, *f)
		}
	}
	if c.ICI.CallbackCertDir != "" {
		out = append(out, soap.CertificateFiles(c.ICI.CallbackCertDir)...)
	}
	for _, s := range secrets(c) {
		if file, ok := strings.CutPrefix(s.secret.source, "file:"); ok {
			out = append(out, below(filepath.Dir(c.File), file))
		}
	}
	return out
}

func below(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

type secretAt struct {
	path   []string
	secret *Secret
}

func secrets(cfg *Config) []secretAt {
	out := []secretAt{
		{[]string{"asterisk", "ari_password"}, &cfg.Asterisk.ARIPassword},
		{[]string{"asterisk", "ami_password"}, &cfg.Asterisk.AMIPassword},
		{[]string{"asterisk", "talk_notify", "secret"}, &cfg.Asterisk.TalkNotify.Secret},
		{[]string{"ici", "password"}, &cfg.ICI.Password},
		{[]string{"ici", "callback_proxy_password"}, &cfg.ICI.ProxyPassword},
		{[]string{"sapphone", "password"}, &cfg.SAPphone.Password},
		{[]string{"store", "password"}, &cfg.Store.Password},
	}
	for i := range cfg.SAPphone.Clients {
		out = append(out, secretAt{[]string{"sapphone", "clients", strconv.Itoa(i), "password"}, &cfg.SAPphone.Clients[i].Password})
	}
	for i := range cfg.CTIPS.Users {
		out = append(out, secretAt{[]string{"ctips", "users", strconv.Itoa(i), "password_hash"}, &cfg.CTIPS.Users[i].PasswordHash})
	}
	for i := range cfg.Asterisk.Nodes {
		n, at := &cfg.Asterisk.Nodes[i], serverPath(i+1)
		out = append(out, secretAt{at("ari_password"), &n.ARIPassword}, secretAt{at("ami_password"), &n.AMIPassword}, secretAt{at("talk_notify_secret"), &n.TalkNotifySecret})
	}
	for i := range cfg.REST.Tokens {
		out = append(out, secretAt{[]string{"rest", "tokens", strconv.Itoa(i), "secret"}, &cfg.REST.Tokens[i].Secret})
	}
	return out
}

// resolveSecrets follows file: and env: references.
func resolveSecrets(cfg *Config, dir string, env []string, r *schema.Report) {
	for _, s := range secrets(cfg) {
		if r.Broken(s.path[0]) {
			continue
		}
		src := s.secret.source
		if name, ok := strings.CutPrefix(src, "env:"); ok {
			s.secret.value = lookupEnv(env, name)
			if s.secret.value == "" {
				r.Errorf(s.path, "set it before the start, or write the password or file:/path here", "the environment variable %s is not set", name)
				continue
			}
		} else if file, ok := strings.CutPrefix(src, "file:"); ok {
			v, problem := readSecret(below(dir, file))
			if problem != "" {
				r.Errorf(s.path, "write the password as the file's only line, readable by this user", "%s: %s", file, problem)
				continue
			}
			s.secret.value = v
		}
		if strings.ContainsFunc(s.secret.value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			r.Errorf(s.path, "use printable characters", "the password holds control characters or line breaks")
		}
	}
}

// ResolveSecret follows a reference, file:/path or env:NAME, outside of a
// configuration; another text is refused. An empty one is empty.
func ResolveSecret(text, dir string, env []string) (value, problem string) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		if value = lookupEnv(env, name); value == "" {
			return "", "the environment variable " + name + " is not set"
		}
		return value, ""
	}
	if file, ok := strings.CutPrefix(text, "file:"); ok {
		if value, problem = readSecret(below(dir, file)); problem != "" {
			return "", file + ": " + problem
		}
		return value, ""
	}
	if text != "" {
		return "", "write file:/path or env:NAME: a password in a command line can be seen by others"
	}
	return "", ""
}

func lookupEnv(env []string, name string) string {
	for _, e := range env {
		if k, v, ok := strings.Cut(e, "="); ok && k == name {
			return v
		}
	}
	return ""
}

func readSecret(path string) (value, problem string) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "", "this user may not read the file"
	case err != nil:
		return "", "the file cannot be opened"
	}
	defer func() { _ = f.Close() }() // only read from
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", "this is not a plain file"
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	switch {
	case err != nil:
		return "", "the file cannot be read"
	case len(data) > maxSecretFile:
		return "", "the file is too large for a password"
	}
	value = strings.TrimRight(string(data), "\r\n")
	if value == "" {
		return "", "the file is empty"
	}
	return value, ""
}

// checkFileMode warns when a file with passwords in it can be read by others.
func checkFileMode(cfg *Config, path string, r *schema.Report) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	for _, s := range secrets(cfg) {
		if s.secret.value != "" && s.secret.value == s.secret.source && r.Env(strings.Join(s.path, ".")) == "" {
			r.Warnf(s.path, "run: chmod 600 "+path, "the file holds this password and other users may read it (mode %04o)", info.Mode().Perm())
			return
		}
	}
}
