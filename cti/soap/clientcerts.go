package soap

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strowger/switch/fault"
)

// Bounds of a folder of certificates.
const (
	maxCertFiles = 100
	maxCertFile  = 256 << 10
)

// ClientCertificates are those of a folder that may be shown to a server: PEM
// files (.pem, .crt, .cer), each with its key in the same file or in the one of
// the same name that ends in .key. Those that have expired are left out, and what
// is not valid at the moment is not shown.
type ClientCertificates struct{ list []clientCertificate }

type clientCertificate struct {
	file string
	pair tls.Certificate
}

// ReadClientCertificates reads a folder. Subject, where it is not empty, picks
// those whose whole subject it is (CN=switch, O=Example; the order does not
// matter), or, where there is none, those of which any value of the subject
// contains it; without regard to case. What is found, and what is left out and
// why, is logged. Errors are fault.Invalid: the folder cannot be read, or holds too
// much. A folder without a usable certificate is none: it may come.
func ReadClientCertificates(folder, subject string, log *slog.Logger) (*ClientCertificates, error) {
	const op = "client certificates"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Subject: folder, Reason: "the folder cannot be read", Err: err}
	}
	var all []clientCertificate
	read := 0
	now := time.Now()
	for _, e := range entries {
		if !isCertFile(e.Name()) {
			continue
		}
		if read++; read > maxCertFiles {
			return nil, fault.Newf(fault.Invalid, op, folder, "the folder has more than %d certificates", maxCertFiles)
		}
		file := filepath.Join(folder, e.Name())
		pair, err := readPair(file)
		if err != nil {
			log.Warn("a client certificate is left out: it cannot be loaded with its key", "file", file, "error", err)
			continue
		}
		c := clientCertificate{file, pair}
		if now.After(pair.Leaf.NotAfter) {
			log.Warn("a client certificate is left out: it has expired", c.described()...)
			continue
		}
		all = append(all, c)
	}
	out := &ClientCertificates{list: withSubject(all, subject)}
	slices.SortStableFunc(out.list, func(x, y clientCertificate) int { return y.pair.Leaf.NotAfter.Compare(x.pair.Leaf.NotAfter) })
	for _, c := range out.list {
		what := "a client certificate is there for those who ask for one"
		if !c.valid(now) {
			what = "a client certificate is not shown yet"
		}
		log.Info(what, c.described()...)
	}
	if out.Usable(now) == 0 {
		log.Warn("no client certificate can be shown", "folder", folder, "subject", subject, "certificates", len(all))
	}
	return out, nil
}

// CertificateFiles lists the files that ReadClientCertificates reads, the folder
// first: when one of them changes, it has something new to read.
func CertificateFiles(folder string) []string {
	out := []string{folder}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return out // it may come
	}
	for _, e := range entries {
		if (isCertFile(e.Name()) || strings.EqualFold(filepath.Ext(e.Name()), keyEnding)) && len(out) <= 2*maxCertFiles {
			out = append(out, filepath.Join(folder, e.Name()))
		}
	}
	return out
}

const keyEnding = ".key"

func isCertFile(name string) bool {
	return slices.Contains([]string{".pem", ".crt", ".cer"}, strings.ToLower(filepath.Ext(name)))
}

// readPair reads a certificate with its key.
func readPair(file string) (tls.Certificate, error) {
	cert, err := readBounded(file)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readBounded(strings.TrimSuffix(file, filepath.Ext(file)) + keyEnding)
	if errors.Is(err, os.ErrNotExist) {
		key, err = cert, nil
	}
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err == nil && pair.Leaf == nil {
		pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0])
	}
	return pair, err
}

func readBounded(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxCertFile || !info.Mode().IsRegular() {
		return nil, fault.Newf(fault.Invalid, "client certificates", file, "this is no file of at most %d bytes", maxCertFile)
	}
	return os.ReadFile(file)
}

// withSubject picks the certificates that a filter is about.
func withSubject(all []clientCertificate, filter string) []clientCertificate {
	if filter = strings.ToLower(strings.TrimSpace(filter)); filter == "" {
		return all
	}
	pick := func(fits func(c *x509.Certificate) bool) []clientCertificate {
		var out []clientCertificate
		for _, c := range all {
			if fits(c.pair.Leaf) {
				out = append(out, c)
			}
		}
		return out
	}
	whole := nameParts(filter)
	if exact := pick(func(c *x509.Certificate) bool { return slices.Equal(nameParts(c.Subject.String()), whole) }); len(exact) > 0 {
		return exact
	}
	return pick(func(c *x509.Certificate) bool {
		for _, n := range c.Subject.Names {
			if v, ok := n.Value.(string); ok && strings.Contains(strings.ToLower(v), filter) {
				return true
			}
		}
		return false
	})
}

// nameParts are the parts of a distinguished name, without regard to case, order
// and spaces between them.
func nameParts(name string) []string {
	out := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ',' || r == '+' })
	for i := range out {
		key, value, _ := strings.Cut(out[i], "=")
		out[i] = strings.TrimSpace(key) + "=" + strings.TrimSpace(value)
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// described is what the log says of a certificate.
func (c *clientCertificate) described() []any {
	l := c.pair.Leaf
	return []any{"file", c.file, "subject", l.Subject.String(), "from", l.NotBefore, "to", l.NotAfter}
}

func (c *clientCertificate) valid(now time.Time) bool {
	return !now.Before(c.pair.Leaf.NotBefore) && !now.After(c.pair.Leaf.NotAfter)
}

// Usable counts the certificates that are valid at a time.
func (c *ClientCertificates) Usable(now time.Time) int {
	n := 0
	for i := range c.list {
		if c.list[i].valid(now) {
			n++
		}
	}
	return n
}

// Pick is the certificate that a server is shown: of those that it accepts and
// that are valid now the one that lasts longest, or none. It is for
// [tls.Config.GetClientCertificate].
func (c *ClientCertificates) Pick(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	now := time.Now()
	for i := range c.list {
		if c.list[i].valid(now) && asked.SupportsCertificate(&c.list[i].pair) == nil {
			return &c.list[i].pair, nil
		}
	}
	return &tls.Certificate{}, nil // the server decides what that means
}
