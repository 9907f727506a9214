package lead

import "time"

// Progress is how far an import is.
type Progress struct {
	Import  int64
	List    string
	File    string
	State   string // running, done, stopped, failed
	Rows    int64  // read
	Good    int64  // leads that are new or were changed
	Bad     int64  // rows with an error
	Twice   int64  // left out: there already
	Blocked int64  // imported and on a do-not-call list
	Bytes   int64  // of the file that were read
	Of      int64  // bytes of the file; 0: unknown
	Began   time.Time
	Seen    time.Time // when these figures were true
	Error   string    // why it failed or stopped
}
