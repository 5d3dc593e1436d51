/**
 * The cards of the queue: which there are, which one has the focus, and how one folds to a line and back.
 *
 * @typedef {{id: string, action: string, to: string}} Decision
 * @typedef {{id: string, revision: number, state: string, name: string | null, text: string}} Comment
 */

/** @param {string} selector @param {ParentNode} within @returns {any} */
export const one = (selector, within = document) => within.querySelector(selector);
/** @param {string} selector @param {ParentNode} within @returns {any[]} */
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** @param {string} tag @param {string} className @param {string} text */
export function made(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Every card that is not folded. @returns {HTMLElement[]} */
export const cards = () => all("#queue article.card");

/** The item that has the focus, or the one around something. @param {Element | null} of @returns {HTMLElement | null} */
export const itemOf = (of = document.activeElement) => of?.closest(".item") ?? null;

/** @param {string} text */
export function say(text) {
  one("#state").textContent = text;
}

/** Say what went wrong, in the card if there is one. @param {string} text @param {ParentNode | null} entry */
export function trouble(text, entry = null) {
  const place = (entry && one(".problem", entry)) ?? one("#problem");
  place.textContent = text;
}

/** @param {HTMLElement} entry @param {boolean} on */
export function busy(entry, on) {
  if (on) entry.dataset.busy = "yes";
  else delete entry.dataset.busy;
  if (on) for (const place of all(".problem", entry)) place.textContent = "";
  for (const button of all("button", entry)) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

export const DONE = /** @type {Record<string, string>} */ ({ approve: "Approved", reject: "Rejected", spam: "Marked as spam", restore: "Put back into the queue", delete: "Deleted" });

/** @type {WeakMap<Element, Node[]>} what an item showed before it was folded */
const folded = new WeakMap();

/** Fold an item to one line with a way back. @param {HTMLElement} entry @param {Decision} decision @param {() => void} takeBack @returns {HTMLElement} the line */
export function fold(entry, decision, takeBack) {
  const name = one(".name", entry)?.textContent ?? "";
  const start = Array.from((one(".text", entry)?.textContent ?? "").trim().replace(/\s+/g, " ")).slice(0, 80).join("");
  folded.set(entry, [...entry.childNodes]);
  const line = made("p", "done", "");
  line.tabIndex = -1;
  line.append(made("b", "", `${DONE[decision.action]}: `), made("bdi", "", `${name}, “${start}”`));
  const undo = made("button", "undo", "Undo");
  undo.setAttribute("type", "button");
  undo.setAttribute("aria-keyshortcuts", "z");
  undo.setAttribute("aria-label", `Undo: ${DONE[decision.action]}, ${name}`);
  undo.addEventListener("click", takeBack);
  const row = made("div", "row", "");
  row.append(line, undo);
  const problem = made("p", "problem", "");
  problem.setAttribute("role", "alert");
  entry.replaceChildren(row, problem);
  delete entry.dataset.busy;
  return line;
}

/** Show an item as it was before it was folded. @param {HTMLElement} entry */
export function unfold(entry) {
  entry.replaceChildren(...(folded.get(entry) ?? []));
  folded.delete(entry);
  busy(entry, false);
}

/**
 * Move the focus on from an item that was folded; the next card takes its place on the screen, so the eye need not move.
 * @param {HTMLElement} entry @param {number} top where the item began on the screen @param {HTMLElement} line
 */
export function moveOn(entry, top, line) {
  const next = cards().find((card) => entry.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING) ?? cards().at(-1);
  (next ?? line).focus({ preventScroll: true });
  if (next) window.scrollBy({ top: next.getBoundingClientRect().top - top, behavior: "instant" });
  next?.scrollIntoView({ block: "nearest", behavior: "instant" });
}
