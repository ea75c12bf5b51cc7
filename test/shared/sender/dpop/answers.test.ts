// The challenges of an API with DPoP: their whole text for what was used and what the route takes. RFC 9449 sections
// 7.1 and 7.2, RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1.

import { describe, expect, test } from 'vitest'
import type { Deny } from '../../../../shared/decision.ts'
import type { DecisionContext } from '../../../../shared/request/decision-context.ts'
import { createAnswers } from '../../../../shared/sender/dpop/answers.ts'
import type { Nonces } from '../../../../shared/sender/dpop/nonces.ts'
import { FAILURES, failureRow, toRefusal, type FailureCode } from '../../../../shared/index.ts'

const DEMANDS = { both: 'any', 'DPoP alone': 'dpop', 'Bearer alone': 'none' } as const

type Accepted = keyof typeof DEMANDS

const CONFIG = {
  realm: 'api',
  dpop: { algorithms: new Set(['ES256', 'EdDSA']) },
  issuers: new Map([['main', { name: 'main', senderConstraint: 'any' }]]),
} as never

const NONCE = 'the-current-nonce'
const NONCES: Nonces = { check: () => ({ until: null, next: null }), current: () => NONCE }

const contextOf = (accepted: Accepted | 'public', authorization: readonly string[] = []) =>
  ({
    request: { authorization },
    route: {
      issuer: null,
      demand: accepted === 'public' ? null : { allOf: [], anyOf: [] },
      ...(accepted === 'public' ? {} : { senderConstraint: DEMANDS[accepted] }),
    },
    deadline: { waitUntil: () => {} },
  }) as unknown as DecisionContext

const PORTS = { now: () => 0 } as never

const answer = (
  deny: Omit<Deny, 'allow'>,
  accepted: Accepted | 'public',
  scheme: 'DPoP' | 'Bearer' | null,
  nonces: Nonces | null = null,
) => {
  const context = contextOf(accepted, scheme === null ? [] : [`${scheme} x.y.z`])
  const completed = createAnswers(CONFIG, PORTS, nonces).complete({ allow: false, ...deny }, context)
  if (completed.allow) throw new Error('a denial became an allow')
  return completed
}

const challengeOf = (
  code: FailureCode,
  accepted: Accepted,
  scheme: 'DPoP' | 'Bearer' | null,
  members: Partial<Deny> = {},
) => toRefusal(answer({ code, ...members }, accepted, scheme), 'api').headers['www-authenticate']

const ALGS = 'algs="ES256 EdDSA"'
const BEARER = 'Bearer realm="api"'
const hint = (code: FailureCode) => `error_description="${failureRow(code).hint}"`
const invalidToken = (code: FailureCode) => `error="invalid_token", ${hint(code)}`
const invalidProof = (code: FailureCode) => `error="invalid_dpop_proof", ${hint(code)}`

describe('a route that takes both', () => {
  test.each<[string, FailureCode, 'DPoP' | 'Bearer' | null, string]>([
    ['no token', 'credential_missing', null, `${BEARER}, DPoP ${ALGS}`],
    ['another scheme', 'credential_scheme', null, `${BEARER}, DPoP ${ALGS}`],
    [
      'an expired token as Bearer',
      'token_expired',
      'Bearer',
      `${BEARER}, ${invalidToken('token_expired')}, DPoP ${ALGS}`,
    ],
    [
      'an expired token as DPoP',
      'token_expired',
      'DPoP',
      `${BEARER}, DPoP ${invalidToken('token_expired')}, ${ALGS}`,
    ],
    [
      'an unverified token as DPoP',
      'signature_invalid',
      'DPoP',
      `${BEARER}, DPoP error="invalid_token", ${ALGS}`,
    ],
    [
      'a bound token as Bearer',
      'sender_constraint_unproven',
      'Bearer',
      `${BEARER}, ${invalidToken('sender_constraint_unproven')}, DPoP ${ALGS}`,
    ],
    [
      'an unbound token as DPoP',
      'dpop_scheme_unbound',
      'DPoP',
      `${BEARER}, DPoP ${invalidToken('dpop_scheme_unbound')}, ${ALGS}`,
    ],
    [
      'another key',
      'dpop_key_mismatch',
      'DPoP',
      `${BEARER}, DPoP ${invalidToken('dpop_key_mismatch')}, ${ALGS}`,
    ],
    ...(['dpop_proof_missing', 'dpop_proof_invalid', 'dpop_proof_replayed'] as const).map(
      (code) =>
        [code, code, 'DPoP', `${BEARER}, DPoP ${invalidProof(code)}, ${ALGS}`] as [
          string,
          FailureCode,
          'DPoP',
          string,
        ],
    ),
    [
      'a nonce: the challenge of DPoP alone, which clients look for (RFC 9449 section 9)',
      'dpop_nonce_required',
      'DPoP',
      `DPoP realm="api", error="use_dpop_nonce", ${hint('dpop_nonce_required')}, ${ALGS}`,
    ],
    [
      'a proof beside an unbound token',
      'dpop_proof_unexpected',
      'Bearer',
      `${BEARER}, error="invalid_request", ${hint('dpop_proof_unexpected')}, DPoP ${ALGS}`,
    ],
    [
      'two tokens: on both (RFC 9449 section 7.2)',
      'credential_repeated',
      'Bearer',
      `${BEARER}, error="invalid_request", DPoP error="invalid_request", ${ALGS}`,
    ],
  ])('%s', (_, code, scheme, challenge) => {
    expect(challengeOf(code, 'both', scheme)).toBe(challenge)
  })
})

describe('a route that takes DPoP alone', () => {
  test.each<[string, FailureCode, 'DPoP' | 'Bearer' | null, string]>([
    ['no token', 'credential_missing', null, `DPoP realm="api", ${ALGS}`],
    [
      'an unbound token as Bearer',
      'sender_constraint_missing',
      'Bearer',
      `DPoP realm="api", ${invalidToken('sender_constraint_missing')}, ${ALGS}`,
    ],
    [
      'a bound token as Bearer: why, on the challenge of Bearer (RFC 9449 section 7.2)',
      'sender_constraint_unproven',
      'Bearer',
      `${BEARER}, ${invalidToken('sender_constraint_unproven')}, DPoP ${ALGS}`,
    ],
    [
      'a token that is bound in an unknown way, as DPoP',
      'sender_constraint_unproven',
      'DPoP',
      `DPoP realm="api", ${invalidToken('sender_constraint_unproven')}, ${ALGS}`,
    ],
    [
      'a wrong proof',
      'dpop_proof_invalid',
      'DPoP',
      `DPoP realm="api", ${invalidProof('dpop_proof_invalid')}, ${ALGS}`,
    ],
    [
      'an expired token as Bearer',
      'token_expired',
      'Bearer',
      `DPoP realm="api", ${invalidToken('token_expired')}, ${ALGS}`,
    ],
  ])('%s', (_, code, scheme, challenge) => {
    expect(challengeOf(code, 'DPoP alone', scheme)).toBe(challenge)
  })
})

const CODES = Object.keys(FAILURES) as FailureCode[]

test.each(CODES)(
  '%s on a route that takes Bearer alone: the answer is that of an API without DPoP',
  (code) => {
    for (const scheme of ['DPoP', 'Bearer', null] as const)
      expect(answer({ code }, 'Bearer alone', scheme, NONCES)).toEqual({ allow: false, code })
    expect(answer({ code }, 'public', null, NONCES)).toEqual({ allow: false, code })
  },
)

describe.each(['both', 'DPoP alone'] as const)('every refusal on a route that takes %s', (accepted) => {
  test.each(CODES)('%s', (code) => {
    const { status, error } = failureRow(code)
    for (const scheme of ['DPoP', 'Bearer', null] as const) {
      const { headers } = toRefusal(answer({ code }, accepted, scheme), 'api')
      const challenge = headers['www-authenticate']
      expect(challenge !== undefined).toBe(status === 401 || error !== null)
      if (challenge === undefined) continue
      expect(challenge).toMatch(/^[\x20-\x7e]+$/)
      // Some clients read a challenge only where the field begins with Bearer.
      if (accepted === 'both' && code !== 'dpop_nonce_required')
        expect(challenge).toMatch(/^Bearer realm="api"(?:,.*)?, DPoP /)
      expect(challenge.split(ALGS)).toHaveLength(2)
      const errors = challenge.match(/error="/g)?.length ?? 0
      expect(errors).toBe(error === null ? 0 : code === 'credential_repeated' && accepted === 'both' ? 2 : 1)
    }
  })
})

test('what a client needs stands in both challenges, and the error in one', () => {
  const resourceMetadata = 'https://api.test.example/.well-known/oauth-protected-resource'
  const needs = `scope="read", resource_metadata="${resourceMetadata}"`
  expect(challengeOf('credential_missing', 'both', null, { scope: ['read'], resourceMetadata })).toBe(
    `${BEARER}, ${needs}, DPoP ${needs}, ${ALGS}`,
  )
  expect(challengeOf('insufficient_scope', 'both', 'DPoP', { scope: ['read'], resourceMetadata })).toBe(
    `${BEARER}, ${needs}, DPoP error="insufficient_scope", ${hint('insufficient_scope')}, ${needs}, ${ALGS}`,
  )
  expect(
    challengeOf('insufficient_user_authentication', 'DPoP alone', 'DPoP', {
      acrValues: ['mfa'],
      maxAgeSeconds: 300,
    }),
  ).toBe(
    `DPoP realm="api", error="insufficient_user_authentication", ${hint('insufficient_user_authentication')}, acr_values="mfa", max_age="300", ${ALGS}`,
  )
})

describe('the nonce of a refusal', () => {
  test.each(CODES)('%s', (code) => {
    const isSent = ['credential_missing', 'dpop_proof_missing', 'dpop_nonce_required'].includes(code)
    expect(answer({ code }, 'both', 'DPoP', NONCES).dpopNonce).toBe(isSent ? NONCE : undefined)
    expect(answer({ code }, 'both', 'DPoP').dpopNonce).toBeUndefined()
  })

  test('is left out until its secret is loaded', () => {
    const notYet: Nonces = { ...NONCES, current: () => null }
    expect(answer({ code: 'dpop_nonce_required' }, 'both', 'DPoP', notYet)).not.toHaveProperty('dpopNonce')
  })
})

describe('the nonce of an accepted request', () => {
  const ALLOW = { allow: true, grant: null } as const

  test('is sent where the one of its proof is no longer current, to this request alone', () => {
    const { renewNonce, complete } = createAnswers(CONFIG, PORTS, NONCES)
    const [one, other] = [contextOf('both'), contextOf('both')]
    renewNonce(one, NONCE)
    expect(complete(ALLOW, one)).toEqual({ ...ALLOW, dpopNonce: NONCE })
    expect(complete(ALLOW, other)).toBe(ALLOW)
  })

  test('is sent in report-only where the proof had none, and for no other refusal', () => {
    const { complete } = createAnswers(CONFIG, PORTS, NONCES)
    const reported = (code: FailureCode) =>
      ({ ...ALLOW, reportOnly: true, wouldDeny: { allow: false, code } }) as const
    const missing = reported('dpop_nonce_required')
    expect(complete(missing, contextOf('both'))).toEqual({ ...missing, dpopNonce: NONCE })
    for (const code of CODES.filter((other) => other !== 'dpop_nonce_required')) {
      const other = reported(code)
      expect(complete(other, contextOf('both'))).toBe(other)
    }
  })
})
