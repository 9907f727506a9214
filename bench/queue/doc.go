// Package queue measures how a call gets through a queue to an idle agent,
// once by Strowger and once by Asterisk's own app_queue, on the same Asterisk,
// with the same phones and callers, in turns (DESIGN.md 7).
//
// The rig: a sandboxed Asterisk; 200 endpoints whose fixed contacts are one
// SIPp process that answers at once; a controller as a process of its own on a
// configuration file, with its journal; SIPp callers over the trunk. Dialling
// 600 leads to the controller, 700 to app_queue (rrmemory, ringinuse=no). The
// caller is answered by the agent, so INVITE to 200 is the time to an agent.
//
// The rig is package rig's. No goroutine of its own.
package queue
