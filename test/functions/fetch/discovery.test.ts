// What a client finds out that knows only an address: the challenge names the metadata, and the metadata is at that
// URL, in workerd. RFC 6750 section 3, RFC 9470 section 3, RFC 9728 sections 3 and 5.1.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASE_ROWS } from '../../cases/index.ts'
import type { Field } from '../../cases/row.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import {
  AUDIENCE,
  DEEP_RESOURCE,
  RESOURCE,
  startCaseWorld,
  type CaseWorld,
} from '../../support/case-world.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

let world: CaseWorld
let edge: WorkerEdge

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
})

afterAll(async () => {
  await edge.close()
  await world.close()
})

const ask = (target: string, token?: string, method = 'GET') =>
  edge.sendRaw({
    method,
    target,
    fields: token === undefined ? [] : [['Authorization', `Bearer ${token}`]],
  })
const challengeOf = async (target: string, token?: string, method = 'GET') =>
  (await ask(target, token, method)).response.headers['www-authenticate']

describe('the metadata of a resource', () => {
  test('is at the well-known path, followed by the path of the resource', async () => {
    const { response, seen } = await ask(`${WELL_KNOWN}/resource`)
    expect(seen).toBeUndefined()
    expect(response.status).toBe(200)
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
    })
    expect(JSON.parse(response.body)).toEqual({
      resource: RESOURCE,
      authorization_servers: [world.main.issuer],
      scopes_supported: ['read', 'admin'],
      bearer_methods_supported: ['header'],
      resource_name: 'Test',
      resource_documentation: 'https://docs.test.example/',
    })
  })

  test('is separate for a resource below another one', async () => {
    const { response } = await ask(`${WELL_KNOWN}/resource/deep`)
    expect(JSON.parse(response.body)).toEqual({
      resource: DEEP_RESOURCE,
      authorization_servers: [world.main.issuer],
      scopes_supported: ['read', 'admin'],
      bearer_methods_supported: ['header'],
    })
  })

  test.each([
    WELL_KNOWN,
    `${WELL_KNOWN}/`,
    `${WELL_KNOWN}/resource/`,
    `${WELL_KNOWN}/Resource`,
    `${WELL_KNOWN}/resource/deeper`,
    `/resource${WELL_KNOWN}`,
  ])('is not at %s', async (target) => {
    expect((await ask(target)).response.status).toBeGreaterThanOrEqual(400)
  })

  test('answers GET and HEAD only', async () => {
    const head = await ask(`${WELL_KNOWN}/resource`, undefined, 'HEAD')
    expect([head.response.status, head.response.body]).toEqual([200, ''])
    const post = await ask(`${WELL_KNOWN}/resource`, undefined, 'POST')
    expect(post.response).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })
})

describe('a preflight for the metadata', () => {
  const preflight = async (target: string, ...fields: Field[]) =>
    (await edge.sendRaw({ method: 'OPTIONS', target, fields })).response
  const origin: Field = ['Origin', 'https://anybody.example']
  const asksFor = (method: string): Field => ['Access-Control-Request-Method', method]
  const more: Field = ['Access-Control-Request-Headers', 'mcp-protocol-version']

  test('is answered for every origin', async () => {
    expect(await preflight(`${WELL_KNOWN}/resource`, origin, asksFor('GET'), more)).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': '*',
      },
    })
  })

  test.each<[string, number, Field[]]>([
    [`${WELL_KNOWN}/resource`, 405, [origin]],
    [`${WELL_KNOWN}/resource`, 405, [asksFor('GET')]],
    [`${WELL_KNOWN}/resource`, 405, [origin, asksFor('POST')]],
    [`${WELL_KNOWN}/other`, 403, [origin, asksFor('GET')]],
    ['/orders', 403, [origin, asksFor('GET')]],
  ])('OPTIONS %s is %i otherwise', async (target, status, fields) => {
    const response = await preflight(target, ...fields)
    expect(response.status).toBe(status)
    expect(response.headers).not.toHaveProperty('access-control-allow-methods')
  })
})

describe('a challenge', () => {
  const metadata = (path: string) => `resource_metadata="https://edge.test.example${WELL_KNOWN}${path}"`

  test('names the metadata and the scopes, with and without a token', async () => {
    expect(await challengeOf('/resource')).toBe(`Bearer realm="api", scope="read", ${metadata('/resource')}`)
    expect(await challengeOf('/resource/a')).toContain(`scope="read", ${metadata('/resource')}`)
    expect(await challengeOf('/resource', 'nonsense')).toBe(
      `Bearer realm="api", error="invalid_token", scope="read", ${metadata('/resource')}`,
    )
    expect(await challengeOf('/resource/deep/open')).toBe(`Bearer realm="api", ${metadata('/resource/deep')}`)
  })

  test('names them also for a missing scope, or a token for another resource', async () => {
    const lacking = await world.main.token({ claims: { aud: RESOURCE, scope: 'other' } })
    expect(await challengeOf('/resource', lacking)).toMatch(
      /^Bearer realm="api", error="insufficient_scope", .*scope="read", resource_metadata=/,
    )
    const other = await world.main.token({ claims: { aud: AUDIENCE } })
    expect(await challengeOf('/resource', other)).toMatch(/error="invalid_token".*resource_metadata=/)
    expect(await challengeOf('/resource?access_token=x')).toMatch(
      /error="invalid_request".*resource_metadata=/,
    )
  })

  test('names the resource of the path, if one rule reaches into several', async () => {
    expect(await challengeOf('/resource/x')).toContain(metadata('/resource'))
    expect(await challengeOf('/resource/deep/x')).toContain(metadata('/resource/deep'))
    expect(await challengeOf('/resource/shared')).toContain(metadata('/resource'))
    expect(await challengeOf('/elsewhere/shared')).toBe('Bearer realm="api"')
  })

  test('outside of every resource names none', async () => {
    expect(await challengeOf('/orders')).toBe('Bearer realm="api"')
    expect(await challengeOf('/resources')).toBe('Bearer realm="api"')
  })

  test('names the metadata for every failure, if one resource is the whole host', async () => {
    const whole = await openWorkerEdge({ ...world.config, resources: [{ identifier: AUDIENCE }] }, world.env)
    const codes = new Map<string, unknown>()
    try {
      for (const row of CASE_ROWS) {
        if (row.notOn?.worker !== undefined || row.id.startsWith('websocket/')) continue
        const { code, wire } = await whole.send(await row.request(world))
        if (wire['challenge'] === undefined) expect([row.id, wire['status']]).not.toEqual([row.id, 401])
        else codes.set(code, [...((codes.get(code) as unknown[]) ?? []), wire['challenge']])
      }
    } finally {
      await whole.close()
    }
    const named = `resource_metadata="${AUDIENCE}${WELL_KNOWN}"`
    for (const [code, challenges] of codes)
      expect([code, challenges]).toEqual([
        code,
        (challenges as string[]).map(() => expect.stringContaining(named)),
      ])
    expect(codes.size).toBeGreaterThan(25)
  })

  test('demands another sign-in if the route does', async () => {
    const now = Math.floor(Date.now() / 1000)
    const token = await world.main.token({ claims: { acr: 'pwd', auth_time: now } })
    const { response } = await ask('/transfers', token, 'POST')
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toMatch(
      /^Bearer realm="api", error="insufficient_user_authentication", .*acr_values="mfa hwk", max_age="300"$/,
    )
  })
})
