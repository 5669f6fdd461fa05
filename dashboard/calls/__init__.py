"""What a call is and how what happens to it changes it. Pure: no I/O, no clock, no Flask, no provider words."""
