/** How many comments each tray holds, and what came since the page was opened. */

import { ask } from "./desk-asking.js";
import { all, one } from "./desk-cards.js";

const EVERY = 30_000; // ms

/** @type {Record<string, number>} */
let counts = {};

/** Counting stops at a thousand. @param {number} count */
const countWords = (count) => (count >= 1000 ? "1,000+" : String(count));

function show() {
  for (const place of all(".trays [data-tray]")) {
    const count = counts[place.dataset.tray];
    place.textContent = count === undefined ? "" : countWords(count);
  }
}

/** The trays an item is counted in. @param {DOMStringMap} item */
function trays({ state = "", lane = "", reports }) {
  const waits = state === "pending" || (state === "approved" && Number(reports) > 0);
  return waits ? ["pending", ...(lane === "urgent" || lane === "reported" ? [lane] : [])] : [state];
}

/** Let the counts follow a decision: from where the item is to a tray, or (`to` null) back from one. @param {HTMLElement} entry @param {string | null} to @param {string | null} from */
export function counted(entry, to, from = null) {
  const own = trays(entry.dataset);
  for (const name of own) if (counts[name] !== undefined && counts[name] < 1000) counts[name] += to === null ? 1 : -1;
  const other = to ?? from ?? "";
  if (counts[other] !== undefined && counts[other] < 1000) counts[other] += to === null ? -1 : 1;
  for (const name of Object.keys(counts)) counts[name] = Math.max(0, counts[name]);
  show();
}

/** Counting costs reads, so it comes after the page. */
export async function count() {
  if (!one(".trays [data-tray]")) return;
  try {
    counts = (await ask("GET", "queue?limit=1")).counts;
    show();
  } catch {
    // The queue is there without its numbers.
  }
}

/** Announce what comes while the page is open; it waits until it is asked for. */
export function watch() {
  const place = one("#arrivals");
  const link = place && one("a", place);
  if (!link) return;
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const { count: number } = await ask("GET", `queue/arrivals?since=${encodeURIComponent(link.dataset.at)}`);
      if (!number || link.textContent.startsWith(`${number} `)) return;
      link.textContent = `${number >= 100 ? "100 or more" : number} new ${number === 1 ? "comment" : "comments"}. Show ${number === 1 ? "it" : "them"}`;
      place.hidden = false;
    } catch {
      // The next time will tell.
    }
  }, EVERY);
}
