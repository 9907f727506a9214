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
	_, ahead := from.In(s.today.days.Zone).Zone()
	return s.Store.CampaignSums(ctx, campaign, by, from, to, time.Duration(ahead)*time.Second-s.today.days.Start)
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
