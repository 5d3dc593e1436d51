/** What the moderator page asks of the service: the API with the session's cookie, and pieces of pages. */

/** Where the service's own addresses begin; the page says how far above it that is. */
const base = new URL(document.documentElement.dataset.root || "", location.href);

/** The service said no, or nothing came back (status 0). */
export class Refused extends Error {
  /** @param {string} words @param {number} status */
  constructor(words, status) {
    super(words);
    this.status = status;
  }
}

/** @param {string} path @param {RequestInit} init */
async function fetched(path, init) {
  try {
    return await fetch(new URL(path, base), { cache: "no-store", ...init });
  } catch {
    throw new Refused("The connection failed. Nothing was changed as far as we know; please try again.", 0);
  }
}

/** Ask the API. @param {string} method @param {string} path @param {object | null} body @param {string | null} key @returns {Promise<any>} */
export async function ask(method, path, body = null, key = null) {
  const headers = { Accept: "application/json, application/problem+json", ...(body && { "Content-Type": "application/json" }), ...(key && { "Idempotency-Key": key }) };
  const answer = await fetched(`v1/admin/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  if (answer.status === 401) throw new Refused("You are signed out. Open the page anew to sign in; what you typed stays here until then.", 401);
  throw new Refused(said?.detail || said?.title || `The service could not answer (${answer.status}). Please try again.`, answer.status);
}

/** Fetch a page of the desk and return its document. @param {string} path @returns {Promise<Document>} */
export async function page(path) {
  const answer = await fetched(path, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(`The service could not answer (${answer.status}). Please try again.`, answer.status);
  const found = new DOMParser().parseFromString(text, "text/html");
  // Addresses lead from where the page was, not from where we are.
  for (const name of ["href", "action"]) {
    for (const element of found.querySelectorAll(`[${name}]`)) element.setAttribute(name, new URL(element.getAttribute(name) ?? "", answer.url).href);
  }
  return found;
}

/** @param {unknown} error */
export const words = (error) => (error instanceof Refused ? error.message : `Something went wrong on this page: ${error}`);

/** @type {Map<string, string>} requests without an answer yet, and the key each keeps for its retries */
const unanswered = new Map();

function freshKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Ask for a change, so that asking again after a lost answer changes nothing twice. @param {string} path @param {object} body @returns {Promise<any>} */
export async function change(path, body) {
  const request = `${path} ${JSON.stringify(body)}`;
  if (!unanswered.has(request)) unanswered.set(request, freshKey());
  try {
    const said = await ask("POST", path, body, unanswered.get(request));
    unanswered.delete(request);
    return said;
  } catch (error) {
    if (error instanceof Refused && error.status && error.status < 500) unanswered.delete(request);
    throw error;
  }
}
