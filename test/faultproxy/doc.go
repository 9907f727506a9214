// Package faultproxy is a relay for TCP and UDP that does to the traffic what
// bad networks and sick peers do: it stalls, swallows, resets, slows, cuts,
// doubles, reorders, delays and damages, in one direction or both.
//
// What a fault works on is a unit:
//
//	TCP                 a chunk as it was read
//	TCP, Config.HTTP    a request, an answer, or a frame of a websocket
//	UDP                 a datagram
//
// A [Fault] says what is done to which units; [Proxy.Inject] begins it and
// returns the [Active] fault, which ends it and says what it has touched. A
// test whose fault has touched nothing has shown nothing:
//
//	p, err := faultproxy.Start(ctx, faultproxy.Config{Network: "tcp", HTTP: true, Target: "127.0.0.1:8088"})
//	f, err := p.Inject(faultproxy.Fault{Mode: faultproxy.Drop, Path: "/ari/events"})
//	...
//	f.Lift()
//	fmt.Println("bitten:", f.Bitten())
//
// Goroutines: a listener and, per connection, two readers and two writers
// (UDP: per client one reader and two writers). All end before Stop returns.
// Folder run has the same as a command.
package faultproxy
