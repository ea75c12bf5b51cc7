// Checks of `origin`: where the Worker sends what it lets through, with which token and which proof of its own.

import type { JWK } from 'jose'
import { findKeyProblem } from '../../keys/key-problems.ts'
import {
  bagAt,
  checkOneOf,
  checkTexts,
  checkUrl,
  checkWhole,
  isBag,
  isText,
  type Bag,
  type Report,
} from '../checks.ts'
import { DEFAULTS, type ResolvedConfig, type ResolvedOrigin } from '../config.ts'
import { TOKEN_HANDLING, type ResolvedAssertion } from './assertion.ts'
import { checkSecret, type SecretSurroundings } from '../secrets.ts'

export interface OriginSurroundings extends SecretSurroundings {
  /** Whether requests are sent on from here: then the origin has to be known, and its binding and key to be in `env`. */
  readonly needsOrigin?: boolean
  /** Whether the edge removes a header field of this name, in lower case, unless it is kept. Default: it is not known. */
  readonly isRemoved?: (name: string) => boolean
}

function checkPublicKeys(value: unknown, path: string, report: Report): readonly JWK[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    report(path, 'must be a list of JSON Web Keys')
    return []
  }
  for (const [index, key] of value.entries()) {
    const problem = findKeyProblem(key, new Set(['ES256']))
    if (problem !== null) report(`${path}[${index}]`, `cannot be used: ${problem}`)
  }
  return value
}

function checkAssertion(
  value: unknown,
  url: string | null,
  surroundings: OriginSurroundings,
  report: Report,
): ResolvedAssertion {
  const path = 'origin.assertion'
  const given = bagAt(value, path, report, ['key', 'issuer', 'audience', 'lifetimeSeconds', 'publicKeys'])
  // An edge that sends nothing on needs no key, so only what is wrong anywhere is said there.
  const { needsOrigin = false } = surroundings
  const reportKey: Report = needsOrigin
    ? report
    : (at, message, variable) => (variable === undefined ? report(at, message) : undefined)
  const audience = given['audience'] ?? url
  if (!isText(audience))
    report(
      `${path}.audience`,
      audience === null ? 'is missing; only a url stands in for it' : 'must be a text',
    )
  return {
    key: checkSecret(
      given['key'],
      'es256_jwk',
      `${path}.key`,
      needsOrigin ? surroundings : { env: surroundings.env },
      reportKey,
    ),
    issuer: checkUrl(given['issuer'], `${path}.issuer`, report),
    audience: String(audience),
    lifetimeSeconds: checkWhole(
      given['lifetimeSeconds'],
      `${path}.lifetimeSeconds`,
      DEFAULTS.lifetimeSeconds,
      5,
      300,
      report,
    ),
    publicKeys: checkPublicKeys(given['publicKeys'], `${path}.publicKeys`, report),
  }
}

function checkPlace(
  { url, binding, sameZone }: Bag,
  { env = {}, needsOrigin = false }: OriginSurroundings,
  report: Report,
): Pick<ResolvedOrigin, 'url' | 'binding' | 'sameZone'> {
  if ([url, binding, sameZone].filter((place) => place !== undefined).length !== 1)
    report('origin', 'must have exactly one of url, binding and sameZone')
  if (sameZone !== undefined && sameZone !== true)
    report('origin.sameZone', 'can only be true; leave it out for another origin')
  if (binding !== undefined && !isText(binding))
    report('origin.binding', 'must be the name of a service binding')
  else if (needsOrigin && isText(binding) && typeof env[binding] !== 'object')
    report('origin.binding', `names ${binding}, which is not bound to this Worker`, binding)
  if (url !== undefined) {
    const text = checkUrl(url, 'origin.url', report)
    if (URL.canParse(text) && (new URL(text).pathname !== '/' || text.includes('?')))
      report('origin.url', 'must be an origin without path and query; requests keep their own')
  }
  return {
    url: isText(url) && URL.canParse(url) ? new URL(url).origin : null,
    binding: isText(binding) ? binding : null,
    sameZone: sameZone === true,
  }
}

function readKeptHeaders(value: unknown, report: Report): ReadonlySet<string> {
  if (value === undefined) return new Set()
  return new Set(checkTexts(value, 'origin.keepHeaders', report).map((name) => name.toLowerCase()))
}

/** A header that would not be removed is a typing mistake; one that is set here cannot be the client's as well. */
export function checkKeptHeaders(
  { origin, identity, publicUrls }: Pick<ResolvedConfig, 'origin' | 'identity' | 'publicUrls'>,
  { isRemoved = () => true }: OriginSurroundings,
  report: Report,
): void {
  for (const [index, name] of [...(origin?.keepHeaders ?? [])].entries()) {
    const path = `origin.keepHeaders[${index}]`
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      report(path, `is ${JSON.stringify(name)}, which is no header name`)
    else if (name.replace(/[^a-z0-9]/g, '-').startsWith(String(identity.headerPrefix)))
      report(path, 'is a name of the identity, which a client never writes')
    else if (!isRemoved(name))
      report(path, `is ${JSON.stringify(name)}, which is never removed (docs/cloudflare.md lists what is)`)
    else if (publicUrls.size > 0 && /^x-forwarded-(?:host|proto)$/.test(name))
      report(path, 'cannot be kept with publicUrls, which say what it is')
  }
}

export function checkOrigin(
  value: unknown,
  surroundings: OriginSurroundings,
  report: Report,
): ResolvedOrigin | null {
  if (value === undefined) {
    if (surroundings.needsOrigin === true)
      report('origin', 'is missing; the Worker needs to know where requests go')
    return null
  }
  const given = bagAt(value, 'origin', report, [
    'url',
    'binding',
    'sameZone',
    'token',
    'assertion',
    'keepHeaders',
  ])
  if (!isBag(value)) return null
  const place = checkPlace(given, surroundings, report)
  const token = checkOneOf(given['token'] ?? DEFAULTS.token, 'origin.token', TOKEN_HANDLING, report)
  if (token === 'replace' && given['assertion'] === undefined)
    report('origin.token', 'can be replace only with an assertion to put in its place')
  const assertion =
    given['assertion'] === undefined
      ? null
      : checkAssertion(given['assertion'], place.url, surroundings, report)
  return { ...place, token, assertion, keepHeaders: readKeptHeaders(given['keepHeaders'], report) }
}
