/**
 * Signing in from any front end, without a build step.
 *
 * Both interfaces can be extended:
 *
 *     declare module "/auth/client.js" { interface User { role: string } }
 */

/** What the browser may know of who is signed in: what the `session` callback says. */
export interface User {
  name?: string | null;
  email?: string | null;
  image?: string | null;
}

export interface Session {
  user: User;
  /** When it ends if it is not used again; ISO 8601. */
  expires: string;
}

export interface Provider {
  id: string;
  name: string;
  type: "oauth" | "oidc" | "email" | "credentials" | "webauthn";
  signinUrl: string;
  callbackUrl: string;
}

export interface SignInOptions {
  /** Where to go afterwards: a path or a URL of this site. Default: this page. */
  callbackUrl?: string;
  /** false: stay on the page, and do what the result says. */
  redirect?: boolean;
  /** More parameters for the provider, such as `{ prompt: "login" }`. */
  params?: Record<string, string>;
}

export interface Result {
  ok: boolean;
  /** What went wrong, such as "CredentialsSignin"; null if nothing did. */
  error: string | null;
  /** Your own word for a refusal of credentials. */
  code: string | null;
  /** Where to go now: the provider, the page that says "look at your mail", or `callbackUrl`. */
  url: string | null;
}

/** The session, asked for anew; null if nobody is signed in. */
export function getSession<S extends Session = Session>(): Promise<S | null>;

/** The ways to sign in, by id. */
export function getProviders(): Promise<Record<string, Provider>>;

/**
 * Call back with the session: as soon as it is known, and whenever it changes, in whichever tab.
 *
 * Asks again when the window gets the focus, and every `interval` seconds while somebody is signed in.
 * Each such look prolongs the session. Returns a function that ends it.
 */
export function onSession<S extends Session = Session>(
  callback: (session: S | null) => void,
  options?: { interval?: number },
): () => void;

/**
 * Sign in; without a provider, open the sign-in page.
 *
 * `fields` is what the provider's form would send: the credentials, or `{ email }`. For passkeys there
 * is webauthn.js.
 */
export function signIn(): Promise<void>;
export function signIn(
  provider: string,
  fields?: Record<string, string> | FormData | URLSearchParams,
  options?: SignInOptions,
): Promise<Result>;
export function signIn(
  provider: undefined | null | "",
  fields?: unknown,
  options?: Pick<SignInOptions, "callbackUrl">,
): Promise<void>;

/** Sign out, in all tabs. */
export function signOut(options?: Pick<SignInOptions, "callbackUrl" | "redirect">): Promise<Result>;

/**
 * Hand `data` to the `jwt` and `session` callbacks (trigger "update"), which decide what becomes of it.
 *
 * All functions here reject if the server cannot be reached, or fails.
 */
export function update<S extends Session = Session>(data?: unknown): Promise<S | null>;
