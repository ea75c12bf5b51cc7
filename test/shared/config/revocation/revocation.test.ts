// The section `revocation`: each member has bounds, an edge needs its store, and a stage replaces the section as a
// whole.

import { describe, expect, test } from 'vitest'
import { createOpenSettings } from '../../../../shared/config/open-settings.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf, withMember, type Json } from '../../../support/config-problems.ts'

const STORE = { durableObject: 'REVOCATIONS' }
const withRevocation = (members: Json): LanekeeperConfig => withMember('revocation', { ...STORE, ...members })

test('a good one is completed with the defaults', () => {
  expect(resolveConfig(withRevocation({})).revocation).toEqual({
    durableObject: 'REVOCATIONS',
    dynamodb: null,
    refreshSeconds: 5,
    staleSeconds: 60,
    memoryBytes: 50_331_648,
    maxEntries: 1_000_000,
    logout: null,
    admin: null,
  })
  expect(resolveConfig(GOOD).revocation).toBeNull()
})

const MEMBERS =
  'durableObject, dynamodb, refreshSeconds, staleSeconds, memoryBytes, maxEntries, logout, admin'

test.each<[refused: Json, taken: Json, problem: string]>([
  [{ refreshSeconds: 0 }, { refreshSeconds: 1 }, 'refreshSeconds: must be a whole number from 1 to 300'],
  [
    { refreshSeconds: 301, staleSeconds: 400 },
    { refreshSeconds: 300, staleSeconds: 400 },
    'refreshSeconds: must be a whole number from 1 to 300',
  ],
  [{ refreshSeconds: 1.5 }, { refreshSeconds: 2 }, 'refreshSeconds: must be a whole number from 1 to 300'],
  [{ refreshSeconds: '5' }, { refreshSeconds: 5 }, 'refreshSeconds: must be a whole number from 1 to 300'],
  [
    { refreshSeconds: 1, staleSeconds: 1.5 },
    { refreshSeconds: 1, staleSeconds: 1 },
    'staleSeconds: must be a whole number from 1 to 3600',
  ],
  [{ staleSeconds: 3_601 }, { staleSeconds: 3_600 }, 'staleSeconds: must be a whole number from 1 to 3600'],
  [
    { refreshSeconds: 10, staleSeconds: 9 },
    { refreshSeconds: 10, staleSeconds: 10 },
    'staleSeconds: must be at least refreshSeconds, which is 10',
  ],
  [{ staleSeconds: 4 }, { staleSeconds: 5 }, 'staleSeconds: must be at least refreshSeconds, which is 5'],
  [
    { refreshSeconds: 61 },
    { refreshSeconds: 60 },
    'staleSeconds: must be at least refreshSeconds, which is 61',
  ],
  [
    { memoryBytes: 65_535 },
    { memoryBytes: 65_536 },
    'memoryBytes: must be a whole number from 65536 to 268435456',
  ],
  [
    { memoryBytes: 268_435_457 },
    { memoryBytes: 268_435_456 },
    'memoryBytes: must be a whole number from 65536 to 268435456',
  ],
  [{ maxEntries: 99 }, { maxEntries: 100 }, 'maxEntries: must be a whole number from 100 to 5000000'],
  [
    { maxEntries: 5_000_001 },
    { maxEntries: 5_000_000 },
    'maxEntries: must be a whole number from 100 to 5000000',
  ],
  [{ durableObject: '' }, { durableObject: 'R' }, 'durableObject: must be the name of a binding'],
  [{ durableObject: 7 }, { durableObject: '7' }, 'durableObject: must be the name of a binding'],
  [{ seconds: 5 }, { refreshSeconds: 5 }, `seconds: is not a setting; known here: ${MEMBERS}`],
])('%j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withRevocation(refused))).toEqual([`revocation.${problem}`])
  expect(problemsOf(withRevocation(taken))).toEqual([])
})

test('a section without a store is refused', () => {
  const problem = 'revocation: needs a store: durableObject for the Worker, dynamodb for the Lambda'
  expect(problemsOf({ ...GOOD, revocation: {} })).toEqual([problem])
  expect(problemsOf({ ...GOOD, revocation: STORE })).toEqual([])
  expect(problemsOf({ ...GOOD, revocation: { dynamodb: { table: 'revocations' } } })).toEqual([])
  expect(problemsOf({ ...GOOD, revocation: null })).toEqual(['revocation: must be an object', problem])
})

describe('the binding', () => {
  const config = { ...withRevocation({}), origin: { url: 'https://origin.example' } }
  const missing = 'revocation.durableObject: names REVOCATIONS, which is not bound to this Worker'

  test.each([{ needsOrigin: true }, { isStore: true }])('is there where the edge is %j', (edge) => {
    expect(problemsOf(config, edge)).toEqual([missing])
    expect(problemsOf(config, { ...edge, env: { REVOCATIONS: 'text' } })).toEqual([missing])
    expect(problemsOf(config, { ...edge, env: { REVOCATIONS: {} } })).toEqual([])
  })

  test('is not looked for by another edge', () => {
    expect(problemsOf(config, { env: {} })).toEqual([])
  })

  test('is left to the start of the Worker by a build', () => {
    const bindings: object[] = []
    const later = {
      secret: () => {},
      binding: (one: object) => void bindings.push(one),
      open: createOpenSettings(),
    }
    expect(problemsOf(config, { needsOrigin: true, later })).toEqual([])
    expect(bindings).toEqual([{ path: 'revocation.durableObject', name: 'REVOCATIONS' }])
  })
})

describe('a stage with a section of its own', () => {
  const staged: LanekeeperConfig = {
    ...withRevocation({ dynamodb: { table: 'revocations' }, refreshSeconds: 10, maxEntries: 100 }),
    stages: { production: {}, staging: { revocation: { durableObject: 'OTHER' } } },
  }

  test('has no member of the other', () => {
    expect(resolveConfig(staged, { stage: 'staging' }).revocation).toEqual(
      resolveConfig({ ...GOOD, revocation: { durableObject: 'OTHER' } }).revocation,
    )
    expect(resolveConfig(staged, { stage: 'production' }).revocation).toMatchObject({
      durableObject: 'REVOCATIONS',
      dynamodb: { table: 'revocations' },
      refreshSeconds: 10,
    })
  })

  test('needs a store of its own', () => {
    const stages = { production: {}, staging: { revocation: { refreshSeconds: 1 } } }
    expect(problemsOf({ ...staged, stages }, { stage: 'staging' })).toEqual([
      'revocation: needs a store: durableObject for the Worker, dynamodb for the Lambda',
    ])
    expect(problemsOf({ ...staged, stages }, { stage: 'production' })).toEqual([])
  })
})
