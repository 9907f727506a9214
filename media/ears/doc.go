// Package ears joins the sound that comes of answered calls
// (media/audiosocket) to what listens to it (media/screen), and tells the switch
// the verdict. The switch decides what follows.
//
// Of calls whose first seconds are to be judged by a person it passes the sound
// on, through a queue of its own: a slow disk delays no call.
//
// Goroutines: those of the audiosocket server, and one that hands samples on;
// all end in Stop.
package ears
