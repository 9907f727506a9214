// Command bench measures Strowger against a reference on the same machine, in
// the same run, and never as a test with a time limit.
//
//	go run ./bench -suite queue    calls through a queue, beside Asterisk's own app_queue
//	go run ./bench -suite step     the Go benchmarks of model and engine
//	go run ./bench -suite dialer   pacers of a dialer, in simulated shifts
//
// Figures are printed as a table and appended to bench/out/latest.jsonl, one
// JSON object a line. bench/README.md says how to read them. The command
// starts everything that it measures, and ends it again, also on Ctrl-C.
package main
