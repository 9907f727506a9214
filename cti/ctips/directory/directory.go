package directory

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"strowger/cti/ctips"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// DefaultTimeout bounds one login.
const DefaultTimeout = 5 * time.Second

const (
	opLogin  = "ctips: ldap login"
	opConfig = "ctips: ldap config"
	mark     = "%s"
	// mostGroups bounds how many groups of a user are looked at.
	mostGroups = 1000
)

// Group gives its members rights.
type Group struct {
	DN     string
	Rights []ctips.Right
}

// Config says which directory is asked, and how.
type Config struct {
	URL string // ldaps://host[:port]; ldap:// only on this machine
	// Bind is what a user is known as to the directory, %s the user's name: a
	// DN as uid=%s,ou=people,dc=example, or a principal as %s@corp.example.
	Bind string
	// Base and Filter find the user's entry where Bind is no DN, as
	// (sAMAccountName=%s) below dc=corp,dc=example.
	Base, Filter string
	CA           string // PEM file; empty means the system's authorities
	Timeout      time.Duration
	Groups       []Group
}

// Directory asks an LDAP server. Safe for concurrent use.
type Directory struct {
	cfg    Config
	tls    *tls.Config
	groups []group
}

type group struct {
	dn     *ldap.DN
	text   string
	rights []ctips.Right
}

var _ ctips.Directory = (*Directory)(nil)

func wrong(key, why string) error { return fault.New(fault.Invalid, opConfig, key, why) }

// New checks a configuration; it asks nobody. Errors are fault.Invalid with
// the key as subject.
func New(cfg Config) (*Directory, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "ldaps" && u.Scheme != "ldap") {
		return nil, wrong("url", "must be ldaps://host or ldaps://host:port")
	}
	if u.Scheme == "ldap" && !onThisMachine(u.Hostname()) {
		return nil, wrong("url", "must begin with ldaps://: passwords would cross the network in the clear")
	}
	switch {
	case strings.Count(cfg.Bind, mark) != 1:
		return nil, wrong("bind", "must hold %s once, for the user's name")
	case cfg.Base == "" && !isDN(cfg.Bind):
		return nil, wrong("bind", "is no DN: set base and filter too, which find the user's entry")
	case (cfg.Base == "") != (cfg.Filter == ""):
		return nil, wrong("filter", "base and filter are set together or not at all")
	case cfg.Filter != "" && strings.Count(cfg.Filter, mark) != 1:
		return nil, wrong("filter", "must hold %s once, for the user's name")
	case len(cfg.Groups) == 0:
		return nil, wrong("groups", "are empty, so nobody would have a right")
	}
	d := &Directory{cfg: cfg}
	if d.tls, err = (soap.Certificates{CA: cfg.CA}).ClientTLS(); err != nil {
		return nil, err
	}
	if d.tls == nil {
		d.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	d.tls.ServerName = u.Hostname()
	return d, d.readGroups()
}

func (d *Directory) readGroups() error {
	if f := d.cfg.Filter; f != "" {
		if _, err := ldap.CompileFilter(strings.Replace(f, mark, "x", 1)); err != nil {
			return wrong("filter", "is no filter: "+err.Error())
		}
	}
	for _, g := range d.cfg.Groups {
		dn, err := ldap.ParseDN(g.DN)
		if err != nil || len(dn.RDNs) == 0 {
			return wrong("groups", "group "+g.DN+" is no DN")
		}
		for _, r := range g.Rights {
			if !r.Known() {
				return wrong("groups", "group "+g.DN+" has the right "+string(r)+", which there is not")
			}
		}
		d.groups = append(d.groups, group{dn, g.DN, g.Rights})
	}
	return nil
}

// onThisMachine tells whether a host is a loopback address or localhost.
func onThisMachine(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// isDN tells DNs from principals.
func isDN(bind string) bool {
	_, err := ldap.ParseDN(strings.Replace(bind, mark, "x", 1))
	return err == nil
}

// Same implements ctips.Directory: it is the same server, asked in the same way,
// and the same groups give the same rights.
func (d *Directory) Same(other ctips.Directory) bool {
	o, is := other.(*Directory)
	if !is {
		return false
	}
	a, b := d.cfg, o.cfg
	a.CA, a.Timeout, b.CA, b.Timeout = "", 0, "", 0 // how it is reached, not what it says
	return reflect.DeepEqual(a, b)
}

// Login implements ctips.Directory.
func (d *Directory) Login(ctx context.Context, user, password string) ([]ctips.Right, error) {
	if user == "" || password == "" { // a bind without a password succeeds as nobody (RFC 4513 5.1.2)
		return nil, fault.New(fault.Denied, opLogin, "", "user or password is wrong")
	}
	as, err := d.known(user)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	defer cancel()
	conn, err := ldap.DialURL(d.cfg.URL, ldap.DialWithTLSConfig(d.tls), ldap.DialWithDialer(&net.Dialer{Timeout: d.cfg.Timeout}))
	if err != nil {
		return nil, away(err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // a server that stalls is left
	defer func() { _ = conn.Close() }()                         // it has told all
	conn.SetTimeout(d.cfg.Timeout)
	if err := conn.Bind(as, password); err != nil {
		if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultNoSuchObject) {
			return nil, fault.New(fault.Denied, opLogin, "", "user or password is wrong")
		}
		return nil, away(err)
	}
	rights, err := d.rights(conn, as, user)
	if err == nil && len(rights) == 0 {
		err = fault.New(fault.Denied, opLogin, user, "the user is in none of the groups that give rights")
	}
	return rights, err
}

func away(err error) error {
	return &fault.Error{Kind: fault.Unavailable, Op: opLogin, Reason: "the directory of users cannot be asked", Err: err}
}

// known is what a user is bound as. In a DN the name is escaped; a principal
// takes plain names alone.
func (d *Directory) known(user string) (string, error) {
	if isDN(d.cfg.Bind) {
		return strings.Replace(d.cfg.Bind, mark, ldap.EscapeDN(user), 1), nil
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	if strings.ContainsFunc(user, func(r rune) bool { return !plain(r) }) {
		return "", fault.New(fault.Denied, opLogin, "", "user or password is wrong")
	}
	return strings.Replace(d.cfg.Bind, mark, user, 1), nil
}

// rights are those of all groups that the user is in: those that the user's
// entry names, and those whose entries name the user.
func (d *Directory) rights(conn *ldap.Conn, as, user string) ([]ctips.Right, error) {
	entry, err := d.entry(conn, as, user)
	if err != nil {
		return nil, err
	}
	var out []ctips.Right
	for _, g := range d.groups {
		in := named(entry.GetAttributeValues("memberOf"), g.dn)
		if !in {
			if in, err = d.lists(conn, g, entry.DN); err != nil {
				return nil, err
			}
		}
		if in {
			out = append(out, g.rights...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// entry is the user's own.
func (d *Directory) entry(conn *ldap.Conn, as, user string) (*ldap.Entry, error) {
	base, scope, filter := as, ldap.ScopeBaseObject, "(objectClass=*)"
	if d.cfg.Base != "" {
		base, scope, filter = d.cfg.Base, ldap.ScopeWholeSubtree, strings.Replace(d.cfg.Filter, mark, ldap.EscapeFilter(user), 1)
	}
	found, err := conn.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, 2, int(d.cfg.Timeout/time.Second), false, filter, []string{"memberOf"}, nil))
	switch {
	case err != nil && !ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultSizeLimitExceeded):
		return nil, away(err)
	case found != nil && len(found.Entries) == 1:
		return found.Entries[0], nil
	case d.cfg.Base == "":
		return &ldap.Entry{DN: as}, nil // not allowed to read it: groups may still list it
	}
	return nil, fault.New(fault.Denied, opLogin, user, "the user's entry is not found, or is not the only one; see base and filter")
}

// named reports whether a list of DNs holds one.
func named(list []string, dn *ldap.DN) bool {
	for i, text := range list {
		if i == mostGroups {
			return false
		}
		if other, err := ldap.ParseDN(text); err == nil && dn.EqualFold(other) {
			return true
		}
	}
	return false
}

// lists reports whether a group's entry names a user.
func (d *Directory) lists(conn *ldap.Conn, g group, user string) (bool, error) {
	u := ldap.EscapeFilter(user)
	filter := "(|(member=" + u + ")(uniqueMember=" + u + "))"
	found, err := conn.Search(ldap.NewSearchRequest(g.text, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, int(d.cfg.Timeout/time.Second), false, filter, []string{"1.1"}, nil))
	switch {
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights):
		return false, nil
	case err != nil:
		return false, away(err)
	}
	return len(found.Entries) == 1, nil
}
