// Checks of `origin`: where the Worker sends what it lets through, with which token and which proof of its own.

import type { JWK } from 'jose'
import { findKeyProblem } from '../../keys/key-problems.ts'
import {
  objectAt,
  checkOneOf,
  checkStrings,
  checkUrl,
  checkWhole,
  isJsonObject,
  isNonEmptyString,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { DEFAULTS, type ResolvedConfig, type ResolvedOrigin } from '../config.ts'
import { TOKEN_HANDLING, type ResolvedAssertion } from './assertion.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'

export interface OriginEnvironment extends SecretEnvironment {
  /** Whether requests are sent on from here: then the origin has to be known, and its binding and key to be in `env`. */
  readonly needsOrigin?: boolean
  /** Whether the edge removes a header field of this name, in lower case, unless it is kept. Default: it is not known. */
  readonly isRemoved?: (name: string) => boolean
}

function checkPublicKeys(value: unknown, path: string, addProblem: AddProblem): readonly JWK[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    addProblem(path, 'must be a list of JSON Web Keys')
    return []
  }
  for (const [index, key] of value.entries()) {
    const problem = findKeyProblem(key, new Set(['ES256']))
    if (problem !== null) addProblem(`${path}[${index}]`, `cannot be used: ${problem}`)
  }
  return value
}

function checkAssertion(
  value: unknown,
  url: string | null,
  environment: OriginEnvironment,
  addProblem: AddProblem,
): ResolvedAssertion {
  const path = 'origin.assertion'
  const given = objectAt(value, path, addProblem, [
    'key',
    'issuer',
    'audience',
    'lifetimeSeconds',
    'publicKeys',
  ])
  // An edge that sends nothing on needs no key, so only what is wrong anywhere is said there.
  const { needsOrigin = false } = environment
  const addKeyProblem: AddProblem = needsOrigin
    ? addProblem
    : (at, message, variable) => (variable === undefined ? addProblem(at, message) : undefined)
  const audience = given['audience'] ?? url
  if (!isNonEmptyString(audience))
    addProblem(
      `${path}.audience`,
      audience === null ? 'is missing; only a url stands in for it' : 'must be a text',
    )
  return {
    key: checkSecret(
      given['key'],
      'es256_jwk',
      `${path}.key`,
      needsOrigin ? environment : { env: environment.env },
      addKeyProblem,
    ),
    issuer: checkUrl(given['issuer'], `${path}.issuer`, addProblem),
    audience: String(audience),
    lifetimeSeconds: checkWhole(
      given['lifetimeSeconds'],
      `${path}.lifetimeSeconds`,
      DEFAULTS.lifetimeSeconds,
      5,
      300,
      addProblem,
    ),
    publicKeys: checkPublicKeys(given['publicKeys'], `${path}.publicKeys`, addProblem),
  }
}

function checkPlace(
  { url, binding, sameZone }: JsonObject,
  { env = {}, needsOrigin = false }: OriginEnvironment,
  addProblem: AddProblem,
): Pick<ResolvedOrigin, 'url' | 'binding' | 'sameZone'> {
  if ([url, binding, sameZone].filter((place) => place !== undefined).length !== 1)
    addProblem('origin', 'must have exactly one of url, binding and sameZone')
  if (sameZone !== undefined && sameZone !== true)
    addProblem('origin.sameZone', 'can only be true; leave it out for another origin')
  if (binding !== undefined && !isNonEmptyString(binding))
    addProblem('origin.binding', 'must be the name of a service binding')
  else if (needsOrigin && isNonEmptyString(binding) && typeof env[binding] !== 'object')
    addProblem('origin.binding', `names ${binding}, which is not bound to this Worker`, binding)
  if (url !== undefined) {
    const text = checkUrl(url, 'origin.url', addProblem)
    if (URL.canParse(text) && (new URL(text).pathname !== '/' || text.includes('?')))
      addProblem('origin.url', 'must be an origin without path and query; requests keep their own')
  }
  return {
    url: isNonEmptyString(url) && URL.canParse(url) ? new URL(url).origin : null,
    binding: isNonEmptyString(binding) ? binding : null,
    sameZone: sameZone === true,
  }
}

function readKeptHeaders(value: unknown, addProblem: AddProblem): ReadonlySet<string> {
  if (value === undefined) return new Set()
  return new Set(checkStrings(value, 'origin.keepHeaders', addProblem).map((name) => name.toLowerCase()))
}

/** A header that would not be removed is a typing mistake; one that is set here cannot be the client's as well. */
export function checkKeptHeaders(
  { origin, identity, publicUrls }: Pick<ResolvedConfig, 'origin' | 'identity' | 'publicUrls'>,
  { isRemoved = () => true }: OriginEnvironment,
  addProblem: AddProblem,
): void {
  for (const [index, name] of [...(origin?.keepHeaders ?? [])].entries()) {
    const path = `origin.keepHeaders[${index}]`
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
      addProblem(path, `is ${JSON.stringify(name)}, which is no header name`)
    else if (name.replace(/[^a-z0-9]/g, '-').startsWith(String(identity.headerPrefix)))
      addProblem(path, 'is a name of the identity, which a client never writes')
    else if (!isRemoved(name))
      addProblem(
        path,
        `is ${JSON.stringify(name)}, which is never removed (docs/cloudflare.md lists what is)`,
      )
    else if (publicUrls.size > 0 && /^x-forwarded-(?:host|proto)$/.test(name))
      addProblem(path, 'cannot be kept with publicUrls, which say what it is')
  }
}

export function checkOrigin(
  value: unknown,
  environment: OriginEnvironment,
  addProblem: AddProblem,
): ResolvedOrigin | null {
  if (value === undefined) {
    if (environment.needsOrigin === true)
      addProblem('origin', 'is missing; the Worker needs to know where requests go')
    return null
  }
  const given = objectAt(value, 'origin', addProblem, [
    'url',
    'binding',
    'sameZone',
    'token',
    'assertion',
    'keepHeaders',
  ])
  if (!isJsonObject(value)) return null
  const place = checkPlace(given, environment, addProblem)
  const token = checkOneOf(given['token'] ?? DEFAULTS.token, 'origin.token', TOKEN_HANDLING, addProblem)
  if (token === 'replace' && given['assertion'] === undefined)
    addProblem('origin.token', 'can be replace only with an assertion to put in its place')
  const assertion =
    given['assertion'] === undefined
      ? null
      : checkAssertion(given['assertion'], place.url, environment, addProblem)
  return { ...place, token, assertion, keepHeaders: readKeptHeaders(given['keepHeaders'], addProblem) }
}
