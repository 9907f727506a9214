package aritest

import (
	"fmt"
	"net"
	"sync"

	"strowger/ari/ami"
	"strowger/switch/fault"
)

// AMI is a fake manager interface. Login checks [User] and [Password]; Ping,
// Events, Logoff and ListCommands have answers; everything else is scripted.
type AMI struct {
	listener net.Listener
	served   sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	closed  bool
	conns   map[net.Conn]bool
	scripts map[string]func(ami.Message) []ami.Message
	seen    []ami.Message
	silent  bool
}

// NewAMI starts a fake on a free loopback port.
func NewAMI() (*AMI, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "aritest ami", "", err)
	}
	a := &AMI{listener: l, conns: map[net.Conn]bool{}, scripts: map[string]func(ami.Message) []ami.Message{}}
	a.served.Go(a.accept)
	return a, nil
}

// StartAMI is NewAMI for a test, closed at its end.
func StartAMI(tb TB) *AMI {
	tb.Helper()
	a, err := NewAMI()
	if err != nil {
		tb.Fatalf("aritest: %v", err)
	}
	tb.Cleanup(a.Close)
	return a
}

// Addr is host:port.
func (a *AMI) Addr() string { return a.listener.Addr().String() }

// Close ends every session and waits. It may be called twice.
func (a *AMI) Close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	_ = a.listener.Close() // twice is an error of no interest
	a.Drop()
	a.served.Wait()
}

// Drop closes every session.
func (a *AMI) Drop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.conns {
		_ = c.Close() // its goroutine notices
	}
}

// On answers an action with the messages that f returns; an ActionID is added to each.
func (a *AMI) On(action string, f func(ami.Message) []ami.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.scripts[action] = f
}

// Silence stops (or resumes) all answers: a manager interface that hangs.
func (a *AMI) Silence(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.silent = on
}

// Seen returns all actions in the order of arrival.
func (a *AMI) Seen() []ami.Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]ami.Message(nil), a.seen...)
}

// Send writes a message to every session.
func (a *AMI) Send(m ami.Message) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.conns {
		if _, err := c.Write(format(m, "")); err != nil {
			return err
		}
	}
	return nil
}

// SendRaw writes bytes to every session.
func (a *AMI) SendRaw(text string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.conns {
		if _, err := c.Write([]byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (a *AMI) accept() {
	for {
		c, err := a.listener.Accept()
		if err != nil {
			return // closed
		}
		a.mu.Lock()
		if a.closed {
			a.mu.Unlock()
			_ = c.Close()
			return
		}
		a.conns[c] = true
		a.served.Go(func() { a.session(c) })
		a.mu.Unlock()
	}
}

// session serves one connection.
func (a *AMI) session(c net.Conn) {
	defer func() {
		a.mu.Lock()
		delete(a.conns, c)
		a.mu.Unlock()
		_ = c.Close()
	}()
	if _, err := c.Write([]byte("Asterisk Call Manager/11.0.0\r\n")); err != nil {
		return
	}
	r := ami.NewReader(c)
	loggedIn := false
	for {
		m, err := r.Read()
		if err != nil {
			return
		}
		a.mu.Lock()
		a.seen = append(a.seen, m)
		silent, script := a.silent, a.scripts[m.Get("Action")]
		a.mu.Unlock()
		if silent {
			continue
		}
		answers := a.answer(m, &loggedIn, script)
		for _, out := range answers {
			if _, err := c.Write(format(out, m.Get("ActionID"))); err != nil {
				return
			}
		}
		if m.Get("Action") == "Logoff" {
			return
		}
	}
}

func (a *AMI) answer(m ami.Message, loggedIn *bool, script func(ami.Message) []ami.Message) []ami.Message {
	action := m.Get("Action")
	if action == "Login" {
		*loggedIn = m.Get("Username") == User && m.Get("Secret") == Password
		if !*loggedIn {
			return []ami.Message{Refusal("Authentication failed")}
		}
		return []ami.Message{Success("Authentication accepted")}
	}
	switch {
	case !*loggedIn:
		return []ami.Message{Refusal("Permission denied")}
	case script != nil:
		return script(m)
	case action == "Ping":
		return []ami.Message{{{Name: "Response", Value: "Success"}, {Name: "Ping", Value: "Pong"}, {Name: "Timestamp", Value: "1.000000"}}}
	case action == "Events":
		return []ami.Message{{{Name: "Response", Value: "Success"}, {Name: "Events", Value: "On"}}}
	case action == "Logoff":
		return []ami.Message{{{Name: "Response", Value: "Goodbye"}}}
	case action == "ListCommands":
		return []ami.Message{{{Name: "Response", Value: "Success"}, {Name: "Ping", Value: "Keepalive command.  (Priv: <none>)"}, {Name: "Originate", Value: "Originate a call.  (Priv: originate,all)"}}}
	}
	return []ami.Message{Refusal(fmt.Sprintf("Invalid/unknown command: %s. Use Action: ListCommands to show available commands.", action))}
}

// Success is a positive response.
func Success(message string) ami.Message {
	return ami.Message{{Name: "Response", Value: "Success"}, {Name: "Message", Value: message}}
}

// Refusal is a negative response.
func Refusal(message string) ami.Message {
	return ami.Message{{Name: "Response", Value: "Error"}, {Name: "Message", Value: message}}
}

// format writes a message; the action id goes after the first line, as Asterisk does.
func format(m ami.Message, id string) []byte {
	var b []byte
	for i, f := range m {
		b = append(b, f.Name+": "+f.Value+"\r\n"...)
		if i == 0 && id != "" {
			b = append(b, "ActionID: "+id+"\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}
