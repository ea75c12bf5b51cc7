// Spellings that some server takes for one path must never match different rules. Random rules, random paths, every
// mixture of escapes; the seed is printed when a case fails. The selected rule is the one that trying all rules, one by
// one, would find.

import { NO_CONDITIONS } from '../../../shared/policy/no-conditions.ts'
import { expect, test } from 'vitest'
import type { ResolvedRoute } from '../../../shared/config/config.ts'
import { createRouteTable } from '../../../shared/routes/route-table.ts'

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

/** Each character that can be escaped is written either way, at random, in either case. */
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

/**
 * How a template matches a path: for each segment 0 for a literal, 1 for a parameter, 2 for a greedy one; `null`: no
 * match.
 */
function fit(template: string, path: string): number[] | null {
  const wanted = template.slice(1).split('/')
  const given = path.slice(1).split('/')
  const found: number[] = []
  for (const [at, segment] of wanted.entries()) {
    const isParameter = segment === '{p}'
    if (segment === '{rest+}') return given.length > at && given.at(-1) !== '' ? [...found, 2] : null
    if (isParameter ? given[at] === undefined || given[at] === '' : segment !== given[at]) return null
    found.push(isParameter ? 1 : 0)
  }
  return wanted.length === given.length ? found : null
}

test('10,000 random rule sets: the same rule as trying them one by one', () => {
  const seen = { route: 0, route_unknown: 0, method_unknown: 0 }
  for (let seed = 1; seed <= 10_000; seed++) {
    const random = createRandom(seed)
    const rules = ruleSet(random)
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!
    const some = pick(rules.map(({ path }) => path))
      .slice(1)
      .split('/')
    const segments = some.flatMap((segment) =>
      segment === '{rest+}' ? [pick(LITERALS), pick(LITERALS)] : segment === '{p}' ? pick(LITERALS) : segment,
    )
    if (random() < 0.3) segments[Math.floor(random() * segments.length)] = pick(LITERALS)
    const path = `/${segments.join('/')}${random() < 0.1 ? '/' : ''}`
    const fits = rules
      .map((rule) => ({ rule, at: fit(rule.path, path)?.join('') }))
      .filter(({ at }) => at !== undefined)
      .toSorted((a, b) => (a.at! < b.at! ? -1 : 1))
    const best = fits[0]?.rule
    const wanted =
      best === undefined ? 'route_unknown' : best.methods.includes('GET') ? best.name : 'method_unknown'
    const found = createRouteTable(rules, 1_000).match('GET', path)
    expect([seed, path, 'code' in found ? found.code : found.name]).toEqual([seed, path, wanted])
    seen[wanted.startsWith('/') ? 'route' : (wanted as 'route_unknown')]++
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(500)
})
