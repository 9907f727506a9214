package test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/configs"
	"strowger/switch/fault"
)

// The environment of make test. Without it the defaults of a plain go test hold.
const (
	envCache = "STROWGER_CACHE" // folder with the sandboxed Asterisk; .cache under the project
	envSkips = "STROWGER_SKIPS" // file that names the skipped layers; none
	envLeft  = "STROWGER_LEFT"  // file that names the faults left to make chaos; none
	envCI    = "CI"             // true: a skipped layer is a failure
	envBare  = "STROWGER_BARE"  // true: tests that need no Asterisk are run; one that asks for it fails
)

const (
	makeAsterisk  = 12 * time.Minute // a first run installs it
	sharedAgents  = 60               // phones 101..160
	sharedSecret  = "sandbox-agents"
	stopAsterisks = 20 * time.Second

	// AMI user of every instance that may ask a ringing phone to answer.
	notifyUser, notifySecret = "strowger-notify", "sandbox-notify"

	// AMI user of every instance by which a test sees and moves calls beside the controller.
	tapUser, tapSecret = "tap", "sandbox-tap"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.stop(code == 0); err != nil {
		fmt.Fprintln(os.Stderr, "test: stop Asterisk:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// shared is the one Asterisk of this test process, started by the first test that asks.
var shared lab

type lab struct {
	find    sync.Once
	program sandbox.Program
	findErr error

	start    sync.Once
	in       *sandbox.Instance
	startErr error
}

// testProgram returns the Asterisk program, found or made once; the test is
// skipped loudly where none can be had.
func testProgram(t *testing.T) sandbox.Program {
	t.Helper()
	if os.Getenv(envBare) == "true" {
		t.Fatal("this test is among those that need no Asterisk (bare_tests in run.sh), and asks for one")
	}
	shared.find.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), makeAsterisk)
		defer cancel()
		shared.program, shared.findErr = sandbox.Find(ctx, sandbox.FindOptions{CacheDir: cacheDir(), Progress: progress})
		if shared.findErr == nil {
			progress(shared.program.String())
		}
	})
	if shared.findErr != nil {
		skipLayer(t, "real Asterisk", fault.ReasonOf(shared.findErr))
	}
	return shared.program
}

// testAsterisk returns the shared instance: phones 101..160, the trunk from
// 127.0.0.1, context strowger-in. A test leaves no channel, bridge or global
// behind. It must not stop or restart it: see ownAsterisk.
func testAsterisk(t *testing.T) *sandbox.Instance {
	t.Helper()
	p := testProgram(t)
	shared.start.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		shared.in, shared.startErr = sandbox.Start(ctx, p, instanceOptions("test"))
	})
	if shared.startErr != nil {
		t.Fatalf("start the shared Asterisk: %v", shared.startErr)
	}
	return shared.in
}

// ownAsterisk starts an instance for this test alone, which it may kill or
// restart. adjust may change the options. It is stopped and, when the test
// passed, removed at the test's end.
func ownAsterisk(t *testing.T, adjust func(*sandbox.Options)) *sandbox.Instance {
	t.Helper()
	o := instanceOptions("own")
	if adjust != nil {
		adjust(&o)
	}
	in, err := sandbox.Start(t.Context(), testProgram(t), o)
	if err != nil {
		t.Fatalf("start an Asterisk: %v", err)
	}
	t.Cleanup(func() {
		if err := end(in, !t.Failed()); err != nil {
			t.Errorf("stop Asterisk: %v", err)
		}
	})
	return in
}

func instanceOptions(name string) sandbox.Options {
	return sandbox.Options{
		Name: name, Unique: true, Dir: filepath.Join(cacheDir(), "instances"),
		Agents: sharedAgents, Secret: sharedSecret,
		Values: configs.Values{TrunkContact: fmt.Sprintf("sip:127.0.0.1:%d", outsidePort())},
		Extra: map[string]string{"manager_local.conf": "[" + notifyUser + "]\nsecret = " + notifySecret + "\npermit = 127.0.0.1/255.255.255.255\nread =\nwrite = system\n" +
			"[" + tapUser + "]\nsecret = " + tapSecret + "\npermit = 127.0.0.1/255.255.255.255\nread = call,agent\nwrite = call,agent,reporting\n"},
	}
}

// outsidePort is where the trunk of every instance leads, see site.outside:
// an instance must know it when it starts.
var outsidePort = sync.OnceValue(func() int {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err) // a machine without a free port
	}
	defer func() { _ = c.Close() }()        // its port is all that was wanted
	addr, _ := c.LocalAddr().(*net.UDPAddr) // a UDP socket has one
	return addr.Port
})

func (l *lab) stop(passed bool) error {
	if l.in == nil {
		return nil
	}
	return end(l.in, passed)
}

// end stops an instance and keeps its folder for a look when a test failed.
func end(in *sandbox.Instance, remove bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopAsterisks)
	defer cancel()
	if err := in.Stop(ctx); err != nil || !remove {
		return err
	}
	return in.Remove()
}

// needTool skips the layer loudly when a program is not installed, and returns its path.
func needTool(t *testing.T, program, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		skipLayer(t, "real "+program, program+" is not installed: apt-get install "+debianPackage)
	}
	return path
}

// skipLayer skips the test, and says so where nobody overlooks it. On CI it fails.
func skipLayer(t *testing.T, layer, reason string) {
	t.Helper()
	if file := os.Getenv(envSkips); file != "" {
		line := fmt.Sprintf("%s: %s\n", layer, strings.ReplaceAll(reason, "\n", " "))
		if err := appendLine(file, line); err != nil {
			t.Errorf("the skipped layer could not be noted: %v", err)
		}
	}
	progress("SKIPPED " + t.Name() + ": layer " + layer + ": " + reason)
	if os.Getenv(envCI) == "true" {
		t.Fatalf("layer %q must run on CI: %s", layer, reason)
	}
	t.Skipf("layer %q cannot run here: %s", layer, reason)
}

func appendLine(file, line string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line); err != nil {
		_ = f.Close() // the first error is the one to report
		return err
	}
	return f.Close()
}

// progress tells who waits what is going on; go test passes it on at once.
func progress(line string) { fmt.Println("   " + line) }

// projectRoot is the folder of go.mod. go test runs in the package's folder.
func projectRoot() string {
	dir, err := filepath.Abs("..")
	if err != nil {
		return ".."
	}
	return dir
}

func cacheDir() string {
	if dir := os.Getenv(envCache); dir != "" {
		return dir
	}
	return filepath.Join(projectRoot(), ".cache")
}
