package arispec

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"strowger/switch/fault"
)

// Asterisk refuses a request line of more than about 4,050 bytes (400) and a
// body of 40 KiB or more (413). Requests are held below both, so that the fault names the reason.
const (
	maxTarget = 3900
	maxBody   = 40<<10 - 1
)

// call is one request being built. The first error sticks.
type call struct {
	op      Operation
	subject string // first path argument: the id that errors name
	path    string
	query   []byte
	body    []byte
	err     error
}

// newCall fills the path template with the arguments, in order.
func newCall(op Op, args ...string) *call {
	o, ok := Describe(op)
	r := &call{op: o}
	if !ok {
		r.op.Op = op
		r.fail(fault.Internal, "no such operation")
		return r
	}
	if len(args) == 0 {
		r.path = o.Path
		return r
	}
	r.subject = args[0]
	var b strings.Builder
	rest := o.Path
	for _, arg := range args {
		before, after, _ := strings.Cut(rest, "{")
		name, after, _ := strings.Cut(after, "}")
		if arg == "" || arg == "." || arg == ".." {
			r.fail(fault.Invalid, "path value "+name+" is empty or a dot")
		}
		r.check(name, arg)
		b.WriteString(before)
		b.WriteString(url.PathEscape(arg))
		rest = after
	}
	b.WriteString(rest)
	r.path = b.String()
	return r
}

func (r *call) fail(k fault.Kind, reason string) {
	if r.err == nil {
		r.err = fault.New(k, r.name(), r.subject, reason)
	}
}

// name is the Op of faults: "ari channels.answer".
func (r *call) name() string { return "ari " + string(r.op.Op) }

// check refuses text that Asterisk would pass into SIP headers or the dialplan
// as more than one line, and text that is not UTF-8.
func (r *call) check(name, value string) {
	if reason := badText(value); reason != "" {
		r.fail(fault.Invalid, name+" "+reason)
	}
}

// badText returns why a text must not reach Asterisk, or "".
func badText(s string) string {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return fmt.Sprintf("has the control character 0x%02x at byte %d", c, i)
		}
	}
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	return ""
}

// set adds a query value. Lists travel comma-separated, so their items must not have commas.
func (r *call) set(name string, value any) {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case int:
		text = strconv.Itoa(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case bool:
		text = strconv.FormatBool(v)
	case []string:
		for _, item := range v {
			if item == "" || strings.Contains(item, ",") {
				r.fail(fault.Invalid, name+" has an item that is empty or has a comma: send one request per item")
			}
		}
		text = strings.Join(v, ",")
	default:
		r.fail(fault.Internal, fmt.Sprintf("%s: a query cannot carry a %T", name, value))
	}
	r.check(name, text)
	if len(r.query) > 0 {
		r.query = append(r.query, '&')
	}
	r.query = append(r.query, name...)
	r.query = append(r.query, '=')
	r.query = append(r.query, escapeQuery(text)...)
}

// opt adds a query value if it is present.
func opt[T any](r *call, name string, value Opt[T]) {
	if value.set {
		r.set(name, value.v)
	}
}

// escapeQuery writes a space as %20: a plus sign is a space only to some readers.
func escapeQuery(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// wrap sends {"name": value} as the body if present.
func (r *call) wrap(name string, value any, present bool) {
	r.whole(map[string]any{name: value}, present)
	switch v := value.(type) {
	case SetVars:
		for k, item := range v {
			r.check("variable name", k)
			r.check("variable "+k, item.Value)
		}
	case Vars:
		for k, item := range v {
			r.check("variable name", k)
			r.check("variable "+k, item)
		}
	case []ConfigTuple:
		for _, t := range v {
			r.check("attribute", t.Attribute)
			r.check(t.Attribute, t.Value)
		}
	}
}

// whole sends value as the body if present.
func (r *call) whole(value any, present bool) {
	if !present {
		return
	}
	b, err := json.Marshal(value)
	if err != nil {
		r.fail(fault.Internal, err.Error())
		return
	}
	r.body = b
}

// request closes the call.
func (r *call) request() (*Request, error) {
	if r.err == nil && len(r.path)+len(r.query) > maxTarget {
		r.fail(fault.Invalid, fmt.Sprintf("path and query have %d bytes, Asterisk takes %d: move values into variables", len(r.path)+len(r.query), maxTarget))
	}
	if r.err == nil && len(r.body) > maxBody {
		r.fail(fault.Invalid, fmt.Sprintf("the body has %d bytes, Asterisk takes %d", len(r.body), maxBody))
	}
	if r.err != nil {
		return nil, r.err
	}
	return &Request{Op: r.op.Op, Method: r.op.Method, Path: r.path, Query: string(r.query), Body: r.body}, nil
}
