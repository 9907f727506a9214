// Package simsite gives tests of interfaces a whole switch without Asterisk:
// engine, journal and simulated exchange, in real time. Everything ends with the
// test, the last part first.
package simsite
