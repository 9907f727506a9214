package calendar

import (
	"archive/zip"
	_ "embed" // the zone database
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"strowger/switch/fault"
)

//go:embed zoneinfo.zip
var zones string

// maxZone is the most bytes that one zone may have; the largest has under 4 KiB.
const maxZone = 64 << 10

// Zone returns a zone of the embedded database, never of the machine. The
// error is of kind Invalid.
func Zone(name string) (*time.Location, error) {
	zone, reason := loadZone(name)
	if reason != "" {
		return nil, fault.New(fault.Invalid, "time zone", "", reason)
	}
	return zone, nil
}

// loadZone returns a zone of the embedded database, never of the machine.
func loadZone(name string) (zone *time.Location, reason string) {
	unknown := fmt.Sprintf("zone %q is unknown; write an IANA name such as Europe/Berlin", name)
	if !fs.ValidPath(name) || name == "." || len(name) > maxName {
		return nil, unknown
	}
	archive, err := zip.NewReader(strings.NewReader(zones), int64(len(zones)))
	if err != nil {
		return nil, "the zone database of this program cannot be read: " + err.Error()
	}
	file, err := archive.Open(name)
	if err != nil {
		return nil, unknown
	}
	data, err := io.ReadAll(io.LimitReader(file, maxZone))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil { // not for a folder, such as Europe
		zone, err = time.LoadLocationFromTZData(name, data)
	}
	if err != nil {
		return nil, unknown
	}
	return zone, ""
}
