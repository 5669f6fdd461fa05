// A page with the labels that the server prints on it. Import this before the module that reads them.
import { fromServer } from "./server.mjs";

export const LABELS = fromServer("from dashboard.web.labels import LABELS", "LABELS");

globalThis.document = {
  documentElement: { lang: "en" },
  getElementById: (id) => (id === "labels" ? { textContent: JSON.stringify(LABELS) } : null),
};
