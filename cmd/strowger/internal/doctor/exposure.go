package doctor

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	// shortPassword is the length below which a password can be tried out.
	shortPassword = 12
	// fewCharacters is how many different ones a password has at least.
	fewCharacters = 5
	// unsetPassword is the example's; the configuration itself warns of it.
	unsetPassword = "change-me"
	// maxSockets bounds how many lines of /proc/net/tcp are read.
	maxSockets = 200_000
)

// account is a login whose password is judged.
type account struct {
	key, user, password string
	where               string // the other side that must be changed too
}

func (e *examiner) passwords(context.Context) []Finding {
	const id = "passwords"
	a, ici := e.cfg.Asterisk, e.cfg.ICI
	accounts := []account{{"asterisk.ari_password", a.ARIUser, a.ARIPassword.Reveal(), "ari.conf"}}
	if a.AMIUser != "" {
		accounts = append(accounts, account{"asterisk.ami_password", a.AMIUser, a.AMIPassword.Reveal(), "manager.conf"})
	}
	if n := a.TalkNotify; n.User != "" {
		accounts = append(accounts, account{"asterisk.talk_notify.secret", n.User, n.Secret.Reveal(), "manager.conf"})
	}
	for i, t := range e.cfg.REST.Tokens {
		accounts = append(accounts, account{fmt.Sprintf("rest.tokens[%d].secret", i), t.Name, t.Secret.Reveal(), "the program that uses it"})
	}
	if ici.Enabled && ici.User != "" {
		accounts = append(accounts, account{"ici.password", ici.User, ici.Password.Reveal(), "the CRM"})
	}
	if s := e.cfg.SAPphone; s.Enabled && s.User != "" {
		accounts = append(accounts, account{"sapphone.password", s.User, s.Password.Reveal(), "the SAP system's destination"})
	}
	var out []Finding
	for _, acc := range accounts {
		severity, what := weakness(acc)
		if what == "" {
			continue
		}
		out = append(out, Finding{
			ID: id + ".weak", Severity: severity, What: acc.key + " " + what,
			Why: "who guesses it can place, hear and end calls", Fix: "openssl rand -base64 24   and write the result into " + acc.key + " and " + acc.where,
		})
	}
	if out == nil {
		out = []Finding{ok(id, "none is short or easy to guess")}
	}
	return out
}

// weakness judges a password without ever showing it.
func weakness(a account) (Severity, string) {
	p := strings.ToLower(a.password)
	user := strings.ToLower(a.user)
	common := strings.Fields("asterisk password passwort secret mysecret strowger admin administrator amp111 manager welcome letmein qwerty changeme ari ami test")
	distinct := map[rune]bool{}
	for _, r := range p {
		distinct[r] = true
	}
	plain := strings.TrimRight(p, "0123456789!.")
	switch {
	case p == unsetPassword:
		return "", ""
	case p == user:
		return Fail, "is the user name"
	case plain == "" || plain == user:
		return Fail, "is only digits, or the user name with digits"
	case slices.Contains(common, plain):
		return Fail, "is one of those that everybody tries first"
	case len([]rune(a.password)) < shortPassword:
		return Warn, fmt.Sprintf("has %d characters, fewer than %d", len([]rune(a.password)), shortPassword)
	case len(distinct) < fewCharacters:
		return Warn, "repeats a few characters"
	}
	return "", ""
}

// ports looks which addresses Asterisk's interfaces listen on, when it is on
// this machine. What the configuration itself opens is judged by its loader.
func (e *examiner) ports(ctx context.Context) []Finding {
	const id = "ports"
	u, err := url.Parse(e.cfg.Asterisk.ARIURL)
	if err != nil || !e.isHere(ctx, u.Hostname()) {
		return skip(id, "Asterisk is on another machine; there: ss -ltn")
	}
	listening, err := readListeners(e.host.ProcNet)
	if err != nil {
		return skip(id, "the open ports of this machine cannot be read")
	}
	var out []Finding
	if port := ariPort(u); u.Scheme == "http" {
		if at := outside(listening, port); at != "" {
			out = append(out, warn(id+".ari", "Asterisk's HTTP server with ARI listens on "+at+", without TLS",
				"everybody who reaches it can try passwords, and a hundred idle connections shut the controller out",
				"http.conf, [general]: bindaddr = 127.0.0.1   then: "+reloadHTTP))
		}
	}
	if _, text, err := net.SplitHostPort(e.cfg.Asterisk.AMIAddr); err == nil {
		port, _ := strconv.Atoi(text) // checked by the loader; 0 matches nothing
		if at := outside(listening, port); at != "" {
			out = append(out, warn(id+".ami", "AMI listens on "+at, "its password crosses the network readable, and everybody who reaches it can try some",
				"manager.conf, [general]: bindaddr = 127.0.0.1   then: "+reloadAMI))
		}
	}
	if out == nil {
		out = []Finding{ok(id, "ARI and AMI are reachable from this machine only")}
	}
	return out
}

func ariPort(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// isHere reports whether a host name is this machine.
func (e *examiner) isHere(ctx context.Context, host string) bool {
	addrs := e.host.Resolve(ctx, host)
	if a, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{a}
	}
	own, err := e.host.Own()
	if err != nil {
		own = nil
	}
	for _, a := range addrs {
		if a.Unmap().IsLoopback() {
			return true
		}
		for _, o := range own {
			if p, err := netip.ParsePrefix(o.String()); err == nil && p.Addr().Unmap() == a.Unmap() {
				return true
			}
		}
	}
	return false
}

// outside returns the addresses on which a port can be reached from elsewhere.
func outside(listening []netip.AddrPort, port int) string {
	var at []string
	for _, l := range listening {
		if int(l.Port()) == port && !l.Addr().Unmap().IsLoopback() {
			at = append(at, l.String())
		}
	}
	return strings.Join(at, " and ")
}

// readListeners reads the listening sockets from /proc/net/tcp and tcp6 (proc(5)).
func readListeners(dir string) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, name := range []string{"tcp", "tcp6"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			if name == "tcp6" {
				break // a kernel without IPv6
			}
			return nil, err
		}
		s := bufio.NewScanner(f)
		for n := 0; s.Scan() && n < maxSockets; n++ {
			if a, ok := parseListener(s.Text()); ok {
				out = append(out, a)
			}
		}
		_ = f.Close() // only read from
	}
	return out, nil
}

// listenState is TCP_LISTEN.
const listenState = "0A"

// parseListener reads a line; addresses are 32-bit words in the machine's
// order (little endian on all that we build for), ports are plain.
func parseListener(line string) (netip.AddrPort, bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || fields[3] != listenState {
		return netip.AddrPort{}, false
	}
	host, port, ok := strings.Cut(fields[1], ":")
	if !ok {
		return netip.AddrPort{}, false
	}
	b, err := hex.DecodeString(host)
	n, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || len(b) != 4 && len(b) != 16 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(b); i += 4 {
		b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
	}
	a, _ := netip.AddrFromSlice(b) // 4 or 16 bytes always fit
	return netip.AddrPortFrom(a, uint16(n)), true
}
