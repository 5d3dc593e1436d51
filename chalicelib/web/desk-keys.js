/** The keys, as in WordPress; they can be switched off. */

import { all, cards, itemOf, one, say } from "./desk-cards.js";
import { claim, decide, decideTogether, takeBackLast } from "./desk-deciding.js";
import { showPart } from "./desk-parts.js";
import { selectCurrent } from "./desk-selecting.js";

const OFF = "afterword-keys-off";
const dialog = one("#help");
const on = one("#keys-on");

/** @param {number} step */
function walk(step) {
  const every = cards();
  const here = itemOf();
  const side = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const onward = here ? every.filter((other) => here.compareDocumentPosition(other) & side && !here.contains(other)) : every;
  const to = step > 0 || !here ? onward[0] : onward.at(-1);
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

/** Open a part of the card and go into its field. @param {HTMLElement} entry @param {string} part @param {string} field */
function open(entry, part, field) {
  const details = one(part, entry);
  if (!details) return say("That is not possible from here.");
  details.open = true;
  claim(entry);
  (field ? one(field, details) : one("summary", details))?.focus();
}

/** @param {HTMLElement} entry */
function reject(entry) {
  const details = one("details.reject", entry);
  if (details?.open) decide(entry, "reject");
  else open(entry, "details.reject", "");
}

/** Reject for the reason with a number, while the reasons are open. @param {HTMLElement} entry @param {string} digit */
function reason(entry, digit) {
  if (one("details.reject", entry)?.open) all(".reasons button[value^='reject ']", entry)[Number(digit) - 1]?.click();
}

/** @type {Record<string, (entry: HTMLElement) => unknown>} */
const OF_A_CARD = {
  a: (entry) => decide(entry, "approve"),
  s: (entry) => decide(entry, "spam"),
  r: reject,
  c: (entry) => showPart(entry, "context"),
  h: (entry) => showPart(entry, "author"),
  m: (entry) => open(entry, "details.more", "[name=reply]"),
  n: (entry) => open(entry, "details.note", "textarea"),
  x: (entry) => selectCurrent(entry, false),
  X: (entry) => selectCurrent(entry, true),
};
for (const digit of "123456789") OF_A_CARD[digit] = (entry) => reason(entry, digit);

/** @type {Record<string, () => unknown>} */
const OF_THE_PAGE = {
  j: () => walk(1),
  k: () => walk(-1),
  z: takeBackLast,
  "/": () => one("#search")?.focus(),
  ".": () => !one("#arrivals")?.hidden && one("#arrivals a").click(),
  A: () => decideTogether("approve", null),
  S: () => decideTogether("spam", null),
  R: () => (one("#queue .select input:checked") ? one("#bulk-reason")?.focus() : say("Nothing is selected. Press x on a comment to select it.")),
};

/** Close what is open in a card, and return to it. @param {Element} target */
function close(target) {
  const entry = itemOf(target);
  if (!entry) return false;
  for (const details of all("details[open]", entry)) details.open = false;
  one("article.card", entry)?.focus();
  return true;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.isComposing || dialog.open) return;
  if (event.key === "Escape" && close(target)) return event.preventDefault();
  const typing = target.closest("input:not([type=checkbox]), textarea, select");
  if (typing) return submitted(event, target);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") {
    event.preventDefault();
    return dialog.showModal();
  }
  if (!on.checked || (event.repeat && !"jk".includes(event.key))) return;
  const entry = itemOf(target);
  const act = OF_THE_PAGE[event.key] ?? (entry && one("article.card", entry) && OF_A_CARD[event.key]);
  if (!act) return;
  event.preventDefault();
  act(/** @type {HTMLElement} */ (entry));
}

/** Enter on the reason of many, and Ctrl or Command with Enter in a text, send what is written. @param {KeyboardEvent} event @param {HTMLElement} target */
function submitted(event, target) {
  if (event.key !== "Enter") return;
  const button = target.id === "bulk-reason" ? one('#bulk button[value="reject"]') : (event.ctrlKey || event.metaKey) && target.closest("details")?.querySelector("button:last-of-type");
  if (!button) return;
  event.preventDefault();
  /** @type {HTMLElement} */ (button).click();
}

export function listen() {
  if (!dialog) return;
  const opener = one("#help-open");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  on.checked = localStorage.getItem(OFF) === null;
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "yes")));
  document.addEventListener("keydown", pressed);
}
