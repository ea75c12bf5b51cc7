// The check for revoked tokens is tested: without any part of it the verdict of some row is wrong.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REVOCATION_KINDS, type RevocationKind } from '../../shared/revocation/entry.ts'
import { createEntryKeys } from '../../shared/revocation/entry-keys.ts'
import type { Revocable } from '../../shared/revocation/revocable.ts'
import type { RevocableIssuer } from '../../shared/revocation/to-entries.ts'
import { STEPS } from '../../shared/steps.ts'
import { resolveConfig, webCrypto } from '../../shared/index.ts'
import { REVOCATION_ROWS, revocationConfig } from '../cases/revocation.ts'
import { expectedCode, type Expectation } from '../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { applyRow } from './check-revocations.ts'
import { openRevocableCoreFromSteps } from './revocable-edge.ts'

type Steps = typeof STEPS

const { keyOf, digestOf } = createEntryKeys(webCrypto)

const without = (kind: RevocationKind, { keys, kinds, ...rest }: Revocable): Revocable => ({
  ...rest,
  keys: keys.filter((_, index) => kinds[index] !== kind),
  kinds: kinds.filter((one) => one !== kind),
})

const WITHOUT: Record<string, Partial<Steps>> = {
  ...Object.fromEntries(
    REVOCATION_KINDS.map((kind) => [
      `entries of the kind ${kind}`,
      { toRevocable: (...about) => without(kind, STEPS.toRevocable(...about)) } satisfies Partial<Steps>,
    ]),
  ),
  'the issuer of an entry': {
    toRevocable: (token, claims, issuer, keys) =>
      STEPS.toRevocable(token, claims, issuer, {
        ...keys,
        keyOf: (kind, _, id) =>
          keys.keyOf(kind, [...issuers].find(({ name }) => name === OTHER.get(issuer.issuer))!.issuer, id),
      }),
  },
  'the signing input in place of the token': {
    toRevocable: (token, claims, issuer, keys) => ({
      ...STEPS.toRevocable(token, claims, issuer, keys),
      keys: [
        keyOf('token', issuer.issuer, digestOf(token)),
        ...STEPS.toRevocable(token, claims, issuer, keys).keys.slice(1),
      ],
    }),
  },
  'every comparison': { covers: () => false },
  'iat at notBefore': {
    covers: ({ notBefore }, { iat }) => notBefore > 0 && (iat === null || iat < notBefore),
  },
  'the end of an epoch': { covers: ({ notBefore }) => notBefore > 0 },
  'tokens without iat': {
    covers: ({ notBefore }, { iat }) => notBefore > 0 && iat !== null && iat <= notBefore,
  },
}

const OTHER = new Map<string, string>()
let issuers: readonly RevocableIssuer[] = []
let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
  issuers = [...resolveConfig(revocationConfig(world), { env: world.env }).issuers.values()]
  for (const { name, issuer } of issuers) OTHER.set(issuer, name === 'main' ? 'other' : 'main')
})

afterAll(() => world.close())

const isRight = (expected: Expectation, { allow, code }: { allow: boolean; code: string }): boolean =>
  allow === expected.allow && code === expectedCode(expected)

/** The rows whose verdict is wrong. */
async function wrongRows(steps: Partial<Steps>): Promise<string[]> {
  const opened = await openRevocableCoreFromSteps(steps)(revocationConfig(world), world.env)
  const wrong: string[] = []
  for (const row of REVOCATION_ROWS) {
    const { before, later } = await applyRow(row, opened, world, issuers)
    if (!isRight(row.before, before) || !isRight(row.expect, later)) wrong.push(row.id)
  }
  await opened.close()
  return wrong
}

test('with every step, no verdict is wrong', async () => {
  expect(await wrongRows({})).toEqual([])
})

describe('without', () => {
  test.each(Object.entries(WITHOUT))('%s, some verdict is wrong', async (_, steps) => {
    expect((await wrongRows(steps)).length).toBeGreaterThan(0)
  })
})
