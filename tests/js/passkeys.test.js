import assert from "node:assert/strict";
import { test } from "node:test";

import { fromText, isNumber, passkeyFault, toText } from "../../static/js/passkeys.js";

test("bytes go through the spelling for addresses and come back", () => {
  const bytes = Uint8Array.from([0, 251, 239, 190, 255, 62, 63]);
  assert.equal(toText(bytes.buffer), "APvvvv8-Pw");
  assert.deepEqual(fromText(toText(bytes.buffer)), bytes);
});

test("a passkey is bound to a name, and to no number", () => {
  assert.deepEqual(["192.168.1.10", "[::1]", "records.example.org", "localhost"].map(isNumber), [
    true,
    true,
    false,
    false,
  ]);
});

test("what went wrong is said in words, and what to do", () => {
  assert.match(passkeyFault(new DOMException("", "NotAllowedError")), /Press the button again, or use another way/);
  assert.match(passkeyFault(new DOMException("", "InvalidStateError")), /has a passkey of yours already/);
  assert.match(passkeyFault(new TypeError("failed to fetch")), /Check the network/);
});
