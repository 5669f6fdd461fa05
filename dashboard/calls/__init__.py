"""The domain: what a call is and how events change it. Pure: no I/O, no clock, no Flask, no provider words."""
