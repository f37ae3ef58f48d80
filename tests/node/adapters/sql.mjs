// Runs Auth.js' SQL adapters, as npm has them, for tests that use the same database from Python.
//
// Start it where node_modules is. Each line of standard input is a question in JSON, each line of
// standard output its answer, {"value": …} or {"error": "…"}. It ends when standard input is closed.
//
//     {"open": "<name>", "kind": "pg"|"kysely"|"drizzle-pg"|"drizzle-mysql"|"drizzle-sqlite", "url"}
//         connects; "schema" is the one to work in on PostgreSQL
//     {"create": "<name>"}            makes Drizzle's tables; answers with the statements
//     {"call": "<name>", "method", "args"}   calls the adapter
//     {"visit": "<name>", "cookie", "secret"}  asks @auth/core for /api/auth/session
//     {"close": "<name>"}             disconnects
import { createRequire } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

// This file is not where the packages are, and drizzle-adapter does not export its tables.
const load = (...path) => import(pathToFileURL(join(process.cwd(), "node_modules", ...path)))
const require = createRequire(`${process.cwd()}/`)

const sides = new Map()

// --- Drizzle's tables, from the adapter's own definitions -----------------------------------------

async function drizzleTables(flavor) {
  const { defineTables } = await load("@auth/drizzle-adapter/lib", `${flavor}.js`)
  const { getTableConfig } = await load("drizzle-orm", `${flavor}-core/index.js`)
  return Object.values(defineTables()).map((table) => getTableConfig(table))
}

// The statements that drizzle-kit would write.
function createTable(config, flavor) {
  const quoted = (name) => (flavor === "pg" ? `"${name}"` : `\`${name}\``)
  const list = (columns) => columns.map((column) => quoted(column.name)).join(", ")
  const unique = config.columns.filter((column) => column.isUnique)
  const parts = config.columns.map((column) =>
    [
      quoted(column.name),
      column.getSQLType(),
      column.primary && "PRIMARY KEY",
      column.notNull && "NOT NULL",
    ]
      .filter(Boolean)
      .join(" "),
  )
  parts.push(...config.primaryKeys.map((key) => `PRIMARY KEY (${list(key.columns)})`))
  if (flavor !== "sqlite")
    parts.push(
      ...unique.map((it) => `CONSTRAINT ${quoted(it.uniqueName)} UNIQUE (${list([it])})`),
    )
  for (const key of config.foreignKeys) {
    const { columns, foreignTable, foreignColumns } = key.reference()
    const target = foreignTable[Symbol.for("drizzle:Name")]
    parts.push(
      `FOREIGN KEY (${list(columns)}) REFERENCES ${quoted(target)}(${list(foreignColumns)})` +
        ` ON UPDATE ${key.onUpdate ?? "no action"} ON DELETE ${key.onDelete ?? "no action"}`,
    )
  }
  if (config.checks.length || config.indexes.length || config.uniqueConstraints?.length)
    throw new Error("the tables have something new that this program does not make")
  const statements = [`CREATE TABLE ${quoted(config.name)} (\n  ${parts.join(",\n  ")}\n)`]
  if (flavor === "sqlite")
    for (const column of unique)
      statements.push(
        `CREATE UNIQUE INDEX ${quoted(column.uniqueName)} ON ${quoted(config.name)} (${list([column])})`,
      )
  return statements
}

// --- the ways to a database -----------------------------------------------------------------------

function pool({ url, schema }) {
  const { Pool } = require("pg")
  return new Pool({ connectionString: url, max: 4, options: `-c search_path=${schema}` })
}

const KINDS = {
  async pg(where) {
    const { default: PostgresAdapter } = await load("@auth/pg-adapter/index.js")
    const connected = pool(where)
    return { adapter: PostgresAdapter(connected), close: () => connected.end() }
  },

  async kysely(where) {
    const { KyselyAdapter, KyselyAuth } = await load("@auth/kysely-adapter/index.js")
    const { PostgresDialect } = await load("kysely/dist/index.js")
    const db = new KyselyAuth({ dialect: new PostgresDialect({ pool: pool(where) }) })
    return { adapter: KyselyAdapter(db), close: () => db.destroy() }
  },

  async "drizzle-pg"(where) {
    const connected = pool(where)
    const { drizzle } = await load("drizzle-orm/node-postgres/index.js")
    const run = (sql) => connected.query(sql)
    return drizzleSide("pg", drizzle(connected), run, () => connected.end())
  },

  async "drizzle-mysql"({ url }) {
    const connected = require("mysql2/promise").createPool({ uri: url, connectionLimit: 4 })
    const { drizzle } = await load("drizzle-orm/mysql2/index.js")
    const run = (sql) => connected.query(sql)
    return drizzleSide("mysql", drizzle(connected), run, () => connected.end())
  },

  // Node's own SQLite, for which Drizzle has no driver: its statements are handed over one by one.
  async "drizzle-sqlite"({ url }) {
    const { DatabaseSync } = await import("node:sqlite")
    const { drizzle } = await load("drizzle-orm/sqlite-proxy/index.js")
    const database = new DatabaseSync(url)
    database.exec("PRAGMA foreign_keys = ON")
    const db = drizzle(async (sql, params, method) => {
      const statement = database.prepare(sql)
      if (method === "run") return { rows: [statement.run(...params)] }
      statement.setReturnArrays(true)
      const rows = statement.all(...params)
      return { rows: method === "get" ? rows[0] : rows }
    })
    return drizzleSide("sqlite", db, (sql) => database.exec(sql), () => database.close())
  },
}

async function drizzleSide(flavor, db, run, close) {
  const { DrizzleAdapter } = await load("@auth/drizzle-adapter/index.js")
  return { adapter: DrizzleAdapter(db), flavor, run, close }
}

// --- questions ------------------------------------------------------------------------------------

const isTime = (key) => key === "emailVerified" || key === "expires"

async function answer(question) {
  if (question.open) {
    sides.set(question.open, await KINDS[question.kind](question))
    return Object.keys(sides.get(question.open).adapter)
  }
  const name = question.create ?? question.call ?? question.visit ?? question.close
  const side = sides.get(name)
  if (question.close) {
    await side.close()
    return sides.delete(name)
  }
  if (question.create) {
    const tables = await drizzleTables(side.flavor)
    const statements = tables.flatMap((it) => createTable(it, side.flavor))
    for (const statement of statements) await side.run(statement)
    return statements
  }
  if (question.call) return side.adapter[question.method](...question.args)
  return visit(side, question)
}

async function visit(side, { cookie, secret }) {
  const { Auth } = await load("@auth/core/index.js")
  const request = new Request("http://localhost:3000/api/auth/session", { headers: { cookie } })
  const response = await Auth(request, {
    adapter: side.adapter,
    session: { strategy: "database" },
    providers: [],
    secret,
    trustHost: true,
    basePath: "/api/auth",
  })
  return { status: response.status, body: await response.json() }
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line, (key, value) =>
    isTime(key) && typeof value === "string" ? new Date(value) : value,
  )
  let said
  try {
    said = { value: (await answer(question)) ?? null }
  } catch (error) {
    said = { error: String(error?.cause ?? error) }
  }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
process.exit(0)
