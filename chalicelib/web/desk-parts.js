/** What a card shows when asked: the comment's history and revisions, and its author's other comments. */

import { ask, page, words } from "./desk-asking.js";
import { all, one, say, trouble } from "./desk-cards.js";
import { claim } from "./desk-deciding.js";

/** Show a part of the comment's own page in its card, or put it away. @param {HTMLElement} entry @param {"context" | "author"} part */
export async function showPart(entry, part) {
  const place = one(".context", entry);
  if (!place.hidden && place.dataset.part === part) {
    place.hidden = true;
    return;
  }
  try {
    const whole = await page(`admin/comments/${entry.dataset.id}`);
    const found = document.importNode(one(`#${part}`, whole), true);
    found.removeAttribute("id");
    for (const element of all("[id]", found)) element.id = `${element.id}-${entry.dataset.id}`;
    for (const element of all("[aria-labelledby]", found)) element.setAttribute("aria-labelledby", `${element.getAttribute("aria-labelledby")}-${entry.dataset.id}`);
    if (found.hasAttribute("aria-labelledby")) found.setAttribute("aria-labelledby", `${found.getAttribute("aria-labelledby")}-${entry.dataset.id}`);
    place.replaceChildren(found);
    place.dataset.part = part;
    place.hidden = false;
    say(part === "context" ? "Its history is shown below the comment." : "The author’s other comments are shown below it.");
    claim(entry);
    ask("POST", `comments/${entry.dataset.id}/views`).catch(() => {});
  } catch (error) {
    trouble(words(error), entry);
  }
}
