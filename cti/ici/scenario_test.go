package ici

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// TestScenarios plays the files of testdata/scenarios. Each is a script that is
// played once for every section behind it, under the settings that the
// section's name holds; the section is what the CRM is answered and told then,
// in order. -update rewrites the sections. See scenario_words_test.go for the
// words of a script, and scene.setting for those of a section's name.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Files) == 0 {
				t.Fatal("no section: nothing is played")
			}
			for i := range a.Files {
				f := &a.Files[i]
				t.Run(f.Name, func(t *testing.T) {
					got := newScene(t, f.Name).play(string(a.Comment))
					if *update {
						f.Data = []byte(got)
					} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
						t.Errorf("%s (run with -update to accept):\n%s", file, diff)
					}
				})
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// scene is a switch and an interface to it, whose CRM notes what it is told.
type scene struct {
	testing.TB
	sw     *ctitest.FakeSwitch
	s      *Server
	sub    port.Subscription
	told   chan string // by timers, beside the switch's events
	names  map[string]string
	count  map[string]int
	data   map[string]string // attached data of each item, as told last
	asking string            // line of the agent whose request is answered
	wide   bool              // attached data are written out
	out    strings.Builder
}

// Subscribed implements publisher: somebody follows everything.
func (k *scene) Subscribed(Target) bool { return true }

// Publish implements publisher.
func (k *scene) Publish(_ string, target Target, e Event) int {
	k.told <- k.text(target, e)
	return 1
}

// newScene makes the switch of [ctitest.Config], with both agents ready, under
// the settings of a section's name.
func newScene(t testing.TB, settings string) *scene {
	t.Helper()
	k := &scene{TB: t, told: make(chan string, 1000), names: map[string]string{}, count: map[string]int{}, data: map[string]string{}}
	cfg, model := DefaultConfig(), ctitest.Config()
	cfg.CmsHostID = "HOST"
	for _, s := range strings.Split(settings, ",") {
		switch s = strings.TrimSpace(s); s {
		case "default":
		case "strict":
			cfg.CapabilityProfile = "strict"
		default:
			k.setting(&cfg, model, s)
		}
	}
	k.sw = ctitest.NewFakeSwitch(model)
	var err error
	if k.s, err = New(cfg, k.sw, nil, Observer{}); err != nil {
		t.Fatal(err)
	}
	k.s.board.push = k
	view, sub, err := k.sw.Watch(t.Context(), "scenario")
	if err != nil {
		t.Fatal(err)
	}
	k.sub = sub
	k.s.board.sync(view)
	t.Cleanup(func() { k.s.board.close(); sub.Close() })
	for _, a := range []callmodel.AgentID{ctitest.Anna, ctitest.Bernd} {
		k.sw.SetAgent(a, callmodel.Ready, "")
	}
	k.settle()
	k.out.Reset() // the login is no part of it
	return k
}

// setting applies key=value: a key is that of [Config] in its JSON form, or
// behind "model." of the model's, behind "queue.", "anna." and "bernd." of
// theirs; dots lead into objects, and a list has semicolons for commas. A duration is written as Go does.
func (k *scene) setting(cfg *Config, model *callmodel.Config, s string) {
	k.Helper()
	key, value, ok := strings.Cut(s, "=")
	if !ok {
		k.Fatalf("setting %q is no key=value", s)
	}
	value = strings.ReplaceAll(value, ";", ",") // inside a list
	var into any = cfg
	for name, part := range map[string]any{"model": model, "queue": &model.Queues[0], "anna": &model.Agents[0], "bernd": &model.Agents[1]} {
		if rest, found := strings.CutPrefix(key, name+"."); found {
			key, into = rest, part
		}
	}
	if d, err := time.ParseDuration(value); err == nil && value != "0" {
		value = strconv.FormatInt(int64(d), 10)
	} else if !json.Valid([]byte(value)) {
		value = strconv.Quote(value)
	}
	path := strings.Split(key, ".")
	for _, p := range slices.Backward(path) {
		value = "{" + strconv.Quote(p) + ":" + value + "}"
	}
	dec := json.NewDecoder(strings.NewReader(value))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		k.Fatalf("setting %s: %v", s, err)
	}
}

// play runs the lines of a script that begin with ">".
func (k *scene) play(script string) string {
	k.Helper()
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, ">") {
			continue
		}
		k.out.WriteString(line + "\n")
		words := strings.Fields(line[1:])
		if answer := k.run(words); answer != "" {
			k.out.WriteString("= " + answer + "\n")
		}
		k.settle()
	}
	return k.out.String()
}

// settle tells what the switch has to tell, to its end.
func (k *scene) settle() {
	k.Helper()
	view, err := k.sw.View(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	for k.s.board.at.Seq() < view.Events {
		batch, err := k.sub.Next(k.Context())
		if err != nil {
			k.Fatal(err)
		}
		for i := range batch {
			if batch[i].Kind == callmodel.EvConfigChanged {
				now, err := k.sw.View(k.Context())
				if err != nil {
					k.Fatal(err)
				}
				k.s.board.directory(now)
			}
			k.s.board.apply(&batch[i])
		}
	}
	for {
		select {
		case line := <-k.told:
			k.out.WriteString(line + "\n")
		default:
			return
		}
	}
}

// ask sends a request through the whole of the interface but the network.
func (k *scene) ask(op Op, p Params) (Reply, error) {
	k.Helper()
	req := httptest.NewRequestWithContext(k.Context(), http.MethodPost, k.s.now().BasePath, bytes.NewReader(requestDoc(k.TB, op, p, k.s.now().Style())))
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+op.Service().Action()+`"`)
	req.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	k.s.end.ServeHTTP(w, req)
	env, err := soap.ReadEnvelope(w.Body.Bytes(), "", soap.Limits{}, nil)
	if err != nil {
		k.Fatalf("%v in %s", err, w.Body)
	}
	return DecodeResponse(op, env)
}

// request sends a request and returns its answer as a line writes it.
func (k *scene) request(op Op, p Params) string {
	k.Helper()
	reply, err := k.ask(op, p)
	var f *soap.Fault
	if errors.As(err, &f) {
		code, _, known := CodeOf(f)
		if !known {
			k.Fatalf("%s: a fault without codes: %s", op, f.Text)
		}
		return "fault " + code.String()
	}
	if err != nil {
		k.Fatalf("%s: %v", op, err)
	}
	return k.answer(reply)
}

// answer is a reply in a line; nothing where it holds nothing.
func (k *scene) answer(r Reply) string {
	switch r := r.(type) {
	case *Text:
		return strconv.Quote(r.Value)
	case *Item:
		handle := k.item(k.asking, r.ItemID)
		return fmt.Sprintf("%s %s/%s %s", handle, r.Status.ID, r.ProcessingStatus.ID, caps(r.CapabilityList))
	case *PhoneCall:
		return k.call(*r)
	case *PhoneCalls:
		var all []string
		for _, c := range r.Calls {
			all = append(all, k.call(c))
		}
		return "[" + strings.Join(all, "; ") + "]"
	case *Empty, *Void:
		return ""
	case *User:
		return k.user(*r)
	case *PresenceQueues:
		var all []string
		for _, q := range r.Queues {
			all = append(all, fmt.Sprintf("%s: %s in, %s ready, %s busy, %s wrap-up, %s paused, %s not ready, %s waiting", q.ID, q.LoggedIn, q.Ready, q.Busy, q.WrapUp, q.Paused, q.NotReady, q.Pending))
		}
		return "[" + strings.Join(all, "; ") + "]"
	}
	b, err := json.Marshal(r)
	if err != nil {
		k.Fatal(err)
	}
	return string(b)
}

// text is an event in a line: the line or user, then what it shows.
func (k *scene) text(target Target, e Event) string {
	switch e := e.(type) {
	case *PhoneCallChanged:
		return owner(e.PhoneCall.LineNumber) + " " + k.call(e.PhoneCall)
	case *UserChanged:
		return k.user(e.User)
	case *ContainerChanged:
		return owner(e.ContainerID) + " line " + e.ContainerStatus.ID
	}
	return fmt.Sprintf("%v %T", target, e)
}

func (k *scene) user(u User) string {
	line := fmt.Sprintf("user %s workmode %s wrap-up mode %d", u.UserID, u.CurrentWorkmode.ID, u.WrapUpMode)
	if len(u.CurrentQueues) < len(u.Queues) {
		line += " queues " + ids(u.CurrentQueues) + " of " + ids(u.Queues)
	}
	return line
}

// call is an item in a line: name, status, processing status, capabilities,
// direction, whether all are inside, the other parties. Attached data follow
// where they have changed and the script wants to see them.
func (k *scene) call(p PhoneCall) string {
	name := k.item(p.LineNumber, p.CallHandle)
	direction, side := "out", "ext"
	if p.Inbound {
		direction = "in"
	}
	if p.Internal {
		side = "int"
	}
	line := fmt.Sprintf("%s %s/%s %s %s %s %s", name, p.CallStatus.ID, p.ProcessingStatus.ID, caps(p.CapabilityList), direction, side,
		strings.Join(p.RemoteNumbers, ","))
	if line = strings.TrimSpace(line); p.TrunkID != "" {
		line += " by " + p.TrunkID
	}
	if k.wide && k.data[name] != p.AttachedData {
		line += "\n  " + p.AttachedData
	}
	k.data[name] = p.AttachedData
	return line
}

func ids(list []TextElement) string {
	var out []string
	for _, e := range list {
		out = append(out, e.ID)
	}
	return fmt.Sprint(out)
}

func caps(list []int) string {
	return strings.ReplaceAll(fmt.Sprint(list), " ", ",")
}

// owners are the agents of the lines, and the letters of their items.
var owners = map[string][2]string{"+101": {"anna", "C"}, "+102": {"bernd", "K"}}

func owner(line string) string {
	if o, ok := owners[line]; ok {
		return o[0]
	}
	return line
}

// item names an item after its agent's letter: C1 is Anna's first.
func (k *scene) item(line, handle string) string {
	if name, known := k.names[handle]; known {
		return name
	}
	letter := owners[line][1]
	k.count[letter]++
	k.names[handle] = letter + strconv.Itoa(k.count[letter])
	return k.names[handle]
}

// handle is the handle of a named item; what is no name is taken as it is.
func (k *scene) handle(name string) string {
	for h, n := range k.names {
		if n == name {
			return h
		}
	}
	return name
}
