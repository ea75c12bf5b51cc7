// The admin endpoint of the built store Worker in workerd. Every request that is refused has a twin that differs in one
// thing and is answered.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOREVER } from '../../../../shared/edge.ts'
import type { LanekeeperConfig } from '../../../../shared/index.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { findLeaks } from '../../../support/leaks.ts'
import { generateKey, signCompact } from '../../../support/test-issuer.ts'
import { openStoreWorld, type StoreWorld } from './store-world.ts'

const { main } = CONFIGS.plain.issuers

const SECRETS = {
  REVOKE_OLD: 'old-credential-to-revoke-0123456789abcdef',
  REVOKE_NEW: 'new-credential-to-revoke-0123456789abcdef',
  LIST: 'credential-to-list-0123456789abcdef-01234',
}

const CONFIG: LanekeeperConfig = {
  ...CONFIGS.plain,
  issuers: { main, other: { ...main, issuer: 'https://other.example.com' } },
  revocation: {
    durableObject: 'REVOCATIONS',
    maxEntries: 100,
    admin: { revoke: [{ env: 'REVOKE_OLD' }, { env: 'REVOKE_NEW' }], list: { env: 'LIST' } },
  },
}

let world: StoreWorld
let accessToken: string
beforeAll(async () => {
  world = await openStoreWorld(CONFIG, SECRETS)
  accessToken = await signCompact(
    await generateKey('RS256', 'k'),
    { alg: 'RS256', typ: 'at+jwt', kid: 'k' },
    { iss: main.issuer, aud: main.audience, sub: 'alice', client_id: 'app', iat: 1, exp: FOREVER, jti: '1' },
  )
})
afterAll(() => world.close())

const REQUEST = {
  kind: 'sub',
  issuer: 'main',
  id: 'alice-canary-4f1c9a72e05b8d36',
  by: 'bob',
  reason: 'left-canary-4f1c9a72',
}

interface Call {
  readonly method?: string
  readonly path?: string
  readonly credential?: string | null
  readonly authorization?: string
  readonly contentType?: string | null
  readonly body?: object | string | Uint8Array<ArrayBuffer>
}

const isWriting = (path: string) => path === '/revoke' || path === '/unrevoke'

const toBody = (body: NonNullable<Call['body']>): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body)

/** A request that is answered, except for the members that are given. */
function call(given: Call = {}): Promise<Response> {
  const { path = '/revoke', body = REQUEST } = given
  const writes = isWriting(path.split('?')[0]!)
  const { method = writes ? 'POST' : 'GET', contentType = 'application/json' } = given
  const { credential = writes ? SECRETS.REVOKE_NEW : SECRETS.LIST } = given
  const authorization = given.authorization ?? (credential === null ? undefined : `Bearer ${credential}`)
  return world.ask(path, {
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(writes && contentType !== null ? { 'content-type': contentType } : {}),
    },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: toBody(body) }),
  })
}

const PATHS = ['/revoke', '/unrevoke', '/revocations', '/records'] as const

describe.each(PATHS)('%s', (path) => {
  const own = isWriting(path) ? SECRETS.REVOKE_NEW : SECRETS.LIST
  const others = isWriting(path) ? SECRETS.LIST : SECRETS.REVOKE_NEW

  test('answers its own credential, as JSON that no cache stores', async () => {
    const response = await call({ path })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(Object.keys(Object(await response.json())).length).toBeGreaterThan(0)
  })

  test.each([
    ['the other credential', others],
    ['a part of it', own.slice(0, -1)],
    ['more than it', `${own}0`],
    ['it in capitals', own.toUpperCase()],
  ])('refuses %s', async (_, credential) => {
    const response = await call({ path, credential })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ error: 'invalid_token' })
  })

  test('refuses an access token of the issuer', async () => {
    const response = await call({ path, credential: accessToken })
    expect(response.status).toBe(401)
    expect(findLeaks(await response.text(), [accessToken])).toEqual([])
  })

  test.each([
    ['Basic', `Basic ${own}`],
    ['no scheme', own],
    ['two credentials', `Bearer ${own}, Bearer ${own}`],
    ['an empty credential', 'Bearer '],
  ])('refuses an Authorization field with %s', async (_, authorization) => {
    expect((await call({ path, authorization })).status).toBe(401)
    expect((await call({ path, authorization: `bearer ${own}` })).status).toBe(200)
  })

  test('asks for a credential where there is none', async () => {
    const response = await call({ path, credential: null })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('takes one method: %s', async (method) => {
    const wanted = isWriting(path) ? 'POST' : 'GET'
    const response = await call({ path, method })
    expect(response.status).toBe(method === wanted ? 200 : 405)
    expect(response.headers.get('allow')).toBe(method === wanted ? null : wanted)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each([`${path}/`, `${path}s`, `/x${path}`, path.toUpperCase()])(
    'is at no other path: %s',
    async (wrong) => {
      const method = isWriting(path) ? 'POST' : 'GET'
      expect((await call({ path: wrong, method, credential: own })).status).toBe(404)
    },
  )
})

test('both credentials are valid during a rotation, and a third is not', async () => {
  const statuses = [SECRETS.REVOKE_OLD, SECRETS.REVOKE_NEW, SECRETS.REVOKE_NEW.replace('new', 'odd')].map(
    async (credential) => (await call({ credential })).status,
  )
  expect(await Promise.all(statuses)).toEqual([200, 200, 401])
})

describe.each(['/revoke', '/unrevoke'])('the body of %s', (path) => {
  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'is %s',
    async (contentType) => {
      expect((await call({ path, contentType })).status).toBe(200)
    },
  )

  test.each([
    'text/plain',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'application/json-patch+json',
  ])('is not %s', async (contentType) => {
    expect((await call({ path, contentType })).status).toBe(415)
  })

  test('has at most 16 KiB', async () => {
    const text = JSON.stringify(REQUEST)
    const padded = (bytes: number) => text + ' '.repeat(bytes - text.length)
    expect((await call({ path, body: padded(16_384) })).status).toBe(200)
    expect((await call({ path, body: padded(16_385) })).status).toBe(413)
    expect((await call({ path, body: padded(17_000) })).status).toBe(413)
  })

  const without = (...names: readonly string[]) =>
    Object.fromEntries(Object.entries(REQUEST).filter(([name]) => !names.includes(name)))

  const MALFORMED: readonly (readonly [what: string, body: NonNullable<Call['body']>])[] = [
    ['nothing', ''],
    ['no JSON', '{'],
    ['two texts', '{}{}'],
    ['a list', [REQUEST]],
    ['null', 'null'],
    ['no UTF-8', new Uint8Array([...Buffer.from(JSON.stringify({ ...REQUEST, id: '' })), 0xff])],
    ['a member twice', JSON.stringify(REQUEST).replace('{', '{"kind":"jti",')],
    ['an unknown member', { ...REQUEST, befor: 1 }],
    ['no author', without('by')],
    ['an empty author', { ...REQUEST, by: '' }],
    ['an author of another type', { ...REQUEST, by: ['bob'] }],
    ['an author who is too long', { ...REQUEST, by: 'b'.repeat(257) }],
    ['a reason that is too long', { ...REQUEST, reason: 'r'.repeat(1_025) }],
    ['an empty reason', { ...REQUEST, reason: '' }],
    ['no kind', without('kind')],
    ['an unknown kind', { ...REQUEST, kind: 'user' }],
    ['a kind of the prototype', { ...REQUEST, kind: 'constructor' }],
    ['a kind of another type', { ...REQUEST, kind: 1 }],
    ['no id', without('id')],
    ['an id of another type', { ...REQUEST, id: 7 }],
    ['no issuer, where there are several', without('issuer')],
    ['an unknown issuer', { ...REQUEST, issuer: 'https://unknown.example.com' }],
    ['an id for an issuer', { ...REQUEST, kind: 'issuer' }],
    ['a token for its digest', { ...REQUEST, kind: 'token', id: 'opaque-token-0123456789' }],
    ['no thumbprint of a key', { ...REQUEST, kind: 'key' }],
    ['half of a surrogate pair', JSON.stringify({ ...REQUEST, id: '' }).replace('"id":""', '"id":"\\ud800"')],
    ['both forms', { ...REQUEST, requests: [without('by', 'reason')] }],
    ['an empty list of requests', { by: 'bob', requests: [] }],
    ['101 requests', { by: 'bob', requests: Array.from({ length: 101 }, () => without('by', 'reason')) }],
    ['a request that is none', { by: 'bob', requests: [null] }],
    ['an author in a request', { by: 'bob', requests: [REQUEST] }],
    [
      'an unknown member after a good request',
      { by: 'bob', requests: [without('by', 'reason'), { ...without('by', 'reason'), x: 1 }] },
    ],
    ['a bad request after a good one', { by: 'bob', requests: [without('by', 'reason'), { kind: 'sub' }] }],
  ]

  test.each(MALFORMED)('is refused with %s, and nothing of it is repeated or stored', async (_, body) => {
    const countOf = async () => (await world.edges[0].changesSince(null)).version
    const before = await countOf()
    const response = await call({ path, body })
    expect(response.status).toBe(400)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = await response.text()
    expect(Object.keys(JSON.parse(text))).toEqual(['error', 'error_description'])
    expect(text).toContain('"error":"invalid_request"')
    const values = typeof body === 'string' ? [body] : Object.values(body).map(String)
    expect(findLeaks(text, values)).toEqual([])
    expect(await countOf()).toBe(before)
  })

  test.each(['id', 'by', 'reason', 'sub'])('has no JWT in %s', async (name) => {
    for (const text of [`see ${accessToken}`, `(${accessToken})`, `Bearer%20${accessToken}`]) {
      const response = await call({ path, body: { ...REQUEST, kind: 'jti', [name]: text } })
      expect([text, response.status]).toEqual([text, 400])
      expect(findLeaks(await response.text(), [accessToken])).toEqual([])
    }
    const body = { ...REQUEST, kind: 'jti', [name]: 'see a.b.c' }
    expect((await call({ path, body })).status).toBe(200)
  })
})

describe('revoking', () => {
  const open = () => openStoreWorld(CONFIG, SECRETS)

  test('gives the entries that are in force, and their outcomes; another Worker finds them', async () => {
    const before = Math.floor(Date.now() / 1000) - 60
    const body = { kind: 'client', issuer: 'other', id: 'app', before, by: 'bob' }
    const response = await call({ body })
    const entry = { kind: 'client', issuer: 'https://other.example.com', id: 'app' } as const
    const { outcomes, entries, ...others } = (await response.json()) as {
      outcomes: unknown
      entries: unknown[]
    }
    expect([outcomes, others]).toEqual([['stored'], {}])
    // The clock of the issuer may have been 30 seconds ahead.
    expect(entries).toEqual([{ ...entry, notBefore: before + 30, until: expect.any(Number) }])
    expect(await world.edges[1].find([entry])).toMatchObject([{ notBefore: before + 30 }])
    expect(await (await call({ body })).json()).toMatchObject({ outcomes: ['known'] })
  })

  test.each([
    ['a time ten years ahead', { kind: 'sub', id: 'x', before: 2_100_000_000 }, '"before" is in the future'],
    ['the exp of an expired token', { kind: 'jti', id: 'x', expiresAt: 1 }, '"expiresAt" has passed'],
    ['an exp for a user', { kind: 'sub', id: 'x', expiresAt: 2_100_000_000 }, 'is for the kinds "jti"'],
  ])('is refused with %s', async (_, request, message) => {
    const response = await call({ body: { issuer: 'main', by: 'bob', ...request } })
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining(message.replaceAll('"', '\\"')),
    ])
    const { before: __, expiresAt: ___, ...twin } = request as { before?: number; expiresAt?: number }
    expect((await call({ body: { issuer: 'main', by: 'bob', ...twin } })).status).toBe(200)
  })

  test('up to 100 at once, of several issuers, is one answer', async () => {
    const requests = Array.from({ length: 60 }, (_, index) => ({
      kind: 'jti',
      issuer: main.issuer,
      id: `t${index}`,
    }))
    const own = await open()
    try {
      const response = await own.ask('/revoke', {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRETS.REVOKE_OLD}`, 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'bob', requests: [...requests, { kind: 'issuer', issuer: 'other' }] }),
      })
      const { outcomes, entries } = (await response.json()) as {
        outcomes: string[]
        entries: { id: string }[]
      }
      expect(outcomes).toEqual(Array.from({ length: 61 }, () => 'stored'))
      expect(entries.map(({ id }) => id)).toEqual([...requests.map(({ id }) => id), ''])
    } finally {
      await own.close()
    }
  })

  test('where there is no room says so with 507, stores the rest, and writes an alarm', async () => {
    const own = await open()
    const send = (requests: readonly object[]) =>
      own.ask('/revoke', {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRETS.REVOKE_OLD}`, 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'bob', requests }),
      })
    // An entry without `expiresAt` would be stored again in a later second, because it stands a second longer.
    const expiresAt = 4_000_000_000
    const single = (id: string, more = {}) => ({ kind: 'jti', issuer: 'main', id, expiresAt, ...more })
    try {
      const filling = await send(Array.from({ length: 75 }, (_, index) => single(`t${index}`)))
      expect(filling.status).toBe(200)
      expect(own.events()).toMatchObject([{ event: 'secret' }, { event: 'secret' }, { event: 'secret' }])
      const full = await send([single('a'), single('b', { sub: 'alice' }), single('t1')])
      expect(full.status).toBe(507)
      expect(await full.json()).toMatchObject({
        outcomes: ['full', 'widened', 'known'],
        entries: [{ id: 'a' }, { id: 'b' }, { id: 't1' }],
      })
      const widened = await send([single('c', { sub: 'bob' })])
      expect([widened.status, await widened.json()]).toMatchObject([200, { outcomes: ['widened'] }])
      const user = { kind: 'sub', issuer: main.issuer, id: 'alice' } as const
      expect(await own.edges[0].find([user])).not.toEqual([null])
      const alarm = { door: 'store', event: 'revocation', outcome: 'full', plan: expect.any(String) }
      expect(own.events().slice(3)).toMatchObject([
        { ...alarm, code: 'full', entries: 76 },
        { ...alarm, code: 'widened', entries: 76 },
        { ...alarm, code: 'widened', entries: 77 },
      ])
    } finally {
      await own.close()
    }
  })

  test('is undone by its name, once', async () => {
    const name = { kind: 'sid', issuer: 'main', id: 'session' }
    await call({ body: { ...name, by: 'bob' } })
    const undo = async () => (await call({ path: '/unrevoke', body: { ...name, by: 'carol' } })).json()
    const entries = [{ ...name, issuer: main.issuer }]
    expect(await undo()).toEqual({ removed: [true], entries })
    expect(await undo()).toEqual({ removed: [false], entries })
  })
})

test('the lists have what was done, by whom, and pages', async () => {
  const own = await openStoreWorld(
    { ...CONFIG, revocation: { ...CONFIG.revocation, maxEntries: 1_000 } },
    SECRETS,
  )
  const headers = { authorization: `Bearer ${SECRETS.LIST}` }
  const read = async (path: string) =>
    (await own.ask(path, { headers })).json() as Promise<{ items: { id: string }[]; next: string | null }>
  try {
    const user = (id: string) =>
      ({ kind: 'sub', issuer: main.issuer, id, notBefore: 1, until: FOREVER }) as const
    const ids = Array.from({ length: 150 }, (_, index) => `user ${index}`)
    await own.edges[0].revoke(ids.map(user), { by: 'backchannel-logout main' })
    await own.edges[0].unrevoke([user('user 7')], { by: 'bob', reason: 'mistake' })
    for (const [path, count] of [
      ['/revocations', 149],
      ['/records', 151],
    ] as const) {
      const first = await read(path)
      const second = await read(`${path}?page=${first.next}`)
      expect([first.items.length, second.items.length, second.next]).toEqual([100, count - 100, null])
      expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(
        path === '/records' ? 150 : 149,
      )
    }
    expect((await read('/records')).items[0]).toEqual({
      ...{ ...user('user 7'), action: 'unrevoke', outcome: 'removed' },
      ...{ at: expect.any(Number), by: 'bob', reason: 'mistake' },
    })
  } finally {
    await own.close()
  }
})

test.each([
  ['/revocations', 'ab'.repeat(32), ['1', 'zz'.repeat(32), '', "' OR 1"]],
  ['/records', '1', ['0', '-1', 'ab'.repeat(32), '', "' OR 1"]],
])('a page of %s has the form that an answer named', async (path, good, bad) => {
  expect((await call({ path: `${path}?page=${good}` })).status).toBe(200)
  for (const page of bad)
    expect([page, (await call({ path: `${path}?page=${encodeURIComponent(page)}` })).status]).toEqual([
      page,
      400,
    ])
})

test('no line of the log has a credential, a token or what was asked', () => {
  expect(world.lines.length).toBeGreaterThan(0)
  const text = world.lines.join('\n')
  expect(findLeaks(text, [...Object.values(SECRETS), accessToken])).toEqual([])
  expect(text).not.toMatch(/alice|bob/)
})
