// Auth.js with the same secret, providers and sessions as the Python servers.
//   FRAMEWORK=express   @auth/express on Express, as its documentation shows it
//   FRAMEWORK=http      @auth/core on node:http, with nothing between the two
import http from "node:http"
import { Auth, setEnvDefaults } from "@auth/core"
import Credentials from "@auth/core/providers/credentials"
import GitHub from "@auth/core/providers/github"

const { PORT, STRATEGY, FRAMEWORK, SITE } = process.env
const { secret, user, rowKey } = JSON.parse(SITE)

// One user and one session that is not due to be renewed; maps, as fast as a store can be.
function memoryAdapter() {
  const users = new Map([["1", { id: "1", emailVerified: null, ...user }]])
  const expires = new Date(Date.now() + 30 * 86400 * 1000)
  const sessions = new Map([[rowKey, { sessionToken: rowKey, userId: "1", expires }]])
  return {
    async getSessionAndUser(token) {
      const session = sessions.get(token)
      return session ? { session: { ...session }, user: { ...users.get(session.userId) } } : null
    },
    async updateSession(changes) {
      return Object.assign(sessions.get(changes.sessionToken), changes)
    },
    async deleteSession(token) {
      sessions.delete(token)
    },
    async createUser(data) {
      return { ...data, id: "2" }
    },
    async getUser(id) {
      return users.get(id) ?? null
    },
    async getUserByEmail() {
      return null
    },
    async getUserByAccount() {
      return null
    },
    async updateUser(data) {
      return data
    },
    async linkAccount(data) {
      return data
    },
    async createSession(data) {
      return data
    },
  }
}

const config = {
  secret,
  trustHost: true,
  basePath: "/auth",
  session: { strategy: STRATEGY },
  providers: [
    { id: "idp", name: "IdP", type: "oidc", issuer: "https://idp.example", clientId: "a", clientSecret: "b" },
    GitHub({ clientId: "a", clientSecret: "b" }),
    Credentials({
      credentials: { name: { label: "Name" }, password: { label: "Password", type: "password" } },
      authorize: () => null,
    }),
  ],
  logger: { error() {}, warn() {}, debug() {} },
}
if (STRATEGY === "database") config.adapter = memoryAdapter()

function json(res, status, data) {
  const body = JSON.stringify(data)
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  res.end(body)
}

async function onExpress() {
  const { default: express } = await import("express")
  const { ExpressAuth, getSession } = await import("@auth/express")
  const app = express()
  app.get("/bare", (req, res) => res.json({ user }))
  app.get("/protected", async (req, res) => {
    const session = await getSession(req, config)
    if (!session) return res.status(401).json({ error: "Unauthorized" })
    res.json({ user: session.user })
  })
  app.use(/^\/auth\/(.*)/, ExpressAuth(config))
  return app
}

function headersOf(req) {
  const headers = new Headers()
  for (let i = 0; i < req.rawHeaders.length; i += 2) headers.append(req.rawHeaders[i], req.rawHeaders[i + 1])
  return headers
}

async function onHttp() {
  setEnvDefaults(process.env, config, true)
  const answers = {
    async "/bare"(req, res) {
      json(res, 200, { user })
    },
    async "/protected"(req, res) {
      const url = `http://${req.headers.host}/auth/session`
      const response = await Auth(new Request(url, { headers: { cookie: req.headers.cookie ?? "" } }), config)
      const session = await response.json()
      if (session) json(res, 200, { user: session.user })
      else json(res, 401, { error: "Unauthorized" })
    },
    async auth(req, res) {
      const request = new Request(`http://${req.headers.host}${req.url}`, { headers: headersOf(req) })
      const response = await Auth(request, config)
      const fields = [...response.headers].filter(([name]) => name !== "set-cookie")
      for (const cookie of response.headers.getSetCookie()) fields.push(["set-cookie", cookie])
      const body = Buffer.from(await response.arrayBuffer())
      res.writeHead(response.status, [...fields, ["content-length", String(body.length)]].flat())
      res.end(body)
    },
  }
  return (req, res) => {
    const answer = answers[req.url] ?? answers.auth
    answer(req, res).catch(() => json(res, 500, { error: "error" }))
  }
}

const handler = FRAMEWORK === "express" ? await onExpress() : await onHttp()
const server = http.createServer(handler)
server.keepAliveTimeout = 60_000
server.listen(Number(PORT), "127.0.0.1")
