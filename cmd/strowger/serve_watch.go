package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// watchEvery is how often the files of the configuration are looked at.
const watchEvery = 2 * time.Second

// fileWatch notices that files have changed: the configuration, certificates,
// secrets. It compares size and time, so that it works for every way in which
// editors and tools replace a file.
type fileWatch struct {
	files []string
	taken string // what was read last
	next  string // what was seen at the last look, if it differed
}

func newFileWatch(files []string) *fileWatch {
	w := &fileWatch{files: files}
	w.taken = w.look()
	return w
}

// changed reports true once for each change, at the second look that finds it:
// by then whoever writes has finished.
func (w *fileWatch) changed() bool {
	now := w.look()
	switch now {
	case w.taken:
		w.next = ""
		return false
	case w.next:
		w.taken, w.next = now, ""
		return true
	}
	w.next = now
	return false
}

func (w *fileWatch) look() string {
	var b strings.Builder
	for _, f := range w.files {
		info, err := os.Stat(f)
		if err != nil {
			b.WriteString("none\n")
			continue
		}
		fmt.Fprintf(&b, "%d %d\n", info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
