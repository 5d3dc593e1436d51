/**
 * The moderator page: the queue, one card for each comment, and a decision by button or key.
 *
 * What readers wrote is only ever put in as text. The token stays in this tab's sessionStorage.
 *
 * @typedef {"approve" | "reject" | "spam" | "restore" | "delete"} Action
 * @typedef {{id: string, article_id: string, parent_id: string | null, name: string | null, email: string | null,
 *   website: string | null, text: string, revision: number, created_at: string}} Comment
 * @typedef {{check: string, points: number, message: string, spans: [number, number][]}} Finding
 * @typedef {{score: number, outcome: string, thresholds: {hold: number, spam: number}, findings: Finding[]}} Verdict
 * @typedef {{comments: number, approved: number, rejected: number, spam: number, first_seen: string | null}} Author
 * @typedef {{comment: Comment, state: string, lane: string, waiting_since: string | null, verdict: Verdict,
 *   parent: {name: string | null, text: string} | null, author: Author,
 *   reports: {reason: string, note: string | null, at: string}[]}} QueueItem
 */

const TOKEN = "afterword-moderator";
const language = document.documentElement.lang || undefined;

/** @type {Record<string, string>} */
const TRAYS = { pending: "Waiting", reported: "Reported", spam: "Spam", rejected: "Rejected", deleted: "Deleted", approved: "Approved" };

/** @type {Record<string, string>} */
const EMPTY = {
  pending: "Nothing is waiting. Every comment has been decided on.",
  reported: "No reader has reported a comment.",
  spam: "No spam here.",
  rejected: "No comment has been rejected.",
  deleted: "No comment has been deleted.",
  approved: "No comment has been approved yet.",
};

/** @type {Record<string, string>} */
const LANES = { urgent: "Urgent: somebody may be in danger", reported: "Reported by readers", pending: "", spam: "Looks like spam" };

/** What may be done from each state; the service has the same table and the last word. @type {Record<string, Action[]>} */
const MOVES = {
  pending: ["approve", "reject", "spam", "delete"],
  spam: ["approve", "reject", "restore", "delete"],
  rejected: ["approve", "spam", "restore", "delete"],
  approved: ["reject", "spam", "delete"],
  deleted: ["restore"],
};

/** @type {Record<Action, {verb: string, done: string, to: string, key?: string}>} */
const ACTIONS = {
  approve: { verb: "Approve", done: "Approved", to: "approved", key: "a" },
  reject: { verb: "Reject", done: "Rejected", to: "rejected", key: "r" },
  spam: { verb: "Spam", done: "Marked as spam", to: "spam", key: "s" },
  restore: { verb: "Restore", done: "Put back into the queue", to: "pending" },
  delete: { verb: "Delete", done: "Deleted", to: "deleted" },
};

/** Whether a person has to decide: nobody did yet, or it is public and readers reported it. @param {QueueItem} item */
const waits = ({ state: place, reports }) => place === "pending" || (place === "approved" && reports.length > 0);

/** What may be done with an item; approving what was reported leaves it public. @param {QueueItem} item @returns {Action[]} */
const moves = (item) => (item.state === "approved" && waits(item) ? ["approve", ...MOVES.approved] : MOVES[item.state] ?? []);

/** @param {QueueItem} item */
function laneWords(item) {
  const known = LANES[item.lane] ?? item.lane;
  if (!item.reports.length) return known;
  return `${known}; ${item.state === "approved" ? "public" : "hidden"} until you decide`;
}

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
/** @param {string} selector @param {ParentNode} within @returns {any} */
const one = (selector, within) => within.querySelector(selector);

const [door, desk, queue, state, trouble, again, more] =
  ["door", "desk", "queue", "state", "desk-problem", "again", "more"].map(byId);

// Talking to the service

class Refused extends Error {
  /** @param {string} words @param {number} status */
  constructor(words, status) {
    super(words);
    this.status = status;
  }
}

/** @param {string} path @param {object | null} body @param {string | null} key @returns {Promise<any>} */
async function ask(path, body = null, key = null) {
  let answer;
  try {
    answer = await fetch(new URL(`v1/admin/${path}`, document.baseURI), {
      method: body ? "POST" : "GET",
      body: body && JSON.stringify(body),
      cache: "no-store",
      headers: {
        Accept: "application/json, application/problem+json",
        Authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ""}`,
        ...(body && { "Content-Type": "application/json" }),
        ...(key && { "Idempotency-Key": key }),
      },
    });
  } catch {
    throw new Refused("The connection failed. Nothing was changed as far as we know; please try again.", 0);
  }
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  throw new Refused(said?.detail || said?.title || `The service could not answer (${answer.status}). Please try again.`, answer.status);
}

/** @param {unknown} error */
const words = (error) => (error instanceof Refused ? error.message : `Something went wrong on this page: ${error}`);

/** @param {unknown} error */
function locksOut(error) {
  if (!(error instanceof Refused) || ![401, 403].includes(error.status)) return false;
  signOut(error.status === 401 ? "Your token was not accepted. It may be mistyped, expired or revoked." : error.message);
  return true;
}

// In and out

/** @param {string} reason */
function signOut(reason = "") {
  sessionStorage.removeItem(TOKEN);
  queue.replaceChildren();
  counts = {};
  showDoor(reason);
}

/** @param {string} reason */
function showDoor(reason) {
  desk.hidden = byId("tools").hidden = true;
  door.hidden = false;
  byId("door-problem").textContent = reason;
  byId("token").value = "";
  byId("token").setAttribute("aria-invalid", String(Boolean(reason)));
  byId("token").focus();
}

byId("sign-in").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  // A header takes printable ASCII only; anything else cannot be a token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    showDoor(token ? "This is not a token: it has characters that none of ours has." : "Please enter your token.");
    return;
  }
  sessionStorage.setItem(TOKEN, token);
  byId("token").value = "";
  openDesk(true);
});
byId("sign-out").addEventListener("click", () => signOut());

/** @param {boolean} focus */
function openDesk(focus = false) {
  door.hidden = true;
  desk.hidden = byId("tools").hidden = false;
  return load(focus);
}

// The queue

/** @type {Record<string, number>} */
let counts = {};
/** @type {string | null} */
let next = null;
let loads = 0;

const tray = () => (Object.hasOwn(TRAYS, location.hash.slice(1)) ? location.hash.slice(1) : "pending");

function showTrays() {
  const entries = Object.entries(TRAYS).map(([name, label]) => {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${name}`;
    link.append(label);
    if (name === tray()) link.setAttribute("aria-current", "page");
    if (counts[name] !== undefined) link.append(" ", made("span", "number", countWords(counts[name])));
    entry.append(link);
    return entry;
  });
  byId("trays").replaceChildren(...entries);
  byId("desk-heading").textContent = TRAYS[tray()];
}

/** Counting stops at a thousand. @param {number} count */
const countWords = (count) => (count >= 1000 ? "1,000+" : String(count));

/** Load the tray from its start. @param {boolean} focus */
async function load(focus) {
  const mine = ++loads;
  showTrays();
  queue.replaceChildren();
  trouble.textContent = "";
  more.hidden = again.hidden = true;
  state.className = "state";
  state.textContent = "Loading…";
  queue.setAttribute("aria-busy", "true");
  try {
    const page = await ask(`queue?state=${tray()}`);
    if (mine !== loads) return;
    state.textContent = "";
    counts = page.counts ?? {};
    // Counts are seconds old; a tray that fits on its first page has just been counted.
    if (counts[tray()] !== undefined && !page.next) counts[tray()] = page.items.length;
    showTrays();
    add(page);
    showEmpty();
  } catch (error) {
    if (mine !== loads || locksOut(error)) return;
    state.textContent = "";
    trouble.textContent = words(error);
    again.hidden = false;
  } finally {
    if (mine === loads) queue.removeAttribute("aria-busy");
  }
  if (focus && mine === loads) (cards()[0] ?? byId("desk-heading")).focus();
}

/** @param {{items: QueueItem[], next: string | null}} page */
function add(page) {
  for (const item of page.items) queue.append(card(item));
  next = page.next;
  more.hidden = !next;
}

function showEmpty() {
  const nothing = !queue.children.length;
  state.classList.toggle("empty", nothing);
  if (nothing) state.textContent = EMPTY[tray()];
}

one("button", more).addEventListener("click", async () => {
  const mine = loads;
  const button = one("button", more);
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const before = queue.children.length;
  try {
    const page = await ask(`queue?state=${tray()}&cursor=${encodeURIComponent(next ?? "")}`);
    if (mine !== loads) return;
    trouble.textContent = "";
    add(page);
    one("article", queue.children[before] ?? queue)?.focus();
  } catch (error) {
    if (mine === loads && !locksOut(error)) trouble.textContent = words(error);
  } finally {
    button.removeAttribute("aria-disabled");
  }
});
one("button", again).addEventListener("click", () => load(true));
window.addEventListener("hashchange", () => sessionStorage.getItem(TOKEN) && load(false).then(() => byId("desk-heading").focus()));

// A card

/** @param {string} tag @param {string} className @param {string} text */
function made(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** @type {WeakMap<Element, QueueItem>} */
const items = new WeakMap();

/** @param {QueueItem} item @returns {HTMLElement} */
function card(item) {
  const { comment, verdict, parent } = item;
  const entry = /** @type {HTMLElement} */ (one(".item", byId("card").content).cloneNode(true));
  const article = one("article", entry);
  items.set(entry, item);
  const heading = one(".who", entry);
  heading.id = `who-${comment.id}`;
  article.setAttribute("aria-labelledby", heading.id);
  article.classList.add(item.lane);
  one(".name", entry).textContent = comment.name ?? "Anonymous";
  one(".lane", entry).textContent = laneWords(item);
  one(".since", entry).replaceChildren(since(item));
  if (parent) {
    one(".parent", entry).hidden = false;
    one(".parent-who", entry).textContent = `In reply to ${parent.name ?? "Anonymous"}:`;
    one(".parent-text", entry).textContent = parent.text;
  }
  one(".text", entry).append(...marked(comment.text, verdict.findings.flatMap(({ spans }) => spans)));
  one(".findings", entry).append(...verdict.findings.map(chip));
  one(".verdict", entry).textContent = verdictWords(verdict, item.state);
  one(".reports", entry).hidden = !item.reports.length;
  one(".reports", entry).append(...item.reports.map(({ reason, note }) => made("li", "", note ? `${reason}: ${note}` : reason)));
  one(".about", entry).append(...about(item));
  one(".moves", entry).append(...moves(item).map((action) => move(entry, action)));
  return entry;
}

/** @param {QueueItem} item */
function about({ comment, author }) {
  /** @type {[string, string | null][]} */
  const rows = [
    ["Email", comment.email],
    ["Website", comment.website],
    ["Article", comment.article_id],
    ["Author", authorWords(author)],
    ["Revision", comment.revision > 1 ? `${comment.revision} (edited by the author)` : null],
  ];
  return rows.filter(([, value]) => value).map(([term, value]) => {
    const row = document.createElement("div");
    row.append(made("dt", "", term), made("dd", "", /** @type {string} */ (value)));
    return row;
  });
}

/** @param {Finding} finding */
function chip({ check, points, message }) {
  const entry = document.createElement("li");
  entry.title = check;
  entry.append(made("span", "points", points > 0 ? `+${points}` : String(points).replace("-", "−")), message);
  return entry;
}

/** Why it is where it is. @param {Verdict} verdict @param {string} place */
function verdictWords({ score, outcome, thresholds }, place) {
  const points = score === 1 ? "1 point" : `${score} points`;
  if (outcome === "spam") return `${points}; from ${thresholds.spam} a comment counts as spam.`;
  if (outcome === "hold") return `${points}; from ${thresholds.hold} a comment is held, from ${thresholds.spam} it counts as spam.`;
  const waits = place === "pending" ? " It waits because a person decides here." : "";
  return `${points}, below the ${thresholds.hold} from which a check holds a comment.${waits}`;
}

/** @param {Author} author */
function authorWords({ comments, approved, rejected, spam, first_seen }) {
  if (comments <= 1) return "First comment by this reader";
  const kinds = Object.entries({ approved, rejected, "marked as spam": spam }).filter(([, count]) => count);
  const parts = kinds.map(([kind, count]) => `${count} ${kind}`).join(", ") || "none decided on yet";
  return `${comments} comments${first_seen ? ` since ${day(first_seen)}` : ""}: ${parts}`;
}

/** The text as typed, matched spans marked; spans count code points, and one over all of it says nothing. @param {string} text @param {[number, number][]} spans */
function marked(text, spans) {
  const points = Array.from(text);
  const nodes = [];
  let at = 0;
  const telling = spans.filter(([from, to]) => to - from < points.length);
  for (const [from, to] of telling.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    const start = Math.max(from, at);
    if (to <= start) continue;
    nodes.push(document.createTextNode(points.slice(at, start).join("")), made("mark", "", points.slice(start, to).join("")));
    at = to;
  }
  nodes.push(document.createTextNode(points.slice(at).join("")));
  return nodes;
}

/** @param {QueueItem} item */
function since(item) {
  const waiting = waits(item);
  const moment = (waiting && item.waiting_since) || item.comment.created_at;
  const time = document.createElement("time");
  time.dateTime = moment;
  time.title = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "medium" }).format(new Date(moment));
  time.textContent = waiting ? `waiting ${ago(moment)}` : `written ${ago(moment)} ago`;
  return time;
}

/** @param {string} moment */
function ago(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  /** @type {[number, string][]} */
  const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, "second"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / size));
}

/** @param {string} moment */
const day = (moment) => new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(moment));

/** @param {HTMLElement} entry @param {Action} action */
function move(entry, action) {
  const { verb, key } = ACTIONS[action];
  const keeps = action === "approve" && items.get(entry)?.state === "approved";
  const button = made("button", action === "approve" ? "first" : "", keeps ? "Keep" : verb);
  /** @type {HTMLButtonElement} */ (button).type = "button";
  if (key) button.setAttribute("aria-keyshortcuts", key);
  button.addEventListener("click", () => decide(entry, action));
  return button;
}

// Deciding

/** @type {Map<string, string>} decisions without an answer yet, and the key each keeps for its retries */
const unanswered = new Map();

function freshKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {HTMLElement} entry @param {Action} action */
async function decide(entry, action) {
  const item = /** @type {QueueItem} */ (items.get(entry));
  const { id, revision } = item.comment;
  if (entry.dataset.busy || !moves(item).includes(action)) return;
  const request = `${id} ${action} ${revision}`;
  if (!unanswered.has(request)) unanswered.set(request, freshKey());
  busy(entry, true);
  try {
    const { comment, decision } = await ask(`comments/${encodeURIComponent(id)}/decision`, { action, revision }, unanswered.get(request));
    unanswered.delete(request);
    count(item, decision?.to ?? comment.state);
    fold(entry, action, decision);
  } catch (error) {
    if (error instanceof Refused && error.status && error.status < 500) unanswered.delete(request);
    if (locksOut(error)) return;
    busy(entry, false);
    if (error instanceof Refused && error.status === 409) await reload(entry, error.message);
    else one(".problem", entry).textContent = words(error);
  }
}

/** @param {HTMLElement} entry @param {boolean} on */
function busy(entry, on) {
  if (on) entry.dataset.busy = "yes";
  else delete entry.dataset.busy;
  one(".problem", entry).textContent = "";
  for (const button of entry.querySelectorAll("button")) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/** The trays an item is counted in. @param {QueueItem} item */
const countedIn = (item) => (waits(item) ? ["pending", ...(item.lane === "pending" ? [] : [item.lane])] : [item.state]);

/** @param {QueueItem} item @param {string} to */
function count(item, to) {
  for (const name of countedIn(item)) if (counts[name]) counts[name] -= 1;
  if (counts[to] !== undefined) counts[to] += 1;
  showTrays();
}

/** @param {HTMLElement} entry @param {Action} action @param {{id: string, to: string}} decision */
function fold(entry, action, decision) {
  const { comment } = /** @type {QueueItem} */ (items.get(entry));
  const held = entry.contains(document.activeElement);
  const line = made("p", "done", "");
  line.tabIndex = -1;
  const start = Array.from(comment.text.trim().replace(/\s+/g, " ")).slice(0, 80).join("");
  line.append(made("b", "", `${ACTIONS[action].done}: `), made("bdi", "", `${comment.name ?? "Anonymous"}, “${start}”`));
  const undo = made("button", "undo", "Undo");
  undo.setAttribute("aria-keyshortcuts", "z");
  undo.setAttribute("aria-label", `Undo: ${ACTIONS[action].done}, ${comment.name ?? "Anonymous"}`);
  undo.addEventListener("click", () => takeBack(entry));
  decided.push({ entry, decision });
  const row = made("div", "row", "");
  row.append(line, undo);
  const problem = made("p", "problem", "");
  problem.setAttribute("role", "alert");
  entry.replaceChildren(row, problem);
  delete entry.dataset.busy;
  state.classList.remove("empty");
  const rest = cards().length || !more.hidden ? "" : ` ${EMPTY[tray()]}`;
  state.textContent = `${ACTIONS[action].done}: ${comment.name ?? "Anonymous"}.${rest}`;
  if (!held) return;
  const after = cards().find((other) => entry.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  (after ?? cards().at(-1) ?? line).focus();
}

/** What was decided on this page, the latest last. @type {{entry: HTMLElement, decision: {id: string, to: string}}[]} */
const decided = [];

/** Take back what was decided on an entry, and show it again in its place. @param {HTMLElement | undefined} entry */
async function takeBack(entry) {
  const last = decided.findLast((each) => each.entry === entry);
  if (!entry || !last || entry.dataset.busy) return;
  const { decision } = last;
  const { comment } = /** @type {QueueItem} */ (items.get(entry));
  if (!unanswered.has(decision.id)) unanswered.set(decision.id, freshKey());
  busy(entry, true);
  try {
    await ask("undo", { decision_id: decision.id }, unanswered.get(decision.id));
    unanswered.delete(decision.id);
    const item = await ask(`comments/${encodeURIComponent(comment.id)}`);
    decided.splice(decided.indexOf(last), 1);
    if (counts[decision.to]) counts[decision.to] -= 1;
    for (const name of countedIn(item)) if (counts[name] !== undefined) counts[name] += 1;
    showTrays();
    const fresh = card(item);
    entry.replaceWith(fresh);
    state.textContent = `Undone: ${comment.name ?? "Anonymous"} is back as it was.`;
    one("article", fresh).focus();
  } catch (error) {
    if (error instanceof Refused && error.status && error.status < 500) unanswered.delete(decision.id);
    if (locksOut(error)) return;
    busy(entry, false);
    one(".problem", entry).textContent = words(error);
  }
}

/** Show who came first, and the comment as it is now. @param {HTMLElement} entry @param {string} reason */
async function reload(entry, reason) {
  const { comment } = /** @type {QueueItem} */ (items.get(entry));
  try {
    const fresh = card(await ask(`comments/${encodeURIComponent(comment.id)}`));
    const held = entry.contains(document.activeElement);
    entry.replaceWith(fresh);
    one(".problem", fresh).textContent = reason;
    if (held) one("article", fresh).focus();
  } catch (error) {
    if (!locksOut(error)) one(".problem", entry).textContent = `${reason} ${words(error)}`;
  }
}

// Keys

const dialog = byId("help");
byId("help-open").addEventListener("click", () => dialog.showModal());

/** @returns {HTMLElement[]} */
const cards = () => [...queue.querySelectorAll("article")];

/** @param {number} step */
function walk(step) {
  const all = cards();
  const here = document.activeElement?.closest(".item");
  const side = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const onward = here ? all.filter((other) => here.compareDocumentPosition(other) & side && !here.contains(other)) : all;
  const to = step > 0 || !here ? onward[0] : onward.at(-1);
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || desk.hidden || dialog.open) return;
  if (target.closest("input, textarea, select")) return;
  if (event.key === "?") {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (!byId("keys-on").checked || event.repeat && !"jk".includes(event.key)) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    walk(event.key === "j" ? 1 : -1);
    return;
  }
  if (event.key === "z") {
    event.preventDefault();
    takeBack(decided.findLast(({ entry }) => entry.isConnected)?.entry);
    return;
  }
  const action = /** @type {Action | undefined} */ (Object.keys(ACTIONS).find((name) => ACTIONS[/** @type {Action} */ (name)].key === event.key));
  const entry = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".item"));
  if (!action || !entry || !one("article", entry)) return;
  event.preventDefault();
  decide(entry, action);
});

if (sessionStorage.getItem(TOKEN)) openDesk();
else showDoor("");
