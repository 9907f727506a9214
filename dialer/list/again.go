package list

import (
	"context"
	"strconv"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
)

// Again returns every reason why a lead that is being called could not be called
// once more by an agent as soon as that call is over, the one that counts first;
// none if it could. The call that goes on counts.
func (s *Store) Again(ctx context.Context, id int64, rules lead.Rules, agent string, now time.Time) ([]lead.Reason, error) {
	const op = "list: again"
	rows, err := s.load(ctx, s.ask(op), []int64{id}, now)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, op, strconv.FormatInt(id, 10), "there is no such lead")
	}
	x := rows[0]
	x.agent = agent      // who promises a call makes it, whoever's the lead is
	rules.Guarded = true // and is there before it
	if x.State == lead.Taken {
		x.State = lead.Ready
		x.Attempts++
		x.Callback = lead.Callback{} // that is being made; another beyond the cap was not promised yet
	}
	return s.judge(x, &rules, now, agent).reasons, nil
}
