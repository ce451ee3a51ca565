// One photo on its way to the server, with what fetch cannot tell: how much of it has left.

import { NoAnswer } from "../forms/server.js";

const STALLED_AFTER = 60_000; // ms without a single byte
const ANSWER_WITHIN = 150_000; // ms; the server may have to wait its turn to read the picture
const NOT_THERE = new Set([502, 504]);

/**
 * Resolves to the answer's status and what it says, {} when that is no JSON. Rejects with NoAnswer.
 * @param {string} url
 * @param {FormData} body
 * @param {object} options
 * @param {import("../forms/server.js").Server} options.server
 * @param {(progress: number) => void} options.onProgress from 0 to 1
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{status: number, data: Record<string, any>}>}
 */
export function transfer(url, body, { server, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    /** @type {(ms: number) => void} */
    const wait = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), ms);
    };
    const fail = () => {
      clearTimeout(timer);
      reject(new NoAnswer("no answer"));
    };
    request.open("POST", url);
    request.responseType = "text";
    for (const [name, value] of headers(server)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      wait(STALLED_AFTER);
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.upload.addEventListener("load", () => {
      wait(ANSWER_WITHIN);
      onProgress(1);
    });
    request.addEventListener("load", () => {
      clearTimeout(timer);
      if (NOT_THERE.has(request.status) || request.status === 0) fail();
      else resolve({ status: request.status, data: read(request) });
    });
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, fail);
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    wait(STALLED_AFTER);
    request.send(body);
  });
}

/** @param {import("../forms/server.js").Server} server @returns {[string, string][]} */
function headers(server) {
  return [
    ["Accept", "application/json"],
    ["X-Requested-With", "fetch"],
    ["X-CSRFToken", server.token],
    ["X-Opened-As", server.openedAs],
  ];
}

/** @param {XMLHttpRequest} request */
function read(request) {
  try {
    return JSON.parse(request.responseText) ?? {};
  } catch {
    return {};
  }
}
