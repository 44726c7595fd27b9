// Calls to the server. Requests that write wait for one another, so that each knows the last event before it.

const token = document.querySelector("meta[name=ruletag-token]").content;

function windowId() {
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const former = reloaded ? sessionStorage.getItem("ruletag-window") : null;
  const id = former ?? crypto.randomUUID();
  sessionStorage.setItem("ruletag-window", id);
  return id;
}

const ownWindow = windowId();

export class Refused extends Error {
  constructor(status, answer) {
    super(answer?.error?.message ?? `${status}`);
    this.status = status;
    this.answer = answer;
  }
}

async function request(method, path, body, keepalive = false) {
  const headers = { "X-Ruletag-Token": token, "X-Ruletag-Window": ownWindow };
  const json = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: json, keepalive });
  const answer = await response.json().catch(() => null);
  if (response.status === 503 && method === "GET") return request(method, path, body); // a long text is still being tagged
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

export const get = (path, query = {}) => {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]));
  return request("GET", search.size ? `${path}?${search}` : path);
};

export class Writer {
  /** @param {(waiting: number) => void} changed is called with the number of requests under way */
  constructor(changed) {
    this.chain = Promise.resolve();
    this.waiting = 0;
    this.changed = changed;
  }

  /** Do some work when all earlier work is done. */
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

/** Send operations without waiting: call it only in work given to a Writer. */
export async function send(doc, ops) {
  const answer = await request("POST", `/api/documents/${doc.id}/ops`, { base: doc.seq, ops });
  doc.seq = answer.seq;
}

export const post = (path, body) => request("POST", path, body);

export const claim = (how) => request("POST", "/api/window", { window: ownWindow, how }, how === "leave");
