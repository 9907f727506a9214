package link

import (
	"strings"

	"strowger/switch/fault"
)

const (
	// maxMedia bounds one order: the URIs travel in the request line.
	maxMedia      = 20
	maxMediaBytes = 200
)

// mediaSchemes are what may be played, with the characters that may follow.
// Others exist, and are kept away: recording: would open every recording, and
// Asterisk never ends a playback of a scheme that it does not know.
var mediaSchemes = map[string]string{
	"sound":      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-",
	"tone":       "abcdefghijklmnopqrstuvwxyz-",
	"digits":     "0123456789*#",
	"number":     "0123456789",
	"characters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}

// mediaURIs checks a media list again at this edge and turns it into what
// Asterisk is asked for. zone is the tone zone, empty for Asterisk's own.
func mediaURIs(media []string, zone string) ([]string, error) {
	const op = "ari play"
	if len(media) == 0 || len(media) > maxMedia {
		return nil, fault.Newf(fault.Invalid, op, "", "an order plays 1 to %d sounds", maxMedia)
	}
	out := make([]string, 0, len(media))
	for _, m := range media {
		scheme, rest, _ := strings.Cut(m, ":")
		alphabet, known := mediaSchemes[scheme]
		switch {
		case !known:
			return nil, fault.Newf(fault.Invalid, op, "", "the medium %.40q is not one of sound:, tone:, digits:, number: and characters:", m)
		case rest == "" || len(m) > maxMediaBytes || strings.Trim(rest, alphabet) != "":
			return nil, fault.Newf(fault.Invalid, op, "", "the medium %.40q has characters that do not belong there, none, or more than %d", m, maxMediaBytes)
		case scheme == "sound" && (strings.Contains(rest, "..") || strings.HasPrefix(rest, "/")):
			return nil, fault.Newf(fault.Invalid, op, "", "the sound %.40q leads out of the folder of sounds", m)
		}
		if scheme == "tone" && zone != "" {
			m += ";tonezone=" + zone
		}
		out = append(out, m)
	}
	return out, nil
}
