// Names of speakers: given by users, else the default label.
import { getLabel } from "./labels.js";

export const SIDES = ["caller", "callee"];

export const defaultName = (speaker) => getLabel("speaker", SIDES.includes(speaker) ? speaker : "unknown");

export const speakerName = (call, speaker) => call.speakers?.[speaker] || defaultName(speaker);

export const hasSameNames = (call, otherCall) => SIDES.every((side) => speakerName(call, side) === speakerName(otherCall, side));

// The names that differ from those of the call when the dialog opened. Only these are sent, because another user may
// have changed the other name.
export function changedNames(call, fieldValues) {
  const names = SIDES.map((side) => [side, fieldValues[side].trim()]);
  return Object.fromEntries(names.filter(([side, name]) => name !== (call.speakers?.[side] ?? "")));
}
