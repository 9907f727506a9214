// Package aritest is a scripted Asterisk for tests: an ARI server over real
// HTTP and websocket ([Server]) and a manager interface ([AMI]), on loopback
// ports, with the same codec as the real client.
//
// It holds no call state: a request is recorded, answered by the script or by
// a plausible default ([Server.On], [Server.Once]), and nothing else happens;
// events go out when the test sends them. It can also misbehave: drop or stall
// the socket, answer late, with an error, with HTML, cut short or not at all.
//
// Goroutines: net/http's, one per websocket, one per manager session. Close
// ends and waits for all of them.
package aritest
