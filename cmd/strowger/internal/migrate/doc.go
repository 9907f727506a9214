// Package migrate proposes configuration objects for a queue of app_queue: what
// AMI shows of it, and what queues.conf says, in our words. What has no
// counterpart is listed, so that whoever moves the queue can decide. It reads
// and writes nothing by itself.
package migrate
