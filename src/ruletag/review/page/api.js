// The server. Requests that write wait for one another, so that each knows the number of the one before.

const token = document.querySelector("meta[name=ruletag-token]").content;

function windowId() {
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const known = reloaded ? sessionStorage.getItem("ruletag-window") : null;
  const id = known ?? crypto.randomUUID();
  sessionStorage.setItem("ruletag-window", id);
  return id;
}

const own = windowId();

export class Refused extends Error {
  constructor(status, answer) {
    super(answer?.error?.message ?? `${status}`);
    this.status = status;
    this.answer = answer;
  }
}

async function request(method, path, body, keepalive = false) {
  const headers = { "X-Ruletag-Token": token, "X-Ruletag-Window": own };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: sent, keepalive });
  const answer = await response.json().catch(() => null);
  if (response.status === 503 && method === "GET") return request(method, path, body); // a long text is still tagged
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return request("GET", search.size ? `${path}?${search}` : path);
};

export class Writer {
  /** @param {(waiting: number) => void} changed is told how many requests are under way */
  constructor(changed) {
    this.chain = Promise.resolve();
    this.waiting = 0;
    this.changed = changed;
  }

  /** Do some work when all that was asked before is done. */
  then(work) {
    this.waiting += 1;
    this.changed(this.waiting);
    const result = this.chain.then(work);
    const settled = () => {
      this.waiting -= 1;
      this.changed(this.waiting);
    };
    this.chain = result.then(settled, settled);
    return result;
  }

  /** Send operations of one document, which are undone together. */
  send(doc, ops) {
    return this.then(() => send(doc, ops));
  }
}

/** Send operations at once: only as part of work that waited for its turn. */
export async function send(doc, ops) {
  const answer = await request("POST", `/api/documents/${doc.id}/ops`, { base: doc.seq, ops });
  doc.seq = answer.seq;
}

export const post = (path, body) => request("POST", path, body);

export const claim = (how) => request("POST", "/api/window", { window: own, how }, how === "leave");
