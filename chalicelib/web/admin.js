/**
 * The moderator page works as plain pages and forms; this makes it quick: decisions without leaving the page, keys,
 * numbers, and word of what came meanwhile. What readers wrote is only ever put in as text.
 */

import { page, words, ask } from "./desk-asking.js";
import { all, itemOf, one, say, trouble } from "./desk-cards.js";
import { count, watch } from "./desk-counts.js";
import { claim, decide, decideTogether } from "./desk-deciding.js";
import { listen as listenToKeys } from "./desk-keys.js";
import { listen as listenToBoxes } from "./desk-selecting.js";

const LINGERS = 5000; // ms after which somebody who has a card before them is said to look at it

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const move = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value ?? "";
  if (form.matches("form.decide")) {
    event.preventDefault();
    decide(/** @type {HTMLElement} */ (itemOf(form)), move || "approve");
  } else if (form.matches("#bulk")) {
    event.preventDefault();
    const reason = move === "reject" ? one("#bulk-reason").value : "";
    decideTogether(move, reason || null);
  } else if (form.matches("form.note")) {
    event.preventDefault();
    note(form);
  }
});

// The second of two quick clicks was meant for what stood there before.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && /** @type {Element} */ (event.target).closest?.(".item form button")) event.preventDefault();
}, true);

/** @param {HTMLFormElement} form */
async function note(form) {
  const entry = /** @type {HTMLElement} */ (itemOf(form));
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  if (!field.value.trim()) return field.focus();
  try {
    await ask("POST", `comments/${entry.dataset.id}/notes`, { text: field.value });
    field.value = "";
    one("details.note", entry).open = false;
    say("The note is kept.");
    one("article.card", entry).focus();
  } catch (error) {
    trouble(words(error), entry);
  }
}

one("#more a")?.addEventListener("click", async (/** @type {MouseEvent} */ event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  if (link.getAttribute("aria-disabled") === "true") return;
  link.setAttribute("aria-disabled", "true");
  try {
    const further = await page(link.href);
    const items = all("#queue > .item", further).map((item) => document.importNode(item, true));
    one("#queue").append(...items);
    const onward = one("#more a", further);
    if (onward) link.href = onward.getAttribute("href");
    else one("#more").remove();
    one("article.card", items[0] ?? document)?.focus();
  } catch (error) {
    trouble(words(error));
  } finally {
    link.removeAttribute("aria-disabled");
  }
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let lingering;
document.addEventListener("focusin", (event) => {
  clearTimeout(lingering);
  const entry = itemOf(/** @type {Element} */ (event.target));
  if (entry && one("article.card", entry)) lingering = setTimeout(() => claim(entry), LINGERS);
});
document.addEventListener("toggle", (event) => {
  const details = /** @type {HTMLDetailsElement} */ (event.target);
  const entry = itemOf(details);
  if (entry && details.open) claim(entry);
}, true);

listenToKeys();
listenToBoxes();
count();
watch();
if (one("#queue article.card") && !location.hash) one("#queue article.card").focus({ preventScroll: true });
