// Checks of what an edge tells others than the caller's program: browsers (CORS, Server-Timing) and the operator.
// Fetch standard, "HTTP-CORS protocol"; RFC 9110 section 5.6.2 (token).

import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  bagAt,
  checkFlag,
  checkOneOf,
  checkTexts,
  checkUrl,
  checkWhole,
  isBag,
  optionalBagAt,
  type Bag,
  type Report,
} from '../checks.ts'
import { DEFAULTS, type ResolvedConfig } from '../config.ts'
import { checkSecret, type SecretSurroundings } from '../secrets.ts'

/** An origin as browsers send it: scheme, host and port, nothing else. */
function checkOriginOf(text: string, path: string, report: Report): void {
  checkUrl(text, path, report)
  if (URL.canParse(text) && new URL(text).origin !== text)
    report(path, `has ${JSON.stringify(text)}; browsers send ${JSON.stringify(new URL(text).origin)}`)
}

function checkCors(value: unknown, report: Report): ResolvedConfig['cors'] {
  if (value === undefined) return null
  const given = bagAt(value, 'cors', report, ['origins', 'preflight', 'headers', 'maxAgeSeconds'])
  if (!isBag(value)) return null
  const all = given['origins'] === '*'
  const origins = all ? [] : checkTexts(given['origins'], 'cors.origins', report)
  for (const [index, origin] of origins.entries())
    if (origin === '*') report(`cors.origins[${index}]`, 'is "*" in a list; write origins: \'*\'')
    else checkOriginOf(origin, `cors.origins[${index}]`, report)
  const headers =
    given['headers'] === undefined
      ? DEFAULTS.headers
      : checkTexts(given['headers'], 'cors.headers', report).map((name) => name.toLowerCase())
  for (const name of headers)
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      report('cors.headers', `has ${JSON.stringify(name)}, which is no header name`)
  return {
    origins: all ? '*' : new Set(origins),
    preflight: checkOneOf(given['preflight'], 'cors.preflight', ['answer', 'pass'], report),
    headers,
    maxAgeSeconds: checkWhole(given['maxAgeSeconds'], 'cors.maxAgeSeconds', 600, 0, 86_400, report),
  }
}

function checkFingerprintKey(
  value: unknown,
  surroundings: SecretSurroundings,
  report: Report,
): SecretRef | null {
  return value === undefined
    ? null
    : checkSecret(value, 'fingerprint_key', 'log.fingerprintKey', surroundings, report)
}

export function checkEdge(
  staged: Bag,
  surroundings: SecretSurroundings,
  report: Report,
): Pick<ResolvedConfig, 'cors' | 'serverTiming' | 'log'> {
  const log = optionalBagAt(staged['log'], 'log', report, ['fingerprintKey'])
  return {
    cors: checkCors(staged['cors'], report),
    serverTiming: checkFlag(staged['serverTiming'], 'serverTiming', DEFAULTS.serverTiming, report),
    log: { fingerprintKey: checkFingerprintKey(log['fingerprintKey'], surroundings, report) },
  }
}
