// The table strategy: its proof finds patterns that are too wide or too narrow, and a cached policy allows no path that
// a new decision refuses. The rules for request paths say what a path may contain.

import { beforeAll, describe, expect, test } from 'vitest'
import { createHandler } from '../../../../functions/aws/handler.ts'
import { findClashes, proveTable, type Patterns } from '../../../../functions/aws/table/proof.ts'
import { toTableRules, type TableRule } from '../../../../functions/aws/table/rules.ts'
import { walk } from '../../../../functions/aws/table/walk.ts'
import { matchesGlob } from '../../../../local/api-gateway/wildcard.ts'
import { resolveConfig, type ReportEvent, type RouteRule } from '../../../../shared/index.ts'
import { createRouteTable } from '../../../../shared/routes/route-table.ts'
import { findTargetProblem } from '../../../../shared/routes/target.ts'
import { generateKey } from '../../../support/test-issuer.ts'
import { createComparedApi, MAX_PATH_BYTES, START, type ComparedApi } from '../caching/compared-api.ts'
import { createGateway, LIFETIME_SECONDS } from '../caching/gateways.ts'
import { TABLE } from '../caching/strategies.ts'

let api: ComparedApi

beforeAll(async () => {
  api = createComparedApi(await generateKey('ES256', 'k1'))
})

const route = (path: string, allOf = ['r']): RouteRule => ({ path, methods: ['GET'], scope: { allOf } })
const ROUTES = [route('/a'), route('/a/{p}'), route('/a/b'), route('/{rest+}', ['w'])]
const LITERALS = ['GET/a', null, 'GET/a/b', null]

const resolved = (routes: readonly RouteRule[]) => resolveConfig(api.config(routes, TABLE))
const rulesOf = (routes: readonly RouteRule[]): readonly TableRule[] =>
  toTableRules(resolved(routes).routes).get('GET')!

/** The Deny patterns of an earlier compiler, which had patterns for parameters. */
const OLD_DENY = [
  ...[...'%;\\ "<>[]^`{|}'].map((odd) => `*${odd}*`),
  '*//*',
  '*/?*/',
  '*/../*',
  '*/..',
  '*/./*',
  '*/.',
]

describe('the proof', () => {
  const clashesOf = (patterns: Partial<Patterns>, maxPathBytes = MAX_PATH_BYTES) =>
    findClashes(rulesOf(ROUTES), { allow: LITERALS, deny: [], ...patterns }, maxPathBytes)

  test('finds nothing against patterns that are paths', () => {
    expect(clashesOf({})).toEqual([])
    expect(proveTable(resolved(ROUTES).routes, MAX_PATH_BYTES)).toMatchObject({
      plan: [{ pattern: 'GET/a' }, { pattern: 'GET/a/b' }, { pattern: 'HEAD/a' }, { pattern: 'HEAD/a/b' }],
    })
  })

  describe('finds that a pattern for a parameter is too wide', () => {
    const wide = (more: readonly string[] = []) => {
      const deny = [...OLD_DENY, 'GET/a/*/*', ...more]
      return clashesOf({ allow: ['GET/a', 'GET/a/?*', 'GET/a/b', null], deny })
    }
    const CONTROLS = Array.from({ length: 0x20 }, (_, code) => `*${String.fromCharCode(code)}*`)

    test.each<[string, RegExp]>([
      ['a fragment', /^GET \/a\/x*#x*$/],
      ['a control character', /^GET \/a\/x*[\x00-\x1f\x7f]x*$/],
      ['a character beyond ASCII', /^GET \/a\/x*[^\x00-\x7f]x*$/],
      ['a question mark', /^GET \/a\/x*\?x*$/],
      ['a star', /^GET \/a\/x*\*x*$/],
    ])('%s', (_, request) => {
      const found = wide().filter((clash) => request.test(clash.request))
      expect(found).toMatchObject([
        { reason: expect.stringContaining('reaches a path that is always refused') },
      ])
    })

    test('any length', () => {
      expect(wide().map(({ reason }) => reason)).toContain(
        'the pattern GET/a/?* reaches a path that is longer than maxPathBytes',
      )
    })

    test('finds that a Deny for each nameable character is not enough', () => {
      const requests = wide(['*#*', '*\x7f*', ...CONTROLS]).map((clash) => clash.request)
      expect(requests.some((text) => /[#\x00-\x1f\x7f]/.test(text))).toBe(false)
      expect(requests.some((text) => /[^\x00-\x7f]/.test(text))).toBe(true)
      expect(requests.some((text) => text.includes('?'))).toBe(true)
    })
  })

  test('finds a pattern that reaches a path of another route, and a missing pattern', () => {
    expect(clashesOf({ allow: ['GET/a', null, 'GET/?', null] })).toContainEqual({
      routes: ['GET /a/b'],
      request: 'GET /a',
      reason: "the pattern GET/? reaches a path that is not the route's",
    })
    expect(clashesOf({ allow: ['GET/b', null, 'GET/a/b', null] })).toContainEqual({
      routes: ['GET /a'],
      request: 'GET /a',
      reason: 'a path of the route is not allowed',
    })
    expect(clashesOf({ deny: ['*/a/b'] })).toMatchObject([{ request: 'GET /a/b' }])
  })

  test('finds a path that is longer than maxPathBytes, and none of exactly that length', () => {
    const rules = rulesOf([route(`/${'a'.repeat(9)}`)])
    const allow = [`GET/${'a'.repeat(9)}`]
    expect(findClashes(rules, { allow, deny: [] }, 10)).toEqual([])
    expect(findClashes(rules, { allow, deny: [] }, 9)).toMatchObject([
      { reason: expect.stringContaining('longer than maxPathBytes') },
    ])
    // A Deny of paths of that length or more: the proof checks what remains.
    const deny = [`GET/${'?'.repeat(9)}*`]
    expect(
      clashesOf({ allow: ['GET/a', 'GET/a/?*', 'GET/a/b', null], deny }, 9).map(({ reason }) => reason),
    ).not.toContain('the pattern GET/a/?* reaches a path that is longer than maxPathBytes')
    expect(
      clashesOf({ allow: ['GET/a', 'GET/a/?*', 'GET/a/b', null], deny }, 8).map(({ reason }) => reason),
    ).toContain('the pattern GET/a/?* reaches a path that is longer than maxPathBytes')
  })

  test('walks with characters of every problem that a path can have', () => {
    const findings = walk(rulesOf(ROUTES), ['GET/*'])!
    const problems = new Set(findings.map(({ path }) => findTargetProblem(path, 1_000)))
    for (const problem of [
      'fragment',
      'control_character',
      'not_ascii',
      'backslash',
      'semicolon',
      'wildcard',
    ] as const)
      expect(problems).toContain(problem)
    for (const problem of [
      'illegal_character',
      'bad_percent_encoding',
      'empty_segment',
      'dot_segment',
    ] as const)
      expect(problems).toContain(problem)
    for (const { path, isPlain } of findings)
      expect([path, isPlain]).toEqual([path, findTargetProblem(path, 1_000) === null])
  })
})

test('a plan allows what the routes allow: every path of up to five characters out of twelve', () => {
  const config = resolved([...ROUTES, route('/'), route('/a/'), route('/b.a')])
  const proof = proveTable(config.routes, MAX_PATH_BYTES)
  if (!('plan' in proof)) throw new Error('these routes have no plan')
  const patterns = proof.plan.map(({ pattern }) => pattern)
  const table = createRouteTable(config.routes, MAX_PATH_BYTES)
  let paths = ['/']
  let allowed = 0
  for (let length = 1; length <= 5; length++) {
    for (const path of paths) {
      const found = table.match('GET', path)
      const expected = !('code' in found) && !found.path.includes('{')
      const isAllowed = patterns.some((pattern) => matchesGlob(pattern, `GET${path}`))
      if (isAllowed !== expected) expect([path, isAllowed]).toEqual([path, expected])
      if (isAllowed) allowed++
    }
    paths = paths.flatMap((path) => [...'ab/.#?*;%\x01\u00e9 '].map((next) => path + next))
  }
  expect(allowed).toBe(5)
})

describe('a cached policy', () => {
  const start = async () => {
    const codes: string[] = []
    const report = (event: ReportEvent) => void (event.event === 'decision' && codes.push(event.code))
    const now = () => START * 1000
    const handler = createHandler(api.config(ROUTES.slice(0, 3), TABLE), {}, { report, now })
    const gateway = createGateway('rest token', LIFETIME_SECONDS, handler, now)
    const token = await api.token({ scope: 'r', from: null, until: 400 }, 1)
    expect(await gateway.send('GET', '/a', token)).toMatchObject({ allowed: true, hit: false })
    return (path: string) => gateway.send('GET', path, token)
  }

  test.each(['/a', '/a/b'])('allows a path without parameters: %s', async (path) => {
    expect(await (await start())(path)).toMatchObject({ allowed: true, hit: true })
  })

  test.each([
    ['a fragment', '/a/x#y'],
    ['a control character', '/a/x\x01'],
    ['DEL', '/a/\x7f'],
    ['a character beyond ASCII', '/a/\u00e9'],
    ['half of a surrogate pair', '/a/\ud800'],
    ['a question mark', '/a/x?y'],
    ['a star', '/a/*'],
    ['more characters than maxPathBytes', `/a/${'x'.repeat(MAX_PATH_BYTES)}`],
    ['an escape', '/a/%61'],
    ['the parameter of a route', '/a/x'],
  ])('denies %s', async (_, path) => {
    expect(await (await start())(path)).toMatchObject({ allowed: false, hit: true })
  })
})
