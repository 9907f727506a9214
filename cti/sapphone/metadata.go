package sapphone

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"strowger/switch/fault"
)

// defaultMetadata is what holds where nothing else is configured. The exact
// interface is SAP's; what is in here follows public descriptions as far as
// they go, and is meant to be replaced by what an SAP system says.
//
//go:embed sapphone-metadata.json
var defaultMetadata []byte

// Bounds of a metadata file.
const (
	maxMetadata  = 4 << 20
	maxFunctions = 500
	maxParams    = 300
)

// The directions of functions, seen from the switch.
const (
	functionIn  = "in"  // SAP calls us
	functionOut = "out" // we call SAP
)

// File is the form of a metadata file. The program reads and writes values by
// Sem alone, so that names, types and lengths can be replaced; a parameter
// without Sem is not used.
type File struct {
	Functions   []FileFunction               `json:"functions"`
	Structures  map[string][]FileParam       `json:"structures"`
	ReturnCodes map[string]string            `json:"returnCodes"`
	Constants   map[string]map[string]string `json:"constants"`
}

// FileFunction is one function module of a [File]. Sem is the name that the
// default metadata has for it, empty where it is the same.
type FileFunction struct {
	Name      string      `json:"name"`
	Sem       string      `json:"sem,omitempty"`
	Aliases   []string    `json:"aliases,omitempty"`
	Direction string      `json:"direction"`
	Supported bool        `json:"supported"`
	Params    []FileParam `json:"params"`
}

// FileParam is a parameter of a function, or a field of a structure, which has
// no Dir. ABAP is one of the types, or the name of a structure.
type FileParam struct {
	Name     string    `json:"name"`
	Dir      Direction `json:"dir,omitempty"`
	ABAP     string    `json:"abap"`
	Len      int       `json:"len,omitempty"`
	Optional bool      `json:"optional,omitempty"`
	Sem      string    `json:"sem,omitempty"`
}

func (f *FileFunction) key() string {
	if f.Sem != "" {
		return f.Sem
	}
	return f.Name
}

// Metadata is what holds: the default, and a file in front of it. Immutable.
type Metadata struct {
	file   File
	byName map[string]*bound // upper-case names and aliases
	bySem  map[string]*bound
}

// LoadMetadata reads a metadata file; without one the default holds. Functions,
// structures, return codes and constants that the file does not have are those
// of the default. Errors are fault.Invalid, with the place as subject.
func LoadMetadata(path string) (*Metadata, error) {
	if path == "" {
		return newMetadata(nil)
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxMetadata {
		return nil, badMetadata(path, "the file is longer than %d bytes", maxMetadata)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "sapphone: metadata", Subject: path, Reason: "the file cannot be read", Err: err}
	}
	return ParseMetadata(data)
}

// ParseMetadata is LoadMetadata for what has been read.
func ParseMetadata(data []byte) (*Metadata, error) {
	f, err := ParseFile(data)
	if err != nil {
		return nil, err
	}
	return newMetadata(f)
}

// ParseFile reads the form of a metadata file and refuses unknown keys.
func ParseFile(data []byte) (*File, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	f := &File{}
	if err := d.Decode(f); err != nil {
		return nil, badMetadata("", "this is no metadata file: %v", err)
	}
	if d.More() {
		return nil, badMetadata("", "there is data after the end")
	}
	return f, nil
}

func badMetadata(subject, format string, args ...any) error {
	return fault.New(fault.Invalid, "sapphone: metadata", subject, fmt.Sprintf(format, args...))
}

// defaults parses the embedded file once.
var defaults = sync.OnceValues(func() (*File, error) { return ParseFile(defaultMetadata) })

// DefaultFile returns a copy of the default metadata.
func DefaultFile() *File {
	f, err := ParseFile(defaultMetadata)
	if err != nil {
		panic(err) // the embedded file is part of the program, and a test reads it
	}
	return f
}

func newMetadata(over *File) (*Metadata, error) {
	base, err := defaults()
	if err != nil {
		return nil, err
	}
	m := &Metadata{file: merged(base, over), byName: map[string]*bound{}, bySem: map[string]*bound{}}
	if len(m.file.Functions) > maxFunctions {
		return nil, badMetadata("functions", "there are more than %d", maxFunctions)
	}
	for group, known := range m.file.Constants {
		if err := distinct("constants."+group, known); err != nil {
			return nil, err
		}
	}
	known := knownSems(base)
	for i := range m.file.Functions {
		if err := m.add(&m.file.Functions[i], known); err != nil {
			return nil, err
		}
	}
	return m, m.checkCodes(base)
}

// merged lays a file over the default.
func merged(base, over *File) File {
	out := File{
		Functions: slices.Clone(base.Functions), Structures: map[string][]FileParam{},
		ReturnCodes: map[string]string{}, Constants: map[string]map[string]string{},
	}
	for _, f := range []*File{base, over} {
		if f == nil {
			continue
		}
		for name, fields := range f.Structures {
			out.Structures[name] = fields
		}
		for sem, code := range f.ReturnCodes {
			out.ReturnCodes[sem] = code
		}
		for group, values := range f.Constants {
			if out.Constants[group] == nil {
				out.Constants[group] = map[string]string{}
			}
			for sem, v := range values {
				out.Constants[group][sem] = v
			}
		}
	}
	if over == nil {
		return out
	}
	for _, f := range over.Functions {
		if i := slices.IndexFunc(out.Functions, func(have FileFunction) bool { return have.key() == f.key() }); i >= 0 {
			out.Functions[i] = f
		} else {
			out.Functions = append(out.Functions, f)
		}
	}
	return out
}

// semsOf lists the meanings that the default has: of a function's parameters,
// and as NAME/field of the structures in them.
func knownSems(base *File) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for i := range base.Functions {
		f := &base.Functions[i]
		sems := map[string]bool{}
		for _, p := range f.Params {
			sems[p.Sem] = true
			for _, col := range base.Structures[p.ABAP] {
				sems[col.Sem] = true
			}
		}
		out[f.key()] = sems
	}
	return out
}

var (
	namePattern = regexp.MustCompile(`^[A-Z_/][A-Z0-9_/]{0,29}$`)
	codePattern = regexp.MustCompile(`^[0-9]{3}$`)
)

// add checks a function and binds it.
func (m *Metadata) add(f *FileFunction, known map[string]map[string]bool) error {
	sems, ours := known[f.key()]
	switch {
	case !namePattern.MatchString(f.Name):
		return badMetadata(f.Name, "a function's name has 1 to 30 capital letters, digits, _ and /")
	case !ours:
		return badMetadata(f.Name, "this function is not known: set sem to the name that the default has for it")
	case f.Direction != functionIn && f.Direction != functionOut:
		return badMetadata(f.Name, "direction must be in or out")
	case len(f.Params) > maxParams:
		return badMetadata(f.Name, "there are more than %d parameters", maxParams)
	}
	b, err := m.bind(f, sems)
	if err != nil {
		return err
	}
	m.bySem[b.sem] = b
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		key := strings.ToUpper(name)
		if m.byName[key] != nil || !namePattern.MatchString(key) {
			return badMetadata(f.Name, "the name %q is used twice, or cannot be one", name)
		}
		m.byName[key] = b
	}
	return nil
}

// checkCodes wants every return code, in three digits, and no two alike.
func (m *Metadata) checkCodes(base *File) error {
	for sem, code := range m.file.ReturnCodes {
		if _, known := base.ReturnCodes[sem]; !known {
			return badMetadata("returnCodes."+sem, "is not known")
		}
		if !codePattern.MatchString(code) {
			return badMetadata("returnCodes."+sem, "%q does not have three digits", code)
		}
	}
	for group, values := range m.file.Constants {
		for sem := range values {
			if _, known := base.Constants[group][sem]; !known {
				return badMetadata("constants."+group+"."+sem, "is not known")
			}
		}
	}
	return nil
}

func distinct(where string, values map[string]string) error {
	seen := map[string]string{}
	for sem, v := range values {
		if other, twice := seen[v]; twice {
			return badMetadata(where, "%s and %s have the same value %q", min(sem, other), max(sem, other), v)
		}
		seen[v] = sem
	}
	return nil
}

// File is the whole metadata in the form of a file.
func (m *Metadata) File() File { return m.file }

// code is a return code by its meaning.
func (m *Metadata) code(sem string) string { return m.file.ReturnCodes[sem] }

// constant is a constant by its meaning.
func (m *Metadata) constant(group, sem string) string { return m.file.Constants[group][sem] }

// meaning is the meaning of a constant, empty for none. Numbers match with and
// without leading zeros.
func (m *Metadata) meaning(group, value string) string {
	for sem, v := range m.file.Constants[group] {
		if strings.TrimLeft(v, "0") == strings.TrimLeft(value, "0") {
			return sem
		}
	}
	return ""
}

// named returns a function that SAP may call, under its name or an alias, or nil.
func (m *Metadata) named(name string) *bound {
	b := m.byName[strings.ToUpper(strings.TrimSpace(name))]
	if b == nil || b.out {
		return nil
	}
	return b
}

// Functions lists the functions of a direction, "in" or "out", in the file's order.
func (m *Metadata) Functions(direction string) []*Function {
	var out []*Function
	for i := range m.file.Functions {
		if f := &m.file.Functions[i]; f.Direction == direction {
			out = append(out, &m.bySem[f.key()].fn)
		}
	}
	return out
}
