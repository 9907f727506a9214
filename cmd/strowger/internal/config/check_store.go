package config

import (
	"net/url"
	"strings"

	"strowger/switch/objects/schema"
)

const storeFix = "write sqlite: and a file, for example sqlite:var/strowger.db, or postgres://user@host:5432/database"

func checkStore(cfg *Config, r *schema.Report) {
	path := []string{"store", "url"}
	if file, ok := strings.CutPrefix(cfg.Store.URL, sqlitePrefix); ok {
		if strings.Trim(file, "/") == "" {
			r.Errorf(path, storeFix, "the file is missing")
		}
		return
	}
	switch scheme := schemeOf(cfg.Store.URL); scheme {
	case "postgres", "postgresql":
		checkPostgres(cfg, path, r)
	default:
		r.Errorf(path, storeFix, "%q is not a database that this version offers", scheme)
	}
}

func checkPostgres(cfg *Config, path []string, r *schema.Report) {
	u, err := url.Parse(cfg.Store.URL)
	if err != nil { // its text would quote a password
		r.Errorf(path, "write special characters of a name as %XX, and the password into store.password", "this cannot be read as an address")
		return
	}
	options := u.Query()
	host := u.Hostname()
	if host == "" {
		host = options.Get("host")
	}
	if host == "" {
		r.Errorf(path, storeFix, "the host is missing")
	}
	if strings.Trim(u.Path, "/") == "" && options.Get("dbname") == "" {
		r.Errorf(path, storeFix, "the database is missing")
	}
	if options.Has("password") {
		r.Errorf(path, "write it into store.password", "the password stands among the options")
	}
	if _, inside := u.User.Password(); inside && !cfg.Store.Password.Empty() {
		r.Errorf(path, "keep the one in store.password", "the password is here and in store.password")
	}
	local := host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || loopback(host)
	if mode := options.Get("sslmode"); !local && mode != "require" && mode != "verify-ca" && mode != "verify-full" {
		r.Warnf(path, "add ?sslmode=verify-full&sslrootcert=/path/ca.pem, or at least ?sslmode=require", "%s is another machine, and without TLS callers' numbers can be read on the way", host)
	}
}

// splitPassword moves a password out of the URL, which may be shown, into the secret.
func splitPassword(s *Store) {
	u, err := url.Parse(s.URL)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return
	}
	if password, inside := u.User.Password(); inside {
		s.Password, u.User = NewSecret(password), url.User(u.User.Username())
		s.URL = u.String()
	}
}

// schemeOf keeps a password inside a URL out of messages.
func schemeOf(s string) string {
	scheme, _, ok := strings.Cut(s, ":")
	if !ok {
		return s
	}
	return scheme
}
