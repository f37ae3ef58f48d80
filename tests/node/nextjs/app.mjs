// The server of a Next.js app with next-auth, and a rewrite to a Python API, on a free loopback port.
//
// Start it where node_modules is. It reads one line of JSON from standard input,
//     {secret, python}      the origin of the API, below whose /py/ and /auth/ it passes requests on
// and writes {"origin": "http://localhost:<port>"} back. It ends when standard input is closed.
import { once } from "node:events"
import { createServer } from "node:http"
import { createRequire, registerHooks } from "node:module"
import { createInterface } from "node:readline"
import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { pathToFileURL } from "node:url"
import { NextRequest, visit } from "./next.mjs"

const NEXT = /^next\/(headers|navigation|server)$/
const host = new URL("./next.mjs", import.meta.url).href
registerHooks({
  resolve: (name, context, resolve) =>
    NEXT.test(name) ? { url: host, shortCircuit: true } : resolve(name, context),
})

// This file is not where the packages are, so an import by name would not find them.
const here = createRequire(`${process.cwd()}/`)
const load = (name) => import(pathToFileURL(here.resolve(name)))

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const { secret, python } = JSON.parse((await lines.next()).value)
process.env.AUTH_SECRET = secret
process.env.AUTH_TRUST_HOST = "true"

const { default: NextAuth } = await load("next-auth")
const { default: Credentials } = await load("next-auth/providers/credentials")
const { getToken } = await load("next-auth/jwt")

// --- auth.js of the app ---

const { handlers, auth, signIn, signOut, unstable_update } = NextAuth({
  providers: [
    Credentials({
      credentials: { username: {}, password: {} },
      authorize: ({ username, password }) =>
        password === "open sesame"
          ? { id: `next-${username}`, name: "Nora", email: `${username}@example.com` }
          : null,
    }),
  ],
  callbacks: {
    jwt({ token, user, trigger, session }) {
      if (user) token.role = "admin"
      if (user?.email.startsWith("large")) token.padding = "x".repeat(6000)
      if (trigger === "update" && session?.theme) token.theme = session.theme
      return token
    },
    session: ({ session, token }) => ({
      ...session,
      theme: token.theme,
      user: { ...session.user, id: token.sub },
    }),
  },
})

// --- its routes ---

const json = (value) => Response.json(value ?? null)

const pages = {
  "GET /page": async () => json(await auth()), // as a server component does
  "GET /route": auth((request) => json(request.auth)), // as a route handler or the middleware does
  "GET /token": async (request) => {
    const secureCookie = request.headers.get("x-forwarded-proto") === "https"
    return json(await getToken({ req: request, secret, secureCookie }))
  },
  "POST /actions/sign-in": async (request) =>
    json(await signIn("credentials", { ...(await request.json()), redirect: false })),
  "POST /actions/sign-out": async () => json((await signOut({ redirect: false })).redirect),
  "POST /actions/update": async (request) => json(await unstable_update(await request.json())),
}

/** As `rewrites` in next.config.js: the host is the API's, who was asked is in X-Forwarded-Host. */
function passOn(request, path) {
  const headers = new Headers(request.headers)
  headers.set("x-forwarded-host", headers.get("host"))
  for (const name of ["host", "connection", "content-length"]) headers.delete(name)
  const { method, body } = request
  return fetch(python + path, { method, headers, body, duplex: "half", redirect: "manual" })
}

function answer(request) {
  const { pathname, search } = request.nextUrl
  if (pathname.startsWith("/api/auth/")) return handlers[request.method](request)
  if (/^\/(py|auth)\//.test(pathname)) return passOn(request, pathname + search)
  const page = pages[`${request.method} ${pathname}`]
  return page ? page(request) : new Response(null, { status: 404 })
}

const server = createServer(async (message, response) => {
  const { method, url, headers } = message
  const proto = headers["x-forwarded-proto"] ?? "http"
  const body = method === "POST" ? await buffer(message) : undefined
  const request = new NextRequest(`${proto}://${headers.host}${url}`, { method, headers, body })
  const made = await visit(request, () => answer(request))
  const fields = [...made.headers].filter(([name]) => name !== "set-cookie")
  response.writeHead(made.status, [
    ...fields.flat(),
    ...made.headers.getSetCookie().flatMap((cookie) => ["set-cookie", cookie]),
  ])
  if (made.body) Readable.fromWeb(made.body).pipe(response)
  else response.end()
})
server.listen(0, "localhost")
await once(server, "listening")
console.log(JSON.stringify({ origin: `http://localhost:${server.address().port}` }))
await lines.next()
process.exit()
