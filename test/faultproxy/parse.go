package faultproxy

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Syntax is how [ParseFault] reads a fault.
const Syntax = `MODE [KEY=VALUE]...
  modes:  stall drop reset close refuse throttle truncate dup reorder latency corrupt insert reply
  which:  way=server|client|both path=/PREFIX method=POST frames=true contains=TEXT after=N count=N share=0.3
  how:    delay=200ms (latency, dup, reorder) rate=BYTES (throttle) bytes=N (truncate) payload=TEXT (insert)
          status=500 type=text/html body=TEXT cutbody=true forward=true (reply)
  A value with spaces stands in double quotes: body="out of order"`

// ParseFault reads a fault from text, see [Syntax].
func ParseFault(text string) (Fault, error) {
	words, err := words(text)
	if err != nil || len(words) == 0 {
		return Fault{}, fmt.Errorf("a fault is %s", Syntax)
	}
	f := Fault{Mode: Mode(words[0])}
	for _, word := range words[1:] {
		key, value, ok := strings.Cut(word, "=")
		set := fields[key]
		if !ok || set == nil {
			return Fault{}, fmt.Errorf("%q is no KEY=VALUE of %s", word, strings.Join(keys(), " "))
		}
		if err := set(&f, value); err != nil {
			return Fault{}, fmt.Errorf("%s: %w", word, err)
		}
	}
	return f, nil
}

var fields = map[string]func(*Fault, string) error{
	"way": func(f *Fault, v string) error {
		for _, w := range []Way{ToServer, ToClient, Both} {
			if w.String() == v {
				f.Ways = w
				return nil
			}
		}
		return fmt.Errorf("server, client or both")
	},
	"path":     func(f *Fault, v string) error { f.Path = v; return nil },
	"method":   func(f *Fault, v string) error { f.Method = v; return nil },
	"frames":   func(f *Fault, v string) (err error) { f.Frames, err = strconv.ParseBool(v); return },
	"contains": func(f *Fault, v string) error { f.Contains = v; return nil },
	"after":    func(f *Fault, v string) (err error) { f.After, err = strconv.Atoi(v); return },
	"count":    func(f *Fault, v string) (err error) { f.Count, err = strconv.Atoi(v); return },
	"share":    func(f *Fault, v string) (err error) { f.Share, err = strconv.ParseFloat(v, 64); return },
	"delay":    func(f *Fault, v string) (err error) { f.Delay, err = time.ParseDuration(v); return },
	"rate":     func(f *Fault, v string) (err error) { f.Rate, err = strconv.Atoi(v); return },
	"bytes":    func(f *Fault, v string) (err error) { f.Bytes, err = strconv.Atoi(v); return },
	"payload":  func(f *Fault, v string) error { f.Payload = append(f.Payload, []byte(v)); return nil },
	"status":   func(f *Fault, v string) (err error) { f.Answer.Status, err = strconv.Atoi(v); return },
	"type":     func(f *Fault, v string) error { f.Answer.Type = v; return nil },
	"body":     func(f *Fault, v string) error { f.Answer.Body = v; return nil },
	"cutbody":  func(f *Fault, v string) (err error) { f.Answer.CutBody, err = strconv.ParseBool(v); return },
	"forward":  func(f *Fault, v string) (err error) { f.Answer.Forward, err = strconv.ParseBool(v); return },
}

func keys() []string {
	var out []string
	for k := range fields {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// words splits at spaces; a value may be a quoted string of Go.
func words(text string) ([]string, error) {
	var out []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := strings.IndexAny(text, " \t\"")
		if end < 0 {
			return append(out, text), nil
		}
		word := text[:end]
		if text[end] == '"' {
			quoted, err := strconv.QuotedPrefix(text[end:])
			if err != nil {
				return nil, err
			}
			value, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			word, end = word+value, end+len(quoted)
		}
		out, text = append(out, word), text[end:]
	}
	return out, nil
}
