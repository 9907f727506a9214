package controller

import (
	"context"
	"time"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
	"strowger/switch/records"
)

// CampaignSums adds up the attempts of a campaign; hours and days are those of
// the statistics' time zone.
func (s statistics) CampaignSums(ctx context.Context, campaign, by string, from, to time.Time) ([]records.CampaignSum, error) {
	return sumsByClock(s.today.days, by, from, to, func(from, to time.Time, ahead time.Duration) ([]records.CampaignSum, error) {
		return s.Store.CampaignSums(ctx, campaign, by, from, to, ahead)
	})
}

// sumsByClock asks for each stretch of time in which the clocks were not changed,
// and puts the parts of a day together on which they were.
func sumsByClock(days records.Days, by string, from, to time.Time, ask func(from, to time.Time, ahead time.Duration) ([]records.CampaignSum, error)) (out []records.CampaignSum, err error) {
	timed := (by == "hour" || by == "day") && !from.IsZero() && !to.IsZero()
	for at, stop := from, to; ; at = stop {
		local := at.In(days.Zone)
		_, ahead := local.Zone()
		stop = to
		if _, change := local.ZoneBounds(); timed && !change.IsZero() && change.Before(to) {
			stop = change
		}
		some, err := ask(at, stop, time.Duration(ahead)*time.Second-days.Start)
		if err != nil {
			return nil, err
		}
		for i := range some {
			one := &some[i]
			if timed && by == "day" {
				one.Begin = days.Day(one.Begin.Add(12 * time.Hour)) // by the clock of this stretch it may be an hour off
			}
			if last := len(out) - 1; timed && last >= 0 && out[last].Begin.Equal(one.Begin) {
				out[last].Add(one)
				continue
			}
			out = append(out, *one)
		}
		if !stop.Before(to) {
			return out, nil
		}
	}
}

// CampaignRecords lists the attempts of a campaign with the rules that were in
// force when each of them was made.
func (s statistics) CampaignRecords(ctx context.Context, campaign string, f records.Filter) ([]rest.CampaignRecord, string, error) {
	rows, next, err := s.CampaignRows(ctx, campaign, f)
	if err != nil {
		return nil, "", err
	}
	rules := map[int64]string{} // by version
	out := make([]rest.CampaignRecord, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		version := r.Dialer.Version
		word, known := rules[version]
		if !known {
			if word, err = s.rulesAt(ctx, campaign, version); err != nil {
				return nil, "", err
			}
			rules[version] = word
		}
		out = append(out, rest.CampaignRecordOf(r, word))
	}
	return out, next, nil
}

// rulesAt is what a campaign's rules were by a version of the objects; empty
// where that is not known any more.
func (s statistics) rulesAt(ctx context.Context, campaign string, version int64) (string, error) {
	o, err := s.ObjectAt(ctx, string(objects.KindCampaign), campaign, version)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	set, err := objects.FromStored([]objects.Stored{{Kind: objects.KindCampaign, ID: campaign, Number: 1, Body: o.Body}})
	if err != nil {
		return "", nil // of another version of this program, which had other keys
	}
	return set.Campaigns()[0].Rules, nil
}
