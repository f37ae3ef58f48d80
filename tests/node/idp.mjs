// Runs `oidc-provider` on free loopback ports, with the clients and accounts that a test asks for.
//
// Start it where node_modules is. It reads one line of JSON from standard input,
//     {"<name>": {clients, accounts, parOnly, slimIdTokens}, …}
// and once all answer it writes one line back: {"<name>": "http://127.0.0.1:<port>", …}.
// It ends when standard input is closed, so it cannot outlive the tests.
//
// Whoever is to sign in sees one form: the account to use, and whether to allow it.
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { pathToFileURL } from "node:url"

// This file is not where the packages are, so an import by name would not find them.
const here = createRequire(`${process.cwd()}/`)
const { Provider } = await import(pathToFileURL(here.resolve("oidc-provider")))

const FAILURES = ["authorization", "grant", "pushed_authorization_request", "revocation", "userinfo"]

function signingKey(kid, alg, type, options) {
  const jwk = generateKeyPairSync(type, options).privateKey.export({ format: "jwk" })
  return { ...jwk, alg, use: "sig", kid }
}

const jwks = {
  keys: [
    signingKey("rsa", "RS256", "rsa", { modulusLength: 2048 }),
    signingKey("pss", "PS256", "rsa", { modulusLength: 2048 }),
    signingKey("ec", "ES256", "ec", { namedCurve: "P-256" }),
    signingKey("ed", "EdDSA", "ed25519", {}),
  ],
}

function makeProvider(issuer, { clients, accounts, parOnly, slimIdTokens }) {
  const provider = new Provider(issuer, {
    clients,
    jwks,
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { email: ["email", "email_verified"], profile: ["name", "picture"] },
    conformIdTokenClaims: slimIdTokens,
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    findAccount: (_ctx, sub) =>
      accounts[sub] && { accountId: sub, claims: () => ({ sub, ...accounts[sub] }) },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      // Every first proof is refused, so that clients must bring the nonce with a second one.
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: parOnly },
      revocation: { enabled: true },
    },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
  })
  for (const name of FAILURES) {
    provider.on(`${name}.error`, (_ctx, error) =>
      console.error(`${name}: ${error.message} ${error.error_description} ${error.error_detail ?? ""}`),
    )
  }
  provider.on("server_error", (_ctx, error) => console.error(error))
  return provider
}

async function decide(provider, request, response) {
  const { params, prompt, session, grantId } = await provider.interactionDetails(request, response)
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8")
    response.end(`<!doctype html><title>${prompt.name}</title><form method="post">
      <input name="account" aria-label="Account"><button name="verdict" value="allow">Allow</button>
      <button name="verdict" value="deny">Deny</button></form>`)
    return
  }
  const form = new URLSearchParams(await text(request))
  let result = { error: "access_denied", error_description: "Not today" }
  if (form.get("verdict") === "allow") {
    const accountId = session?.accountId ?? form.get("account")
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    result = { login: { accountId }, consent: { grantId: await grant.save() } }
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function serve(settings) {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = makeProvider(issuer, settings)
  const standard = provider.callback()
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/interaction/")) return standard(request, response)
    decide(provider, request, response).catch((error) => {
      console.error(error)
      response.statusCode = 500
      response.end()
    })
  })
  return issuer
}

const input = createInterface({ input: process.stdin })
input.once("line", async (line) => {
  const issuers = {}
  for (const [name, settings] of Object.entries(JSON.parse(line))) {
    issuers[name] = await serve(settings)
  }
  console.log(JSON.stringify(issuers))
})
input.once("close", () => process.exit())
