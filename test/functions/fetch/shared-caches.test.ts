// Which responses of an origin pass as they are, how all others are marked, and what caches then do with them. The
// caches are stand-ins around http-cache-semantics: shared ones in front of the Worker's handler, some of which ignore
// RFC 9111 section 3.5, and a browser's own.

import CachePolicy from 'http-cache-semantics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL_FETCH_PARTS } from '../../../functions/fetch/all-parts.ts'
import { createFetchHandler, type FetchHandler, type FetchRuntime } from '../../../functions/fetch/handler.ts'
import { keepFromSharedCaches } from '../../../functions/fetch/shared-caches.ts'
import { createAuthorizer } from '../../../shared/index.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

type Fields = readonly (readonly [name: string, value: string])[]

const OVERRIDING: Fields = [
  ['CDN-Cache-Control', 'max-age=60'],
  ['Cloudflare-CDN-Cache-Control', 'max-age=60'],
  ['some-future-cache-control', 'max-age=60'],
  ['Surrogate-Control', 'max-age=60'],
  ['Edge-Control', 'max-age=60'],
  ['X-Accel-Expires', '60'],
  ['Expires', 'Thu, 01 Jan 2099 00:00:00 GMT'],
  ['Pragma', 'x'],
]

const says = (...values: string[]): Fields => values.map((value) => ['Cache-Control', value])
const varies = (...values: string[]): Fields => values.map((value) => ['Vary', value])

const toResponse = (fields: Fields): Response =>
  new Response('body', { headers: new Headers([...fields] as [string, string][]) })

describe('a response passes as it is', () => {
  const noStore = says('no-store')
  const spring = 'no-cache, no-store, max-age=0, must-revalidate'
  const own = [...says('private'), ...varies('Authorization')]

  /** What passes; then what differs in one thing, and the Cache-Control and Vary that it is sent with. */
  const TWINS: readonly [what: string, passes: Fields, twin: Fields, cacheControl: string, vary: string][] = [
    ['no-store, but not nothing', noStore, [], 'private', 'Authorization'],
    ['no-store, but not no-cache', noStore, says('no-cache'), 'private, no-cache', 'Authorization'],
    ['no-store, but not beside public', noStore, says('no-store, public'), 'no-store', 'Authorization'],
    [
      'no-store, but not beside s-maxage',
      noStore,
      says('no-store, s-maxage=60'),
      'no-store',
      'Authorization',
    ],
    [
      'no-store, but not beside proxy-revalidate',
      noStore,
      says('proxy-revalidate,no-store'),
      'no-store',
      'Authorization',
    ],
    [
      'no-store, but not beside must-understand',
      noStore,
      says('no-store, Must-Understand, must-revalidate, max-age=60'),
      'private, no-store, Must-Understand, must-revalidate, max-age=60',
      'Authorization',
    ],
    [
      'no-store with Vary, but not beside must-understand',
      [...noStore, ...varies('Authorization')],
      [...says('no-store, x="a", must-understand'), ...varies('Authorization')],
      'private, no-store, x="a", must-understand',
      'Authorization',
    ],
    [
      'private with Vary beside must-understand, but not without Vary',
      [...says('private, no-store, must-understand'), ...varies('Authorization')],
      says('private, no-store, must-understand'),
      'private, no-store, must-understand',
      'Authorization',
    ],
    [
      'no-store, but not with an argument',
      noStore,
      says('no-store="x"'),
      'private, no-store="x"',
      'Authorization',
    ],
    ['no-store, but not no-stored', noStore, says('no-stored'), 'private, no-stored', 'Authorization'],
    [
      'no-store, but not the name of another field',
      noStore,
      [['X-Control', 'no-store']],
      'private',
      'Authorization',
    ],
    ['no-store in upper case', says('NO-STORE'), says('NO_STORE'), 'private, NO_STORE', 'Authorization'],
    [
      'no-store with Vary, but not beside public',
      [...noStore, ...varies('Authorization')],
      [...says('no-store, public'), ...varies('Authorization')],
      'no-store',
      'Authorization',
    ],
    [
      'no-store among others',
      says(spring),
      says(spring.replace('no-store, ', '')),
      'private, no-cache, max-age=0, must-revalidate',
      'Authorization',
    ],
    [
      'no-store in a second line',
      says('max-age=0', 'no-store'),
      says('max-age=0', 'no-cache'),
      'private, max-age=0, no-cache',
      'Authorization',
    ],
    [
      'no-store in a first line',
      says('no-store', 'max-age=0'),
      says('no-store', 'public'),
      'no-store',
      'Authorization',
    ],
    ['no-store between empty members', says(',, no-store ,'), says(',, ,'), 'private', 'Authorization'],
    [
      'no-store after a tab',
      says('max-age=0,\tno-store'),
      says('max-age=0,\u00a0no-store'),
      'max-age=0, no-store',
      'Authorization',
    ],
    [
      'no-store before a quoted string',
      says('no-store, x="a, b"'),
      says('x="a, no-store, b"'),
      'private, x="a, no-store, b"',
      'Authorization',
    ],
    [
      'no-store before a quoted string, not after',
      says('no-store, x="a"'),
      says('x="a", no-store'),
      'private, x="a", no-store',
      'Authorization',
    ],
    [
      'no-store before a quote without an end',
      says('no-store, x="a'),
      says('x="a, no-store'),
      'private, x="a, no-store',
      'Authorization',
    ],
    [
      'no-store before a quoted public',
      says('no-store, x="public"'),
      says('no-store, x="a,public,b"'),
      'no-store, x="a, b"',
      'Authorization',
    ],
    ['private with Vary, but not without', own, says('private'), 'private', 'Authorization'],
    [
      'private with Vary, but not with another',
      own,
      [...says('private'), ...varies('Cookie')],
      'private',
      'Cookie, Authorization',
    ],
    [
      'private with Vary, but not with a longer name',
      own,
      [...says('private'), ...varies('X-Authorization')],
      'private',
      'X-Authorization, Authorization',
    ],
    ['private with Vary, but not Vary alone', own, varies('Authorization'), 'private', 'Authorization'],
    [
      'private with Vary, but not no-cache',
      own,
      [...says('no-cache'), ...varies('Authorization')],
      'private, no-cache',
      'Authorization',
    ],
    [
      'private with Vary, but not public',
      own,
      [...says('public'), ...varies('Authorization')],
      'private',
      'Authorization',
    ],
    [
      'private with Vary, but not beside public',
      own,
      [...says('private, public'), ...varies('Authorization')],
      'private',
      'Authorization',
    ],
    [
      'private for all fields, but not for one',
      own,
      [...says('private="x-field"'), ...varies('Authorization')],
      'private, private="x-field"',
      'Authorization',
    ],
    [
      'private for all fields, but not for a token',
      own,
      [...says('private=x-field'), ...varies('Authorization')],
      'private, private=x-field',
      'Authorization',
    ],
    [
      'private for all fields, but not for two',
      own,
      [...says('private="a, private, b"'), ...varies('Authorization')],
      'private, private="a, private, b"',
      'Authorization',
    ],
    [
      'private with Vary: *',
      [...says('private'), ...varies('*')],
      [...says('private'), ...varies('**')],
      'private',
      '**, Authorization',
    ],
    [
      'private with a Vary of several members',
      [...says('private'), ...varies('Accept,authorization , Cookie')],
      [...says('private'), ...varies('Accept,author , Cookie')],
      'private',
      'Accept,author , Cookie, Authorization',
    ],
    [
      'private with several lines of Vary',
      [...says('private'), ...varies('Accept', 'AUTHORIZATION')],
      [...says('private'), ...varies('Accept', 'Cookie')],
      'private',
      'Accept, Cookie, Authorization',
    ],
    [
      'Private, max-age',
      [...says('Private, max-age=60'), ...varies('Authorization')],
      [...says('Private, max-age=60, S-MaxAge=60'), ...varies('Authorization')],
      'Private, max-age=60',
      'Authorization',
    ],
    [
      'private, must-revalidate',
      [...says('private, must-revalidate'), ...varies('Authorization')],
      [...says('must-revalidate'), ...varies('Authorization')],
      'private, must-revalidate',
      'Authorization',
    ],
    [
      'a field with a similar name',
      [...noStore, ['X-Cache-Control-X', 'max-age=60']],
      [...noStore, ['X-Cache-Control', 'max-age=60']],
      'no-store',
      'Authorization',
    ],
    ...OVERRIDING.flatMap((field): typeof TWINS => [
      [`no-store without ${field[0]}`, noStore, [...noStore, field], 'no-store', 'Authorization'],
      [`private without ${field[0]}`, own, [...own, field], 'private', 'Authorization'],
    ]),
  ]

  test.each(TWINS)('%s', (_, passes, twin, cacheControl, vary) => {
    const given = toResponse(passes)
    const before = [...given.headers]
    expect(keepFromSharedCaches(given)).toBe(given)
    expect([...given.headers]).toEqual(before)
    const other = toResponse(twin)
    const marked = keepFromSharedCaches(other)
    expect(marked).not.toBe(other)
    expect(marked.headers.get('cache-control')).toBe(cacheControl)
    expect(marked.headers.get('vary')).toBe(vary)
    for (const [name] of OVERRIDING) expect(marked.headers.has(name)).toBe(false)
    // Marked once, it passes.
    expect(keepFromSharedCaches(marked)).toBe(marked)
  })

  test('if it switches protocols, but not otherwise', () => {
    const withStatus = (status: number) => Object.defineProperty(toResponse([]), 'status', { value: status })
    const [switching, other] = [withStatus(101), withStatus(200)]
    expect(keepFromSharedCaches(switching)).toBe(switching)
    expect(keepFromSharedCaches(other)).not.toBe(other)
  })

  test('and one that is marked keeps status, other fields and body', async () => {
    const headers: [string, string][] = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['ETag', '"x"'],
    ]
    const marked = keepFromSharedCaches(new Response('body', { status: 404, statusText: 'No', headers }))
    expect(marked).toMatchObject({ status: 404, statusText: 'No' })
    expect(marked.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(marked.headers.get('etag')).toBe('"x"')
    expect(await marked.text()).toBe('body')
  })
})

const AUDIENCE = 'https://api.test.example'
const LAST_MODIFIED = ['Last-Modified', 'Thu, 01 Jan 2015 00:00:00 GMT'] as const

let issuer: TestIssuer
let ada: string
let bob: string

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'one')] })
  const tokenOf = (sub: string) => issuer.token({ claims: { sub } })
  ;[ada, bob] = await Promise.all([tokenOf('ada'), tokenOf('bob')])
})

afterAll(() => issuer.close())

/** The handler in front of an origin that answers with these fields, and with the name of the caller as the body. */
function startHandler(fields: Fields): FetchHandler {
  const ports = { fetch, now: () => Date.now(), report: () => {} }
  const authorizer = createAuthorizer(
    {
      issuers: {
        main: {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: { jwks_uri: issuer.jwksUri },
          algorithms: ['ES256'],
        },
      },
      routes: [
        { path: '/own', methods: ['GET'], scope: 'none' },
        { path: '/shared', methods: ['GET'], scope: 'none', sharedCaches: true },
      ],
      origin: { url: 'https://origin.test.example' },
    },
    ports,
    { needsOrigin: true },
  )
  const runtime: FetchRuntime = {
    readRequestId: () => undefined,
    readClientCertificate: () => null,
    copyRequest: ({ method, headers }, url) => new Request(url, { method, headers }),
    send: async ({ headers }) =>
      new Response(headers.get('x-lanekeeper-subject'), { headers: [...fields] as [string, string][] }),
  }
  return createFetchHandler(authorizer, ports, runtime, ALL_FETCH_PARTS, {})
}

interface CacheRules {
  readonly shared: boolean
  /** Stores responses to requests with an Authorization field like all others. */
  readonly ignoresAuthorization?: boolean
  readonly ignoresVary?: boolean
  /** The field that it reads instead of Cache-Control. */
  readonly reads?: string
}

/** What a cache with these rules takes the fields of a message for. */
function readFields(
  given: Headers,
  { ignoresAuthorization, ignoresVary, reads }: CacheRules,
): CachePolicy.Headers {
  const { authorization, vary, ...fields } = Object.fromEntries(given)
  const own = reads === undefined ? undefined : fields[reads]
  if (own !== undefined) {
    for (const name of ['cache-control', 'pragma', 'expires']) if (name !== reads) delete fields[name]
    if (reads !== 'expires') fields['cache-control'] = reads === 'x-accel-expires' ? `max-age=${own}` : own
  }
  // The library compares directives as they are spelled.
  if (fields['cache-control'] !== undefined) fields['cache-control'] = fields['cache-control'].toLowerCase()
  // By another name the library knows the field from Vary only.
  const name = ignoresAuthorization === true ? 'x-caller' : 'authorization'
  if (authorization !== undefined) fields[name] = authorization
  if (vary !== undefined && ignoresVary !== true) fields['vary'] = vary.replace(/authorization/i, name)
  return fields
}

/** Sends a request through the cache; the body of the response, and whether the cache had it. */
type Cache = (token: string | null, path?: string) => Promise<{ body: string; isStored: boolean }>

function startCache(handle: FetchHandler, rules: CacheRules): Cache {
  const stored: { policy: CachePolicy; body: string }[] = []
  return async (token, path = '/own') => {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    const request = new Request(`https://edge.test.example${path}`, { headers })
    const asked = { url: request.url, method: 'GET', headers: readFields(request.headers, rules) }
    const found = stored.find(({ policy }) => policy.satisfiesWithoutRevalidation(asked))
    if (found !== undefined) return { body: found.body, isStored: true }
    const response = await handle(request)
    const body = await response.text()
    const answer = { status: response.status, headers: readFields(response.headers, rules) }
    const policy = new CachePolicy(asked, answer, { shared: rules.shared })
    if (policy.storable()) stored.push({ policy, body })
    return { body, isStored: false }
  }
}

const ORIGINS: readonly (readonly [string, Fields])[] = [
  ['nothing', []],
  ['nothing but its age', [LAST_MODIFIED]],
  ['max-age', says('max-age=60')],
  ['public, max-age', says('public, max-age=60')],
  ['s-maxage', says('s-maxage=60')],
  ['no-store', says('no-store')],
  ['no-store beside public', says('no-store, public, max-age=60')],
  ['private', says('private, max-age=60')],
  ['private with Vary', [...says('private, max-age=60'), ...varies('Authorization')]],
  ['private with Vary: *', [...says('private, max-age=60'), ...varies('*')]],
  ['private for one field', says('private="x-field", max-age=60')],
  ['Vary without private', [...says('max-age=60'), ...varies('Authorization')]],
  ...OVERRIDING.flatMap((field): (readonly [string, Fields])[] => [
    [`${field[0]} alone`, [field]],
    [`no-store with ${field[0]}`, [...says('no-store'), field]],
    [`private and Vary with ${field[0]}`, [...says('private'), ...varies('Authorization'), field]],
  ]),
]

const BLIND: CacheRules = { shared: true, ignoresAuthorization: true }

/** Each with a response of the origin that it would give to another caller, if nothing marked it. */
const SHARED_CACHES: readonly (readonly [string, CacheRules, Fields])[] = [
  ['that follows RFC 9111', { shared: true }, says('public, max-age=60')],
  ['that ignores Authorization', BLIND, [LAST_MODIFIED]],
  [
    'that ignores Authorization and Vary',
    { ...BLIND, ignoresVary: true },
    [...says('max-age=60'), ...varies('Authorization')],
  ],
  ...OVERRIDING.filter(([name]) => name !== 'Pragma').flatMap(
    (field): (readonly [string, CacheRules, Fields])[] => {
      const reads = field[0].toLowerCase()
      return [
        [`that reads ${field[0]}`, { ...BLIND, reads }, [...says('no-store'), field]],
        [
          `that reads ${field[0]} and ignores Vary`,
          { ...BLIND, reads, ignoresVary: true },
          [...says('private'), ...varies('Authorization'), field],
        ],
      ]
    },
  ),
]

describe.each(SHARED_CACHES)('a shared cache %s', (_, rules, leaking) => {
  test.each(ORIGINS)(
    'gives no caller the response to another where the origin says %s',
    async (_, fields) => {
      const ask = startCache(startHandler(fields), rules)
      expect(await ask(ada)).toEqual({ body: 'ada', isStored: false })
      expect(await ask(bob)).toEqual({ body: 'bob', isStored: false })
      const { body, isStored } = await ask(null)
      expect([isStored, body]).toEqual([false, expect.not.stringMatching(/ada|bob/)])
      expect(await ask(ada)).toEqual({ body: 'ada', isStored: false })
    },
  )

  test('does so where the route leaves caching to the origin', async () => {
    const ask = startCache(startHandler(leaking), rules)
    expect(await ask(ada, '/shared')).toEqual({ body: 'ada', isStored: false })
    expect(await ask(bob, '/shared')).toEqual({ body: 'ada', isStored: true })
  })
})

describe("a browser's own cache", () => {
  const USED = [
    'max-age',
    'public, max-age',
    'private',
    'private with Vary',
    'private for one field',
    'nothing but its age',
    'Vary without private',
  ]

  test.each(ORIGINS)(
    'gives the next user none of the responses to the last where the origin says %s',
    async (name, fields) => {
      const ask = startCache(startHandler(fields), { shared: false })
      expect(await ask(ada)).toEqual({ body: 'ada', isStored: false })
      expect(await ask(bob)).toEqual({ body: 'bob', isStored: false })
      const { body, isStored } = await ask(null)
      expect([isStored, body]).toEqual([false, expect.not.stringMatching(/ada|bob/)])
      expect(await ask(ada)).toEqual({ body: 'ada', isStored: USED.includes(name) })
    },
  )

  test('does so where the route leaves caching to the origin', async () => {
    const ask = startCache(startHandler(says('private, max-age=60')), { shared: false })
    expect(await ask(ada, '/shared')).toEqual({ body: 'ada', isStored: false })
    expect(await ask(bob, '/shared')).toEqual({ body: 'ada', isStored: true })
  })
})
