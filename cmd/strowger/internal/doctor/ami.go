package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"strowger/ari/ami"
	"strowger/switch/fault"
)

const (
	reloadAMI = "asterisk -rx 'manager reload'"
	noAMI     = "AMI does not answer"
	unusedAMI = "AMI is not in use (asterisk.ami_user is not set)"
)

func (e *examiner) reachAMI(ctx context.Context) []Finding {
	const id = "ami"
	a := e.cfg.Asterisk
	if a.AMIUser == "" {
		return skip(id, unusedAMI)
	}
	c, err := ami.Dial(ctx, ami.Config{Addr: a.AMIAddr, User: a.AMIUser, Secret: a.AMIPassword.Reveal(), Timeout: e.timeout})
	const why = "calls go on without AMI; queues of app_queue are not seen"
	switch {
	case err == nil:
	case fault.Is(err, fault.Denied):
		return []Finding{fail(id+".login", fmt.Sprintf("Asterisk refuses the AMI user %s, its password or this host", a.AMIUser), why,
			fmt.Sprintf("manager.conf: [%s] with secret = the value of asterisk.ami_password, permit = this host's address   then: %s", a.AMIUser, reloadAMI))}
	case errors.Is(err, syscall.ECONNREFUSED):
		return []Finding{fail(id+".refused", "nothing listens on "+a.AMIAddr, why, "manager.conf, [general]: enabled = yes, bindaddr = 127.0.0.1, port = 5038   then: "+reloadAMI)}
	case isTimeout(err):
		return []Finding{fail(id+".timeout", a.AMIAddr+" does not answer in time, or is another program", why, "asterisk -rx 'manager show settings'   and compare with asterisk.ami_addr")}
	default:
		return []Finding{fail(id+".not-ami", a.AMIAddr+" does not answer as AMI does: "+rootCause(err), why, "asterisk -rx 'manager show settings'   and compare with asterisk.ami_addr")}
	}
	actions, err := c.Allowed(ctx)
	if err != nil {
		c.Close()
		return []Finding{fail(id+".error", "AMI does not tell what the user may do: "+fault.ReasonOf(err), why, "asterisk -rx 'manager show user "+a.AMIUser+"'")}
	}
	e.learn(func(f *facts) { f.ami, f.amiActions = c, actions })
	return []Finding{ok(id, "%s answers, and accepts the user %s", a.AMIAddr, a.AMIUser)}
}

// classes derives an account's rights from the actions it may use: one that
// asks for a single right shows that it is there.
func classes(actions map[string]string) map[string]bool {
	has := map[string]bool{}
	for _, rights := range actions {
		needed := strings.FieldsFunc(rights, func(r rune) bool { return r == ',' || r == ' ' })
		if n := len(needed); n > 0 && needed[n-1] == "all" {
			needed = needed[:n-1]
		}
		if len(needed) == 1 {
			has[needed[0]] = true
		}
	}
	return has
}

// rightsAMI looks for rights that are missing, and for those that nobody needs.
func (e *examiner) rightsAMI(context.Context) []Finding {
	const id = "ami.rights"
	known := e.known()
	user := e.cfg.Asterisk.AMIUser
	if known.ami == nil {
		return skip(id, e.whyNoAMI())
	}
	has := classes(known.amiActions)
	line := fmt.Sprintf("manager.conf, [%s]: read = agent, write = reporting   then: %s", user, reloadAMI)
	var missing, dangerous []string
	if _, may := known.amiActions["CoreShowChannels"]; !may {
		missing = append(missing, "reporting")
	}
	for _, r := range []string{"command", "config", "system", "originate"} {
		if has[r] {
			dangerous = append(dangerous, r)
		}
	}
	var out []Finding
	if len(missing) > 0 {
		out = append(out, fail(id+".missing", fmt.Sprintf("the AMI user %s lacks the right %s", user, strings.Join(missing, " and ")), "who talks to whom in queues of app_queue is not seen after a reconnect", line))
	}
	if len(dangerous) > 0 {
		out = append(out, warn(id+".too-much", fmt.Sprintf("the AMI user %s has the right %s", user, strings.Join(dangerous, " and ")), "who steals this password can change Asterisk's configuration, run programs or place calls; Strowger never needs it", line))
	}
	if out == nil {
		out = []Finding{ok(id, "the user %s has what is needed, and nothing dangerous", user)}
	}
	return out
}

func (e *examiner) whyNoAMI() string {
	if e.cfg.Asterisk.AMIUser == "" {
		return unusedAMI
	}
	return noAMI
}
