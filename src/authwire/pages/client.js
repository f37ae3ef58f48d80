/* Signing in, from any front end. client.d.ts explains it. */

const BASE = new URL(".", import.meta.url);
const MARK = `authwire ${BASE.pathname}`;
// Name and messages of next-auth/react: tabs with either understand each other.
const channel = globalThis.BroadcastChannel && new BroadcastChannel("next-auth");
const listeners = new Set();
let session; // undefined: not known yet
let asked = 0;
let queue = Promise.resolve();

export const getSession = () => read();

export const getProviders = () => ask("providers");

export function onSession(callback, { interval } = {}) {
  const listener = () => listeners.has(listener) && callback(session);
  listeners.add(listener);
  if (session !== undefined) queueMicrotask(listener);
  else if (stale()) refresh();
  const again = () => session && navigator.onLine && refresh();
  const timer = interval && setInterval(again, interval * 1000);
  return () => {
    listeners.delete(listener);
    clearInterval(timer);
  };
}

export async function signIn(provider, fields, options = {}) {
  const { callbackUrl = here(), redirect = true, params } = options;
  if (!provider) return go(`${BASE}signin?${new URLSearchParams({ callbackUrl })}`);
  const atOnce = (await getProviders())[provider]?.type === "credentials";
  const way = atOnce ? "callback" : "signin";
  const path = `${way}/${encodeURIComponent(provider)}?${new URLSearchParams(params)}`;
  const result = await inTurn(() => post(path, fields, callbackUrl, redirect));
  if (!redirect && atOnce && result.ok) await read(true);
  return result;
}

export const signOut = ({ callbackUrl = here(), redirect = true } = {}) =>
  inTurn(async () => {
    const result = await post("signout", {}, callbackUrl, redirect);
    if (result.ok) settle(null, true);
    return result;
  });

export function update(data) {
  return inTurn(async () => {
    const body = JSON.stringify({ csrfToken: await csrfToken(), data });
    return settle(await ask("session", body, { "content-type": "application/json" }), true);
  });
}

// One by one: a late answer and its cookies must not undo a newer one's.
function inTurn(job) {
  const mine = queue.then(job);
  queue = mine.catch(() => {});
  return mine;
}

function read(tell) {
  asked = Date.now();
  return inTurn(async () => settle(await ask("session"), tell));
}

const refresh = (tell) => read(tell).catch(console.warn); // what is known stays

// tell: true, false, or undefined: if news
function settle(found, tell) {
  const plain = (it) => JSON.stringify({ ...it, expires: 0 }); // changes with every look
  const changed = session === undefined || plain(found) !== plain(session);
  session = found;
  const news = mark(found ? "in" : "out", tell);
  if (tell ?? news) channel?.postMessage({ event: "session", data: { trigger: "getSession" } });
  if (changed) listeners.forEach(queueMicrotask);
  return found;
}

// What this browser knew last; without a channel the change is the message.
function mark(state, loud) {
  try {
    const news = !localStorage[MARK]?.startsWith(state);
    if (news || loud) localStorage[MARK] = `${state} ${Date.now()}`;
    return news;
  } catch {} // storage is off
}

const hear = ({ key = MARK }) => key === MARK && listeners.size && refresh(false);
if (channel) channel.onmessage = hear;
else addEventListener("storage", hear);

const stale = () => Date.now() - asked > 1000;
const look = () => listeners.size && stale() && !document.hidden && refresh();
for (const sign of ["focus", "online", "visibilitychange"]) addEventListener(sign, look);

async function ask(path, body, headers) {
  const method = body && "POST";
  const signal = AbortSignal.timeout(60_000);
  const more = { headers, body, signal, credentials: "include" };
  const response = await fetch(BASE + path, { method, ...more });
  if (response.ok) return response.json();
  throw new Error(`${path}: ${response.status}`);
}

// 404: the check is off.
const csrfToken = async () => (await ask("csrf").catch(() => ({}))).csrfToken ?? "";

async function post(path, fields, callbackUrl, redirect) {
  const body = new URLSearchParams(fields);
  body.set("csrfToken", await csrfToken());
  body.set("callbackUrl", callbackUrl);
  const answer = await ask(path, body, { "X-Auth-Return-Redirect": "1" });
  const { href: url, searchParams } = new URL(answer.url, BASE);
  const arrived = url === new URL(callbackUrl, BASE).href;
  const error = arrived ? null : searchParams.get("error");
  if (redirect) go(url);
  return { ok: !error, error, code: error && searchParams.get("code"), url: error ? null : url };
}

function here() {
  const url = new URL(location);
  // Of the attempt before: a new failure would look like an arrival.
  if (url.searchParams.has("error")) url.searchParams.delete("error");
  return url.href;
}

function go(url) {
  const page = location.href.split("#")[0];
  mark("left", true); // the next page tells the other tabs
  location.assign(url);
  if (url.startsWith(`${page}#`)) location.reload();
}
