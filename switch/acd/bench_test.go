package acd_test

import (
	"testing"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

// BenchmarkChoose asks about 200 agents, half of them ready, with a skill rule.
func BenchmarkChoose(b *testing.B) {
	for _, s := range acd.Strategies() {
		b.Run(string(s), func(b *testing.B) {
			r := ask(s, crowd(200)...)
			r.Queue.Skills = []callmodel.SkillStep{{Need: []callmodel.SkillNeed{{Skill: "german", Level: 20}}}}
			r.Last, r.Random = r.Agents[99].Agent.ID, 1<<63
			b.ReportAllocs()
			for b.Loop() {
				if len(acd.Router{}.Choose(r).Agents) == 0 {
					b.Fatal("nobody chosen")
				}
			}
		})
	}
}
