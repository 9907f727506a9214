package pgtest

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

//go:embed postgres.sh
var script string

// User owns everything on the server.
const User = "strowger"

// Server is a running server.
type Server struct {
	Dir      string // holds the socket
	Port     int    // on 127.0.0.1
	Password string

	made atomic.Int64
}

var shared = sync.OnceValues(start)

// Shared returns the server of this test process. Where PostgreSQL is not
// installed the test is skipped loudly, and fails with CI=true.
func Shared(t testing.TB) *Server {
	t.Helper()
	if _, err := binaries(); err != nil {
		skip(t, err)
	}
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Own starts a server for this test alone, which may stop it.
func Own(t testing.TB) *Server {
	t.Helper()
	if _, err := binaries(); err != nil {
		skip(t, err)
	}
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func binaries() (string, error) {
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); err == nil && len(found) > 0 {
		return found[0], nil
	}
	return exec.LookPath("postgres")
}

func skip(t testing.TB, err error) {
	t.Helper()
	const layer, why = "real PostgreSQL", "it is not installed: apt-get install postgresql"
	if file := os.Getenv("STROWGER_SKIPS"); file != "" {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%s: %s\n", layer, why)
			_ = f.Close() // the line is there, or the error before says why not
		}
		if err != nil {
			t.Errorf("the skipped layer could not be noted: %v", err)
		}
	}
	fmt.Printf("   SKIPPED %s: layer %s: %s (%v)\n", t.Name(), layer, why, err)
	if os.Getenv("CI") == "true" {
		t.Fatalf("layer %q must run on CI: %s", layer, why)
	}
	t.Skipf("layer %q cannot run here: %s", layer, why)
}

// start runs the script. It ends when its input does: with this process.
func start() (*Server, error) {
	dir, err := os.MkdirTemp("/tmp", "strowger-pg-") // short: a socket's path has 107 bytes
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, Port: freePort()}
	cmd := s.command(context.Background(), "run")
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	if _, err := cmd.StdinPipe(); err != nil { // kept open by cmd
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		_ = cmd.Wait() // what it wrote says more
		return nil, fmt.Errorf("postgres.sh says %q (%w): %s", line, err, trouble.String())
	}
	keep.Lock()
	defer keep.Unlock()
	running = append(running, cmd)
	password, err := os.ReadFile(filepath.Join(dir, "password"))
	s.Password = strings.TrimSpace(string(password))
	return s, err
}

// running keeps the ends of the scripts' input from the garbage collector.
var (
	keep    sync.Mutex
	running []*exec.Cmd
)

func (s *Server) command(ctx context.Context, verb string) *exec.Cmd {
	return exec.CommandContext(ctx, "bash", "-c", script, "postgres.sh", verb, s.Dir, strconv.Itoa(s.Port))
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0 // the script says what it thinks of that
	}
	defer func() { _ = l.Close() }()   // its port is all that was wanted
	addr, _ := l.Addr().(*net.TCPAddr) // a TCP socket has one
	return addr.Port
}

// Crash ends the server without a word to its clients, as kill -9 of all its
// processes would; what it has committed is there after [Server.Restart].
func (s *Server) Crash(t testing.TB) { s.do(t, "crash") }

// Restart starts a crashed server again.
func (s *Server) Restart(t testing.TB) { s.do(t, "start") }

func (s *Server) do(t testing.TB, verb string) {
	t.Helper()
	if out, err := s.command(t.Context(), verb).CombinedOutput(); err != nil {
		t.Fatalf("%s PostgreSQL: %v %s", verb, err, out)
	}
}

// URL names a database on the server, with the password in it.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(User, s.Password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// SocketURL names a database on the server, through its socket.
func (s *Server) SocketURL(database string) string {
	return "postgres:///" + database + "?user=" + User + "&host=" + url.QueryEscape(s.Dir) + "&port=" + strconv.Itoa(s.Port)
}

// Database makes a new, empty database and returns its name. Its language is
// English, whose order of texts is not that of their bytes.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("t%d", s.made.Add(1))
	s.Exec(t, "postgres", `CREATE DATABASE `+name+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`)
	return name
}

// Exec executes statements in a database.
func (s *Server) Exec(t testing.TB, database, statements string) {
	t.Helper()
	if _, err := s.Open(t, database).ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// Open returns a connection of the test's own to a database.
func (s *Server) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", s.SocketURL(database))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() }) // only a tool of the test
	return db
}
