// What a TypeScript front end may write with client.d.ts, and what it may not. Never run: tsc reads it.
import {
  getProviders,
  getSession,
  onSession,
  signIn,
  signOut,
  update,
  type Result,
  type Session,
} from "/auth/client.js"

declare module "/auth/client.js" {
  interface User {
    role: string
  }
}
interface Themed extends Session {
  theme: string
}

const session: Session | null = await getSession()
const role: string | undefined = session?.user.role
const email: string | null | undefined = session?.user.email
const theme: string | undefined = (await getSession<Themed>())?.theme
const stop: () => void = onSession<Themed>((now) => now?.theme.length, { interval: 60 })
const there: Result = await signIn("idp", {}, { redirect: false, params: { prompt: "login" } })
const nothing: void = await signIn(null, undefined, { callbackUrl: "/" })
const out: string | null = (await signOut({ callbackUrl: "/bye", redirect: false })).url
const changed: Themed | null = await update<Themed>({ theme: "dark" })
await signIn("credentials", new FormData())
await signIn()
for (const { type: kind } of Object.values(await getProviders())) {
  kind satisfies "oauth" | "oidc" | "email" | "credentials" | "webauthn"
}
export { changed, email, nothing, out, role, stop, there, theme }

// @ts-expect-error: nobody may be signed in
session.user
// @ts-expect-error: a field is text
await signIn("credentials", { username: 1 })
// @ts-expect-error: a misspelt option
await signIn("credentials", {}, { callbackURL: "/" })
// @ts-expect-error: no such function
import { signUp } from "/auth/client.js"
