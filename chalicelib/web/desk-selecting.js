/** Selecting cards, to decide on many at once. */

import { all, itemOf, one } from "./desk-cards.js";

/** @type {HTMLInputElement | null} the box that was set last, from which a range begins */
let last = null;

/** @param {HTMLElement} entry @returns {HTMLInputElement | null} */
const box = (entry) => one(".select input", entry);

/** Select a card or not; with `range`, all from the last one on. @param {HTMLElement} entry @param {boolean} range */
export function selectCurrent(entry, range) {
  const own = box(entry);
  if (!own) return;
  own.checked = range || !own.checked;
  if (range) upTo(own);
  last = own;
  show();
}

/** @param {HTMLInputElement} end */
function upTo(end) {
  const boxes = all("#queue .select input");
  const [from, to] = [last ? boxes.indexOf(last) : -1, boxes.indexOf(end)].sort((a, b) => a - b);
  for (const each of boxes.slice(Math.max(0, from), to + 1)) each.checked = end.checked;
}

function show() {
  const count = all("#queue .select input:checked").length;
  const place = one("#bulk .chosen");
  if (place) place.textContent = count ? `${count} selected` : "Select comments to decide on them together.";
  one("#bulk")?.classList.toggle("ready", count > 0);
}

export function listen() {
  document.addEventListener("click", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (!target.matches?.(".select input") || !itemOf(target)) return;
    if (event.shiftKey) upTo(target);
    last = target;
    show();
  });
  document.addEventListener("desk:selected", show);
  show();
}
