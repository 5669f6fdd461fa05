// Which numbered changes of one call have been seen. `mark` is the last number below which nothing is missing:
// what the page tells the server after an absence.
export class Sequence {
  #ahead = new Set();

  constructor(mark = 0) {
    this.mark = mark;
  }

  see(seq) {
    if (seq <= this.mark) return;
    this.#ahead.add(seq);
    this.#advance();
  }

  // Everything up to `seq` is known now.
  complete(seq) {
    if (seq > this.mark) this.mark = seq;
    for (const each of this.#ahead) if (each <= this.mark) this.#ahead.delete(each);
    this.#advance();
  }

  get hasGap() {
    return this.#ahead.size > 0;
  }

  #advance() {
    while (this.#ahead.delete(this.mark + 1)) this.mark += 1;
  }
}
