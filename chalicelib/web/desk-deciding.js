/** Deciding on a comment, or on all that are selected, and taking it back. */

import { ask, change, page, Refused, words } from "./desk-asking.js";
import { all, busy, DONE, fold, itemOf, made, moveOn, one, say, trouble, unfold } from "./desk-cards.js";
import { counted } from "./desk-counts.js";

/** @typedef {import("./desk-cards.js").Decision} Decision */

/** What was done here, the latest last; many at once are one. @type {{entry: HTMLElement, decision: Decision}[][]} */
const history = [];

/** Where each of some words stands in a text, in code points, in order and without overlaps. @param {string} text @param {string[]} wanted @returns {[number, number][]} */
export function spans(text, wanted) {
  const points = Array.from(text);
  /** @type {[number, number][]} */
  const found = [];
  for (const term of wanted.map((each) => Array.from(each))) {
    for (let at = 0; term.length && at + term.length <= points.length; at += 1) {
      if (term.every((point, offset) => points[at + offset] === point)) found.push([at, at + term.length]);
    }
  }
  found.sort((a, b) => a[0] - b[0]);
  /** @type {[number, number][]} */
  const joined = [];
  for (const [from, to] of found) {
    const last = joined.at(-1);
    if (last && from < last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** What the form of a card says to a move. @param {HTMLElement} entry @param {string} move */
function ruling(entry, move) {
  const [action, reason] = move.split(" ");
  const form = one("form.decide", entry);
  const value = (/** @type {string} */ name) => form?.elements[name]?.value?.trim() || "";
  /** @type {Record<string, unknown>} */
  const body = { action, revision: Number(entry.dataset.revision), state: entry.dataset.state };
  if (reason) body.reason = reason;
  const message = value("message");
  if (message && (action === "reject" || action === "delete")) body.message = message;
  if (action === "approve") {
    const lines = value("redact").split("\n").map((line) => line.trim()).filter(Boolean);
    if (lines.length) {
      const { textContent } = one(".text", entry);
      // One that is not found would be published unnoticed.
      if (!lines.every((line) => textContent.includes(line))) throw new Refused("Not all of the words to take out stand in the text like this.", 422);
      body.redact = spans(textContent, lines);
      if (message) body.message = message;
    }
    if (form?.elements.trust_author?.checked) body.trust_author = true;
    if (value("reply")) body.reply = value("reply");
  }
  return body;
}

/** @param {HTMLElement} entry @param {string} move */
export async function decide(entry, move) {
  const [action] = move.split(" ");
  if (entry.dataset.busy || !one(`form.decide button[value="${action}"]`, entry)) return;
  const { id } = entry.dataset;
  let body;
  try {
    body = ruling(entry, move);
  } catch (error) {
    trouble(words(error), entry);
    return;
  }
  busy(entry, true);
  try {
    const said = await change(`comments/${id}/decision`, body);
    done(entry, said);
  } catch (error) {
    busy(entry, false);
    if (error instanceof Refused && error.status === 409) await reload(entry, error.message);
    else trouble(words(error), entry);
  }
}

/** @param {HTMLElement} entry @param {{decision: Decision, reply?: {decision: Decision} | null}} said */
function done(entry, { decision, reply = null }) {
  const held = entry.contains(document.activeElement);
  const { top } = entry.getBoundingClientRect();
  const name = one(".name", entry).textContent;
  const act = [{ entry, decision }, ...(reply ? [{ entry, decision: reply.decision }] : [])];
  counted(entry, decision.to);
  const line = fold(entry, decision, () => takeBack(act));
  history.push(act);
  document.dispatchEvent(new Event("desk:selected"));
  say(`${DONE[decision.action]}: ${name}.${one("#queue article.card") ? "" : ` ${leftWords()}`}`);
  if (held) moveOn(entry, top, line);
}

const leftWords = () => (one("#more") ? "There is more: show more." : "That was the last one here.");

/** Decide alike on every selected comment. @param {string} action @param {string | null} reason */
export async function decideTogether(action, reason) {
  const entries = all("#queue .select input:checked").map((box) => /** @type {HTMLElement} */ (itemOf(box))).filter((entry) => !entry.dataset.busy);
  if (!entries.length) {
    say("Nothing is selected. Press x on a comment to select it.");
    return;
  }
  const top = entries[0].getBoundingClientRect().top;
  const held = entries.some((entry) => entry.contains(document.activeElement)) || one("#bulk").contains(document.activeElement);
  /** @type {{entry: HTMLElement, decision: Decision}[]} */
  const act = [];
  let refused = 0;
  let failure = "";
  for (const entry of entries) busy(entry, true);
  for (let start = 0; start < entries.length; start += 100) {
    const part = entries.slice(start, start + 100);
    say(`Deciding: ${start} of ${entries.length}.`);
    const items = part.map(({ dataset }) => ({ comment_id: dataset.id, revision: Number(dataset.revision), state: dataset.state, action, ...(reason && { reason }) }));
    try {
      const said = await change("decisions", { items });
      await Promise.all(said.items.map(async (/** @type {any} */ result, /** @type {number} */ index) => {
        const entry = part[index];
        if (result.decision) {
          act.push({ entry, decision: result.decision });
          counted(entry, result.decision.to);
          return;
        }
        refused += 1;
        busy(entry, false);
        if (result.status === 409) await reload(entry, result.problem.detail);
        else trouble(result.problem.detail, entry);
      }));
    } catch (error) {
      failure = words(error);
      for (const entry of part) busy(entry, false);
      break;
    }
  }
  for (const entry of entries) if (!act.some((each) => each.entry === entry)) busy(entry, false);
  /** @type {HTMLElement | null} */
  let line = null;
  for (const each of act) line = fold(each.entry, each.decision, () => takeBack([each]));
  if (act.length) history.push(act);
  const number = (/** @type {number} */ count) => `${count} ${count === 1 ? "comment" : "comments"}`;
  say([act.length && `${DONE[action]}: ${number(act.length)}.`, refused && `${number(refused)} could not be decided on; each says why.`].filter(Boolean).join(" "));
  if (act.length > 1) one("#state").append(" ", undoAll(act));
  if (failure) trouble(failure);
  if (line && held) moveOn(act[0].entry, top, line);
  document.dispatchEvent(new Event("desk:selected"));
}

/** @param {{entry: HTMLElement, decision: Decision}[]} act */
function undoAll(act) {
  const button = made("button", "undo", `Undo all ${act.length}`);
  button.setAttribute("type", "button");
  button.addEventListener("click", () => takeBack(act));
  return button;
}

/** Take back what was done last. */
export function takeBackLast() {
  const act = history.findLast((each) => each.every(({ entry }) => entry.isConnected && !entry.dataset.busy));
  if (act) takeBack(act);
  else say("There is nothing to undo on this page.");
}

/** Take an act back, and show its comments again in their places. @param {{entry: HTMLElement, decision: Decision}[]} act */
async function takeBack(act) {
  const open = act.filter(({ entry }) => !entry.dataset.busy);
  if (!open.length) return;
  const entries = [...new Set(open.map(({ entry }) => entry))];
  for (const entry of entries) busy(entry, true);
  try {
    // A reply goes before the comment it answers.
    const ids = open.map(({ decision }) => decision.id).reverse();
    const said = await change("undo", { decision_ids: ids });
    const refused = new Map(said.items.flatMap((/** @type {any} */ each, /** @type {number} */ index) => (each.decision ? [] : [[ids[index], each.problem.detail]])));
    for (const entry of entries) {
      const own = open.filter((each) => each.entry === entry);
      const reason = own.map(({ decision }) => refused.get(decision.id)).find(Boolean);
      busy(entry, false);
      if (reason) {
        trouble(reason, entry);
        continue;
      }
      counted(entry, null, own[0].decision.to);
      unfold(entry);
      const result = said.items.find((/** @type {any} */ each) => each.comment?.id === entry.dataset.id);
      if (result && result.comment.revision !== Number(entry.dataset.revision)) await reload(entry, "");
    }
    forget(act, refused);
    if (refused.size < ids.length) say(entries.length === 1 ? `Undone: ${one(".name", entries[0])?.textContent} is back as it was.` : `Undone: ${entries.length - refused.size} comments are back as they were.`);
    one("article.card", entries[0])?.focus();
  } catch (error) {
    for (const entry of entries) {
      busy(entry, false);
      trouble(words(error), entry);
    }
  }
}

/** @param {{entry: HTMLElement, decision: Decision}[]} act @param {Map<string, string>} refused */
function forget(act, refused) {
  const undone = act.filter(({ decision }) => !refused.has(decision.id)).map(({ decision }) => decision.id);
  for (const each of history) each.splice(0, each.length, ...each.filter(({ decision }) => !undone.includes(decision.id)));
  history.splice(0, history.length, ...history.filter((each) => each.length));
}

/** Show a comment as it is now, and why. @param {HTMLElement} entry @param {string} reason */
export async function reload(entry, reason) {
  try {
    const fresh = one(".item", await page(`admin/comments/${entry.dataset.id}?part=card`));
    if (!fresh) throw new Refused("There is no such comment any more.", 404);
    const held = entry.contains(document.activeElement);
    const shown = document.importNode(fresh, true);
    for (const name of ["revision", "state", "lane", "reports"]) entry.dataset[name] = shown.dataset[name];
    entry.replaceChildren(...shown.childNodes);
    trouble(reason, entry);
    if (held) one("article.card", entry).focus();
  } catch (error) {
    trouble(`${reason} ${words(error)}`, entry);
  }
}

/** Say that somebody is looking at a comment. @param {HTMLElement} entry */
export async function claim(entry) {
  if (Number(entry.dataset.claimed ?? 0) > Date.now() || entry.dataset.claimed === "busy") return;
  entry.dataset.claimed = "busy";
  try {
    const { claimed_by: by } = await ask("POST", `comments/${entry.dataset.id}/claim`);
    entry.dataset.claimed = String(Date.now() + 540_000);
    const place = one(".claim", entry);
    if (place && by && by !== document.body.dataset.moderator) {
      place.textContent = `${by} is looking at this.`;
      place.hidden = false;
    }
  } catch {
    // A claim is a courtesy: without it the work goes on.
    entry.dataset.claimed = String(Date.now() + 60_000);
  }
}
