package sipp

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

const messages = "" +
	"2026-11-21\t04:31:31.170382\t1795235491.170382\tS\t1@a\tCSeq:1 INVITE\tINVITE sip:600@127.0.0.1 SIP/2.0\n" +
	"2026-11-21\t04:31:31.170906\t1795235491.170906\tR\t1@a\tCSeq:1 INVITE\tSIP/2.0 180 Ringing\n" +
	"2026-11-21\t04:31:31.175382\t1795235491.175382\tR\t1@a\tCSeq:1 INVITE\tSIP/2.0 200 OK\n" +
	"2026-11-21\t04:31:31.175400\t1795235491.175400\tS\t1@a\tCSeq:1 ACK\tACK sip:600@127.0.0.1 SIP/2.0\n" +
	"2026-11-21\t04:31:31.270382\t1795235491.270382\tS\t2@a\tCSeq:1 INVITE\tINVITE sip:600@127.0.0.1 SIP/2.0\n" +
	"2026-11-21\t04:31:31.770382\t1795235491.770382\tS\t2@a\tCSeq:1 INVITE\tINVITE sip:600@127.0.0.1 SIP/2.0\n" +
	"2026-11-21\t04:31:31.999382\t1795235491.999382\tR\t1@a\tCSeq:1 INVITE\tSIP/2.0 200 OK\n" +
	"2026-11-21\t04:31:32.370382\t1795235492.370382\tR\t2@a\tCSeq:1 INVITE\tSIP/2.0 200 OK\n" +
	"2026-11-21\t04:31:32.470382\t1795235492.470382\tR\t1@a\tCSeq:2 BYE\tSIP/2.0 200 OK\n" +
	"2026-11-21\t04:31:32.570382\t1795235492.570382\tS\t3@a\tCSeq:1 INVITE\tINVITE sip:600@127.0.0.1 SIP/2.0\n"

func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"x.messages": messages,
		"x.stat":     "StartTime;TotalCallCreated;FailedCall(C);Retransmissions(C);End\na;1;0;0;\na;3;1;2;\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tool := Tool{dir: dir}
	r, err := tool.read("x")
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls != 3 || r.Failed != 1 || r.Resent != 2 || r.Late != 1 {
		t.Errorf("got %+v", r)
	}
	if len(r.Connect) != 2 || r.Connect[0] != 5*time.Millisecond || r.Connect[1] != 1100*time.Millisecond {
		t.Errorf("connect times %v, want 5ms and, from the first INVITE on, 1.1s", r.Connect)
	}
	if r.Rate < 1.42 || r.Rate > 1.43 { // two gaps in 1.4 s
		t.Errorf("rate %f", r.Rate)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tool := Tool{dir: dir}
	for _, stat := range []string{"", "A;B\n1;2\n", "TotalCallCreated;FailedCall(C);Retransmissions(C)\n1;x;0\n", "TotalCallCreated;FailedCall(C);Retransmissions(C)\n"} {
		for name, text := range map[string]string{"x.messages": messages, "x.stat": stat} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tool.read("x"); err == nil {
			t.Errorf("no error for statistics %q", stat)
		}
	}
}
