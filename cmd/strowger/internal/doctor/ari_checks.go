package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/link"
	"strowger/ari/sandbox"
	"strowger/cmd/strowger/internal/controller"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

const (
	// probeVariable is the dialplan global that shows whether the account may write.
	probeVariable = "SW_DOCTOR"
	// gateLimit is the age of the heartbeat at which extensions_strowger.conf stops handing calls over.
	gateLimit = 4 * time.Second
	// clockLimit is the difference from which two logs are hard to read side by side.
	clockLimit = 2 * time.Second
	// defaultSessions is http.conf's sessionlimit when it is not set.
	defaultSessions = 100
	// maxNames bounds how many phones one line names.
	maxNames = 8
)

func (e *examiner) asteriskVersion(context.Context) []Finding {
	const id = "asterisk.version"
	info := e.known().info
	if info == nil {
		return skip(id, noARI)
	}
	text := ""
	if info.System != nil {
		text = info.System.Version
	}
	v, err := sandbox.ParseVersion("Asterisk " + text)
	if err != nil {
		return []Finding{warn(id+".unknown", fmt.Sprintf("Asterisk calls its version %.60q", text), "it is not known whether this version is safe", "asterisk -V")}
	}
	good := sandbox.FirstGood()
	upgrade := fmt.Sprintf("install Asterisk %s or later, for example: apt-get install --only-upgrade asterisk", good)
	verdict := sandbox.Judge(v)
	switch {
	case !verdict.Supported:
		return []Finding{fail(id+".too-old", "Asterisk "+v.String()+" is too old", "it lacks parts of ARI that every call needs; versions before 20 are refused", upgrade)}
	case whispers(v):
		return []Finding{warn(id+".whisper", "Asterisk "+v.String()+" has an open fault in listening and whispering (AST#2134)",
			"a call that is listened to can fail to be joined, and a processor can be kept busy for nothing", "stay with Asterisk "+good.String()+" until the fault is closed; do not listen in or whisper (spy, snoop) with this version")}
	case verdict.Recommended:
		return []Finding{ok(id, "Asterisk %s", v)}
	}
	why := fmt.Sprintf("Strowger is tested with %s and later", good)
	if len(verdict.Lacks) > 0 {
		var lacks []string
		for _, l := range verdict.Lacks {
			lacks = append(lacks, l.String())
		}
		why = strings.Join(lacks, "; ")
	}
	return []Finding{warn(id+".old", fmt.Sprintf("Asterisk %s works, and is older than %s", v, good), why, upgrade)}
}

// whispers reports whether a release is one of the day of 22.11, whose whisper
// is broken (AST#2134, open).
func whispers(v sandbox.Version) bool {
	minor := map[int]int{20: 21, 21: 16, 22: 11, 23: 5}[v.Major]
	return minor != 0 && v.Minor == minor
}

// rightsARI sets a global of its own, the most harmless of all writes.
func (e *examiner) rightsARI(ctx context.Context) []Finding {
	const id = "ari.rights"
	if e.known().info == nil {
		return skip(id, noARI)
	}
	err := e.client.AsteriskSetGlobalVar(ctx, arispec.AsteriskSetGlobalVarParams{Variable: probeVariable, Value: arispec.Some("1")})
	user := e.cfg.Asterisk.ARIUser
	switch {
	case fault.Is(err, fault.Denied):
		return []Finding{fail(id+".read-only", fmt.Sprintf("the ARI user %s may only read", user), "the controller could see calls and not answer, move or end them",
			fmt.Sprintf("ari.conf, [%s]: read_only = no   then: %s", user, reloadARI))}
	case err != nil:
		return []Finding{fail(id+".error", "a global of the dialplan cannot be set: "+fault.ReasonOf(err), "the controller could not report that it is ready", "look into Asterisk's log")}
	}
	// Without a value Asterisk removes it.
	if err := e.client.AsteriskSetGlobalVar(ctx, arispec.AsteriskSetGlobalVarParams{Variable: probeVariable}); err != nil {
		return []Finding{note(id+".left", "the global "+probeVariable+" was set and could not be removed", "it is of no use to anybody", "asterisk -rx 'dialplan set global "+probeVariable+" \"\"'")}
	}
	return []Finding{ok(id, "the user %s may give orders", user)}
}

// websocket connects an application that nobody else can have.
func (e *examiner) websocket(ctx context.Context) []Finding {
	const id = "ari.websocket"
	if e.known().info == nil {
		return skip(id, noARI)
	}
	a := e.cfg.Asterisk
	s, err := link.NewStream(link.Config{
		URL: controller.ARIRoot(a.ARIURL), User: a.ARIUser, Password: a.ARIPassword.Reveal(), App: "strowger-doctor-" + rand.Text()[:10],
		Logger: slog.New(slog.DiscardHandler), DialTimeout: e.timeout, BackoffMin: time.Minute, BackoffMax: time.Minute, // one try
	})
	if err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		return []Finding{fail(id+".config", "the event stream cannot be set up: "+fault.ReasonOf(err), "", "strowger config validate")}
	}
	defer s.Stop()
	if !connected(ctx, s) {
		why := "without events the controller knows nothing of any call"
		if s.Stats().Denied > 0 {
			return []Finding{fail(id+".denied", "Asterisk refuses the event websocket to the user "+a.ARIUser, why, "look at [general] and ["+a.ARIUser+"] in ari.conf; then: "+reloadARI)}
		}
		return []Finding{fail(id+".closed", "the event websocket cannot be opened, though requests are answered", why,
			"asterisk -rx 'module load res_http_websocket.so'; asterisk -rx 'module load res_ari_events.so'   and let a proxy in between pass Upgrade headers")}
	}
	if err := overSocket(ctx, s); err != nil {
		return []Finding{note(id+".no-requests", "events arrive; requests over the same connection do not work", "when Asterisk's HTTP server is blocked, the controller has no second way (Asterisk 22.4 or later has)", "")}
	}
	return []Finding{ok(id, "events and requests over it work")}
}

// connected waits for the first connection or the first failure.
func connected(ctx context.Context, s *link.Stream) bool {
	for ctx.Err() == nil && s.Stats().DialFailures == 0 {
		look, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		frames, _ := s.Next(look) // an end of the wait is seen by the loop
		cancel()
		for _, f := range frames {
			if f.Kind == link.FrameConnected {
				return true
			}
		}
	}
	return false
}

func overSocket(ctx context.Context, s *link.Stream) error {
	t, err := arispec.NewSocket(s.Do)
	if err != nil {
		return err
	}
	c, err := arispec.New(arispec.Config{Transport: t, Timeout: time.Second})
	if err != nil {
		return err
	}
	_, err = c.AsteriskPing(ctx)
	return err
}

func (e *examiner) sessions(context.Context) []Finding {
	const id = "ari.sessions"
	if e.known().info == nil {
		return skip(id, noARI)
	}
	why := fmt.Sprintf("with Asterisk's default of %d, that many idle connections from anywhere shut the controller out", defaultSessions)
	const fix = "http.conf: sessionlimit = 1000   then: " + reloadHTTP
	if n := e.cfg.Asterisk.RESTInFlight; n >= defaultSessions {
		return []Finding{warn(id+".in-flight", fmt.Sprintf("asterisk.rest_in_flight is %d, not below Asterisk's default session limit", n), why, fix)}
	}
	return []Finding{note(id+".unknown", "Asterisk does not tell its HTTP session limit; make sure that it is set", why, fix)}
}

// serving reports whether a controller with real calls answers on the socket.
func (f facts) serving() bool { return f.controller != nil && f.controller.Mode != rest.ModeSimulated }

// application looks who has our name, without connecting under it.
func (e *examiner) application(ctx context.Context) []Finding {
	const id = "application"
	known := e.known()
	if known.info == nil {
		return skip(id, noARI)
	}
	app := e.cfg.Asterisk.App
	_, err := e.client.ApplicationsGet(ctx, app)
	taken := err == nil
	if err != nil && !fault.Is(err, fault.NotFound) {
		return []Finding{fail(id+".error", "the list of applications is not answered: "+fault.ReasonOf(err),
			"the part of Asterisk that hands calls to applications hangs (AST#2170), while everything else works", "systemctl restart asterisk")}
	}
	beat := e.heartbeat(ctx)
	switch {
	case taken && known.serving():
		return []Finding{ok(id, "%s is connected by the controller that runs here", app)}
	case known.serving():
		return []Finding{fail(id+".lost", "a controller runs here, and Asterisk does not know its application "+app, "callers go to the fallback of the dialplan", "strowger status   and look into its log; then restart it: systemctl restart strowger")}
	case taken && beat.fresh():
		return []Finding{fail(id+".taken", "another controller serves the application "+app+" now", "two with one name take the calls away from each other",
			"stop one of them, or set asterisk.app to another name here and in the dialplan; if it is yours: set http.socket to its socket")}
	case taken:
		return []Finding{warn(id+".occupied", "the application "+app+" is known to Asterisk, and no controller runs here", "another program uses the name, or calls of a controller that ended still wait for it",
			"asterisk -rx 'ari show app "+app+"'; core show channels   (stop the other program; calls are taken over by: strowger serve)")}
	}
	return []Finding{ok(id, "the name %s is free", app)}
}

// beat is the state of the readiness variable.
type beat struct {
	set bool
	age time.Duration
	err error
}

func (b beat) fresh() bool { return b.err == nil && b.set && b.age <= gateLimit }

func (e *examiner) heartbeat(ctx context.Context) beat {
	v, err := e.client.AsteriskGetGlobalVar(ctx, arispec.AsteriskGetGlobalVarParams{Variable: link.ReadyVariable})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return beat{err: err}
	}
	if err != nil || v.Value == "" {
		return beat{}
	}
	seconds, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return beat{err: fault.Newf(fault.Invalid, "ari variable", link.ReadyVariable, "its value is %.20q, not a time", v.Value)}
	}
	now, _, err := e.asteriskTime(ctx)
	return beat{set: true, age: max(now.Sub(time.Unix(seconds, 0)).Truncate(time.Second), 0), err: err}
}

func (e *examiner) readiness(ctx context.Context) []Finding {
	const id = "readiness"
	known := e.known()
	if known.info == nil {
		return skip(id, noARI)
	}
	b := e.heartbeat(ctx)
	state := link.ReadyVariable + " is not set"
	if b.set {
		state = fmt.Sprintf("%s is %v old", link.ReadyVariable, b.age)
	}
	const fallback = "the dialplan sends new callers to its fallback"
	switch {
	case b.err != nil:
		return []Finding{fail(id+".error", "the readiness variable cannot be read: "+fault.ReasonOf(b.err), fallback, "asterisk -rx 'dialplan show globals'")}
	case known.serving() && b.fresh():
		return []Finding{ok(id, "%s is fresh: callers are handed to the controller", link.ReadyVariable)}
	case known.serving():
		return []Finding{fail(id+".stale", state+", though a controller runs", fallback, "strowger status   (says what keeps it from being ready)")}
	case b.fresh():
		return []Finding{warn(id+".foreign", state+", and no controller runs here", "another controller serves this Asterisk, or one ended a moment ago", "strowger doctor   once more; if it stays: stop the other controller")}
	}
	return []Finding{note(id+".none", state+": no controller is at work", fallback, "strowger serve")}
}

func (e *examiner) clock(ctx context.Context) []Finding {
	const id = "clock"
	if e.known().info == nil {
		return skip(id, noARI)
	}
	_, ahead, err := e.asteriskTime(ctx)
	if err != nil {
		return []Finding{warn(id+".error", "Asterisk's clock cannot be read: "+fault.ReasonOf(err), "the readiness variable is written in Asterisk's time", "asterisk -rx 'core show settings'")}
	}
	if ahead.Abs() <= clockLimit {
		return []Finding{ok(id, "this host and Asterisk agree within %v", clockLimit)}
	}
	side := "behind"
	if ahead > 0 {
		side = "ahead of"
	}
	return []Finding{note(id+".differs", fmt.Sprintf("this host's clock is %v %s Asterisk's", ahead.Abs().Round(time.Second), side), "calls do not depend on it; the two logs are hard to compare", "timedatectl set-ntp true   on both hosts")}
}

// phones compares the stations of the agents with Asterisk's endpoints.
func (e *examiner) phones(ctx context.Context) []Finding {
	const id = "phones"
	if e.known().info == nil {
		return skip(id, noARI)
	}
	if e.objects == nil {
		return skip(id, noObjects)
	}
	stations := e.phonesHere()
	if len(stations) == 0 {
		return []Finding{note(id+".none", "no agent is configured", "every caller waits for ever, or takes the fallback", "strowger config explain agents")}
	}
	state, err := e.endpoints(ctx)
	if err != nil {
		return []Finding{fail(id+".error", "Asterisk does not list its phones: "+fault.ReasonOf(err), "", "asterisk -rx 'pjsip show endpoints'")}
	}
	var missing, offline []string
	for _, endpoint := range stations {
		switch s, known := state[endpoint]; {
		case !known:
			missing = append(missing, endpoint)
		case s != "online":
			offline = append(offline, endpoint)
		}
	}
	return phoneFindings(id, len(stations), missing, offline)
}

func phoneFindings(id string, stations int, missing, offline []string) []Finding {
	var out []Finding
	if len(missing) > 0 {
		out = append(out, fail(id+".missing", fmt.Sprintf("%d of %d stations have no PJSIP endpoint in Asterisk: %s", len(missing), stations, names(missing)),
			"no call can reach these agents", fmt.Sprintf("pjsip.conf: a section [%s] with type = endpoint   (or correct station.endpoint); then: asterisk -rx 'module reload res_pjsip.so'", missing[0])))
	}
	if len(offline) > 0 {
		out = append(out, note(id+".unregistered", fmt.Sprintf("%d of %d phones are not registered now: %s", len(offline), stations, names(offline)),
			"their agents are not reached until the phones are switched on", "asterisk -rx 'pjsip show contacts'"))
	}
	if out == nil {
		out = []Finding{ok(id, "all %d are registered", stations)}
	}
	return out
}

func names(all []string) string {
	if len(all) <= maxNames {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:maxNames], ", "), len(all)-maxNames)
}
