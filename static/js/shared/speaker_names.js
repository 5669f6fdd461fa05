// What the speakers of a call are called: the names that people gave, which are part of the call, else the plain words.
import { getLabel } from "./labels.js";

export const SIDES = ["caller", "callee"];

export const defaultName = (speaker) => getLabel("speaker", SIDES.includes(speaker) ? speaker : "unknown");

export const speakerName = (call, speaker) => call.speakers?.[speaker] || defaultName(speaker);

export const hasSameNames = (call, otherCall) => SIDES.every((side) => speakerName(call, side) === speakerName(otherCall, side));

// Of the names in the fields, {caller, callee}, those that differ from what the call had when they were opened. Only these
// are sent: somebody else may have named the other speaker meanwhile.
export function changedNames(call, fieldValues) {
  const names = SIDES.map((side) => [side, fieldValues[side].trim()]);
  return Object.fromEntries(names.filter(([side, name]) => name !== (call.speakers?.[side] ?? "")));
}
