// Five refusals that were planted in a project that was in order. Each is turned into an allow by the first move that
// `lanekeeper explain` names, and by nothing else.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nameToken } from '../../../shared/compiler.ts'
import { webCrypto } from '../../../shared/index.ts'
import { AUDIENCE, CONFIG, FINGERPRINT_KEY, MAIN, NOW, startWorld, type Result, type World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await startWorld()
})

afterEach(() => world.close())

/** The moves, in order, each in one line. */
const movesIn = ({ text }: Result): readonly string[] =>
  text
    .slice(text.lastIndexOf('\n\n'))
    .replace(/\n {2,}/g, ' ')
    .split('\n')
    .flatMap((line) => /^- (.*)$/.exec(line)?.[1] ?? [])

const verdictIn = ({ text }: Result): string | undefined => /^Verdict +(.*)$/m.exec(text)?.[1]

const settingIn = ({ text }: Result): string | undefined => /^Setting +(.*)$/m.exec(text)?.[1]

test('nothing is planted: allow', async () => {
  await world.token()
  const result = await world.explain('GET', '/orders')
  expect([result.exitCode, verdictIn(result)]).toEqual([0, 'allow'])
})

describe('audience', () => {
  test('that the token spells otherwise: the configuration has to change', async () => {
    await world.token({ aud: `${AUDIENCE}/` })
    const result = await world.explain('GET', '/orders')
    expect([result.exitCode, verdictIn(result), settingIn(result)]).toEqual([
      1,
      'deny: audience_mismatch, at the stage claims by the rule "aud"',
      'issuers.main.audience',
    ])
    expect(movesIn(result)[0]).toBe(
      `you: The token spells this API "${AUDIENCE}/", the configuration "${AUDIENCE}": write it in issuers.main.audience as the token does.`,
    )
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, audience: `${AUDIENCE}/` } } })
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
  })

  test('of another API: the client has to request another token', async () => {
    await world.token({ aud: 'https://other.example.com' })
    const result = await world.explain('GET', '/orders')
    expect(movesIn(result)[0]).toBe(
      `client: Request the token for this API: the audience has to be "${AUDIENCE}", and it is "https://other.example.com".`,
    )
    await world.token()
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
  })

  test('of a stage: the setting is that of the stage', async () => {
    world.config({ ...CONFIG, stages: { staging: { issuers: { main: { audience: 'https://staging' } } } } })
    await world.token()
    const result = await world.explain('GET', '/orders', '--stage', 'staging')
    expect(settingIn(result)).toBe('stages.staging.issuers.main.audience')
  })
})

test('a slash at the end', async () => {
  await world.token()
  const result = await world.explain('GET', '/orders/')
  expect([result.exitCode, verdictIn(result), settingIn(result)]).toEqual([
    1,
    'deny: route_unknown, at the stage route by the rule "path and method"',
    'routes[1].path',
  ])
  expect(result.text).toContain('nearest rule: GET /orders; the request differs by trailing_slash')
  expect(movesIn(result)[0]).toBe('client: Leave out the slash at the end of /orders/.')
  expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
})

describe('scope in another claim', () => {
  test('that the profile can read: the setting is named with its value', async () => {
    const keycloak = { ...MAIN, profile: 'keycloak', issuer: 'https://login.example.com/realms/a' }
    const claims = {
      ...{ iss: keycloak.issuer, typ: 'Bearer', azp: 'orders-web', scope: 'openid' },
      realm_access: { roles: ['orders:read'] },
    }
    world.config({ ...CONFIG, issuers: { main: keycloak } })
    await world.token(claims, { typ: 'JWT' })
    const result = await world.explain('GET', '/orders')
    expect([verdictIn(result), settingIn(result)]).toEqual([
      'deny: insufficient_scope, at the stage policy by the rule "scope"',
      'routes[1].scope.allOf',
    ])
    expect(movesIn(result)[0]).toBe(
      "you: The token has it in the claim realm_access.roles: set issuers.main.scopes to { claim: ['realm_access', 'roles'], shape: 'list' }.",
    )
    const scopes = { claim: ['realm_access', 'roles'], shape: 'list' }
    world.config({ ...CONFIG, issuers: { main: { ...keycloak, scopes } } })
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
  })

  test('that the profile cannot read: another profile is needed', async () => {
    await world.token({ scope: undefined, permissions: ['orders:read'] })
    const result = await world.explain('GET', '/orders')
    expect(movesIn(result)[0]).toMatch(
      /^you: The token has it in the claim permissions, where the profile rfc9068 has no scopes: .*issuers\.main\.profile/,
    )
    world.config({
      ...CONFIG,
      issuers: {
        main: {
          ...MAIN,
          issuer: `${MAIN.issuer}/`,
          profile: 'auth0-rfc9068',
          scopes: { claim: 'permissions', shape: 'list' },
        },
      },
    })
    await world.token({ iss: `${MAIN.issuer}/`, scope: undefined, permissions: ['orders:read'] })
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
  })

  test('that is in no claim: the client has to request it', async () => {
    await world.token({ scope: 'orders:write' })
    expect(movesIn(await world.explain('GET', '/orders'))[0]).toBe(
      'client: Request the token with the scope orders:read.',
    )
  })
})

describe('an answer that API Gateway kept', () => {
  async function plant(seconds: number) {
    const name = await nameToken(await world.token(), FINGERPRINT_KEY, webCrypto)
    const line = { event: 'decision', outcome: 'deny', code: 'insufficient_scope', route: 'GET /orders' }
    const time = new Date((NOW - seconds) * 1000).toISOString()
    world.write('log', `${time}\tid\tINFO\t${JSON.stringify({ ...line, token: name })}\n`)
  }

  test('is the last decision in the log: the verdict is allow, and the cache has to be emptied', async () => {
    world.config({ ...CONFIG, aws: { ...CONFIG.aws, caches: [{ restApi: 'abc123', stage: 'prod' }] } })
    await plant(120)
    const result = await world.explain('GET', '/orders', '--log', 'log')
    expect([result.exitCode, verdictIn(result)]).toEqual([0, 'allow'])
    expect(movesIn(result).slice(0, 2)).toEqual([
      'you: The last decision in the log about this token (GET /orders) is deny insufficient_scope at 2026-11-30T11:58:00Z (2 min ago), and nothing was asked since. API Gateway keeps that answer until 2026-11-30T12:03:00Z, and gives it to every request with the same token, method and path without a log line.',
      'you: Empty the cache: aws apigateway flush-stage-authorizers-cache --rest-api-id abc123 --stage-name prod.',
    ])
  })

  test('is over once its lifetime is', async () => {
    await plant(301)
    const { text } = await world.explain('GET', '/orders', '--log', 'log')
    expect(text).not.toContain('API Gateway keeps that answer')
  })

  test('is no answer of another path', async () => {
    await plant(120)
    const { text } = await world.explain('GET', '/orders/1', '--log', 'log')
    expect(text).not.toContain('API Gateway keeps that answer')
  })
})

describe('clock', () => {
  test('of the issuer that is ahead', async () => {
    await world.token({ iat: NOW + 90 })
    const result = await world.explain('GET', '/orders')
    expect([verdictIn(result), settingIn(result)]).toEqual([
      'deny: token_issued_in_future, at the stage claims by the rule "iat"',
      'issuers.main.clockToleranceSeconds (not set: its default)',
    ])
    expect(movesIn(result).slice(0, 2)).toEqual([
      'issuer: The token says that it was issued 1 min 30 s after 2026-11-30T12:00:00Z: its clock is ahead of that of the edge. Set the clock.',
      'you: Or allow for it: issuers.main.clockToleranceSeconds is 30 s; 90 would accept this token.',
    ])
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, clockToleranceSeconds: 90 } } })
    expect((await world.explain('GET', '/orders')).exitCode).toBe(0)
    world.config({ ...CONFIG, issuers: { main: { ...MAIN, clockToleranceSeconds: 89 } } })
    expect((await world.explain('GET', '/orders')).exitCode).toBe(1)
  })

  test('that has moved on since: the log says when, and --at goes there', async () => {
    const name = await nameToken(await world.token({ iat: NOW - 10 }), FINGERPRINT_KEY, webCrypto)
    const line = { event: 'decision', outcome: 'deny', code: 'token_issued_in_future', token: name }
    world.write('log', `${JSON.stringify({ time: (NOW - 60) * 1000, ...line })}\n`)
    const result = await world.explain('GET', '/orders', '--log', 'log')
    expect([result.exitCode, movesIn(result)[0]]).toEqual([
      0,
      expect.stringMatching(/deny token_issued_in_future .*: explain it with --at 2026-11-30T11:59:00Z\.$/),
    ])
    const then = await world.explain('GET', '/orders', '--at', '2026-11-30T11:59:00Z')
    expect(verdictIn(then)).toMatch(/^deny: token_issued_in_future/)
  })

  test('of a token that has expired', async () => {
    await world.token({ exp: NOW - 40 })
    expect(movesIn(await world.explain('GET', '/orders'))).toEqual([
      'client: Request a new token: this one expired 40 s before 2026-11-30T12:00:00Z.',
      'you: If the token is new: the clocks differ by 40 s, and issuers.main.clockToleranceSeconds is 30 s.',
    ])
  })
})
