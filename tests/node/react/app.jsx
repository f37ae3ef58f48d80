// A page that uses next-auth's client as its documentation says. What the client returns is put on
// `window.client` for the tests to call; what `useSession` says is shown, and remembered in
// `window.seen`.
import { useEffect } from "react"
import { createRoot } from "react-dom/client"
import {
  SessionProvider,
  getCsrfToken,
  getProviders,
  getSession,
  signIn,
  signOut,
  useSession,
} from "next-auth/react"
import { signIn as passkeySignIn } from "next-auth/webauthn"

window.client = { getCsrfToken, getProviders, getSession, passkeySignIn, signIn, signOut }
window.seen = []

function Greeting() {
  const { data, status, update } = useSession({ required: location.pathname === "/members" })
  window.client.update = update
  useEffect(() => {
    window.seen.push(status)
  }, [status])
  return (
    <main data-theme={data?.theme}>
      <output id="status">{status}</output>
      <output id="email">{data?.user.email}</output>
      <output id="theme">{data?.theme}</output>
      <button onClick={() => signIn()}>Sign in</button>
      <button onClick={() => signIn("oidc")}>Sign in with OIDC</button>
      <button onClick={() => signOut()}>Sign out</button>
    </main>
  )
}

const polling = location.pathname === "/polling" ? 1 : 0
createRoot(document.getElementById("root")).render(
  <SessionProvider refetchInterval={polling}>
    <Greeting />
  </SessionProvider>,
)
