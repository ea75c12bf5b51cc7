// `cors`: which scripts of other origins may read responses. Fetch standard, "HTTP-CORS protocol"; RFC 9110 section
// 5.6.2 (token). Refuses origins that no browser sends.

import { isHttpToken } from '../../platform/http-token.ts'
import { checkStrings, checkUrl, isJsonObject, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { readerOf, whole, wordOf, type Settings } from '../setting.ts'
import type { Section } from './section.ts'

/**
 * Which scripts of other origins may send requests and read responses (Fetch standard, "HTTP-CORS protocol"). For the
 * Worker alone. It is no access control: other clients ignore it, and routes demand a token all the same.
 */
export interface CorsConfig {
  /** Origins as browsers send them (`https://app.example`, no pattern), or `*`. */
  readonly origins: readonly string[] | '*'
  /** `answer`: the Worker answers preflights and sets the CORS headers; `pass`: the origin does. */
  readonly preflight: 'answer' | 'pass'
  /**
   * Request headers that a script may set. Default `authorization` and `content-type`, and `dpop` where bound tokens
   * are accepted.
   */
  readonly headers?: readonly string[]
  /** How long a browser may cache the answer to a preflight. 0 to 86 400 seconds. Default 600. */
  readonly maxAgeSeconds?: number
}

/** `CorsConfig` with every default filled in. */
export interface ResolvedCors {
  readonly origins: ReadonlySet<string> | '*'
  readonly preflight: 'answer' | 'pass'
  readonly headers: readonly string[]
  readonly maxAgeSeconds: number
}

/** An origin as browsers send it: scheme, host and port alone. */
function checkOriginOf(text: string, path: string, addProblem: AddProblem): void {
  checkUrl(text, path, addProblem)
  if (URL.canParse(text) && new URL(text).origin !== text)
    addProblem(path, `has ${JSON.stringify(text)}; browsers send ${JSON.stringify(new URL(text).origin)}`)
}

function checkOrigins(value: unknown, path: string, addProblem: AddProblem): ResolvedCors['origins'] {
  if (value === '*') return value
  const origins = checkStrings(value, path, addProblem)
  for (const [index, origin] of origins.entries())
    if (origin === '*') addProblem(`${path}[${index}]`, 'is "*" in a list; write origins: \'*\'')
    else checkOriginOf(origin, `${path}[${index}]`, addProblem)
  return new Set(origins)
}

const HEADERS = ['authorization', 'content-type'] as const

function checkHeaders(value: unknown, path: string, addProblem: AddProblem): readonly string[] {
  if (value === undefined) return HEADERS
  const headers = checkStrings(value, path, addProblem).map((name) => name.toLowerCase())
  for (const name of headers)
    if (!isHttpToken(name)) addProblem(path, `has ${JSON.stringify(name)}, which is no header name`)
  return headers
}

const ROWS = {
  origins: { default: undefined, check: checkOrigins },
  preflight: wordOf(['answer', 'pass']),
  headers: { default: HEADERS, check: checkHeaders },
  maxAgeSeconds: whole(0, 86_400, 600),
} as const satisfies Settings<keyof CorsConfig>

export const CORS_DEFAULTS = { headers: HEADERS, maxAgeSeconds: ROWS.maxAgeSeconds.default }

export const corsMeanings = (): Meanings<keyof CorsConfig> => ({
  origins: { absent: 'required', meaning: "origins as browsers send them (no pattern), or `'*'`" },
  preflight: {
    absent: 'required',
    row: ROWS.preflight,
    meaning: '`answer`: the Worker does CORS; `pass`: the origin does',
  },
  headers: {
    default: CORS_DEFAULTS.headers,
    meaning: 'request headers that a script may set; where bound tokens are accepted, `dpop` as well',
  },
  maxAgeSeconds: {
    default: CORS_DEFAULTS.maxAgeSeconds,
    row: ROWS.maxAgeSeconds,
    meaning: 'how long a browser may cache the answer to a preflight',
  },
})

/**
 * Lets scripts send proofs (RFC 9449 section 4). A list without their field gets a warning: an API may have bound
 * tokens for clients that are no scripts alone.
 */
export function withProofs(cors: ResolvedCors | null, addProblem: AddProblem): ResolvedCors | null {
  if (cors?.preflight !== 'answer' || cors.headers.includes('dpop')) return cors
  if (cors.headers === HEADERS) return { ...cors, headers: [...HEADERS, 'dpop'] }
  addProblem(
    'cors.headers',
    'does not have "dpop", so scripts can send no proof and use no bound token; add it, if they shall',
    undefined,
    'warning',
  )
  return cors
}

function checkCors(value: unknown, addProblem: AddProblem): ResolvedCors | null {
  if (value === undefined) return null
  const given = objectAt(value, 'cors', addProblem, Object.keys(ROWS))
  if (!isJsonObject(value)) return null
  const read = readerOf(ROWS, given, 'cors', addProblem)
  return {
    origins: read('origins'),
    headers: read('headers'),
    preflight: read('preflight'),
    maxAgeSeconds: read('maxAgeSeconds'),
  }
}

export const CORS: Section<ResolvedCors | null> = {
  check: (value, _environment, addProblem) => checkCors(value, addProblem),
}
