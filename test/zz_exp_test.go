package test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
	"fmt"
	"math"
	"strowger/sip/siptest"
	"strowger/media/codec"
)

const expSite = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 1s, recording: {mode: always, channels: CH}}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", queues: [], station: {endpoint: "102"}}
`
func goertz(p []int16, hz float64) float64 {
	w := 2*math.Pi*hz/8000; c := 2*math.Cos(w); var s1, s2 float64
	for _, v := range p { s := float64(v) + c*s1 - s2; s2, s1 = s1, s }
	return 10*math.Log10((s1*s1+s2*s2-c*s1*s2)/float64(len(p))/float64(len(p))*4/32768/32768+1e-12)
}
func dump(t *testing.T, file string) {
	b, _ := os.Open(file)
	defer b.Close()
	pcm, err := codec.ReadWAV(b, 100000000)
	if err != nil { t.Log(file, err); st, _ := os.Stat(file); t.Log(st.Size()); return }
	fmt.Println(file, float64(len(pcm))/8000)
	for i := 0; i+1600 <= len(pcm); i += 1600 {
		fmt.Printf("%.1f:", float64(i)/8000)
		for _, hz := range []float64{1000, 400, 650} { fmt.Printf(" %.0f", goertz(pcm[i:i+1600], hz)) }
		fmt.Print(" | ")
	}
	fmt.Println()
}
func TestExp(t *testing.T) {
	for _, ch := range []string{"mono", "stereo"} { t.Run(ch, func(t *testing.T) {
	s := stage(t, replaceAll(expSite, "CH", ch))
	ben := s.desk("102")
	s.agentState("ben", "ready")
	a, _ := s.talking()
	time.Sleep(2*time.Second)
	c := s.agentConn()
	s.command(c, "hold")
	s.waitConn("hold")
	time.Sleep(1500*time.Millisecond)
	s.command(c, "retrieve")
	s.waitConn("connected")
	time.Sleep(1*time.Second)
	_ = ben
	_ = siptest.Talk
	t0 := time.Now()
	a.MustHangup()
	s.noLeftovers()
	t.Log("after", time.Since(t0))
	m, _ := filepath.Glob(s.asterisk.RecordingDir()+"/*")
	for _, f := range m { dump(t, f) }
	_ = http.MethodGet
	}) }
}
func replaceAll(s, a, b string) string { for i:=0; i+len(a)<=len(s); i++ { if s[i:i+len(a)]==a { return s[:i]+b+s[i+len(a):] } }; return s }
