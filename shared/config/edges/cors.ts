// Checks of what an edge tells others than the caller's program: browsers (CORS, Server-Timing) and the operator.
// Fetch standard, "HTTP-CORS protocol"; RFC 9110 section 5.6.2 (token).

import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  objectAt,
  checkFlag,
  checkOneOf,
  checkStrings,
  checkUrl,
  checkWhole,
  isJsonObject,
  optionalObjectAt,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { DEFAULTS, type ResolvedConfig } from '../config.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'

/** An origin as browsers send it: scheme, host and port, nothing else. */
function checkOriginOf(text: string, path: string, addProblem: AddProblem): void {
  checkUrl(text, path, addProblem)
  if (URL.canParse(text) && new URL(text).origin !== text)
    addProblem(path, `has ${JSON.stringify(text)}; browsers send ${JSON.stringify(new URL(text).origin)}`)
}

function checkCors(value: unknown, addProblem: AddProblem): ResolvedConfig['cors'] {
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
      ? DEFAULTS.headers
      : checkStrings(given['headers'], 'cors.headers', addProblem).map((name) => name.toLowerCase())
  for (const name of headers)
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      addProblem('cors.headers', `has ${JSON.stringify(name)}, which is no header name`)
  return {
    origins: all ? '*' : new Set(origins),
    preflight: checkOneOf(given['preflight'], 'cors.preflight', ['answer', 'pass'], addProblem),
    headers,
    maxAgeSeconds: checkWhole(given['maxAgeSeconds'], 'cors.maxAgeSeconds', 600, 0, 86_400, addProblem),
  }
}

function checkFingerprintKey(
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): SecretRef | null {
  return value === undefined
    ? null
    : checkSecret(value, 'fingerprint_key', 'log.fingerprintKey', environment, addProblem)
}

export function checkEdge(
  staged: JsonObject,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): Pick<ResolvedConfig, 'cors' | 'serverTiming' | 'log'> {
  const log = optionalObjectAt(staged['log'], 'log', addProblem, ['fingerprintKey'])
  return {
    cors: checkCors(staged['cors'], addProblem),
    serverTiming: checkFlag(staged['serverTiming'], 'serverTiming', DEFAULTS.serverTiming, addProblem),
    log: { fingerprintKey: checkFingerprintKey(log['fingerprintKey'], environment, addProblem) },
  }
}
