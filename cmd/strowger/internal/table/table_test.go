package table_test

import (
	"strings"
	"testing"
	"unicode"

	"strowger/cmd/strowger/internal/table"
)

func TestWrite(t *testing.T) {
	tb := table.New("NAME", ">COUNT", "NOTE")
	tb.Add("Müller", 7, "")
	tb.Add("x", 1234, "late", "no head")
	tb.Add("short")
	var b strings.Builder
	if err := tb.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "NAME    COUNT  NOTE\nMüller      7\nx        1234  late\nshort\n"
	if b.String() != want || tb.Len() != 3 {
		t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestHostileCells(t *testing.T) {
	tb := table.New("A")
	tb.Add("\x1b[2J\r\nforged  line\u202e\u2028\xff\x9b" + strings.Repeat("w", 100))
	var b strings.Builder
	if err := tb.Write(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 2 || len([]rune(lines[1])) != table.MaxWidth || !strings.HasSuffix(lines[1], "w…") {
		t.Fatalf("lines %q", lines)
	}
	for _, r := range lines[1] {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			t.Fatalf("%q has %U", lines[1], r)
		}
	}
}

func TestTheLastColumnHasRoom(t *testing.T) {
	tb := table.New("A", "B")
	long := strings.Repeat("w", 2*table.MaxWidth)
	tb.Add(long, long+strings.Repeat("v", table.MaxLast))
	var b strings.Builder
	if err := tb.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(b.String(), "\n")
	first, last, _ := strings.Cut(strings.TrimSpace(row), "  ")
	if len([]rune(first)) != table.MaxWidth || len([]rune(last)) != table.MaxLast || !strings.HasSuffix(last, "v…") {
		t.Fatalf("row %q", row)
	}
}

func TestClock(t *testing.T) {
	for s, want := range map[float64]string{-1: "0:00", 7.9: "0:07", 754: "12:34", 3723: "1:02:03", 360000: "100:00:00"} {
		if got := table.Clock(s); got != want {
			t.Errorf("%v: %s, want %s", s, got, want)
		}
	}
}
