// What next-auth asks of Next.js on the server: who is asking, and a way to set cookies. Next.js itself
// is too large to be installed for a test (330 MB); it keeps the same things in an AsyncLocalStorage too.
import { AsyncLocalStorage } from "node:async_hooks"

const visits = new AsyncLocalStorage()

/** Run `job` on behalf of `request`; the cookies that it sets go out with its response. */
export async function visit(request, job) {
  const set = []
  const response = await visits.run({ request, set }, job)
  const answer = new Response(response.body, response)
  for (const cookie of set) answer.headers.append("set-cookie", cookie)
  return answer
}

// --- next/headers ---

export const headers = async () => visits.getStore().request.headers

export const cookies = async () => ({
  set(name, value, { path, maxAge, expires, httpOnly, secure, sameSite } = {}) {
    const parts = [`${name}=${encodeURIComponent(value)}`]
    if (path) parts.push(`Path=${path}`)
    if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`)
    if (expires) parts.push(`Expires=${expires.toUTCString()}`)
    if (httpOnly) parts.push("HttpOnly")
    if (secure) parts.push("Secure")
    if (sameSite) parts.push(`SameSite=${sameSite}`)
    visits.getStore().set.push(parts.join("; "))
  },
})

// --- next/navigation ---

export function redirect(url) {
  throw Object.assign(new Error("NEXT_REDIRECT"), { url })
}

// --- next/server ---

export class NextRequest extends Request {
  get nextUrl() {
    return new URL(this.url)
  }
}

export class NextResponse extends Response {
  static next() {
    return new NextResponse()
  }
}
