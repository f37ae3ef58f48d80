// Passkeys by @simplewebauthn/server 9, which is what Auth.js makes and judges them with.
//
// Start it where node_modules is.
//   node webauthn.mjs record     writes tests/vectors/webauthn.json to standard output: ceremonies of a
//                                software authenticator, and the rows that Auth.js makes of them
//   node webauthn.mjs            answers lines of JSON {ceremony, ...} with one line each: the row of a
//                                registration, the counter of a sign-in, or {error}
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

// This file is not where the packages are, so an import by name would not find them.
const here = createRequire(`${process.cwd()}/`)
const server = await import(pathToFileURL(here.resolve("@simplewebauthn/server")))
const { isoCBOR } = await import(pathToFileURL(here.resolve("@simplewebauthn/server/helpers")))
const { generateAuthenticationOptions, generateRegistrationOptions } = server.default ?? server
const { verifyAuthenticationResponse, verifyRegistrationResponse } = server.default ?? server

const RP = "localhost"
const ORIGIN = "http://localhost:3000"
const toBase64 = (bytes) => Buffer.from(bytes).toString("base64")
const fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"))
const sha256 = (data) => createHash("sha256").update(data).digest()

// --- what Auth.js makes of an answer ---

async function register({ answer, challenge, origin = ORIGIN, rpId = RP }) {
  const { verified, registrationInfo: info } = await verifyRegistrationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
  })
  if (!verified) throw new Error("not verified")
  return {
    providerAccountId: toBase64(info.credentialID),
    counter: info.counter,
    credentialID: toBase64(info.credentialID),
    credentialPublicKey: toBase64(info.credentialPublicKey),
    credentialBackedUp: info.credentialBackedUp,
    credentialDeviceType: info.credentialDeviceType,
    transports: answer.response.transports?.join(","),
  }
}

async function authenticate({ answer, challenge, row, origin = ORIGIN, rpId = RP }) {
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    authenticator: {
      ...row,
      credentialID: fromBase64(row.credentialID),
      credentialPublicKey: fromBase64(row.credentialPublicKey),
      transports: row.transports ? row.transports.split(",") : undefined,
    },
  })
  if (!verified) throw new Error("not verified")
  return authenticationInfo.newCounter
}

// --- a software authenticator ---

const KINDS = {
  ES256: {
    pair: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    cose: ({ x, y }) => [[1, 2], [3, -7], [-1, 1], [-2, bytes(x)], [-3, bytes(y)]],
    digest: "sha256",
  },
  EdDSA: {
    pair: () => generateKeyPairSync("ed25519"),
    cose: ({ x }) => [[1, 1], [3, -8], [-1, 6], [-2, bytes(x)]],
    digest: null,
  },
  RS256: {
    pair: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    cose: ({ n, e }) => [[1, 3], [3, -257], [-1, bytes(n)], [-2, bytes(e)]],
    digest: "sha256",
  },
}
const bytes = (base64url) => new Uint8Array(Buffer.from(base64url, "base64url"))

class Authenticator {
  constructor({ alg, flags, counter, counts, transports, id }) {
    const { privateKey, publicKey } = KINDS[alg].pair()
    const cose = new Map(KINDS[alg].cose(publicKey.export({ format: "jwk" })))
    Object.assign(this, { alg, flags, counter, counts, transports, id: Buffer.from(id), privateKey })
    this.cose = Buffer.from(isoCBOR.encode(cose))
  }
  data(flags, extra = Buffer.alloc(0)) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(this.counter)
    return Buffer.concat([sha256(RP), Buffer.from([flags]), counter, extra])
  }
  client(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: ORIGIN, crossOrigin: false }))
  }
  credential(response) {
    const id = this.id.toString("base64url")
    return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} }
  }
  create({ challenge }) {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.cose])
    const authData = new Uint8Array(this.data(this.flags | 0x40, attested))
    const object = new Map([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]])
    return this.credential({
      clientDataJSON: this.client("webauthn.create", challenge).toString("base64url"),
      attestationObject: Buffer.from(isoCBOR.encode(object)).toString("base64url"),
      ...(this.transports ? { transports: this.transports } : {}),
    })
  }
  get({ challenge }) {
    if (this.counts) this.counter++
    const client = this.client("webauthn.get", challenge)
    const data = this.data(this.flags)
    const signature = sign(KINDS[this.alg].digest, Buffer.concat([data, sha256(client)]), this.privateKey)
    return this.credential({
      clientDataJSON: client.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: signature.toString("base64url"),
    })
  }
}

async function record(name, settings) {
  const device = new Authenticator(settings)
  const made = await generateRegistrationOptions({
    rpName: "localhost:3000",
    rpID: RP,
    userID: "5e".repeat(32),
    userName: "ada@example.com",
    timeout: 300000,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  })
  const registration = { options: made, answer: device.create(made) }
  const row = await register({ answer: registration.answer, challenge: made.challenge })
  const signIns = []
  for (let counter = row.counter; signIns.length < 2; counter = signIns.at(-1).counter) {
    const options = await generateAuthenticationOptions({
      rpID: RP,
      timeout: 300000,
      userVerification: "required",
      allowCredentials: [{ id: device.id, type: "public-key", transports: settings.transports }],
    })
    const answer = device.get(options)
    const { challenge } = options
    // The library fails on about 1 in 128 good ES256 signatures; such a one is no vector.
    const seen = await authenticate({ answer, challenge, row: { ...row, counter } }).catch(() => null)
    if (seen !== null) signIns.push({ options, answer, counter: seen })
  }
  return { name, registration, row, signIns }
}

if (process.argv[2] === "record") {
  const single = 0x05
  const synced = 0x1d
  const both = ["internal", "hybrid"]
  const out = {
    about: "Ceremonies that @simplewebauthn/server 9.0.3 accepted, and the rows that Auth.js makes.",
    origin: ORIGIN,
    rpId: RP,
    ceremonies: [
      await record("ES256, one device", {
        alg: "ES256", flags: single, counter: 7, counts: true, transports: ["usb"],
        id: Array.from({ length: 16 }, (_, n) => 0xf0 + n),
      }),
      await record("EdDSA, synced and not counting", {
        alg: "EdDSA", flags: synced, counter: 0, counts: false, transports: both,
        id: Array.from({ length: 20 }, (_, n) => 255 - n),
      }),
      await record("RS256, no transports, long id", {
        alg: "RS256", flags: 0x0d, counter: 0, counts: true, transports: undefined,
        id: Array.from({ length: 64 }, (_, n) => n * 3),
      }),
    ],
  }
  console.log(JSON.stringify(out, null, 1))
} else {
  const ceremonies = { register, authenticate }
  for await (const line of createInterface({ input: process.stdin })) {
    const { ceremony, ...input } = JSON.parse(line)
    const answer = await ceremonies[ceremony](input).catch((error) => ({ error: error.message }))
    console.log(JSON.stringify(answer))
  }
}
