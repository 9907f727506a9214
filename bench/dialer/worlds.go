package dialer

import (
	"context"
	"fmt"
	"strings"

	"strowger/bench/report"
)

// runWorlds varies one assumption at a time, for a small team and a larger one.
func runWorlds(ctx context.Context, o Options, book *report.Book) error {
	sizes, seeds := []int{10, 50}, o.Seeds
	if o.Quick {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		if size > 10 {
			seeds = max(1, o.Seeds/4)
		}
		for _, v := range Variations() {
			cells := []Cell{Usual(size, 0.10, 120, 15), Usual(size, 0.25, 60, 45), Usual(size, 0.40, 240, 15)}
			for i := range cells {
				v.Make(&cells[i])
			}
			o.Progress("%d agents, %s", size, v.Name)
			own, err := Try(ctx, "ours", 0.03, cells, seeds)
			if err != nil {
				return err
			}
			rule, err := Try(ctx, "hazard", 0.03, cells, seeds)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("world_%d_%s", size, strings.NewReplacer(" ", "_", ",", "", "%", "percent", ".", "_").Replace(v.Name))
			book.Add(name, own.Mean(busy), "%", report.Ref(rule.Mean(busy)))
			if cells[0].Deaf > 0 { // how many were taken for machines is only estimated
				book.Add("over_"+name, float64(own.Beyond()), "shifts", nil)
			} else {
				book.AtMost("over_"+name, float64(own.Beyond()), "shifts", nil, 0)
			}
			book.Note("%s: %.2f %% dropped; the published rule %.2f %%", name, own.Mean(share), rule.Mean(share))
		}
	}
	return nil
}
