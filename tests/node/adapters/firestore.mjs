// Runs `@firestore-emulator/server` on a free loopback port.
//
// Start it where node_modules is. It reads one line from standard input and writes one line of JSON
// back: {"port": …}. It ends when standard input is closed, so it cannot outlive the tests.
//
// The emulator writes the first half of a commit whose second half is refused, and does not look at the
// times of preconditions. Firestore does neither: a commit is atomic, and `currentDocument` may name an
// `updateTime` (https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1#commitrequest).
// So both are added here, in front of it: all preconditions are checked before anything is written.
import { once } from "node:events"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"

const require = createRequire(`${process.cwd()}/`)
const { ServerCredentials, status } = require("@grpc/grpc-js")
const { FirestoreServer } = require("@firestore-emulator/server")

const emulator = new FirestoreServer()
const { server, state } = emulator

function refusal(write) {
  const { metadata } = state.getDocument(write.has_delete ? write.delete : write.update.name)
  const condition = write.has_current_document ? write.current_document : undefined
  if (condition?.has_exists && condition.exists !== metadata.hasExist) {
    return metadata.hasExist
      ? { code: status.ALREADY_EXISTS, details: "Document already exists" }
      : { code: status.NOT_FOUND, details: "No document to update" }
  }
  if (condition?.has_update_time) {
    if (!metadata.hasExist) return { code: status.NOT_FOUND, details: "No document to update" }
    const { seconds, nanos } = condition.update_time
    if (seconds * 1000 + nanos / 1e6 !== metadata.updatedAt.getTime()) {
      return { code: status.FAILED_PRECONDITION, details: "the stored version does not match" }
    }
  }
}

let last = 0
const commit = server.handlers.get("/google.firestore.v1.Firestore/Commit")
const write = commit.func
commit.func = (call, callback) => {
  for (const one of call.request.writes) {
    const refused = refusal(one)
    if (refused) return callback({ name: "Error", message: refused.details, ...refused }, null)
  }
  // Each commit has a time of its own: the emulator's clock knows milliseconds only.
  while (Date.now() <= last);
  write(call, callback)
  last = Date.now()
}

const lines = createInterface({ input: process.stdin })
await once(lines, "line")
const port = await new Promise((resolve, reject) => {
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  )
})
process.stdout.write(`${JSON.stringify({ port })}\n`)
await once(lines, "close")
emulator.stop()
