package sapphone

import (
	"context"
	"maps"
	"slices"
	"strings"

	"strowger/switch/fault"
)

// Imported says what was made of a SAP system's descriptions.
type Imported struct {
	File      *File              // to be saved: what differs from the default
	Functions []ImportedFunction // all of the default's, in order
}

// ImportedFunction is what became of one function.
type ImportedFunction struct {
	Name    string `json:"name"`
	Found   bool   `json:"found"`
	Problem string `json:"problem,omitempty"` // why it was not found or could not be read: the default stays
	Mapped  int    `json:"mapped"`            // parameters and fields whose meaning was found
	// Unmapped are parameters and fields of the SAP system without a meaning
	// here: they are ignored, and sent initial.
	Unmapped []string `json:"unmapped,omitempty"`
	// Missing are meanings for which the SAP system has nothing.
	Missing []string `json:"missing,omitempty"`
}

// ImportMetadata asks for the description of every function of the default
// metadata and merges names, types and lengths with what they mean, by the
// likeness of names. fetch returns a WSDL document, or fault.NotFound. Other
// errors of fetch end the import.
func ImportMetadata(ctx context.Context, fetch func(ctx context.Context, function string) ([]byte, error)) (*Imported, error) {
	base := DefaultFile()
	out := &Imported{File: &File{Structures: map[string][]FileParam{}}}
	for i := range base.Functions {
		f := &base.Functions[i]
		report, err := importFunction(ctx, out.File, base, f, fetch)
		if err != nil {
			return nil, err
		}
		out.Functions = append(out.Functions, report)
	}
	if _, err := newMetadata(out.File); err != nil {
		return nil, err
	}
	return out, nil
}

// importFunction tries a function under its name and its aliases.
func importFunction(ctx context.Context, into, base *File, f *FileFunction, fetch func(context.Context, string) ([]byte, error)) (ImportedFunction, error) {
	report := ImportedFunction{Name: f.Name}
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		doc, err := fetch(ctx, name)
		if fault.Is(err, fault.NotFound) {
			report.Problem = fault.ReasonOf(err)
			continue
		}
		if err != nil {
			return report, err
		}
		seen, err := readWSDL(doc, name)
		if err != nil {
			report.Problem = fault.ReasonOf(err)
			continue
		}
		part := &File{Structures: map[string][]FileParam{}}
		tried := ImportedFunction{Name: f.Name, Found: true}
		m := matcher{base: base, from: f, report: &tried, into: part}
		part.Functions = append(part.Functions, m.function(name, seen))
		if _, err := newMetadata(part); err != nil {
			report.Problem = fault.ReasonOf(err)
			continue
		}
		into.Functions = append(into.Functions, part.Functions...)
		maps.Copy(into.Structures, part.Structures)
		return tried, nil
	}
	return report, nil
}

// wsdlParam is a parameter as a description has it.
type wsdlParam struct {
	name     string
	dir      Direction
	typ      Type
	length   int
	optional bool
	fields   []wsdlParam // of a structure or a table's line
	named    string      // name of the structure's type, if it has one
}

// matcher gives a function's parameters their meaning.
type matcher struct {
	base   *File
	from   *FileFunction // of the default
	into   *File
	report *ImportedFunction
}

func (m *matcher) function(name string, params []wsdlParam) FileFunction {
	out := FileFunction{Name: name, Direction: m.from.Direction, Supported: m.from.Supported}
	if name != m.from.key() {
		out.Sem = m.from.key()
	}
	for _, alias := range append([]string{m.from.Name}, m.from.Aliases...) {
		if alias != name {
			out.Aliases = append(out.Aliases, alias)
		}
	}
	m.scalars(&out, params)
	m.tables(&out, params)
	m.missing(&out)
	// In the order of the description.
	slices.SortStableFunc(out.Params, func(a, b FileParam) int { return indexOf(params, a.Name) - indexOf(params, b.Name) })
	return out
}

func indexOf(params []wsdlParam, name string) int {
	return slices.IndexFunc(params, func(p wsdlParam) bool { return p.name == name })
}

// slot is a place of the SAP system that wants a meaning.
type slot struct {
	name string // for people: PARAM or PARAM.FIELD
	word string // that is compared
	dir  Direction
	set  func(sem string)
}

// wanted is a meaning that wants a place.
type wanted struct {
	sem, name string
	dir       Direction
}

// scalars takes parameters and the fields of structures together: a value may
// be in either.
func (m *matcher) scalars(out *FileFunction, params []wsdlParam) {
	var slots []slot
	var list []*FileParam
	for i := range params {
		p := &params[i]
		if p.dir == Tables {
			continue
		}
		f := &FileParam{Name: p.name, Dir: p.dir, ABAP: string(p.typ), Len: p.length, Optional: p.optional}
		list = append(list, f)
		if p.fields == nil {
			slots = append(slots, slot{p.name, p.name, p.dir, func(sem string) { f.Sem = sem }})
			continue
		}
		fields := fileFields(p.fields)
		f.ABAP, f.Len = m.structure(p), 0
		for n := range fields {
			slots = append(slots, slot{p.name + "." + fields[n].Name, fields[n].Name, p.dir, func(sem string) { fields[n].Sem = sem }})
		}
		m.into.Structures[f.ABAP] = fields
	}
	var need []wanted
	for _, p := range m.from.Params {
		if p.Dir != Tables {
			need = append(need, wanted{p.Sem, p.Name, p.Dir})
		}
	}
	m.match(slots, need, func(s slot, w wanted) bool { return s.dir == w.dir || s.dir == Changing || w.dir == Changing })
	for _, f := range list {
		out.Params = append(out.Params, *f)
	}
}

// structure is the name under which a structure is kept. A structure is kept
// for each function by itself, since a field may mean different things.
func (m *matcher) structure(p *wsdlParam) string {
	name := p.named
	if name == "" {
		name = p.name
	}
	return m.report.Name + "." + name
}

func fileFields(fields []wsdlParam) []FileParam {
	out := make([]FileParam, 0, len(fields))
	for _, f := range fields {
		out = append(out, FileParam{Name: f.name, ABAP: string(f.typ), Len: f.length})
	}
	return out
}

func (m *matcher) tables(out *FileFunction, params []wsdlParam) {
	var slots []slot
	var found []*FileParam
	for i := range params {
		p := &params[i]
		if p.dir != Tables {
			continue
		}
		f := &FileParam{Name: p.name, Dir: Tables, ABAP: m.structure(p), Optional: p.optional}
		found = append(found, f)
		slots = append(slots, slot{p.name, p.name, Tables, func(sem string) { f.Sem = sem }})
	}
	var need []wanted
	for _, p := range m.from.Params {
		if p.Dir == Tables {
			need = append(need, wanted{p.Sem, p.Name, Tables})
		}
	}
	m.match(slots, need, func(slot, wanted) bool { return true })
	if len(found) == 1 && len(need) == 1 && found[0].Sem == "" { // there is nothing else that it could be
		found[0].Sem = need[0].sem
		m.report.Mapped++
		m.report.Unmapped = slices.DeleteFunc(m.report.Unmapped, func(s string) bool { return s == found[0].Name })
	}
	for _, f := range found {
		p := &params[indexOf(params, f.Name)]
		m.columns(f, p)
		out.Params = append(out.Params, *f)
	}
}

// columns gives the fields of a table's line their meaning.
func (m *matcher) columns(f *FileParam, p *wsdlParam) {
	fields := fileFields(p.fields)
	var slots []slot
	for n := range fields {
		slots = append(slots, slot{p.name + "." + fields[n].Name, fields[n].Name, Tables, func(sem string) { fields[n].Sem = sem }})
	}
	var need []wanted
	for _, d := range m.from.Params {
		if d.Dir == Tables && d.Sem == f.Sem && f.Sem != "" {
			for _, c := range m.base.Structures[d.ABAP] {
				need = append(need, wanted{c.Sem, c.Name, Tables})
			}
		}
	}
	m.match(slots, need, func(slot, wanted) bool { return true })
	if len(fields) == 1 && len(need) == 1 && fields[0].Sem == "" {
		fields[0].Sem = need[0].sem
		m.report.Mapped++
		m.report.Unmapped = slices.DeleteFunc(m.report.Unmapped, func(s string) bool { return s == slots[0].name })
	}
	m.into.Structures[f.ABAP] = fields
}

// match gives slots the meanings that are most like them, the best first.
func (m *matcher) match(slots []slot, need []wanted, fits func(slot, wanted) bool) {
	type pair struct{ s, w, score int }
	var pairs []pair
	for i, s := range slots {
		for j, w := range need {
			if score := likeness(s.word, w.name, w.sem); score >= leastLikeness && fits(s, w) {
				pairs = append(pairs, pair{i, j, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.score - a.score })
	slotDone, semDone := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		if slotDone[p.s] || semDone[p.w] {
			continue
		}
		slotDone[p.s], semDone[p.w] = true, true
		slots[p.s].set(need[p.w].sem)
		m.report.Mapped++
	}
	for i, s := range slots {
		if !slotDone[i] {
			m.report.Unmapped = append(m.report.Unmapped, s.name)
		}
	}
}

// missing notes what the SAP system has nothing for.
func (m *matcher) missing(out *FileFunction) {
	have := map[string]bool{}
	for _, p := range out.Params {
		have[string(p.Dir)+p.Sem] = true
		for _, c := range m.into.Structures[p.ABAP] {
			have[string(p.Dir)+c.Sem] = true
		}
	}
	for _, p := range m.from.Params {
		if !have[string(p.Dir)+p.Sem] && !have[string(Changing)+p.Sem] {
			m.report.Missing = append(m.report.Missing, p.Name)
		}
		if p.Dir != Tables {
			continue
		}
		for _, c := range m.base.Structures[p.ABAP] {
			if have[string(Tables)+p.Sem] && !have[string(Tables)+c.Sem] {
				m.report.Missing = append(m.report.Missing, p.Name+"."+c.Name)
			}
		}
	}
}

// synonyms are words for meanings that names of SAP systems may use.
var synonyms = map[string]string{
	"ext": "EXTENSION TELNO OWNTEL OWN_TEL LINE EXTNO", "rc": "RETURNCODE RETCODE RETURN_CODE RC SUBRC RETURN",
	"handle": "CALL_HANDLE CALLHANDLE CALL_ID CALLID HNDL", "conn_handle": "CONNECTED_HANDLE ACTIVE_HANDLE HANDLE_CONN HANDLE1 CONNHANDLE",
	"held_handle": "HOLD_HANDLE HANDLE_HELD HANDLE2 HELDHANDLE", "cons_handle": "CONSULT_HANDLE NEW_HANDLE HANDLE_CONS", "conf_handle": "CONFERENCE_HANDLE NEW_HANDLE",
	"ans_handle": "ANSWER_HANDLE NEW_HANDLE", "dial_no": "PHONENUMBER PHONE_NO NUMBER TELNUMBER DIALNO DIAL_NUMBER CALLED_NUMBER", "dest_no": "DESTINATION DEST_NUMBER TARGET DEST DESTNO",
	"party_no": "PARTY PARTY_NUMBER REMOTE", "calling_no": "CALLING CALLING_NUMBER ANI CALLER", "called_no": "CALLED CALLED_NUMBER DNIS", "redir_no": "REDIRECTING REDIRECTED REDIR_NUMBER",
	"workmode": "WORK_MODE MODE", "queue": "QUEUE_ID QUEUENAME HUNTGROUP", "agent_id": "AGENT AGENTID USERID", "timeout": "TIME_OUT WAIT_TIME MAXWAIT", "calldata": "CALL_DATA CALLINFO CALL_INFO DATA",
	"line": "TDLINE TEXT DATA", "appl": "APPLICATION APPL_ID", "state": "CALLSTATE STATUS CALL_STATE", "calls": "CALLSTATE CALL_STATE EXTCALLS", "party": "PARTY_NO TELNO REMOTE NUMBER",
	"req_type": "REQUEST_TYPE TYPE_OF_REQUEST", "server_name": "SERVER SERVERNAME", "logsys": "LOGICAL_SYSTEM SYSTEM", "user": "USERNAME UNAME SAP_USER", "func": "FUNCTION FUNCTION_NAME",
}

// leastLikeness is the score below which two names are strangers.
const leastLikeness = 60

// likeness compares a name with what it may mean, from 0 to 100.
func likeness(name, ours, sem string) int {
	word := bare(name)
	switch {
	case strings.EqualFold(name, ours):
		return 100
	case word == bare(ours) || word == bare(sem):
		return 95
	case slices.ContainsFunc(strings.Fields(synonyms[sem]), func(s string) bool { return word == bare(s) }):
		return 90
	}
	best := max(alike(word, bare(ours)), alike(word, bare(sem)))
	return min(best, 85)
}

// prefixes that parameters have by convention and that mean nothing.
var conventions = []string{"IV_", "EV_", "IT_", "ET_", "CT_", "CV_", "IS_", "ES_", "I_", "E_", "T_", "C_", "P_", "F_", "SP_", "SPH_"}

// bare is a name without conventions and underscores.
func bare(name string) string {
	name = strings.ToUpper(name)
	for _, p := range conventions {
		if rest, ok := strings.CutPrefix(name, p); ok && rest != "" {
			name = rest
			break
		}
	}
	return strings.ReplaceAll(name, "_", "")
}

// alike is how much of two words agrees, by the steps from one to the other.
func alike(a, b string) int {
	if a == "" || b == "" {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	longest := max(len(a), len(b))
	return 100 * (longest - row[len(b)]) / longest
}
