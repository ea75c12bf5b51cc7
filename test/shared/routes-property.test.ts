// Spellings that some server takes for one path must never come under different rules. Random rules, random
// paths, every mixture of escapes; the seed is printed when a case fails.

import { NO_CONDITIONS } from '../../shared/config/conditions.ts'
import { expect, test } from 'vitest'
import type { ResolvedRoute } from '../../shared/config/config.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const LITERALS = ['a', '@me', 'a:b', 'a,b', "o'x", '(x)', 'a+b', '$x', 'caf%C3%A9', 'x!']
const ESCAPABLE = /[!$&'()+,:=@]/

function ruleSet(random: () => number): ResolvedRoute[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const paths = Array.from({ length: 8 }, () => {
    const segments = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      random() < 0.3 ? '{p}' : pick(LITERALS),
    )
    if (random() < 0.2) segments.push('{rest+}')
    return `/${segments.join('/')}`
  })
  return [...new Set(paths)].map((path) => ({
    path,
    methods: [pick(['GET', 'POST'])],
    name: path,
    demand: null,
    issuer: null,
    conditions: NO_CONDITIONS,
    resources: [],
    sharedCaches: false,
    reportOnly: false,
  }))
}

/** Every escapable character written either way, at random, in either case. */
const respell = (path: string, random: () => number): string =>
  [...path]
    .map((character) => {
      if (!ESCAPABLE.test(character) || random() < 0.5) return character
      const escape = `%${character.charCodeAt(0).toString(16)}`
      return random() < 0.5 ? escape : escape.toUpperCase()
    })
    .join('')

test('10,000 random paths and their spellings', () => {
  let matched = 0
  for (let seed = 1; seed <= 10_000; seed++) {
    const random = createRandom(seed)
    const rules = ruleSet(random)
    const table = createRouteTable(rules, 1_000)
    const path = rules[0]!.path
      .replace('{p}', LITERALS[1]!)
      .replace('{rest+}', 'a:b/x!')
      .replaceAll('{p}', 'a,b')
    const outcomes = new Set<string>()
    for (let spelling = 0; spelling < 6; spelling++) {
      const found = table.match('GET', spelling === 0 ? path : respell(path, random))
      if (!('code' in found)) outcomes.add(found.name)
      else if (found.code !== 'target_ambiguous') outcomes.add(found.code)
    }
    expect([seed, [...outcomes]]).toEqual([seed, [...outcomes].slice(0, 1)])
    matched += [...outcomes].filter((name) => name.startsWith('/')).length
  }
  expect(matched).toBeGreaterThan(3_000)
})
