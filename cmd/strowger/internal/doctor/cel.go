package doctor

import (
	"context"
	"time"

	"strowger/ari/cel"
	"strowger/switch/fault"
)

// celLook is how much of the end of the file of channel events is looked at.
const celLook = 1 << 20

// channelEvents looks at the file that tells how calls ended while nobody saw it.
func (e *examiner) channelEvents(context.Context) []Finding {
	const (
		id      = "cel"
		leads   = "calls that end while the controller is away are recorded as lost, without the time of their end"
		install = "copy cel_strowger.conf and cel_custom_strowger.conf as they say at their top, make the folder cel-custom in Asterisk's log folder, then: asterisk -rx 'module load cel_custom.so' and asterisk -rx 'core reload'"
	)
	path := e.cfg.Asterisk.CELFile
	if path == "" {
		return []Finding{note(id+".off", "channel events are not used: asterisk.cel_file is not set", leads, install)}
	}
	_, s, err := cel.Since(path, time.Time{}, celLook)
	switch {
	case fault.Is(err, fault.NotFound):
		return []Finding{warn(id+".no-file", "there is no file "+path+" (Asterisk makes it at the first call)", leads, install)}
	case fault.Is(err, fault.Denied):
		return []Finding{warn(id+".denied", "this user may not read "+path, leads, "give the controller's user the group asterisk")}
	case err != nil:
		return []Finding{warn(id+".error", path+" cannot be read: "+fault.ReasonOf(err), leads, "correct asterisk.cel_file in strowger.yaml: it names the file, not its folder")}
	case s.Events == 0 && s.Foreign+s.Bad > 0:
		return []Finding{warn(id+".form", path+" has no line of our form", leads, install+"; leave dateformat in cel.conf unset")}
	case s.Events == 0:
		return []Finding{note(id+".empty", path+" is empty", "nothing to judge before the first call", "")}
	case s.Bad > 0:
		return []Finding{warn(id+".bad-lines", "some lines of "+path+" cannot be read", leads, install+"; leave dateformat in cel.conf unset")}
	}
	return []Finding{ok(id, "%s is read; its last event is of %s", path, s.Last.Format(time.RFC3339))}
}
