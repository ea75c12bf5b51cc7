// What stands in for checks that need something which is not at hand: keys, an issuer, a store. A substitute refuses
// nothing and is recorded as not checked, so nobody can take what it lets through for an allow.

import type { VerificationKey } from '../platform/ports.ts'
import type { SecretRef } from '../secrets/secret-ref.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { PublicKeyIssuer } from '../keys/key-endpoint.ts'
import type { Substitutes } from './traced-authorizer.ts'
import { NOT_AT_HAND, type Recorder } from './trace.ts'

/** What can be asked where a decision is explained. */
export interface AtHand {
  /** The keys of the token's issuer, in place of those that it publishes. */
  readonly jwks: { readonly keys: readonly object[] } | null
  /** Whether issuers may be asked. */
  readonly isOnline: boolean
  hasSecret(ref: SecretRef): boolean
}

const ABSENT_KEY: VerificationKey = { type: 'absent' }

const NO_KEYS = 'no keys are at hand: pass --jwks FILE or --online'
const NO_SECRET = 'the secret is not in the environment: pass --env-file'
const NOT_ASKED = 'the issuer is not asked: pass --online'

/** Without it a token passes as if its signature were good. */
const absentStore = (recorder: Recorder, because: string): KeyStore => ({
  find() {
    recorder.skip('signature', 'signature', because)
    return { keys: [ABSENT_KEY], lease: null }
  },
  findNewer: async () => ({ keys: [], lease: null }),
  retryAfterSeconds: () => 1,
})

/** The issuer with the keys of `--jwks`. */
const withKeys = (issuer: PublicKeyIssuer, jwks: NonNullable<AtHand['jwks']>): PublicKeyIssuer => ({
  ...issuer,
  keys: { ...issuer.keys, source: { jwks } },
})

/** @internal */
export const substitutesFor = ({ jwks, isOnline, hasSecret }: AtHand): Substitutes => ({
  steps: (steps, recorder) => ({
    ...steps,
    createKeyStore(issuer, ports) {
      const { jwks: inline, jwksSecret } = issuer.keys.source
      if (jwks !== null) return steps.createKeyStore(withKeys(issuer, jwks), ports)
      const isThere = jwksSecret === undefined ? inline !== undefined || isOnline : hasSecret(jwksSecret)
      return isThere
        ? steps.createKeyStore(issuer, ports)
        : absentStore(recorder, jwksSecret === undefined ? NO_KEYS : NO_SECRET)
    },
    verifySignature: (token, algorithm, key, crypto) =>
      key === ABSENT_KEY || steps.verifySignature(token, algorithm, key, crypto),
    createSharedSecret: (name, keys, ports) =>
      hasSecret(keys.secret)
        ? steps.createSharedSecret(name, keys, ports)
        : {
            async verify() {
              recorder.skip('signature', 'shared secret', NO_SECRET)
              return null
            },
          },
    createTokenLookup: (...about) =>
      isOnline
        ? steps.createTokenLookup(...about)
        : {
            async find() {
              recorder.skip('introspection', 'answer of the issuer', NOT_ASKED)
              return NOT_AT_HAND
            },
            retryAfterSeconds: () => 1,
          },
    createUserinfoLookup(issuer, userinfo, ...about) {
      if (isOnline) return steps.createUserinfoLookup(issuer, userinfo, ...about)
      return {
        identify(claims) {
          if (Object.hasOwn(claims, userinfo.claim)) return { claims }
          recorder.skip('grant', 'userinfo', NOT_ASKED)
          return NOT_AT_HAND
        },
        retryAfterSeconds: () => 1,
      }
    },
  }),
  parts: (parts, recorder) => ({
    ...parts,
    revocation: () => (_, route) => {
      if (route.revocation !== 'off')
        recorder.skip('revocation', 'entries', 'the store is not asked: see lanekeeper revocations')
      return null
    },
    dpopReplays: () => async () => {
      recorder.skip('sender', 'used before', 'the store of used proofs is not asked')
      return null
    },
  }),
})
