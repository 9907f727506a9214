package ctips

import (
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/records"
)

// TestOnBehalf: a call or a consultation for a service counts for that service.
func TestOnBehalf(t *testing.T) {
	t.Parallel()
	for name, dial := range map[string]func(*stage, int32){
		"MakeCall": func(s *stage, service int32) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, ServiceID: service})
			s.lift(ctitest.Anna)
		},
		"ConsultationCall": func(s *stage, service int32) {
			s.talk()
			s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, ServiceID: service})
		},
	} {
		for service, queue := range map[int32]string{2: "tech", 0: "", -1: ""} {
			s := newStage(t, outcomeScene())
			fold, err := records.NewFold(records.Rows{})
			if err != nil {
				t.Fatal(err)
			}
			_, sub, err := s.sw.Watch(t.Context(), "statistics")
			if err != nil {
				t.Fatal(err)
			}
			from := s.b.seq
			dial(s, service)
			outside := s.party()
			s.sw.Lift(outside)
			s.pump()
			var queues []string
			for seq := from; seq < s.b.seq; {
				batch, err := sub.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i := range batch {
					seq = batch[i].Seq
					for _, g := range fold.Step(batch[i]).Segments {
						if g.Conn == outside.Hex() && g.State == records.Talking {
							queues = append(queues, g.Queue)
						}
					}
				}
			}
			if len(queues) != 1 || queues[0] != queue {
				t.Errorf("%s for service %d: who is called talks for %q, want %q", name, service, queues, queue)
			}
		}
	}
}
