// `cors`: what scripts of other origins may do. Fetch standard, "HTTP-CORS protocol"; RFC 9110 section 5.6.2 (token).

import {
  checkOneOf,
  checkStrings,
  checkUrl,
  checkWhole,
  isJsonObject,
  objectAt,
  type AddProblem,
} from '../checks.ts'
import type { Meanings } from '../meaning.ts'

/** What scripts of other origins may do. Fetch standard, "HTTP-CORS protocol". */
export interface CorsConfig {
  /** Origins as browsers send them, or `*`. */
  readonly origins: readonly string[] | '*'
  /** `answer`: the Worker answers preflights and sets the CORS headers; `pass`: the origin does. */
  readonly preflight: 'answer' | 'pass'
  /** Request headers that a script may set. Default `authorization` and `content-type`. */
  readonly headers?: readonly string[]
  /** How long a browser may remember the answer. Default 600 seconds. */
  readonly maxAgeSeconds?: number
}

export interface ResolvedCors {
  readonly origins: ReadonlySet<string> | '*'
  readonly preflight: 'answer' | 'pass'
  readonly headers: readonly string[]
  readonly maxAgeSeconds: number
}

export const CORS_DEFAULTS = {
  headers: ['authorization', 'content-type'],
  maxAgeSeconds: 600,
} as const satisfies Partial<ResolvedCors>

export const corsMeanings = (): Meanings<keyof CorsConfig> => ({
  origins: { absent: 'required', meaning: "origins as browsers send them (no pattern), or `'*'`" },
  preflight: { absent: 'required', meaning: '`answer`: the Worker does CORS; `pass`: the origin does' },
  headers: { default: CORS_DEFAULTS.headers, meaning: 'request headers that a script may set' },
  maxAgeSeconds: {
    default: CORS_DEFAULTS.maxAgeSeconds,
    meaning: 'how long a browser may remember a preflight',
  },
})

/** An origin as browsers send it: scheme, host and port, nothing else. */
function checkOriginOf(text: string, path: string, addProblem: AddProblem): void {
  checkUrl(text, path, addProblem)
  if (URL.canParse(text) && new URL(text).origin !== text)
    addProblem(path, `has ${JSON.stringify(text)}; browsers send ${JSON.stringify(new URL(text).origin)}`)
}

export function checkCors(value: unknown, addProblem: AddProblem): ResolvedCors | null {
  if (value === undefined) return null
  const given = objectAt(value, 'cors', addProblem, ['origins', 'preflight', 'headers', 'maxAgeSeconds'])
  if (!isJsonObject(value)) return null
  const all = given['origins'] === '*'
  const origins = all ? [] : checkStrings(given['origins'], 'cors.origins', addProblem)
  for (const [index, origin] of origins.entries())
    if (origin === '*') addProblem(`cors.origins[${index}]`, 'is "*" in a list; write origins: \'*\'')
    else checkOriginOf(origin, `cors.origins[${index}]`, addProblem)
  const headers =
    given['headers'] === undefined
      ? CORS_DEFAULTS.headers
      : checkStrings(given['headers'], 'cors.headers', addProblem).map((name) => name.toLowerCase())
  for (const name of headers)
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      addProblem('cors.headers', `has ${JSON.stringify(name)}, which is no header name`)
  return {
    origins: all ? '*' : new Set(origins),
    preflight: checkOneOf(given['preflight'], 'cors.preflight', ['answer', 'pass'], addProblem),
    headers,
    maxAgeSeconds: checkWhole(
      given['maxAgeSeconds'],
      'cors.maxAgeSeconds',
      CORS_DEFAULTS.maxAgeSeconds,
      0,
      86_400,
      addProblem,
    ),
  }
}
