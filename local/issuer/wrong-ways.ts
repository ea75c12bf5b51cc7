// The ways in which a local token can be wrong, each with the code of its refusal (docs/decisions.md). Exactly one thing
// is wrong with each of them. Another audience is a value and not listed here.

import type { FailureCode } from '../../shared/index.ts'

interface WrongWay {
  /** What it is, for `--help`. */
  readonly help: string
  /** The code of the refusal of a JWT. */
  readonly code: FailureCode
  /** The same for a token that its issuer introspects; `null`: there is no such opaque token. */
  readonly introspected: FailureCode | null
}

/** By the name of the option. */
export const WRONG_WAYS = {
  'id-token': {
    help: "an ID token with this API in its audience, signed with the issuer's key",
    code: 'id_token',
    introspected: 'id_token',
  },
  expired: {
    help: 'an access token that has expired',
    code: 'token_expired',
    introspected: 'token_inactive',
  },
  'not-yet': {
    help: 'an access token that is not valid yet',
    code: 'token_not_yet_valid',
    introspected: 'token_not_yet_valid',
  },
  'wrong-key': {
    help: 'signed with a key that the issuer does not publish',
    code: 'signature_invalid',
    introspected: null,
  },
  unsigned: {
    help: 'with the algorithm `none` and no signature',
    code: 'alg_unsupported',
    introspected: null,
  },
} as const satisfies Readonly<Record<string, WrongWay>>

export type WrongWayName = keyof typeof WRONG_WAYS

export const WRONG_WAY_NAMES = Object.keys(WRONG_WAYS) as readonly WrongWayName[]

export const isWrongWay = (name: unknown): name is WrongWayName =>
  typeof name === 'string' && Object.hasOwn(WRONG_WAYS, name)
