/**
 * The demo article with JavaScript: the same markup as without, sent by fetch and kept up to date in place.
 *
 * Nothing is cleared before the service said yes, and nothing is kept in localStorage but the reader token.
 *
 * @typedef {{count: number, average: number | null}} Tally
 * @typedef {{id: string, parent_id: string | null, depth: number, name: string | null, website: string | null,
 *   html: string, created_at: string, edited_at: string | null}} Comment
 * @typedef {{title: string, text: string, links: {title: string, url: string}[]}} Help
 * @typedef {{comment: Comment, status: "approved" | "pending", help: Help | null, reader?: string | null}} Submitted
 * @typedef {{tally: Tally, mine: number | null, reader?: string | null}} Rated
 * @typedef {{pointer: string, detail: string}} FieldError
 */

const ANONYMOUS = "Anonymous";
const REST = 800; // ms of rest after which stars chosen with the arrow keys are sent
const READER = "afterword-reader";

const root = /** @type {HTMLElement} */ (document.querySelector(".afterword"));
const language = document.documentElement.lang || undefined;
const api = new URL(`v1/articles/${encodeURIComponent(root.dataset.article ?? "")}`, document.baseURI).href;

/** @param {string} selector @param {ParentNode} within @returns {any} */
const one = (selector, within = root) => within.querySelector(selector);

// Talking to the service

/** A refusal in words: what the service said, or why it could not be asked. */
class Refused extends Error {
  /** @param {string} words @param {{status?: number, code?: string, errors?: FieldError[]}} [more] */
  constructor(words, { status = 0, code = "", errors = [] } = {}) {
    super(words);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** The reader token; a browser that keeps nothing still has it until the page closes. */
const reader = {
  /** @type {string | null} */ held: null,
  get token() {
    try {
      return localStorage.getItem(READER) ?? this.held;
    } catch {
      return this.held;
    }
  },
  set token(token) {
    this.held = token;
    try {
      if (token) localStorage.setItem(READER, token);
      else localStorage.removeItem(READER);
    } catch { /* storage is off: the token lives as long as the page */ }
  },
};

/** @type {Map<string, string>} requests without an answer yet, and the key each keeps for its retries */
const unanswered = new Map();

/** @returns {string} */
function freshKey() {
  // randomUUID exists only on https and loopback.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} method @param {string} url @param {object | null} body @returns {Promise<any>} */
async function send(method, url, body = null) {
  const text = body && JSON.stringify(body);
  const request = `${method} ${url} ${text}`;
  if (!unanswered.has(request)) unanswered.set(request, freshKey());
  const token = reader.token;
  const answer = await fetched(url, {
    method,
    body: text,
    credentials: "omit",
    headers: {
      Accept: "application/json, application/problem+json",
      "Idempotency-Key": /** @type {string} */ (unanswered.get(request)),
      ...(text && { "Content-Type": "application/json" }),
      ...(token && { "Afterword-Reader": token }),
    },
  });
  if (answer.status < 500) unanswered.delete(request);
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) {
    if (said.reader) reader.token = said.reader;
    return said;
  }
  if (said?.code === "reader_token_invalid" && token) {
    reader.token = null;
    return send(method, url, body);
  }
  throw refusal(answer, said);
}

/** @param {string} url @param {RequestInit} init */
async function fetched(url, init) {
  try {
    return await fetch(url, init);
  } catch {
    throw new Refused("The connection failed. Your text is still here; please try again.");
  }
}

/** @param {Response} answer @param {any} said */
function refusal(answer, said) {
  const { status } = answer;
  const wait = Number(answer.headers.get("Retry-After"));
  const later = wait ? ` You can try again in ${duration(wait)}.` : "";
  if (said?.detail || said?.title) {
    const words = said.detail || `${said.title}.`;
    return new Refused(status === 429 ? words + later : words, { status, code: said.code, errors: said.errors ?? [] });
  }
  return new Refused(`The service could not answer just now.${later || " Please try again."}`, { status });
}

/** @param {number} seconds */
function duration(seconds) {
  const [amount, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

/** Say words in a live region, again when they are the same as before. @param {Element} place @param {string} words */
function say(place, words) {
  place.textContent = "";
  place.textContent = words;
}

// Rating

/** @param {Tally} tally */
function tallyWords({ count, average }) {
  if (!count || average === null) return "Not yet rated. Be the first to rate this article.";
  return `${average.toFixed(1)} out of 5 stars from ${count === 1 ? "1 rating" : `${count.toLocaleString("en")} ratings`}`;
}

/** @param {number} stars */
const starWords = (stars) => (stars === 1 ? "1 star" : `${stars} stars`);

function enhanceRating() {
  const form = one("form.rate");
  const [tally, mine, problem] = [".tally", ".mine", ".rating-problem"].map((selector) => one(selector));
  /** @type {HTMLInputElement[]} */
  const radios = [...form.elements.stars];
  const kept = `afterword-mine:${root.dataset.article}`; // sessionStorage: for a reload in this tab
  /** @type {number | null} */ let saved = null;
  /** @type {number | null} */ let wanted = null;
  let busy = false;
  let byKeyboard = false;
  /** @type {number | undefined} */ let resting;

  one(".rate-send").hidden = true;

  function show() {
    for (const radio of radios) radio.checked = Number(radio.value) === wanted;
    mine.hidden = saved === null;
    one(".mine-text", mine).textContent = saved === null ? "" : `Your rating: ${starWords(saved)}.`;
  }

  /** @param {Rated} rated */
  function settle(rated) {
    saved = rated.mine;
    try {
      if (saved === null) sessionStorage.removeItem(kept);
      else sessionStorage.setItem(kept, String(saved));
    } catch { /* storage is off */ }
    say(tally, tallyWords(rated.tally));
  }

  // One request at a time; what was chosen meanwhile goes out after it, so the last choice wins.
  async function sync() {
    clearTimeout(resting);
    if (busy) return;
    busy = true;
    problem.textContent = "";
    while (wanted !== saved) {
      const stars = wanted;
      try {
        settle(await (stars === null ? send("DELETE", `${api}/rating`) : send("PUT", `${api}/rating`, { stars })));
        if (wanted === stars) wanted = saved;
      } catch (refused) {
        wanted = saved;
        say(problem, refused instanceof Refused ? refused.message : "Your rating could not be sent. Please try again.");
      }
    }
    busy = false;
    show();
  }

  /** @param {number | null} stars */
  function choose(stars) {
    wanted = stars;
    sync();
  }

  const chosen = () => Number(radios.find((radio) => radio.checked)?.value) || null;
  const unsent = () => chosen() !== null && chosen() !== wanted;

  form.addEventListener("pointerdown", () => { byKeyboard = false; });
  form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key.startsWith("Arrow")) byKeyboard = true;
    if (event.key === " " && unsent()) choose(chosen());
    else if (event.key === " ") byKeyboard = false;
  });
  form.addEventListener("change", () => {
    clearTimeout(resting);
    if (byKeyboard) resting = setTimeout(() => unsent() && choose(chosen()), REST);
    else choose(chosen());
  });
  form.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
    if (!form.contains(/** @type {Node | null} */ (event.relatedTarget)) && unsent()) choose(chosen());
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if (unsent()) choose(chosen());
  });
  one(".remove", mine).addEventListener("click", () => {
    choose(null);
    radios[0].focus();
  });

  try {
    saved = wanted = Number(sessionStorage.getItem(kept)) || null;
  } catch { /* storage is off */ }
  show();
}

// Comments

const thread = one(".thread");
/** @type {HTMLTemplateElement} */
const blank = one("#afterword-comment");

/** @param {string} moment */
const localTime = (moment) =>
  new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" }).format(new Date(moment));

/** @param {string | null} address */
function webAddress(address) {
  try {
    const url = new URL(address ?? "");
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** The same item as the server renders, from the page's template. @param {Comment} comment @returns {HTMLElement} */
function item(comment) {
  const element = /** @type {HTMLElement} */ (one(".comment", blank.content).cloneNode(true));
  const name = comment.name ?? ANONYMOUS;
  element.id = `comment-${comment.id}`;
  element.dataset.depth = String(comment.depth);
  element.classList.replace("depth-0", `depth-${Math.min(comment.depth, 6)}`);
  one(".author", element).replaceChildren(authorNode(name, webAddress(comment.website)));
  one(".when", element).href = `#comment-${comment.id}`;
  const time = one("time", element);
  time.dateTime = comment.created_at;
  time.textContent = localTime(comment.created_at);
  if (comment.edited_at) one(".byline", element).append(" ", made("span", "edited", "edited"));
  const parent = comment.parent_id && document.getElementById(`comment-${comment.parent_id}`);
  if (parent) one(".byline", element).after(answering(/** @type {string} */ (comment.parent_id), nameOf(parent)));
  one(".text", element).innerHTML = comment.html; // sanitised by the service when it was written
  const reply = one(".reply", element);
  reply.dataset.replyTo = comment.id;
  reply.href = `./?reply_to=${encodeURIComponent(comment.id)}#respond`;
  one(".reply-name", reply).textContent = name;
  return element;
}

/** @param {string} tag @param {string} className @param {string} words */
function made(tag, className, words) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = words;
  return element;
}

/** @param {string} name @param {string | null} address */
function authorNode(name, address) {
  if (!address) return document.createTextNode(name);
  const link = document.createElement("a");
  link.href = address;
  link.rel = "ugc nofollow noopener";
  link.textContent = name;
  return link;
}

/** @param {string} parentId @param {string} name */
function answering(parentId, name) {
  const line = made("p", "answering", "In reply to ");
  const link = document.createElement("a");
  link.href = `#comment-${parentId}`;
  link.append(made("bdi", "", name));
  line.append(link);
  return line;
}

/** @param {Element} element */
const nameOf = (element) => one(".author", element).textContent;

/** @param {Element} element */
const depthOf = (element) => Number(/** @type {HTMLElement} */ (element).dataset.depth);

/** Put a new comment where the thread has it: newest root first, a reply after its parent's others. @param {Comment} comment */
function place(comment) {
  const element = item(comment);
  document.getElementById(element.id)?.remove();
  const parent = comment.parent_id && document.getElementById(`comment-${comment.parent_id}`);
  if (!parent) {
    thread.prepend(element);
    return element;
  }
  let last = parent;
  while (last.nextElementSibling && depthOf(last.nextElementSibling) > depthOf(parent)) {
    last = /** @type {HTMLElement} */ (last.nextElementSibling);
  }
  last.after(element);
  return element;
}

function enhanceThread() {
  for (const time of thread.querySelectorAll("time")) time.textContent = localTime(time.dateTime);
  const more = one(".more");
  const button = one("button", more);
  more.hidden = !button.dataset.next;
  button.addEventListener("click", async () => {
    const status = one(".more-status", more);
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    say(status, "Loading…");
    try {
      const page = await fetched(`${api}/comments?cursor=${encodeURIComponent(button.dataset.next)}`, { credentials: "omit" });
      const said = await page.json().catch(() => null);
      if (!page.ok || !said) throw refusal(page, said);
      showMore(said, more, button, status);
    } catch (refused) {
      say(status, refused instanceof Refused ? refused.message : "Loading failed. Please try again.");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

/** @param {{comments: Comment[], next: string | null}} page @param {HTMLElement} more @param {HTMLElement} button @param {Element} status */
function showMore(page, more, button, status) {
  const before = thread.lastElementChild;
  for (const comment of page.comments) {
    if (!document.getElementById(`comment-${comment.id}`)) thread.append(item(comment));
  }
  button.dataset.next = page.next ?? "";
  say(status, page.next ? "" : "That was the last page.");
  button.hidden = !page.next;
  const first = before?.nextElementSibling ?? thread.firstElementChild;
  if (!page.next && first) one(".when", first).focus();
  more.hidden = false;
}

// The form

const FIELDS = ["name", "email", "website", "text", "consent"];

function enhanceForm() {
  const section = one("#respond");
  const form = one("form.write", section);
  if (!form) return;
  const fields = form.elements;
  const problem = one(".form-problem", form);
  const outcome = one(".outcome", section);
  const button = one("button[type=submit]", form);
  const heading = one("#respond-heading", section);
  const replying = one(".replying", section);
  const home = document.createComment("the form's own place");
  section.before(home);

  /** @param {string | null} id */
  function replyTo(id) {
    const target = id && document.getElementById(`comment-${id}`);
    fields.parent_id.disabled = !target;
    fields.parent_id.value = target ? id : "";
    replying.hidden = !target;
    heading.textContent = target ? `Reply to ${nameOf(target)}` : "Leave a Reply";
    outcome.textContent = "";
    if (target) {
      one(".replying-words", replying).hidden = true; // the heading says it
      target.append(section);
    } else home.after(section);
  }

  root.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest?.("a.reply");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    replyTo(/** @type {HTMLElement} */ (link).dataset.replyTo ?? null);
    fields.text.focus();
  });
  one(".cancel", replying).addEventListener("click", (/** @type {Event} */ event) => {
    event.preventDefault();
    const link = fields.parent_id.value && one(`#comment-${CSS.escape(fields.parent_id.value)} a.reply`);
    replyTo(null);
    (link || fields.text).focus();
  });

  // A page opened as `?reply_to=…` arrives with the form already aimed.
  if (fields.parent_id.value && document.getElementById(`comment-${fields.parent_id.value}`)) {
    replyTo(fields.parent_id.value);
    section.scrollIntoView();
  }

  function clearErrors() {
    problem.textContent = "";
    for (const name of FIELDS) {
      fields[name].removeAttribute("aria-invalid");
      one(`#afterword-${name}-error`).textContent = "";
    }
  }

  /** @param {Refused} refused */
  function showErrors(refused) {
    const elsewhere = [];
    let first = null;
    for (const { pointer, detail } of refused.errors) {
      const name = pointer.slice(1);
      if (!FIELDS.includes(name)) elsewhere.push(detail);
      else {
        fields[name].setAttribute("aria-invalid", "true");
        one(`#afterword-${name}-error`).textContent = detail;
        first ??= fields[name];
      }
    }
    const words = first ? "Your comment was not sent. Please look at the marked fields." : refused.message;
    say(problem, [...new Set([words, ...elsewhere])].join(" "));
    first?.focus();
  }

  function draft() {
    const filled = (/** @type {string} */ name) => fields[name].value.trim() && { [name]: fields[name].value };
    return {
      text: fields.text.value,
      consent: fields.consent.checked,
      form: fields.form.value,
      ...filled("name"),
      ...filled("email"),
      ...filled("website"),
      ...(!fields.parent_id.disabled && { parent_id: fields.parent_id.value }),
    };
  }

  /** @param {Submitted} submitted */
  function accept({ comment, status, help }) {
    replyTo(null);
    fields.text.value = "";
    const replied = comment.parent_id !== null;
    const element = place(comment);
    if (status === "approved") {
      say(outcome, "Thank you. Your comment is published.");
      countOne();
    } else {
      element.classList.add("waiting");
      element.prepend(made("p", "waiting-words", "Waiting for approval, only you see this"));
      one(".actions", element).remove();
      say(outcome, "Thank you. Your comment is waiting for approval.");
    }
    section.querySelector(".help:not(.beside)")?.remove(); // what stands beside the form stays
    element.tabIndex = -1;
    (help ? showHelp(help) : replied ? element : outcome).focus();
  }

  /** @param {Help} help */
  function showHelp(help) {
    const box = made("aside", "help", "");
    const title = made("h3", "", help.title);
    title.id = "afterword-help";
    box.tabIndex = -1;
    box.setAttribute("aria-labelledby", title.id);
    const links = document.createElement("ul");
    for (const { title: words, url } of help.links) {
      if (!/^(https?|tel|mailto):/i.test(url)) continue;
      const link = document.createElement("a");
      link.href = url;
      link.rel = "noopener";
      link.textContent = words;
      const entry = document.createElement("li");
      entry.append(link);
      links.append(entry);
    }
    box.append(title, made("p", "", help.text), links);
    outcome.after(box);
    return box;
  }

  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    // The trap is for scripts: what the browser filled in by itself does not count, and the rest goes the plain way.
    if (fields.phone.matches(":autofill")) fields.phone.value = "";
    if (fields.phone.value) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    clearErrors();
    button.setAttribute("aria-disabled", "true");
    say(outcome, "Sending…");
    try {
      accept(await send("POST", `${api}/comments`, draft()));
    } catch (refused) {
      outcome.textContent = "";
      showErrors(refused instanceof Refused ? refused : new Refused("Your comment could not be sent. Please try again."));
      if (!(refused instanceof Refused)) throw refused;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

/** One more comment is public. */
function countOne() {
  const place = one(".count");
  const count = (Number(place.textContent.replace(/\D/g, "")) || 0) + 1;
  place.textContent = count === 1 ? "1 comment" : `${count.toLocaleString("en")} comments`;
}

enhanceRating();
enhanceThread();
enhanceForm();
