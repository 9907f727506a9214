package typet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTshark holds what we send against a dissector that is not ours. It needs
// a tshark that knows SAP's RFC (Wireshark 4.4 and later): make test makes one
// (test/tshark.sh); STROWGER_TSHARK names it. TestGolden keeps what it has seen.
func TestTshark(t *testing.T) {
	t.Parallel()
	tshark := findTshark(t)
	tape := converse(t)
	// This tshark has a dissector for the framing and one for what is in the
	// frames, and does not join the two: so each gets its own capture.
	framing := dissect(t, tshark, "framing", tape.pcap(0), "-d", "tcp.port==3300,sapni")
	frames := dissect(t, tshark, "records", tape.pcap(niHeader))
	if len(frames) != len(tape.all) || len(framing) != len(tape.all) || len(frames) == 0 {
		t.Fatalf("tshark saw %d and %d frames, %d were sent", len(framing), len(frames), len(tape.all))
	}
	calls := 0
	for i, p := range tape.all {
		compare(t, i, framing[i], wantFraming(p.frame[niHeader:]))
		if sent := p.frame[niHeader:]; len(sent) > len(niPing) {
			calls += compareRecord(t, i, sent, frames[i])
		}
	}
	if calls != 10 {
		t.Errorf("tshark saw %d messages", calls)
	}
	t.Logf("tshark dissected %d frames, %d of them with a message", len(frames), calls)
}

func findTshark(t *testing.T) string {
	t.Helper()
	name := os.Getenv("STROWGER_TSHARK")
	if name == "" {
		name = "tshark"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("SKIPPED LAYER: there is no tshark (test/tshark.sh makes one): what this package sends is held against nothing that is not ours")
	}
	out, err := exec.CommandContext(t.Context(), path, "-G", "protocols").Output()
	if err != nil || !bytes.Contains(out, []byte("\tsaprfc\t")) {
		t.Skip("SKIPPED LAYER: this tshark does not know saprfc (Wireshark 4.4 and later do; test/tshark.sh makes one): what this package sends is held against nothing that is not ours")
	}
	return path
}

// compare holds a frame against what tshark made of it: numbers by value,
// texts without their padding, and what is nil by being there.
func compare(t *testing.T, i int, seen *node, want map[string]any) {
	t.Helper()
	for _, bad := range []string{"_ws.malformed", "sapni.length.invalid"} {
		if seen.find(bad) != nil {
			t.Errorf("frame %d: tshark finds %s", i, bad)
		}
	}
	for name, value := range want {
		n := seen.find(name)
		if n == nil {
			t.Errorf("frame %d: tshark sees no %s", i, name)
			continue
		}
		same := true
		switch v := value.(type) {
		case int:
			got, err := strconv.ParseInt(n.Show, 0, 64)
			same = err == nil && int(got) == v
		case string:
			same = strings.TrimRight(n.Show, " ") == strings.TrimRight(v, "\x00 ")
		}
		if !same {
			t.Errorf("frame %d: tshark sees %s = %q, we sent %v", i, name, n.Show, value)
		}
	}
}

func wantFraming(sent []byte) map[string]any {
	want := map[string]any{"sapni.length": len(sent)}
	switch string(sent) {
	case niPing:
		want["sapni.ping"] = nil
	case niPong:
		want["saprouter"] = nil // which also uses a pong to accept a route
	}
	return want
}

// compareRecord does so for what is in a frame, and returns 1 if that is a message.
func compareRecord(t *testing.T, i int, sent []byte, seen *node) int {
	t.Helper()
	if isHello(sent) {
		h, err := readHello(sent)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, i, seen, map[string]any{
			"saprfc.version": int(h.Version), "saprfc.reqtype": helloClient, "saprfc.codepage": h.Page, "saprfc.service": h.Service,
			"saprfc.lu": h.LU, "saprfc.tp": h.TP, "saprfc.appc_hd_version": appcVersion, "saprfc.accept_info": int(h.Accepts), "saprfc.rc": 0,
		})
		return 0
	}
	r, _, err := readRecord(sent)
	if err != nil {
		t.Fatal(err)
	}
	const h = "saprfc.appcheader."
	compare(t, i, seen, map[string]any{
		h + "version": appcVersion, h + "reqtype": int(r.function), h + "protocol": int(r.protocol), h + "uid": int(int16(r.uid)),
		h + "info2": int(r.info2), h + "info3": int(r.info3), h + "info4": int(r.info4), h + "sap_params_len": int(r.paramsLen),
		h + "info": int(r.info), h + "reqtype2": int(r.vector), h + "appc_rc": int(r.rc), h + "sap_rc": int(r.sapRC),
		h + "conversation_id": string(r.id[:]), h + "comm_idx": int(int16(r.comm)), h + "conn_idx": int(int16(r.conn)),
	})
	if r.function != fnSAPSend {
		return 0
	}
	return 1
}

// node is a field in tshark's XML.
type node struct {
	Name   string  `xml:"name,attr"`
	Show   string  `xml:"show,attr"`
	Value  string  `xml:"value,attr"`
	Fields []*node `xml:"field"`
	Protos []*node `xml:"proto"`
}

func (n *node) find(name string) *node {
	if n.Name == name {
		return n
	}
	for _, c := range append(n.Protos, n.Fields...) {
		if f := c.find(name); f != nil {
			return f
		}
	}
	return nil
}

// dissect returns tshark's view, a node for each packet.
func dissect(t *testing.T, tshark, what string, capture []byte, options ...string) []*node {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tshark, append([]string{"-r", "-", "-T", "pdml"}, options...)...)
	cmd.Stdin = bytes.NewReader(capture)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if keep := os.Getenv("STROWGER_TSHARK_OUT"); keep != "" {
		_ = os.WriteFile(filepath.Join(keep, what+".pcap"), capture, 0o600) // for a look with other eyes
		_ = os.WriteFile(filepath.Join(keep, what+".pdml"), out, 0o600)
	}
	var doc struct {
		Packets []*node `xml:"packet"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Packets
}

// pcap makes a capture file of IP packets to and from the gateway's port 3300,
// leaving out the first bytes of each frame.
func (tp *tape) pcap(without int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0)
	seq := map[[2]int]uint32{}
	for i, p := range tp.all {
		me, you := [2]int{p.conn, 0}, [2]int{p.conn, 1}
		ports := [2]uint16{uint16(50000 + p.conn), 3300}
		if !p.client {
			me, you = you, me
			ports[0], ports[1] = ports[1], ports[0]
		}
		payload := p.frame[without:]
		n := 40 + len(payload)
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
		b = append(b, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		b = append(b, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
		b = binary.BigEndian.AppendUint16(b, ports[0])
		b = binary.BigEndian.AppendUint16(b, ports[1])
		b = binary.BigEndian.AppendUint32(b, 1+seq[me])
		b = binary.BigEndian.AppendUint32(b, 1+seq[you])
		b = append(b, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0)
		b = append(b, payload...)
		seq[me] += uint32(len(payload))
	}
	return b
}
