package mutants

// pressureMutants are the guards of a controller that is short of something.
var pressureMutants = []Mutant{
	{
		Name: "dials-are-refused-under-pressure", Faults: []int{43}, File: "cmd/strowger/internal/controller/pressure.go",
		Old: `s.p.refuse(shedDials, cmd.Tag(), &s.p.dials)`, New: `s.p.refuse(shedArrivals+1, cmd.Tag(), &s.p.dials)`,
		Pkg: "./cmd/strowger/internal/controller", Test: "TestPressureShedsInOrder",
	},
	{
		Name: "a-loop-without-answer-is-full", Faults: []int{43}, File: "cmd/strowger/internal/controller/pressure.go",
		Old: `if view(ctx) != nil {
			return 1
		}`, New: `if view(ctx) != nil {
			return 0
		}`,
		Pkg: "./cmd/strowger/internal/controller", Test: "TestPressureOfTheLoop",
	},
	{
		Name: "arrivals-are-left-to-the-dialplan", Faults: []int{43}, File: "cmd/strowger/internal/controller/controller.go",
		Old: `return c.pressure.level() < shedArrivals`, New: `return c.pressure.level() <= shedArrivals`,
		Pkg: "./test", Test: "TestChaosMemoryShort", Real: true,
	},
}
