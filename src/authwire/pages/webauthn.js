/* Passkeys in the browser: for the built-in sign-in page, and for an app's own pages:

     import { signIn } from "/auth/webauthn.js";
     await signIn();                                        // any passkey that the browser finds
     await signIn({ fields: { email }, action: "register" });

   No build step, no other file. https://www.w3.org/TR/webauthn-3/ */

const BASE = new URL(".", import.meta.url);

/**
 * What went wrong. `code` is one of
 *   cancelled    called off, too late, or there is no passkey: browsers don't tell which
 *   missing      the same, on a device that has no authenticator of its own
 *   unsupported  this browser or its authenticators cannot do what was asked
 *   registered   there is a passkey for this user already
 *   invalid      the server can make nothing of the fields
 *   refused      the server does not accept the answer; `error` and `url` say more
 *   failed       anything else
 */
export class PasskeyError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "PasskeyError";
    this.code = code;
  }
}

/** Whether this browser knows passkeys. They need a secure context. */
export function supported() {
  return typeof globalThis.PublicKeyCredential === "function" && !!navigator.credentials;
}

/** Whether it can offer them while a field is filled in. */
export async function autofillSupported() {
  if (!supported()) return false;
  const ask = PublicKeyCredential.isConditionalMediationAvailable;
  return typeof ask === "function" && (await ask.call(PublicKeyCredential));
}

/**
 * Sign in, sign up, or add a passkey to whoever is signed in.
 *
 * provider     its id
 * fields       what the provider's form would send, such as {email}
 * action       "register", "authenticate", or nothing: the server decides by the fields
 * callbackUrl  where to go afterwards
 * autofill     wait until a passkey is chosen from a field's suggestions
 * redirect     false: stay on the page
 * signal       an AbortSignal that ends the waiting
 *
 * Answers {action, url}. Throws a PasskeyError; `url` of one that is "refused" tells the error.
 */
export async function signIn(options = {}) {
  const { provider = "passkey", fields = {}, action, callbackUrl, csrfToken } = options;
  const { autofill = false, redirect = true, signal } = options;
  if (!supported()) throw new PasskeyError("unsupported", "this browser has no passkeys");
  const asked = await fetchOptions(provider, fields, action, signal);
  const credential = await ceremony(asked, autofill, signal);
  const url = await post(provider, {
    ...fields,
    action: asked.action,
    data: JSON.stringify(toJSON(credential)),
    csrfToken: csrfToken ?? (await fetchCsrfToken()),
    ...(callbackUrl ? { callbackUrl } : {}),
  });
  if (redirect) go(url);
  return { action: asked.action, url };
}

// --- the server -----------------------------------------------------------------------------------

async function fetchOptions(provider, fields, action, signal) {
  const url = new URL(`webauthn-options/${encodeURIComponent(provider)}`, BASE);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  if (action) url.searchParams.set("action", action);
  const response = await reach(url, { cache: "no-store", signal });
  if (response.status === 400) throw new PasskeyError("invalid", "the server refuses the fields");
  if (!response.ok || response.redirected) {
    throw new PasskeyError("failed", `no options for this request (${response.status})`);
  }
  return response.json();
}

async function fetchCsrfToken() {
  const response = await reach(new URL("csrf", BASE), { cache: "no-store" });
  return response.ok ? (await response.json()).csrfToken : "";
}

async function post(provider, fields) {
  const response = await reach(new URL(`callback/${encodeURIComponent(provider)}`, BASE), {
    method: "POST",
    headers: { "X-Auth-Return-Redirect": "1" },
    body: new URLSearchParams(fields),
  });
  const { url } = await response.json().catch(() => ({}));
  if (!url) throw new PasskeyError("failed", `no answer to go by (${response.status})`);
  const error = new URL(url, BASE).searchParams.get("error");
  if (error && new URL(url, BASE).origin === BASE.origin) {
    const refused = new PasskeyError("refused", error);
    throw Object.assign(refused, { url, error });
  }
  return url;
}

async function reach(url, init) {
  try {
    return await fetch(url, { credentials: "same-origin", ...init });
  } catch (cause) {
    if (init.signal?.aborted) throw new PasskeyError("cancelled", "called off", { cause });
    throw new PasskeyError("failed", "the server cannot be reached", { cause });
  }
}

function go(url) {
  const here = location.href;
  location.assign(url);
  // A mere change of the fragment loads nothing.
  if (url.includes("#") && url.split("#")[0] === here.split("#")[0]) location.reload();
}

// --- the authenticator ----------------------------------------------------------------------------

async function ceremony({ action, options }, autofill, signal) {
  const credentials = navigator.credentials;
  try {
    if (action === "register") {
      return await credentials.create({ publicKey: creationOptions(options), signal });
    }
    const publicKey = requestOptions(options);
    if (!autofill) return await credentials.get({ publicKey, signal });
    return await credentials.get({ publicKey, signal, mediation: "conditional" });
  } catch (cause) {
    let code = CODES[cause?.name] ?? "failed";
    if (cause?.name === "NotAllowedError" && !(await deviceCan())) code = "missing";
    throw new PasskeyError(code, String(cause?.message), { cause });
  }
}

/** Whether the device has an authenticator of its own. */
async function deviceCan() {
  const ask = PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable;
  return typeof ask !== "function" || (await ask.call(PublicKeyCredential).catch(() => true));
}

const CODES = {
  AbortError: "cancelled",
  NotAllowedError: "cancelled",
  InvalidStateError: "registered",
  ConstraintError: "unsupported",
  NotSupportedError: "unsupported",
};

function creationOptions(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  }
  return {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(toDescriptor),
  };
}

function requestOptions(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  }
  return {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(toDescriptor),
  };
}

function toJSON(credential) {
  // Some password managers put in credentials of their own, whose toJSON fails.
  try {
    if (credential.toJSON) return credential.toJSON();
  } catch {}
  const { response } = credential;
  const out = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    out.attestationObject = toText(response.attestationObject);
    out.transports = response.getTransports?.() ?? [];
  } else {
    out.authenticatorData = toText(response.authenticatorData);
    out.signature = toText(response.signature);
    if (response.userHandle) out.userHandle = toText(response.userHandle);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: out,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  };
}

const toDescriptor = (credential) => ({ ...credential, id: toBytes(credential.id) });

function toBytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function toText(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// --- forms ----------------------------------------------------------------------------------------

const REFRESH = 5 * 60 * 1000; // a challenge lives three times as long

/** Make a passkey form work: <form data-passkey="provider-id"> with the messages as data-… too. */
export function enhance(form) {
  const provider = form.dataset.passkey;
  if (!supported()) {
    say(form, form.dataset.unsupported);
    for (const element of form.elements) element.disabled = true;
    return;
  }
  form.noValidate = true; // an empty form is fine: the browser finds the passkey
  let waiting = null;
  let busy = false;

  async function run(options) {
    const csrfToken = form.elements.csrfToken?.value;
    const callbackUrl = form.elements.callbackUrl?.value;
    try {
      await signIn({ provider, csrfToken, callbackUrl, ...options });
      return true;
    } catch (error) {
      if (options.signal?.aborted) return false;
      if (options.autofill && error.code !== "refused") {
        // Nobody asked for anything, so the page stays silent; only a fault of ours is worth a line.
        if (error.code === "failed") console.warn(error);
        return false;
      }
      if (error.url && !["Configuration", "WebAuthnVerificationError"].includes(error.error)) {
        go(error.url);
        return true;
      }
      say(form, form.dataset[error.code] ?? form.dataset.failed);
      if (["failed", "refused"].includes(error.code)) console.warn(error);
      return false;
    }
  }

  async function suggest() {
    if (busy || document.visibilityState !== "visible" || !(await autofillSupported())) return;
    waiting?.abort();
    const mine = (waiting = new AbortController());
    const done = await run({ autofill: true, action: "authenticate", signal: mine.signal });
    // Browsers allow one such wait at a time; another follows when this one has come to nothing.
    if (!done && waiting === mine) waiting = null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    waiting?.abort();
    say(form, "");
    const inputs = [...form.querySelectorAll("[data-form-field]")];
    const fields = Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()]));
    const empty = Object.values(fields).every((value) => !value);
    if (!empty && !inputs.every((input) => input.reportValidity())) {
      busy = false;
      return;
    }
    form.setAttribute("aria-busy", "true");
    const options = empty ? { action: "authenticate" } : { fields };
    const done = await run({ ...options, action: form.dataset.action ?? options.action });
    form.removeAttribute("aria-busy");
    busy = false;
    if (!done && "conditional" in form.dataset) suggest();
  });

  if ("conditional" in form.dataset) {
    suggest();
    setInterval(suggest, REFRESH);
    // Another tab may have asked for a challenge meanwhile: then ours is void.
    document.addEventListener("visibilitychange", suggest);
  }
}

function say(form, text) {
  form.querySelector("[data-passkey-message]")?.remove();
  if (!text) return;
  const box = document.createElement("p");
  box.setAttribute("role", "alert");
  box.setAttribute("data-passkey-message", "");
  box.className = "note";
  box.textContent = text;
  form.append(box);
}

document.querySelectorAll("form[data-passkey]").forEach(enhance);
