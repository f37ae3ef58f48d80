// @auth/core's token codec. Reads lines of JSON, {"op", "flight", "count"}, and answers each with the
// CPU microseconds that all threads of this process have spent on so many operations.
import readline from "node:readline"
import { decode, encode } from "@auth/core/jwt"

const { secret, salt, claims, token } = JSON.parse(process.env.SITE)
const maxAge = 86400 * 30

const operations = {
  encode: () => encode({ token: claims, secret, salt, maxAge }),
  decode: () => decode({ token, secret, salt }),
}

// So many at a time: a server with that many requests in hand.
async function run(operation, flight, count) {
  let left = count
  async function one() {
    while (left-- > 0) await operation()
  }
  await Promise.all(Array.from({ length: flight }, one))
}

const opened = await operations.decode()
if (opened?.email !== claims.email) throw new Error("Auth.js does not read the token")
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { op, flight, count } = JSON.parse(line)
  const before = process.cpuUsage()
  await run(operations[op], flight, count)
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ microseconds: user + system, token: await operations.encode() }))
}
