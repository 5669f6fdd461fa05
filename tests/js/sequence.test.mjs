import assert from "node:assert/strict";
import { test } from "node:test";
import { Sequence } from "../../static/js/live/sequence.js";
import { permutations } from "./fixtures.mjs";

test("any order of consecutive numbers ends without a gap", () => {
  for (const order of permutations([4, 5, 6, 7])) {
    const sequence = new Sequence(3);
    for (const seq of order) sequence.add(seq);
    assert.equal(sequence.contiguousUpTo, 7);
    assert.equal(sequence.hasGap, false);
  }
});

test("a missing number is a gap, and the mark stays below it", () => {
  const sequence = new Sequence(3);
  sequence.add(4);
  sequence.add(6);
  assert.equal(sequence.contiguousUpTo, 4);
  assert.equal(sequence.hasGap, true);
});

test("a repeat is no gap", () => {
  const sequence = new Sequence(3);
  for (const seq of [2, 3, 4, 4]) sequence.add(seq);
  assert.equal(sequence.contiguousUpTo, 4);
  assert.equal(sequence.hasGap, false);
});

test("the server may complete less or more than was received", () => {
  const sequence = new Sequence(3);
  for (const seq of [6, 9]) sequence.add(seq);
  sequence.completeUpTo(5);
  assert.equal(sequence.contiguousUpTo, 6);
  assert.equal(sequence.hasGap, true);
  sequence.completeUpTo(9);
  assert.equal(sequence.contiguousUpTo, 9);
  assert.equal(sequence.hasGap, false);
  sequence.completeUpTo(7);
  assert.equal(sequence.contiguousUpTo, 9);
});
