// Checks of `issuers.NAME.keys` and `algorithms`: where the public keys of an issuer come from and what its metadata
// has to say, or where the secret is that it shares with us. Either way with algorithms for that and nothing else.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5;
// RFC 8725 section 3.1.

import { MAX_KEYS, metadataUrl } from '../../keys/key-endpoint.ts'
import { findKeyProblem } from '../../keys/key-problems.ts'
import { isSecureUrl } from '../../platform/secure-url.ts'
import { macSecretUse } from '../../keys/shared-secret.ts'
import {
  ALGORITHMS,
  isMacAlgorithm,
  isSignatureAlgorithm,
  MAC_ALGORITHMS,
  type SignatureAlgorithm,
} from '../../token/algorithms.ts'
import {
  objectAt,
  checkOneOf,
  checkSeconds,
  checkStrings,
  checkUrl,
  isJsonObject,
  isNonEmptyString,
  list,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { DEFAULTS, type ResolvedKeys, type ResolvedKeySource } from '../config.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import { TENANT } from './tenants.ts'

/** Metadata at its place below the issuer, or where `url` says; and the `issuer` that it has to name. */
function checkDiscovery(
  source: JsonObject,
  issuer: string,
  path: string,
  addProblem: AddProblem,
): ResolvedKeySource {
  const documents = ['openid-configuration', 'oauth-authorization-server'] as const
  if (isNonEmptyString(source['discovery']) && URL.canParse(source['discovery']))
    addProblem(
      `${path}.url`,
      'is the place for the address of the metadata; discovery says of which kind it is',
    )
  const discovery = checkOneOf(source['discovery'], `${path}.discovery`, documents, addProblem)
  const { url, metadataIssuer = issuer } = source
  if (!isNonEmptyString(metadataIssuer)) addProblem(`${path}.metadataIssuer`, 'must be a non-empty string')
  if (url === undefined && issuer.includes(TENANT))
    addProblem(
      `${path}.url`,
      'is missing; where issuer has a {tenantid}, the address of the metadata must be given',
    )
  if (url === undefined && metadataIssuer !== issuer)
    addProblem(`${path}.url`, 'is missing; metadata of another issuer is not below this one')
  const derived = URL.canParse(issuer) ? metadataUrl(issuer, discovery) : ''
  if (url === undefined && URL.canParse(derived) && !isSecureUrl(new URL(derived)))
    addProblem(`${path}.url`, 'is missing; metadata below this issuer would not be fetched with https')
  return {
    discovery,
    url: url === undefined ? derived : checkUrl(url, `${path}.url`, addProblem),
    metadataIssuer: String(metadataIssuer),
  }
}

/** In milliseconds. What is wrong with `keys` itself has been reported. */
function checkTimeout(keys: unknown, path: string, addProblem: AddProblem): number {
  const { timeoutSeconds: given } = isJsonObject(keys) ? keys : {}
  return (
    1000 * checkSeconds(given, `${path}.timeoutSeconds`, DEFAULTS.keys.timeoutSeconds, 5, addProblem, 0.1)
  )
}

const KEY_SOURCES = ['discovery', 'jwks_uri', 'jwks', 'jwksSecret', 'secret']

/** Whether `keys` is a shared secret, and so no public keys. */
export const hasSharedSecret = (keys: unknown): boolean => isJsonObject(keys) && keys['secret'] !== undefined

/** What can be said of an issuer's keys: its `keys` and `algorithms` as they are given, and its `iss`. */
export interface GivenKeys {
  readonly keys: unknown
  readonly algorithms: unknown
  readonly issuer: string
}

function checkAlgorithms<T extends string>(
  value: unknown,
  isKnown: (name: unknown) => name is T,
  table: Readonly<Record<T, unknown>>,
  path: string,
  addProblem: AddProblem,
): ReadonlySet<T> {
  const algorithms = checkStrings(value, path, addProblem)
  const others = (name: unknown) => (isMacAlgorithm(name) ? '; HMAC is for a shared secret: keys.secret' : '')
  for (const algorithm of algorithms) {
    if (!isKnown(algorithm))
      addProblem(
        path,
        `has ${JSON.stringify(algorithm)}; known: ${list(Object.keys(table))}${others(algorithm)}`,
      )
  }
  return new Set(algorithms.filter(isKnown))
}

/** Public keys with algorithms for them, or a shared secret with its own. `path`: of the issuer. */
export function checkKeys(
  { keys, algorithms, issuer }: GivenKeys,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedKeys {
  const at = `${path}.algorithms`
  if (!hasSharedSecret(keys)) {
    const listed = algorithms === undefined ? DEFAULTS.algorithms : algorithms
    const known = checkAlgorithms(listed, isSignatureAlgorithm, ALGORITHMS, at, addProblem)
    const source =
      keys === undefined
        ? NO_KEYS
        : checkKeySource(keys, issuer, known, `${path}.keys`, environment, addProblem)
    return { source, algorithms: known, timeoutMs: checkTimeout(keys, `${path}.keys`, addProblem) }
  }
  if (algorithms === undefined)
    addProblem(at, 'is missing; with a shared secret it must list HS256, HS384 or HS512')
  const listed = algorithms === undefined ? ['HS256'] : algorithms
  const known = checkAlgorithms(listed, isMacAlgorithm, MAC_ALGORITHMS, at, addProblem)
  const { secret, encoding = 'base64url' } = checkSources(keys, `${path}.keys`, addProblem)
  const shared = {
    algorithms: known,
    encoding: checkOneOf(encoding, `${path}.keys.encoding`, ['base64url', 'text'], addProblem),
  }
  return {
    ...shared,
    secret: checkSecret(secret, macSecretUse(shared), `${path}.keys.secret`, environment, addProblem),
  }
}

/** Of an issuer that has none. */
const NO_KEYS: ResolvedKeySource = { jwks: { keys: [] } }

function checkSources(value: unknown, path: string, addProblem: AddProblem): JsonObject {
  const source = objectAt(value, path, addProblem, [
    ...KEY_SOURCES,
    'url',
    'metadataIssuer',
    'timeoutSeconds',
    'encoding',
  ])
  const given = KEY_SOURCES.filter((name) => source[name] !== undefined)
  if (isJsonObject(value) && given.length !== 1)
    addProblem(path, `must have exactly one of ${list(KEY_SOURCES)}`)
  for (const name of ['url', 'metadataIssuer']) {
    if (source[name] !== undefined && source['discovery'] === undefined)
      addProblem(`${path}.${name}`, 'belongs to discovery')
  }
  const isFetched = source['discovery'] !== undefined || source['jwks_uri'] !== undefined
  if (source['timeoutSeconds'] !== undefined && !isFetched)
    addProblem(`${path}.timeoutSeconds`, 'belongs to discovery and jwks_uri')
  if (source['encoding'] !== undefined && source['secret'] === undefined)
    addProblem(`${path}.encoding`, 'belongs to secret')
  return source
}

/** Where the public keys are, with every address worked out. */
function checkKeySource(
  value: unknown,
  issuer: string,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedKeySource {
  const source = checkSources(value, path, addProblem)
  if (source['jwksSecret'] !== undefined) {
    const at = `${path}.jwksSecret`
    return { jwksSecret: checkSecret(source['jwksSecret'], 'jwk_set', at, environment, addProblem) }
  }
  if (source['discovery'] !== undefined) return checkDiscovery(source, issuer, path, addProblem)
  if (source['jwks'] !== undefined) {
    const keys = objectAt(source['jwks'], `${path}.jwks`, addProblem, ['keys'])['keys']
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
      addProblem(`${path}.jwks.keys`, `must be a list of 1 to ${MAX_KEYS} JSON Web Keys`)
      return { jwks: { keys: [] } }
    }
    for (const [index, key] of keys.entries()) {
      const problem = findKeyProblem(key, algorithms)
      if (problem !== null) addProblem(`${path}.jwks.keys[${index}]`, `cannot be used: ${problem}`)
      const same = (other: unknown) =>
        isJsonObject(key) && isJsonObject(other) && key['kid'] !== undefined && key['kid'] === other['kid']
      if (keys.slice(0, index).some(same)) {
        addProblem(`${path}.jwks.keys[${index}].kid`, 'is the kid of an earlier key')
      }
    }
    return { jwks: { keys } }
  }
  return {
    jwks_uri:
      source['jwks_uri'] === undefined ? '' : checkUrl(source['jwks_uri'], `${path}.jwks_uri`, addProblem),
  }
}
