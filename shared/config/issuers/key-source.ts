// `issuers.NAME.keys`: the source of the public keys of an issuer, and the `issuer` that its metadata must name.
// RFC 8414 sections 3 and 3.3; OpenID Connect Discovery 1.0 section 4; RFC 7517 section 5.

import { MAX_KEYS } from '../../keys/key-endpoint.ts'
import { findKeyProblem } from '../../keys/key-problems.ts'
import { KEY_TYPES } from '../../keys/key-types/all.ts'
import { METADATA_DOCUMENTS, type MetadataDocument } from '../../keys/metadata-url.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import type { SignatureAlgorithm } from '../../token/algorithms.ts'
import {
  checkOneOf,
  isJsonObject,
  isNonEmptyString,
  list,
  objectAt,
  type AddProblem,
  type JsonObject,
} from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import { seconds, whole } from '../setting.ts'

/** Keys in the artefact that `lanekeeper build` writes. They are used until the first fetch of an instance settles. */
export interface BundledKeysConfig {
  /** Their longest age, counted from the build. 60 to 2 678 400 seconds (31 days). */
  readonly maxAgeSeconds: number
}

/**
 * Where the public keys of an issuer come from. Exactly one of the members.
 *
 * - `discovery`: the issuer's metadata names the `jwks_uri`; the document's own `issuer` must be this issuer.
 *   `openid-configuration` is appended to the issuer (OpenID Connect Discovery 1.0 section 4),
 *   `oauth-authorization-server` is put before its path (RFC 8414 section 3). `url`: the address of metadata that is
 *   elsewhere. `metadataIssuer`: the exact `issuer` in metadata that names another one, as AD FS does.
 * - `jwks_uri`: URL of the key set (RFC 7517 section 5).
 * - `jwks`: the key set inline. It is never refreshed; a new key takes a deployment.
 * - `jwksSecret`: where a JWK Set of public keys is stored, as JSON. It is cached like any other secret.
 *
 * `timeoutSeconds`: how long one answer is waited for, that of the metadata and that of the key set each. 0.1 to 5
 * seconds. Default 3.
 *
 * `bundled`: `lanekeeper build` puts the keys into the artefact, so that a new instance answers without waiting for its
 * first fetch. Default: it does not.
 */
export type PublicKeySource =
  | {
      readonly discovery: MetadataDocument
      readonly url?: string
      readonly metadataIssuer?: string
      readonly timeoutSeconds?: number
      readonly bundled?: BundledKeysConfig
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwks_uri: string
      readonly timeoutSeconds?: number
      readonly bundled?: BundledKeysConfig
      readonly discovery?: never
      readonly jwks?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwks: { readonly keys: readonly object[] }
      readonly discovery?: never
      readonly jwks_uri?: never
      readonly jwksSecret?: never
      readonly secret?: never
    }
  | {
      readonly jwksSecret: SecretRef
      readonly discovery?: never
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly secret?: never
    }

/** A key source with every URL derived. */
export type ResolvedKeySource =
  | {
      readonly discovery: MetadataDocument
      readonly url: string
      readonly metadataIssuer: string
      readonly jwks_uri?: never
      readonly jwks?: never
      readonly jwksSecret?: never
    }
  | Exclude<PublicKeySource, { readonly discovery: string }>

const TIMEOUT_SECONDS = seconds(0.1, 5, 3)

export const KEY_SOURCE_DEFAULTS = { timeoutSeconds: TIMEOUT_SECONDS.default } as const

/** Without a default: whoever asks for bundled keys says how old they may be. */
const BUNDLED = { maxAgeSeconds: whole(60, 31 * 86_400, 60) }

export const keySourceMeanings = (): Meanings<'timeoutSeconds' | 'bundled' | 'bundled.maxAgeSeconds'> => ({
  timeoutSeconds: {
    default: KEY_SOURCE_DEFAULTS.timeoutSeconds,
    row: TIMEOUT_SECONDS,
    meaning: 'for one answer of `discovery` or `jwks_uri`; 0.1 to 5: [Keys](#keys)',
  },
  bundled: {
    absent: 'absent',
    meaning: 'for `discovery` and `jwks_uri`: `build` puts the keys into the artefact: [Keys](#keys-at-hand)',
  },
  'bundled.maxAgeSeconds': {
    absent: 'required',
    row: BUNDLED.maxAgeSeconds,
    meaning: 'longest age of these keys, counted from the build; 60 to 2678400 (31 days)',
  },
})

/** The key source of an issuer without keys. */
export const NO_KEYS: ResolvedKeySource = { jwks: { keys: [] } }

const KEY_SOURCES = ['discovery', 'jwks_uri', 'jwks', 'jwksSecret', 'secret']

/** The members of `keys`, exactly one of which names the source. */
export function checkSources(value: unknown, path: string, addProblem: AddProblem): JsonObject {
  const source = objectAt(value, path, addProblem, [
    ...KEY_SOURCES,
    'url',
    'metadataIssuer',
    'timeoutSeconds',
    'bundled',
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
  for (const name of ['timeoutSeconds', 'bundled']) {
    if (source[name] !== undefined && !isFetched)
      addProblem(`${path}.${name}`, 'belongs to discovery and jwks_uri')
  }
  if (source['encoding'] !== undefined && source['secret'] === undefined)
    addProblem(`${path}.encoding`, 'belongs to secret')
  return source
}

/** The document alone. Its URL and the `issuer` in it are values: plan/values/key-source.ts. */
function checkDiscovery(source: JsonObject, path: string, addProblem: AddProblem): ResolvedKeySource {
  if (isNonEmptyString(source['discovery']) && URL.canParse(source['discovery']))
    addProblem(`${path}.url`, 'is the setting for the address of the metadata; discovery names its kind')
  const discovery = checkOneOf(source['discovery'], `${path}.discovery`, METADATA_DOCUMENTS, addProblem)
  return { discovery, url: '', metadataIssuer: '' }
}

/** `timeoutSeconds` in milliseconds. `checkSources` has checked the other members of `keys`. */
export function checkTimeout(keys: unknown, path: string, addProblem: AddProblem): number {
  const { timeoutSeconds: given } = isJsonObject(keys) ? keys : {}
  return 1000 * TIMEOUT_SECONDS.check(given, `${path}.timeoutSeconds`, addProblem)
}

/** `bundled.maxAgeSeconds` in milliseconds; `undefined` without `bundled`. */
export function checkBundled(keys: unknown, path: string, addProblem: AddProblem): number | undefined {
  const { bundled } = isJsonObject(keys) ? keys : {}
  if (bundled === undefined) return undefined
  const given = objectAt(bundled, `${path}.bundled`, addProblem, Object.keys(BUNDLED))
  const at = `${path}.bundled.maxAgeSeconds`
  if (isJsonObject(bundled) && given['maxAgeSeconds'] === undefined) addProblem(at, 'is missing')
  return 1000 * BUNDLED.maxAgeSeconds.check(given['maxAgeSeconds'], at, addProblem)
}

/** The source of the public keys, without the URLs, which `deriveKeySource` adds. */
export function checkKeySource(
  value: unknown,
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
  if (source['discovery'] !== undefined) return checkDiscovery(source, path, addProblem)
  if (source['jwks'] !== undefined) {
    const keys = objectAt(source['jwks'], `${path}.jwks`, addProblem, ['keys'])['keys']
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
      addProblem(`${path}.jwks.keys`, `must be a list of 1 to ${MAX_KEYS} JSON Web Keys`)
      return { jwks: { keys: [] } }
    }
    for (const [index, key] of keys.entries()) {
      const problem = findKeyProblem(key, algorithms, KEY_TYPES)
      if (problem !== null) addProblem(`${path}.jwks.keys[${index}]`, `cannot be used: ${problem}`)
      const same = (other: unknown) =>
        isJsonObject(key) && isJsonObject(other) && key['kid'] !== undefined && key['kid'] === other['kid']
      if (keys.slice(0, index).some(same)) {
        addProblem(`${path}.jwks.keys[${index}].kid`, 'is the kid of an earlier key')
      }
    }
    return { jwks: { keys } }
  }
  return { jwks_uri: '' }
}
