// `origin.assertion`: a signed statement to the origin about each request, so that it can tell who sent it.

import type { JWK } from 'jose'
import { findKeyProblem } from '../../keys/key-problems.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import { checkUrl, isNonEmptyString, objectAt, type AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { checkSecret } from '../secrets.ts'
import { whole } from '../setting.ts'
import type { EdgeEnvironment } from './section.ts'

/** A signed statement to the origin about each request, so that it can tell who sent it. */
export interface AssertionConfig {
  /** The private key: a JWK, EC with the curve P-256. */
  readonly key: SecretRef
  /** `iss` of the assertions: the URL of this Worker, under which its public key is found. */
  readonly issuer: string
  /** `aud`: what the origin calls itself. Default `origin.url`. */
  readonly audience?: string
  /** How long an assertion is good. Default 30 seconds, at most 300. */
  readonly lifetimeSeconds?: number
  /** Further public keys (JWKs) to serve: the next one before a rotation, the last one after it. */
  readonly publicKeys?: readonly JWK[]
}

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
  audience: { absent: '`origin.url`', meaning: '`aud`: what the origin calls itself' },
  lifetimeSeconds: { default: ASSERTION_DEFAULTS.lifetimeSeconds, meaning: '5 to 300' },
  publicKeys: { absent: '`[]`', meaning: 'further public keys to serve, around a rotation' },
})

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

const MEMBERS = [
  'key',
  'issuer',
  'audience',
  'lifetimeSeconds',
  'publicKeys',
] as const satisfies readonly (keyof AssertionConfig)[]

export function checkAssertion(
  value: unknown,
  url: string | null,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedAssertion {
  const path = 'origin.assertion'
  const given = objectAt(value, path, addProblem, MEMBERS)
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
    lifetimeSeconds: LIFETIME_SECONDS.check(given['lifetimeSeconds'], `${path}.lifetimeSeconds`, addProblem),
    publicKeys: checkPublicKeys(given['publicKeys'], `${path}.publicKeys`, addProblem),
  }
}
