// The quick run of the properties, and every input that once broke one. SEED in the environment chooses other inputs
// than the usual ones. The long run: npm run fuzz.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFuzzFixture, type FuzzFixture } from './fixture.ts'
import { KEPT } from './kept.ts'
import { PROPERTIES } from './properties/index.ts'
import { runProperty } from './run-property.ts'
import { SEED } from './seed.ts'

/** These have quick runs of their own: smuggling.test.ts and test/functions/aws/caching. */
const ELSEWHERE = ['identity fields', 'gateway cache']
const HERE = PROPERTIES.filter(({ name }) => !ELSEWHERE.includes(name))

let fixture: FuzzFixture

beforeAll(async () => {
  fixture = await createFuzzFixture()
})

afterAll(() => fixture.close())

describe(`quick run, seed ${SEED}`, () => {
  test.each(HERE.map((property) => [property.name, property] as const))('%s', async (_, property) => {
    const outcome = await runProperty(property, fixture, { runs: 400, seed: SEED })
    expect(outcome.failure).toBeNull()
    for (const seen of property.mustSee) expect(outcome.seen[seen]).toBeGreaterThan(0)
  })
})

test.each(KEPT.map((kept) => [kept.property, kept.broke, kept] as const))('%s: %s', async (name, _, kept) => {
  const property = PROPERTIES.find((candidate) => candidate.name === name)!
  await property.check(kept.input, fixture)
})

test('kept inputs belong to existing properties', () => {
  const names = PROPERTIES.map(({ name }) => name)
  expect(KEPT.map(({ property }) => property).filter((name) => !names.includes(name))).toEqual([])
})
