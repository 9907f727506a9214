// Package acd decides who gets a call: the strategies, and the choice among
// the queues of an agent who has become ready. It is pure and implements
// callmodel.Router; it holds no state, so that a replay decides the same.
package acd
