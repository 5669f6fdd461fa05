// Formats times, durations and phone numbers. The template filters `clock`, `duration` and `number` give the same
// texts.
import { t } from "./i18n.js";

// 14:02:03 of an ISO instant in UTC.
export function formatTime(iso) {
  return iso ? iso.slice(11, 19) : "";
}

// 04:18 or 1:04:18 of seconds.
export function formatDuration(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const [hours, minutes, remainder] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(remainder)}` : `${pad(minutes)}:${pad(remainder)}`;
}

// +1 555 010 0142 of an E.164 number of the North American plan. Other numbers stay as they are.
export function formatPhoneNumber(value) {
  if (!value) return t("Unknown number");
  const groups = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(value);
  return groups ? `+1 ${groups[1]} ${groups[2]} ${groups[3]}` : value;
}
