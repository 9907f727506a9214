package callmodel_test

import (
	"slices"
	"testing"

	"strowger/switch/callmodel"
)

func TestTracksOfThePartBefore(t *testing.T) {
	t.Parallel()
	const head = callmodel.RecordPrefix + "01M7Z2W7J7KEEDMEF4YM1QJDAP-"
	for name, want := range map[callmodel.RecordName][]callmodel.RecordName{
		head + "2-both":                    {head + "1-both"},
		head + "10-in":                     {head + "9-in", head + "9-out"},
		head + "3-out":                     {head + "2-in", head + "2-out"},
		head + "1-both":                    nil,
		head + "257-both":                  nil,
		head + "x-both":                    nil,
		head + "2":                         nil,
		"r-2-both":                         nil,
		callmodel.RecordPrefix + "-2-both": nil,
	} {
		if got := name.Before(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
