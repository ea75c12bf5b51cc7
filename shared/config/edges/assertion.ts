// `origin.assertion`: a signed JWT with each request to the origin, which proves that the Worker sent it and for whom.
// Refuses keys other than ES256. RFC 7519, RFC 7518 section 3.4.

import type { JWK } from 'jose'
import { findKeyProblem } from '../../keys/key-problems.ts'
import { KEY_TYPES } from '../../keys/key-types/all.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import { objectAt, type AddProblem, type JsonObject } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { whole } from '../setting.ts'
import { checkEdgeSecret } from './edge-secret.ts'
import type { EdgeEnvironment } from './section.ts'

/** A signed JWT with each request to the origin, by which the origin can tell who sent the request and for whom. */
export interface AssertionConfig {
  /** Where the private key is: a JWK, EC with the curve P-256 (ES256). */
  readonly key: SecretRef
  /** `iss` of the assertions: the URL of this Worker, below which it serves the public keys. */
  readonly issuer: string
  /** `aud` of the assertions: the name of the origin. Default `origin.url`; required with another kind of origin. */
  readonly audience?: string
  /** Time from `iat` to `exp` of an assertion. 5 to 300 seconds. Default 30. */
  readonly lifetimeSeconds?: number
  /** Further public keys (JWKs) to serve: the next one before a rotation, the last one after it. Default: none. */
  readonly publicKeys?: readonly JWK[]
}

/** `AssertionConfig` with every default filled in. */
export interface ResolvedAssertion {
  readonly key: SecretRef
  readonly issuer: string
  readonly audience: string
  readonly lifetimeSeconds: number
  readonly publicKeys: readonly JWK[]
}

const LIFETIME_SECONDS = whole(5, 300, 30)

export const ASSERTION_DEFAULTS = {
  lifetimeSeconds: LIFETIME_SECONDS.default,
} as const satisfies Partial<ResolvedAssertion>

export const assertionMeanings = (): Meanings<keyof AssertionConfig> => ({
  key: { absent: 'required', meaning: 'where the private key is: a JWK for ES256' },
  issuer: { absent: 'required', meaning: '`iss`: the URL of this Worker' },
  audience: { absent: '`origin.url`', meaning: '`aud`: the name of the origin' },
  lifetimeSeconds: {
    default: ASSERTION_DEFAULTS.lifetimeSeconds,
    row: LIFETIME_SECONDS,
    meaning: 'how long an assertion is valid; 5 to 300',
  },
  publicKeys: { absent: '`[]`', meaning: 'further public keys to serve, around a rotation' },
})

function checkPublicKeys(value: unknown, path: string, addProblem: AddProblem): readonly JWK[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    addProblem(path, 'must be a list of JSON Web Keys')
    return []
  }
  for (const [index, key] of value.entries()) {
    const problem = findKeyProblem(key, new Set(['ES256']), KEY_TYPES)
    if (problem !== null) addProblem(`${path}[${index}]`, `cannot be used: ${problem}`)
  }
  return value
}

const MEMBERS = [
  'key',
  'issuer',
  'audience',
  'lifetimeSeconds',
  'publicKeys',
] as const satisfies readonly (keyof AssertionConfig)[]

/** The members that the environment may supply. */
export const valuesOfAssertion = ({ issuer, audience }: JsonObject): JsonObject => ({ issuer, audience })

/** Without `issuer` and `audience`, which plan/values/origin.ts adds. */
export function checkAssertion(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedAssertion {
  const path = 'origin.assertion'
  const given = objectAt(value, path, addProblem, MEMBERS)
  return {
    key: checkEdgeSecret(given['key'], 'es256_jwk', `${path}.key`, environment, addProblem),
    issuer: '',
    audience: '',
    lifetimeSeconds: LIFETIME_SECONDS.check(given['lifetimeSeconds'], `${path}.lifetimeSeconds`, addProblem),
    publicKeys: checkPublicKeys(given['publicKeys'], `${path}.publicKeys`, addProblem),
  }
}
