// The checks of bound tokens are tested: without any one of them the outcome of some row is wrong.

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOUND_STEPS } from '../../shared/sender/bound.ts'
import { DPOP_STEPS } from '../../shared/sender/dpop/dpop.ts'
import { PROOF_CLAIM_RULES, PROOF_HEADER_RULES } from '../../shared/sender/dpop/proof.ts'
import { STEPS } from '../../shared/steps.ts'
import { parseToken } from '../../shared/token/compact.ts'
import { member } from '../../shared/token/strict-json.ts'
import { DPOP_SUITE } from '../cases/dpop/index.ts'
import { dpopConfig, requestOf } from '../cases/dpop/row.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { sha256 } from '../support/dpop-proofs.ts'
import { openCoreEdgeFromSteps } from './core-edge.ts'
import { createWrongRows, onlyAtFirst } from './find-wrong-row.ts'

type Steps = typeof STEPS

const unlessCode = <Result extends object>(code: string, result: Result | null, instead: null) =>
  result !== null && 'code' in result && result.code === code ? instead : result

/** One entry per check: the steps without it. */
const WITHOUT: Record<string, Partial<Steps>> = {
  'cnf: of any form': {
    readConfirmation: (claims) => STEPS.readConfirmation(claims) ?? null,
  },
  'cnf: every method that is known': {
    readConfirmation: (claims) => {
      const cnf = member(claims, 'cnf')
      const jkt =
        typeof cnf === 'object' && cnf !== null ? (cnf as { readonly jkt?: unknown }).jkt : undefined
      return typeof jkt === 'string' ? { jkt, x5t: null } : STEPS.readConfirmation(claims)
    },
  },
  ...Object.fromEntries(
    ['credential_scheme', 'dpop_scheme_unbound', 'dpop_proof_unexpected'].map(
      (code) =>
        [
          `unbound: ${code}`,
          { findMisuse: (...about) => unlessCode(code, STEPS.findMisuse(...about), null) },
        ] satisfies [string, Partial<Steps>],
    ),
  ),
  'bound: the scheme': {
    findProof: (token, context) =>
      STEPS.findProof(token, {
        ...context,
        request: {
          ...context.request,
          authorization: context.request.authorization.map((field) => field.replace(/^bearer /i, 'DPoP ')),
        },
      }),
  },
  'bound: what the route takes': {
    checkAccepted: (kind, accepted) =>
      unlessCode('sender_constraint_unproven', STEPS.checkAccepted(kind, accepted), null),
  },
  'unbound: what the route takes': {
    checkAccepted: (kind, accepted) =>
      unlessCode('sender_constraint_missing', STEPS.checkAccepted(kind, accepted), null),
  },
  'bound: token_type': {
    findProof: (token, context) =>
      STEPS.findProof({ ...token, claims: { ...token.claims, token_type: 'DPoP' } }, context),
  },
  'bound: one proof': {
    findProof: (token, context) => {
      const found = STEPS.findProof(token, context)
      return typeof found === 'string' || found.detail?.['problem'] !== 'repeated'
        ? found
        : context.request.fields!['dpop']!.join().split(',')[0]!
    },
  },
  'proof: size': {
    parseProof: (text, read) => {
      const large = parseToken(text, { maxTokenBytes: 100_000, maxJsonDepth: 8 }, null, read)
      return 'code' in large ? STEPS.parseProof(text, read) : large
    },
  },
  'proof: depth': {
    parseProof: (text, read) => {
      const deep = parseToken(text, { maxTokenBytes: 4_096, maxJsonDepth: 1_000 }, null, read)
      return 'code' in deep ? STEPS.parseProof(text, read) : deep
    },
  },
  ...Object.fromEntries(
    PROOF_HEADER_RULES.map((rule) => [
      `${rule.name}: of the header`,
      { proofHeaderRules: PROOF_HEADER_RULES.filter((other) => other !== rule) },
    ]),
  ),
  'proof: its key': { isSameThumbprint: () => true },
  ...Object.fromEntries(
    PROOF_CLAIM_RULES.map((rule) => [
      `${rule.name}: of the claims`,
      { proofClaimRules: PROOF_CLAIM_RULES.filter((other) => other !== rule) },
    ]),
  ),
  'jti: used before': { createReplayCheck: () => async () => null },
  'jti: by the client': {
    createReplayCheck: (...about) => {
      const check = STEPS.createReplayCheck(...about)
      return (proof, ...more) => check({ ...proof, thumbprint: '' }, ...more)
    },
  },
}

/** One entry per check of a remembered token: the steps that leave it out then. */
const ONLY_AT_FIRST: Record<string, () => Partial<Steps>> = {
  cnf: () => ({ readConfirmation: onlyAtFirst(STEPS.readConfirmation, null) }),
  'the key of the proof': () => {
    let isSame = false
    return { isSameThumbprint: (...both) => (isSame ||= STEPS.isSameThumbprint(...both)) }
  },
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const wrongRows = createWrongRows(() => world)

const findWrongRow = (steps: Partial<Steps>, subject = ''): Promise<string | null> =>
  wrongRows.find(DPOP_SUITE, steps, `dpop/${subject.split(': ')[0]}`)

test('with every check no row is wrong', async () => {
  expect(await findWrongRow({})).toBeNull()
})

test('some entry removes each step', () => {
  const taken = new Set(Object.values(WITHOUT).flatMap((change) => Object.keys(change)))
  expect(Object.keys({ ...BOUND_STEPS, ...DPOP_STEPS }).filter((step) => !taken.has(step))).toEqual([])
})

describe('without a check some row is wrong', () => {
  test.each(Object.entries(WITHOUT))('%s', async (name, steps) => {
    expect(await findWrongRow(steps, name)).not.toBeNull()
  })
})

describe('with a check for the first request of a token only some row is wrong', () => {
  test.each(Object.entries(ONLY_AT_FIRST))('%s', async (_, steps) => {
    expect(await findWrongRow(steps(), 'the same token again')).not.toBeNull()
  })
})

const NONCE_KEY = sha256('the key of the nonces')

/** A nonce of `key` that was made so many seconds ago: a time in steps of 120 seconds, and a keyed hash of it. */
function nonceOf(key: string, age: number): string {
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor((Date.now() / 1000 - age) / 120))
  const hash = createHmac('sha256', Buffer.from(key, 'base64url'))
    .update('lanekeeper-dpop-nonce')
    .update(time)
  return Buffer.concat([time, hash.digest().subarray(0, 16)]).toString('base64url')
}

/** A nonce, and whether a proof with it is accepted. */
const NONCES: readonly (readonly [nonce: () => string | undefined, code: string])[] = [
  [() => nonceOf(NONCE_KEY, 0), 'access_token'],
  [() => nonceOf(NONCE_KEY, 240), 'access_token'],
  [() => nonceOf(NONCE_KEY, 360), 'dpop_nonce_required'],
  [() => nonceOf(sha256('another key'), 0), 'dpop_nonce_required'],
  [() => undefined, 'dpop_nonce_required'],
  [() => 'x', 'dpop_nonce_required'],
]

/** The codes of proofs with each of the nonces. */
async function nonceCodes(steps: Partial<Steps>): Promise<string[]> {
  const { dpop, ...config } = dpopConfig(world)
  const edge = await openCoreEdgeFromSteps(
    { ...config, dpop: { ...dpop, nonce: { key: { env: 'NONCE_KEY' } } } },
    { ...world.env, NONCE_KEY },
    { ...STEPS, ...steps },
  )
  const codes: string[] = []
  for (const [nonce] of NONCES) {
    const request = await requestOf(world, { proof: { claims: { nonce: nonce() } } })
    codes.push((await edge.send(request)).code)
  }
  return codes
}

describe('where nonces are demanded', () => {
  const expected = NONCES.map(([, code]) => code)

  test('a nonce of this key is accepted for some minutes, and no other', async () => {
    expect(await nonceCodes({})).toEqual(expected)
  })

  test.each<[string, Partial<Steps>]>([
    ['its time', { isAcceptedBucket: () => true }],
    ['its key', { isMadeWith: () => true }],
  ])('without the check of %s, another one is', async (_, steps) => {
    expect(await nonceCodes(steps)).not.toEqual(expected)
  })
})
