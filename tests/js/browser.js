// What a browser has and Node has not, as little of it as the modules under test ask for. Everything here is the
// browser's; none of our own code is replaced.

import { File as NodeFile } from "node:buffer";
import { webcrypto } from "node:crypto";

const realFormData = globalThis.FormData;
const realDate = Date.now;

/** Node 18 has these under other names, or not at all. */
globalThis.crypto ??= webcrypto;
globalThis.File ??= NodeFile;
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail = null, ...options } = {}) {
    super(type, options);
    this.detail = detail;
  }
};

/** A page: listeners of the window and the document, an address, and storage that ends with the test. */
export function openPage(pathname = "/page/") {
  const page = new EventTarget();
  const stored = new Map();
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    document: new EventTarget(),
    location: { pathname, href: `http://localhost${pathname}` },
    sessionStorage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, text) => stored.set(key, text),
      removeItem: (key) => stored.delete(key),
    },
    FormData: class extends realFormData {
      constructor(form) {
        super();
        for (const [name, value] of form?.entries?.() ?? []) this.append(name, value);
      }
    },
  });
  return page;
}

/** A form of controls {name, type, value, checked, options}, with what a browser sends of it. */
export class FakeForm extends EventTarget {
  constructor(controls = [], { dataset = {}, action = "/upload/", fields = {} } = {}) {
    super();
    this.elements = controls;
    this.dataset = dataset;
    this.action = action;
    this.fields = fields;
    for (const control of controls) {
      control.events = [];
      control.dispatchEvent = (event) => control.events.push(event.type);
      control.closest = () => null;
    }
  }

  querySelector(selector) {
    return this.fields[selector] ?? null;
  }

  *entries() {
    for (const { name, type, value, checked, options } of this.elements) {
      if (!name) continue;
      if (type === "select-multiple") {
        for (const option of options) if (option.selected) yield [name, option.value];
      } else if (!["checkbox", "radio"].includes(type) || checked) yield [name, value];
    }
  }
}

/** Time that stands still until `pass(ms)`. */
export class Clock {
  now = 1_700_000_000_000;
  #timers = new Map();
  #last = 0;
  #real = { setTimeout, clearTimeout };

  constructor() {
    Date.now = () => this.now;
    globalThis.setTimeout = (act, ms = 0, ...rest) => {
      this.#last += 1;
      this.#timers.set(this.#last, { at: this.now + ms, act: () => act(...rest) });
      return this.#last;
    };
    globalThis.clearTimeout = (id) => this.#timers.delete(id);
  }

  async pass(ms) {
    const end = this.now + ms;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      const [id, { at, act }] = next;
      this.#timers.delete(id);
      this.now = at;
      act();
      await settled();
    }
    this.now = end;
  }

  #next(end) {
    const due = [...this.#timers].filter(([, timer]) => timer.at <= end);
    return due.sort(([, one], [, other]) => one.at - other.at)[0];
  }

  stop() {
    Date.now = realDate;
    Object.assign(globalThis, this.#real);
  }
}

/** Let everything that waits for an answer already given go on. */
export async function settled() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The requests that a page has sent, waiting for the test to answer them. */
export class FakeRequest extends EventTarget {
  /** @type {FakeRequest[]} */
  static sent = [];
  upload = new EventTarget();
  headers = {};
  status = 0;
  responseText = "";

  static install() {
    FakeRequest.sent = [];
    globalThis.XMLHttpRequest = FakeRequest;
  }

  open(method, url) {
    Object.assign(this, { method, url });
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send(body) {
    this.body = body;
    FakeRequest.sent.push(this);
  }

  abort() {
    this.isAborted = true;
    this.dispatchEvent(new Event("abort"));
  }

  progress(loaded, total) {
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { lengthComputable: true, loaded, total }));
  }

  async answer(status, data) {
    this.status = status;
    this.responseText = typeof data === "string" ? data : JSON.stringify(data);
    this.dispatchEvent(new Event("load"));
    await settled();
  }

  async fail() {
    this.dispatchEvent(new Event("error"));
    await settled();
  }
}

/** fetch that records what it was asked and answers in turn; an Error in place of an answer is thrown. */
export function answering(...answers) {
  const asked = [];
  globalThis.fetch = async (url, options = {}) => {
    asked.push({ url, ...options, data: typeof options.body === "string" ? JSON.parse(options.body) : options.body });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    const { status = 200, json = {} } = await answer;
    return new Response(JSON.stringify(json), { status, headers: { "Content-Type": "application/json" } });
  };
  return asked;
}
