package migrate

import (
	"bufio"
	"io"
	"regexp"
	"strings"

	"strowger/switch/fault"
)

// maxLine and maxLines bound a queues.conf.
const (
	maxLine  = 64 << 10
	maxLines = 100_000
)

// Setting is one line of a queue's section, those of its templates first.
type Setting struct{ Key, Value string }

// Settings are a queue's settings in order; a key may repeat.
type Settings []Setting

// Last returns the value that counts: the last one.
func (s Settings) Last(key string) (string, bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i].Key == key {
			return s[i].Value, true
		}
	}
	return "", false
}

var section = regexp.MustCompile(`^\[([^\]]+)\]\s*(?:\(([^)]*)\))?`)

// ReadConf returns the settings of one queue in a queues.conf, with those of
// [general] that hold for queues. Templates are followed; #include is not: its
// file is to be given itself. NotFound: there is no such section.
func ReadConf(r io.Reader, queue string) (Settings, error) {
	sections := map[string]Settings{}
	var name string
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	n := 0
	for in.Scan() {
		if n++; n > maxLines {
			return nil, fault.Newf(fault.Invalid, "queues.conf", queue, "more than %d lines", maxLines)
		}
		line, _, _ := strings.Cut(strings.ReplaceAll(in.Text(), `\;`, "\x00"), ";")
		line = strings.TrimSpace(strings.ReplaceAll(line, "\x00", ";"))
		if m := section.FindStringSubmatch(line); m != nil {
			name = m[1]
			own := Settings{}
			for t := range strings.SplitSeq(m[2], ",") {
				if t = strings.TrimSpace(t); t != "" && t != "!" && t != "+" {
					own = append(own, sections[t]...)
				}
			}
			sections[name] = append(sections[name], own...)
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || name == "" {
			continue
		}
		value = strings.TrimSpace(strings.TrimPrefix(value, ">"))
		sections[name] = append(sections[name], Setting{strings.ToLower(strings.TrimSpace(key)), value})
	}
	if err := in.Err(); err != nil {
		return nil, fault.Wrap(fault.Invalid, "queues.conf", queue, err)
	}
	own, ok := sections[queue]
	if !ok {
		return nil, fault.New(fault.NotFound, "queues.conf", queue, "the file has no section of that name; queues of a database and included files are to be looked up by hand")
	}
	return own, nil
}
