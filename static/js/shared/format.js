// The same words as the filters `clock`, `number` and `duration` of the templates: a row must read the same whoever drew it.
import { t } from "./i18n.js";

// 14:02:03 of an ISO instant in UTC.
export function clock(iso) {
  return iso ? iso.slice(11, 19) : "";
}

// 04:18 or 1:04:18 of whole or broken seconds.
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${pad(minutes)}:${pad(rest)}`;
}

// +1 555 010 0142 of an E.164 number of the North American plan. Others stay whole: their groups are not known here.
export function number(value) {
  if (!value) return t("Unknown number");
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(value);
  return parts ? `+1 ${parts[1]} ${parts[2]} ${parts[3]}` : value;
}
