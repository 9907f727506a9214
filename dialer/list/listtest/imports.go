package listtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/list/sheet"
	"strowger/switch/fault"
)

// file makes a file and opens it.
func (b *bench) file(name string, content []byte) *os.File {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	b.must(os.WriteFile(path, content, 0o600))
	f, err := os.Open(path)
	b.must(err)
	b.t.Cleanup(func() { _ = f.Close() })
	return f
}

func (b *bench) clock() time.Time { return b.now }

func quiet(lead.Progress) {}

// read imports a text and wants it to be done.
func (b *bench) read(id, name, text string, o list.ImportOptions) list.Import {
	b.t.Helper()
	o.File = name
	x, err := b.Import(b.ctx(), id, b.file(name, []byte(text)), o, b.clock, quiet)
	b.must(err)
	if x.State != list.ImportDone {
		b.t.Fatalf("the import is %s: %s", x.State, x.Error)
	}
	return x
}

func (b *bench) bad(no int64) string {
	b.t.Helper()
	rows, err := b.ImportErrors(b.ctx(), no, 0, 1000)
	b.must(err)
	var out strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&out, "%d %s: %s\n", r.Line, r.Column, r.Reason)
	}
	return out.String()
}

const german = "Kundennr;Vorname;Nachname;Telefon;Handy;Zeitzone;Priorität;Einwilligung;Rückruf;Stadt\n" +
	"k1;Jörg;Müller;030 12345;0171 1234567;;200;ja;;Köln\n" +
	"k2;Anna;\"Groß; geb. Klein\";030 12346;;Europe/Vienna;;nein;05.03.2027 10:00;\"Bad\nHomburg\"\n" +
	"k3;;;nicht da;;;;;;\n" +
	"k4;;;030 12347;;;viel;;;\n" +
	"k5;;;030 12348;;;;vielleicht;;\n" +
	"k6;;;030 12349;;;;;5/3/2027;\n"

func importText(t *testing.T, b *bench) {
	b.list("a")
	var told []lead.Progress
	f := b.file("leads.csv", []byte(german))
	x, err := b.Import(b.ctx(), "a", f, list.ImportOptions{File: "leads.csv", By: "anna"}, b.clock, func(p lead.Progress) { told = append(told, p) })
	b.must(err)
	if x.Good != 2 || x.Bad != 4 || x.Rows != 6 || x.Of != int64(len(german)) || x.Bytes != x.Of || len(told) != 1 || told[0].Good != 2 || x.Options.Delimiter != ";" || x.SHA256 == "" || x.By != "anna" {
		t.Errorf("got %+v, told %+v", x, told)
	}
	want := "5 number: number \"nicht da\" has characters that no number has\n" +
		"6 priority: priority \"viel\": a whole number from 0 to 255\n" +
		"7 consent: consent \"vielleicht\": write yes or no\n" +
		"8 callback: \"5/3/2027\" is no time; write 2027-03-31 14:30, or with a zone 2027-03-31T14:30:00+02:00\n"
	if got := b.bad(x.Import); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	one, two := b.lead("a", "k1"), b.lead("a", "k2")
	if one.Name != "Jörg Müller" || one.Priority != 200 || !one.Consent || len(one.Numbers) != 2 || one.Numbers[1].Kind != lead.Mobile || one.Fields["Stadt"] != "Köln" {
		t.Errorf("got %+v", one)
	}
	if two.Name != "Anna Groß; geb. Klein" || two.Fields["Stadt"] != "Bad\nHomburg" || two.Numbers[0].Set.Zones[0] != "Europe/Vienna" || two.Consent ||
		!two.Callback.At.Equal(time.Date(2027, 3, 5, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", two)
	}
	// What the columns mean is remembered: the next file, in windows-1252, is read alike.
	latin := strings.NewReplacer("ö", "\xf6", "ä", "\xe4", "ü", "\xfc", "ß", "\xdf").Replace(strings.ReplaceAll(german, "k", "m"))
	y := b.read("a", "more.csv", latin, list.ImportOptions{})
	if y.Options.Charset != list.Windows1252 || b.lead("a", "m1").Name != "Jörg Müller" {
		t.Errorf("got %+v", y)
	}
	// UTF-16 with its mark, as spreadsheets write it; tabs; a mapping of one's own.
	utf16le := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune("A\tB\r\nu1\t+4930 12345-0\r\nu2\t(030) 12345/1\r\n")) {
		utf16le = binary.LittleEndian.AppendUint16(utf16le, u)
	}
	z := b.read("a", "u.txt", string(utf16le), list.ImportOptions{Mapping: list.Mapping{"A": "ref", "B": "number:work"}})
	if z.Good != 2 || z.Options.Charset != list.UTF16LE || z.Options.Delimiter != "\t" || b.lead("a", "u2").Numbers[0].E164 != "+4930123451" {
		t.Errorf("got %+v", z)
	}
	// No header at all: the numbers are found.
	l, err := b.Get(b.ctx(), "a")
	b.must(err)
	l.Mapping = nil
	_, err = b.Save(b.ctx(), l, b.now)
	b.must(err)
	if n := b.read("a", "n.txt", "1,+4930777001\n2,+4930777002\n", list.ImportOptions{}); n.Good != 2 || n.Options.Mapping["#2"] != "number" {
		t.Errorf("got %+v", n)
	}
	all, err := b.Imports(b.ctx(), "a", 10)
	b.must(err)
	if len(all) != 4 || all[0].File != "n.txt" {
		t.Errorf("got %+v", all)
	}
}

func importSheet(t *testing.T, b *bench) {
	b.list("a")
	w, err := sheet.NewWriter()
	b.must(err)
	for _, row := range [][]string{{"id", "phone", "callback", "note"}, {"s1", "030 12345", "46451.5", "=1+1"}, {}, {"s2", "none", "", ""}, {"s3", "030 12346", "", strings.Repeat("x", 4001)}} {
		b.must(w.Write(row))
	}
	var out bytes.Buffer
	b.must(w.Finish(&out))
	x := b.read("a", "leads.xlsx", out.String(), list.ImportOptions{})
	if got := b.bad(x.Import); x.Good != 1 || got != "4 number: number \"none\" has characters that no number has\n5 field:note: must be text without NUL, at most 4000 bytes\n" {
		t.Errorf("got %+v %s", x, got)
	}
	s1 := b.lead("a", "s1") // noon of 2027-03-05 there
	if s1.Fields["note"] != "=1+1" || !s1.Callback.At.Equal(time.Date(2027, 3, 5, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", s1)
	}
	_, err = b.Import(b.ctx(), "a", b.file("x.xlsx", out.Bytes()), list.ImportOptions{Sheet: "Gone"}, b.clock, quiet)
	b.wantFault(err, fault.Invalid)
}

// importGarbage: whatever a file holds, it is refused or its bad rows are told,
// nothing hangs, and the leads are those of the good rows (fault 44).
func importGarbage(t *testing.T, b *bench) {
	b.list("a")
	for name, text := range map[string]string{
		"empty": "", "blank": "\n\n   \n", "zip": "PK\x03\x04 not really", "binary": "\x00\x01\x02\xff\xfe\x00\x00" + strings.Repeat("\x00\x07", 500), "words": "hello\nworld\n", "picture": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
	} {
		x, err := b.Import(b.ctx(), "a", b.file(name, []byte(text)), list.ImportOptions{}, b.clock, quiet)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %+v %v, want it to be refused", name, x, err)
		}
	}
	text := "ref,phone\n" +
		"g1,+4930555001\n" +
		"long," + strings.Repeat("9", 70<<10) + "\n" +
		"g2,+4930555002\n" +
		"\"open,+4930555003\n" +
		"g3,+4930555004\n" +
		"quo\"te,+4930555005\n" +
		"\"a\"b,+4930555006\n" +
		"bytes\xff,+4930555007\n" +
		"nul\x00,+4930555008\n" +
		"g4,+4930555009,more,cells,than,columns\n" +
		"short\n" +
		strings.Repeat(",", 600) + "\n" +
		"g5,=cmd|'/c calc'!A1\n" +
		"g6,'+4930555010\n"
	x := b.read("a", "garbage.csv", text, list.ImportOptions{Charset: list.UTF8, Delimiter: ","})
	want := []string{
		"3 : the line is longer than 64 KiB", "5 : something follows a quote", "8 : something follows a quote", "9 : it has characters that are not UTF-8",
		"10 : it has a zero byte", "12 number: there is no number", "13 : it has more than 500 columns", "14 number: number \"=cmd",
	}
	got := strings.Split(strings.TrimSpace(b.bad(x.Import)), "\n")
	if len(got) != len(want) {
		t.Errorf("got %d bad rows, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	all, err := b.Leads(b.ctx(), list.LeadFilter{List: "a"}, b.now)
	b.must(err)
	var refs []string
	for _, l := range all {
		refs = append(refs, l.Ref)
	}
	if want := "g1 g2 g3 g4 g6 quo\"te"; strings.Join(refs, " ") != want {
		t.Errorf("got %q, want %q", refs, want)
	}
	if int64(len(all))+x.Bad != x.Rows {
		t.Errorf("%d leads and %d bad rows are not %d rows", len(all), x.Bad, x.Rows)
	}
}

// table is a text with n good rows, some of them twice and some of them bad.
func table(n int) string {
	var s strings.Builder
	s.WriteString("ref,phone,city\n")
	for i := range n {
		switch {
		case i%100 == 7:
			fmt.Fprintf(&s, "b%d,none,x\n", i)
		case i%100 == 13:
			fmt.Fprintf(&s, "r%d,+4930%07d,x\n", i-1, i-1)
		default:
			fmt.Fprintf(&s, "r%d,+4930%07d,City %d\n", i, i, i%17)
		}
	}
	return s.String()
}

var errKilled = errors.New("killed")

// importKilled: an import that ends in the middle, at any chunk, goes on with
// the next program and comes to the same leads as one that was left alone.
func importKilled(t *testing.T, b *bench) {
	const rows = 12_000
	text := table(rows)
	b.list("whole")
	whole := b.read("whole", "t.csv", text, list.ImportOptions{})
	for _, mode := range []string{list.Resumable, list.Atomic} {
		b.list(mode)
		f := b.file("t.csv", []byte(text))
		ctx, cancel := context.WithCancelCause(b.ctx())
		chunks := 0
		x, err := b.Import(ctx, mode, f, list.ImportOptions{Mode: mode, File: "t.csv"}, b.clock, func(lead.Progress) {
			if chunks++; chunks == 2 {
				cancel(errKilled)
			}
		})
		b.wantFault(err, fault.Stopped)
		if x.Rows < 10_000 || x.Rows >= rows {
			t.Fatalf("it was to be killed in the middle: %+v", x)
		}
		b.restart()
		if got := len(b.claim(rules(mode), 5)); (got == 0) != (mode == list.Atomic) {
			t.Errorf("%s: %d leads can be called before it is complete", mode, got)
		}
		open, err := b.Unfinished(b.ctx())
		b.must(err)
		if len(open) != 1 || open[0].Import != x.Import || open[0].Rows != 10_000 {
			t.Fatalf("%s: the next program finds %+v", mode, open)
		}
		done, err := b.Resume(b.ctx(), x.Import, f, b.clock, quiet)
		b.must(err)
		if done.State != list.ImportDone || done.Good != whole.Good || done.Bad != whole.Bad || done.Twice != whole.Twice || done.Rows != rows {
			t.Errorf("%s: got %+v, want as %+v", mode, done, whole)
		}
		if b.leads(mode) != b.leads("whole") || b.bad(done.Import) != b.bad(whole.Import) {
			t.Errorf("%s: the leads or the bad rows differ from those of an import that was not killed", mode)
		}
		_, err = b.Resume(b.ctx(), x.Import, f, b.clock, quiet)
		b.wantFault(err, fault.Conflict)
	}
	if whole.Good+whole.Bad+whole.Twice != rows {
		t.Errorf("rows were lost: %+v", whole)
	}
}

// leads is a fingerprint of a list: how many, and some of them.
func (b *bench) leads(id string) string {
	b.t.Helper()
	var out bytes.Buffer
	b.must(b.Export(b.ctx(), id, list.CSV, &out, b.now))
	lines := strings.Split(out.String(), "\n")
	for i, l := range lines { // those that were claimed before
		lines[i] = strings.Replace(l, ",taken,", ",ready,", 1)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// importAllOrNothing: what cannot be read to its end leaves nothing.
func importAllOrNothing(t *testing.T, b *bench) {
	b.list("a", "old +4930999999")
	f := b.file("t.csv", []byte(table(12_000)))
	ctx, cancel := context.WithCancel(b.ctx())
	x, err := b.Import(ctx, "a", f, list.ImportOptions{Mode: list.Atomic}, b.clock, func(lead.Progress) { cancel() })
	b.wantFault(err, fault.Stopped)
	if got := b.claim(rules("a"), 5); len(got) != 1 {
		t.Errorf("%d leads, want the one that was there", len(got))
	}
	b.must(b.StopImport(b.ctx(), x.Import, b.now))
	x, err = b.Resume(b.ctx(), x.Import, f, b.clock, quiet)
	b.must(err)
	if x.State != list.ImportFailed {
		t.Errorf("got %+v", x)
	}
	left, err := b.Leads(b.ctx(), list.LeadFilter{List: "a"}, b.now)
	if err != nil || len(left) != 1 {
		t.Errorf("%d leads are left, want the one that was there: %v", len(left), err)
	}
	l, err := b.Get(b.ctx(), "a")
	b.must(err)
	l.Policy.Do = list.DoUpdate
	_, err = b.Save(b.ctx(), l, b.now)
	b.must(err)
	_, err = b.Import(b.ctx(), "a", f, list.ImportOptions{Mode: list.Atomic}, b.clock, quiet)
	b.wantFault(err, fault.Invalid)
}

// importStopped: somebody stops it, and it goes on when somebody says so.
func importStopped(t *testing.T, b *bench) {
	b.list("a")
	f := b.file("t.csv", []byte(table(12_000)))
	x, err := b.Import(b.ctx(), "a", f, list.ImportOptions{}, b.clock, func(p lead.Progress) {
		if p.Rows == 5000 {
			b.must(b.StopImport(b.ctx(), p.Import, b.now))
		}
	})
	b.wantFault(err, fault.Conflict)
	if x.State != list.ImportStopped || x.Rows != 5000 {
		t.Fatalf("got %+v", x)
	}
	if open, err := b.Unfinished(b.ctx()); err != nil || len(open) != 0 {
		t.Errorf("what was stopped does not go on by itself: %+v %v", open, err)
	}
	x, err = b.Resume(b.ctx(), x.Import, f, b.clock, quiet)
	b.must(err)
	if x.State != list.ImportDone || x.Rows != 12_000 {
		t.Errorf("got %+v", x)
	}
	b.wantFault(b.StopImport(b.ctx(), x.Import, b.now), fault.Conflict)
	b.wantFault(b.StopImport(b.ctx(), 4711, b.now), fault.NotFound)
}

func importOfAnotherFile(t *testing.T, b *bench) {
	b.list("a")
	ctx, cancel := context.WithCancel(b.ctx())
	x, err := b.Import(ctx, "a", b.file("t.csv", []byte(table(12_000))), list.ImportOptions{}, b.clock, func(lead.Progress) { cancel() })
	b.wantFault(err, fault.Stopped)
	_, err = b.Resume(b.ctx(), x.Import, b.file("u.csv", []byte(table(12_001))), b.clock, quiet)
	b.wantFault(err, fault.Conflict)
}

func importUpdates(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	got := b.read("a", "u.csv", "ref,name,phone,points\nx,New Name,+493012399,7\ny,Why,+493012388,8\n", list.ImportOptions{Do: list.DoUpdate})
	x := b.lead("a", "x")
	if got.Good != 2 || got.Twice != 0 || x.Name != "New Name" || x.Numbers[0].E164 != "+493012399" || x.Fields["points"] != "7" {
		t.Errorf("got %+v %+v", got, x)
	}
	// A mapping of some columns leaves the others as they were found.
	b.read("a", "m.csv", "id,Kunde,name,Anruf\n1,k9,Neun,+493012377\n", list.ImportOptions{Mapping: list.Mapping{"kunde": "ref", "Anruf": "number"}})
	if m := b.lead("a", "k9"); m.Name != "Neun" || len(m.Fields) != 0 {
		t.Errorf("got %+v", m)
	}
	look, bad, err := b.Look(b.ctx(), "a", b.file("l.csv", []byte("ref,phone\nq,+493012300\nr,none\n")), list.ImportOptions{})
	b.must(err)
	if look.Good != 1 || look.Bad != 1 || len(bad) != 1 || look.Options.Mapping["phone"] != "number" {
		t.Errorf("got %+v %+v", look, bad)
	}
	_, err = b.Find(b.ctx(), "a", "q", b.now)
	b.wantFault(err, fault.NotFound)
}

// exportAndBack: what is written is no formula in a spreadsheet, and read again
// it is the same leads.
func exportAndBack(t *testing.T, b *bench) {
	b.list("a")
	yes := true
	b.append("a", list.Row{
		Ref: "=x", Name: "@SUM(A1)", Numbers: []list.RowNumber{{Text: "+493012345", Kind: lead.Home}, {Text: "+491711234567", Kind: lead.Mobile}}, Owner: "anna",
		Consent: &yes, ConsentSource: "-form", NotAfter: b.now.Add(240 * time.Hour), Fields: map[string]string{"note": "+1 +2", "tab": "\tx", "city": "Köln; \"Süd\"\nunten"},
	}, list.Row{Ref: "y", Numbers: number("+493012346")})
	for _, form := range []string{list.CSV, list.XLSX} {
		var out bytes.Buffer
		b.must(b.Export(b.ctx(), "a", form, &out, b.now))
		if text := out.String(); form == list.CSV && (!strings.Contains(text, "'=x,'@SUM(A1)") || !strings.Contains(text, ",+493012345,home,,+491711234567,mobile,") || !strings.Contains(text, "'+1 +2")) {
			t.Errorf("got %s", text)
		}
		id := "copy-" + form
		b.list(id)
		b.read(id, "copy."+form, out.String(), list.ImportOptions{})
		x, y := b.lead("a", "=x"), b.lead(id, "=x")
		if y.Name != x.Name || y.Owner != x.Owner || y.ConsentSource != x.ConsentSource || !y.NotAfter.Equal(x.NotAfter) || len(y.Numbers) != 2 ||
			y.Fields["note"] != "+1 +2" || y.Fields["city"] != x.Fields["city"] {
			t.Errorf("%s: got %+v, want %+v", form, y, x)
		}
	}
	b.wantFault(b.Export(b.ctx(), "a", "pdf", &bytes.Buffer{}, b.now), fault.Invalid)
	b.wantFault(b.Export(b.ctx(), "gone", list.CSV, &bytes.Buffer{}, b.now), fault.NotFound)
}

func importDoNotCall(t *testing.T, b *bench) {
	f := b.file("dnc.csv", []byte("date;number\n2027-01-01;030 12345\n2027-01-02;+493012346\n2027-01-03;nobody\n2027-01-04;+493012346\n"))
	got, err := b.ImportNumbers(b.ctx(), f, list.ScopeTenant, "registry of March", "anna", b.now, func() {})
	b.must(err)
	if got.Added != 2 || got.Twice != 1 || got.Count != 1 || len(got.Bad) != 1 || got.Bad[0].Line != 4 {
		t.Errorf("got %+v", got)
	}
	if again, err := b.ImportNumbers(b.ctx(), f, list.ScopeTenant, "registry of April", "anna", b.now, func() {}); err != nil || again.Added != 0 || again.Twice != 3 {
		t.Errorf("got %+v %v", again, err)
	}
	page, err := b.Entries(b.ctx(), list.EntryFilter{Scope: list.ScopeTenant, Begin: "+4930", Limit: 1})
	b.must(err)
	rest, err := b.Entries(b.ctx(), list.EntryFilter{After: page[0].Number})
	b.must(err)
	if len(page) != 1 || page[0].Source != "registry of April" || len(rest) != 1 || rest[0].Number != "+493012346" {
		t.Errorf("got %+v and %+v", page, rest)
	}
	_, err = b.ImportNumbers(b.ctx(), f, "nobody", "s", "anna", b.now, func() {})
	b.wantFault(err, fault.Invalid)
}
