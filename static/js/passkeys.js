// Passkeys as the browser knows them: the server's options in, the browser's answer out, both as JSON.

/** Whether this browser offers passkeys at this address: they are bound to a host name, and want https. */
export function passkeysWork() {
  return Boolean(window.PublicKeyCredential) && window.isSecureContext && !isNumber(location.hostname);
}

/** @param {string} host */
export function isNumber(host) {
  return /^[\d.]+$/.test(host) || host.startsWith("[");
}

/**
 * Make a passkey, which asks the person for finger, face or PIN. Rejects when they give up.
 * @param {{publicKey: any}} options as the server sent them
 * @returns {Promise<string>}
 */
export async function createPasskey({ publicKey }) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: fromText(publicKey.challenge),
      user: { ...publicKey.user, id: fromText(publicKey.user.id) },
      excludeCredentials: (publicKey.excludeCredentials ?? []).map(withBytes),
    },
  });
  const response = /** @type {AuthenticatorAttestationResponse} */ (/** @type {PublicKeyCredential} */ (made).response);
  return asJson(made, {
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

/**
 * Use a passkey. Rejects when the person gives up, or has none here.
 * @param {{publicKey: any}} options as the server sent them
 * @returns {Promise<string>}
 */
export async function usePasskey({ publicKey }) {
  const used = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: fromText(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials ?? []).map(withBytes),
    },
  });
  const response = /** @type {AuthenticatorAssertionResponse} */ (/** @type {PublicKeyCredential} */ (used).response);
  return asJson(used, {
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle ? toText(response.userHandle) : null,
  });
}

/** Why it did not work, in words. @param {unknown} fault */
export function passkeyFault(fault) {
  const name = fault instanceof Error || fault instanceof DOMException ? fault.name : "";
  if (name === "InvalidStateError") return "This device has a passkey of yours already.";
  if (name === "NotAllowedError" || name === "AbortError")
    return "No passkey was used. Press the button again, or use another way.";
  return "The passkey did not work. Check the network, then press the button again.";
}

/** @param {Credential} credential @param {Record<string, unknown>} response */
function asJson(credential, response) {
  const { id, rawId, type, response: given } = /** @type {PublicKeyCredential} */ (credential);
  return JSON.stringify({
    id,
    rawId: toText(rawId),
    type,
    clientExtensionResults: /** @type {PublicKeyCredential} */ (credential).getClientExtensionResults(),
    response: { clientDataJSON: toText(given.clientDataJSON), ...response },
  });
}

/** @param {any} known @returns {PublicKeyCredentialDescriptor} */
function withBytes(known) {
  return { ...known, id: fromText(known.id) };
}

/** Bytes of base64 in its spelling for addresses. @param {string} text */
export function fromText(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
export function toText(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
