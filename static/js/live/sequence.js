// The numbered changes of one call that were received. Nothing is missing up to `contiguousUpTo`, which the page sends
// to the server after an absence.
export class Sequence {
  #ahead = new Set();

  constructor(contiguousUpTo = 0) {
    this.contiguousUpTo = contiguousUpTo;
  }

  add(seq) {
    if (seq <= this.contiguousUpTo) return;
    this.#ahead.add(seq);
    this.#takeContiguous();
  }

  // Everything up to `seq` has been received.
  completeUpTo(seq) {
    if (seq > this.contiguousUpTo) this.contiguousUpTo = seq;
    for (const number of this.#ahead) if (number <= this.contiguousUpTo) this.#ahead.delete(number);
    this.#takeContiguous();
  }

  get hasGap() {
    return this.#ahead.size > 0;
  }

  #takeContiguous() {
    while (this.#ahead.delete(this.contiguousUpTo + 1)) this.contiguousUpTo += 1;
  }
}
