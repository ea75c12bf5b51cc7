// Revoked tokens at the Lambda, with a real table behind it: several sandboxes on one table, a table out of reach, and
// what an artefact loads when. Each from source and as `lanekeeper build` makes it.

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHandler, type AuthorizerHandler } from '../../../../functions/aws/handler.ts'
import { createDynamoDbStore } from '../../../../functions/aws/revocation/dynamodb.ts'
import { webCrypto, type LanekeeperConfig, type ReportEvent } from '../../../../shared/index.ts'
import { FOREVER, type RevocationEntry } from '../../../../shared/revocation/entry.ts'
import type { RevocationStore } from '../../../../shared/revocation/store.ts'
import { STORE_WAIT_MS } from '../../../../shared/revocation/waits.ts'
import { loadLambda } from '../../../support/artefact/lambda.ts'
import { startDynalite, type Dynalite } from '../../../support/dynalite.ts'
import { CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer } from '../../../support/opaque-issuer.ts'
import { generateKey, signCompact, type SigningKey } from '../../../support/test-issuer.ts'
import { elapse, until } from '../../../support/time.ts'

const ISSUER = 'https://login.test.example'
const OPAQUE_ISSUER = 'https://opaque.test.example'
const AUDIENCE = 'https://api.test.example'
const START = 1_800_000_000

let server: Dynalite
let key: SigningKey
let opaque: OpaqueIssuer
let store: RevocationStore
let now: number
let user: string
let run = 0
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  ;[server, key, opaque] = await Promise.all([
    startDynalite(),
    generateKey('ES256', 'k1'),
    startOpaqueIssuer(),
  ])
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
  store = createDynamoDbStore(
    { table: server.table },
    { maxEntries: 1_000 },
    { now: () => now * 1000, crypto: webCrypto },
  )
})

afterAll(async () => {
  await Promise.all([server.close(), opaque.close(), ...opened.map((close) => close())])
  vi.unstubAllEnvs()
})

beforeEach(() => {
  now = START
  user = `user-${++run}`
})

const config = (more: Partial<LanekeeperConfig> = {}): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: ISSUER,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks: { keys: [key.publicJwk] } },
      algorithms: ['ES256'],
      clockToleranceSeconds: 0,
    },
    opaque: {
      issuer: OPAQUE_ISSUER,
      audience: AUDIENCE,
      prefix: 'op_',
      introspection: {
        endpoint: `${opaque.url}/introspect/basic`,
        authentication: 'client_secret_basic',
        clientId: CLIENT_ID,
        secret: { env: 'OUR_SECRET' },
        cacheSeconds: 300,
      },
    },
  },
  routes: [
    { path: '/open', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
    { path: '/strong', methods: ['GET'], scope: { allOf: ['read'] }, revocation: 'strong' },
    { path: '/off', methods: ['GET'], scope: { allOf: ['read'] }, revocation: 'off' },
  ],
  revocation: { dynamodb: { table: server.table, region: 'eu-west-1' } },
  ...more,
})

const token = (claims: object = {}): Promise<string> =>
  signCompact(
    key,
    { alg: 'ES256', typ: 'at+jwt', kid: 'k1' },
    {
      iss: ISSUER,
      sub: user,
      aud: AUDIENCE,
      client_id: 'client-1',
      jti: `jti-${run}`,
      iat: START - 20,
      exp: START + 3_600,
      scope: 'read',
      ...claims,
    },
  )

const entry = (more: Partial<RevocationEntry> = {}): RevocationEntry => ({
  kind: 'sub',
  issuer: ISSUER,
  id: user,
  notBefore: START,
  until: START + 7_200,
  ...more,
})

const revoke = (...entries: RevocationEntry[]) => store.revoke(entries, { by: 'ada' })

interface Sandbox {
  ask(path: string, bearer: string): Promise<string>
  readonly events: readonly ReportEvent[]
}

type Start = (
  config: LanekeeperConfig,
  report: (event: ReportEvent) => void,
) => AuthorizerHandler | Promise<AuthorizerHandler>

async function open(start: Start, given = config()): Promise<Sandbox> {
  const events: ReportEvent[] = []
  const handler = await start(given, (event) => void events.push(event))
  return {
    events,
    async ask(path, bearer) {
      const before = events.length
      const answer = await handler({
        type: 'TOKEN',
        authorizationToken: `Bearer ${bearer}`,
        methodArn: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET${path}`,
      }).catch((error: Error) => error.message)
      if (typeof answer === 'string' && answer !== 'Unauthorized') return answer
      const decision = events.slice(before).find(({ event }) => event === 'decision')
      return decision === undefined ? 'no decision' : String(decision.code)
    },
  }
}

const fromSource: Start = (given, report) =>
  createHandler(given, opaque.env, { now: () => now * 1000, report })

const built: Start = async (given, report) => {
  const env = { ...opaque.env, ...server.env }
  const { handler, close } = await loadLambda(given, env, { now: () => now * 1000, report })
  opened.push(close)
  return handler
}

describe.each<[string, Start]>([
  ['from source', fromSource],
  ['built', built],
])('%s', (_, start) => {
  test('revoked in one sandbox, a token is refused in both after refreshSeconds, and at once where strong', async () => {
    const [one, two] = [await open(start), await open(start)]
    const bearer = await token()
    for (const sandbox of [one, two]) expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    await revoke(entry())
    now = START + 4
    expect(await one.ask('/strong', bearer)).toBe('token_revoked')
    expect(await one.ask('/orders', bearer)).toBe('token_revoked')
    expect(await two.ask('/orders', bearer)).toBe('access_token')
    now = START + 5
    expect(await two.ask('/orders', bearer)).toBe('token_revoked')
    expect(await two.ask('/off', bearer)).toBe('access_token')
    expect(one.events.find(({ code }) => code === 'token_revoked')).toMatchObject({
      blame: 'client',
      detail: { by: 'sub' },
    })
  })

  test('a token that was issued later, of another user or without a revocation passes', async () => {
    const sandbox = await open(start)
    await revoke(entry())
    now = START + 1
    expect(await sandbox.ask('/orders', await token({ iat: START + 1, jti: 'later' }))).toBe('access_token')
    expect(await sandbox.ask('/orders', await token({ iat: START, jti: 'then' }))).toBe('token_revoked')
    expect(await sandbox.ask('/orders', await token({ sub: `${user}-other` }))).toBe('access_token')
    await store.unrevoke([entry()], { by: 'ada' })
    now = START + 6
    expect(await sandbox.ask('/orders', await token({ iat: START, jti: 'then' }))).toBe('access_token')
  })

  test('an opaque token whose answer is in memory is refused', async () => {
    const sandbox = await open(start)
    const bearer = opaque.issue('op_', {
      json: {
        ...{ active: true, token_type: 'Bearer', iss: OPAQUE_ISSUER, sub: user, aud: AUDIENCE },
        ...{ client_id: 'client-1', scope: 'read', iat: START - 20, exp: START + 3_600 },
      },
    })
    expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    await revoke(entry({ issuer: OPAQUE_ISSUER, notBefore: FOREVER }))
    now = START + 5
    expect(await sandbox.ask('/orders', bearer)).toBe('token_revoked')
    expect(opaque.calls(bearer)).toBe(1)
  })

  test('a table out of reach: from memory for staleSeconds, then 503; an unknown token gets 503 at once', async () => {
    const sandbox = await open(start)
    const [known, revoked] = [await token(), await token({ sub: `${user}-revoked` })]
    await revoke(entry({ id: `${user}-revoked` }))
    expect(await sandbox.ask('/orders', known)).toBe('access_token')
    expect(await sandbox.ask('/orders', revoked)).toBe('token_revoked')
    await server.stop()
    try {
      now = START + 30
      expect(await sandbox.ask('/orders', known)).toBe('access_token')
      expect(await sandbox.ask('/orders', revoked)).toBe('token_revoked')
      expect(await sandbox.ask('/strong', known)).toBe('lanekeeper: revocation_unavailable')
      expect(await sandbox.ask('/off', known)).toBe('access_token')
      expect(await sandbox.ask('/orders', await token({ jti: 'new' }))).toBe(
        'lanekeeper: revocation_unavailable',
      )
      now = START + 59
      expect(await sandbox.ask('/orders', known)).toBe('access_token')
      now = START + 60
      for (const bearer of [known, revoked])
        expect(await sandbox.ask('/orders', bearer)).toBe('lanekeeper: revocation_unavailable')
      now = START + 120
      expect(await sandbox.ask('/orders', known)).toBe('lanekeeper: revocation_unavailable')
      expect(await sandbox.ask('/open', known)).toBe('public')
    } finally {
      await server.start()
    }
    expect(await sandbox.ask('/orders', known)).toBe('access_token')
    expect(await sandbox.ask('/orders', revoked)).toBe('token_revoked')
    const news = sandbox.events.filter(({ event }) => event === 'revocation')
    expect(news).toMatchObject([
      { outcome: 'loaded' },
      { outcome: 'failed', code: 'store_unreachable' },
      { outcome: 'loaded', seconds: 90 },
    ])
  })

  test('a throttled table is no table without entries', async () => {
    const sandbox = await open(start)
    const bearer = await token()
    await revoke(entry())
    server.setMode('throttle')
    try {
      expect(await sandbox.ask('/orders', bearer)).toBe('lanekeeper: revocation_unavailable')
    } finally {
      server.setMode('answer')
    }
    expect(await sandbox.ask('/orders', bearer)).toBe('token_revoked')
  })

  test('a table that hangs holds a known token up for a second, and no longer', async () => {
    const sandbox = await open(start)
    const bearer = await token()
    expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    server.setMode('hold')
    try {
      now = START + 5
      const asked = server.operations.length
      const waiting = sandbox.ask('/orders', bearer)
      await until(() => server.operations.length > asked)
      elapse(STORE_WAIT_MS)
      expect(await waiting).toBe('access_token')
      expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    } finally {
      server.setMode('answer')
    }
  })

  test.each([
    ['back', -3_600],
    ['forth', 60],
  ])('a clock that is set %s: the table is asked anew', async (_, step) => {
    const sandbox = await open(start)
    const bearer = await token({ iat: START - 7_200 })
    expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    await revoke(entry())
    expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    now += step
    expect(await sandbox.ask('/orders', bearer)).toBe('token_revoked')
  })

  test('the strategy table: no policy for a revoked token, and strong asks for each', async () => {
    const routes = (revocation: { readonly revocation?: 'strong' }): LanekeeperConfig['routes'] => [
      { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] }, ...revocation },
    ]
    const table = { strategy: 'table' } as const
    const usual = await open(start, config({ routes: routes({}), aws: table }))
    const strong = await open(start, config({ routes: routes({ revocation: 'strong' }), aws: table }))
    const bearer = await token()
    for (const sandbox of [usual, strong]) expect(await sandbox.ask('/orders', bearer)).toBe('access_token')
    await revoke(entry())
    expect(await usual.ask('/orders', bearer)).toBe('access_token')
    expect(await strong.ask('/orders', bearer)).toBe('token_revoked')
    now = START + 5
    expect(await usual.ask('/orders', bearer)).toBe('token_revoked')
  })
})
