// Runs Auth.js' MongoDB adapter, as npm has it, for tests that use the same database from Python.
//
// Start it where node_modules is:
//   node mongodb.mjs <url> <database>
// Each line of standard input is a question in JSON, each line of standard output its answer,
// {"value": …} or {"error": "…"}. It ends when standard input is closed.
//   {"method", "args"}        calls the adapter
//   {"cookie", "secret"}      asks @auth/core for /api/auth/session
import { createRequire } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

// This file is not where the packages are, so an import by name would not find them.
const load = (...path) => import(pathToFileURL(join(process.cwd(), "node_modules", ...path)))
const require = createRequire(`${process.cwd()}/`)

const [url, database] = process.argv.slice(2)
const { MongoClient } = require("mongodb")
const { MongoDBAdapter } = await load("@auth/mongodb-adapter/index.js")
const client = new MongoClient(url)
const adapter = MongoDBAdapter(client, { databaseName: database })

async function session({ cookie, secret }) {
  const { Auth } = await load("@auth/core/index.js")
  const request = new Request("http://localhost:3000/api/auth/session", { headers: { cookie } })
  const response = await Auth(request, {
    adapter,
    session: { strategy: "database" },
    providers: [],
    secret,
    trustHost: true,
    basePath: "/api/auth",
  })
  return { status: response.status, body: await response.json() }
}

const isTime = (key) => key === "emailVerified" || key === "expires"

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line, (key, value) =>
    isTime(key) && typeof value === "string" ? new Date(value) : value,
  )
  let said
  try {
    const value = question.method
      ? await adapter[question.method](...question.args)
      : await session(question)
    said = { value: value ?? null }
  } catch (error) {
    said = { error: String(error?.cause ?? error) }
  }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
await client.close()
