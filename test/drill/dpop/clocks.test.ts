import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { NO_ANSWER, type Answer } from './answer.ts'
import { createTokens } from './clients.ts'
import { runClocks } from './clocks.ts'
import type { Ask } from './edges.ts'

const allow: Answer = { ...NO_ANSWER, verdict: 'allow', status: 200 }
const stale: Answer = { ...NO_ANSWER, verdict: 'refused', code: 'dpop_proof_invalid', problem: 'iat' }
const demand: Answer = {
  ...{ ...NO_ANSWER, verdict: 'refused', status: 401, code: 'dpop_nonce_required' },
  ...{ challenge: 'DPoP error="use_dpop_nonce", algs="ES256"', nonce: 'a-nonce' },
}

const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const issue = createTokens('https://issuer.example', await crypto.subtle.exportKey('jwk', privateKey))

const withNonces: Ask = async ({ proofs }) => (decodeJwt(proofs[0]!)['nonce'] === 'a-nonce' ? allow : demand)
const withoutNonces: Ask = async ({ proofs }) =>
  Math.abs(decodeJwt(proofs[0]!).iat! - Date.now() / 1000) < 300 ? allow : stale

const run = (ask: Ask, skewSeconds: number) =>
  runClocks({ instance: 'Worker', hasNonces: false, ask, issue, requests: 5 }, skewSeconds)

test.each([-600, 0, 600])(
  'a client whose clock is %i seconds wrong gets one nonce and passes',
  async (skew) => {
    expect(await run(withNonces, skew)).toMatchObject({ passed: 5, stale: 0, roundTrips: 1, other: 0 })
  },
)

test.each([
  [-600, { passed: 0, stale: 5 }],
  [0, { passed: 5, stale: 0 }],
  [600, { passed: 0, stale: 5 }],
] as const)('without nonces a clock that is %i seconds wrong counts', async (skew, figures) => {
  expect(await run(withoutNonces, skew)).toMatchObject({ ...figures, roundTrips: 0, other: 0 })
})

test('a nonce that is demanded again and again, and an instance without answers, are found', async () => {
  expect(await run(async () => demand, 0)).toMatchObject({ passed: 0, roundTrips: 5, other: 5 })
  expect(await run(async () => NO_ANSWER, 0)).toMatchObject({ passed: 0, stale: 0, other: 5 })
})
