// The function that receives logout tokens as `lanekeeper build` makes it, beside the authorizer of the same artefact
// and with a real table between them.

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { LogoutHandler } from '../../../functions/aws/logout.ts'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { artefactOf } from '../../support/artefact/build.ts'
import { loadLambda, type LoadedLambda } from '../../support/artefact/lambda.ts'
import { startDynalite, type Dynalite } from '../../support/dynalite.ts'
import { AUDIENCE, CLIENT, EVENT, MAIN, NOW } from '../../support/logout-world.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../../support/test-issuer.ts'

let table: Dynalite
let key: SigningKey
let lambda: LoadedLambda
let logout: LogoutHandler
let events: ReportEvent[]

const configOf = (revocation: Partial<LanekeeperConfig['revocation'] & object> = {}): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: MAIN,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks: { keys: [key.publicJwk] } },
      algorithms: ['ES256'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: 'none', revocation: 'strong' }],
  revocation: {
    dynamodb: { table: table.table, region: 'eu-west-1' },
    logout: { path: '/logout', clients: { main: CLIENT } },
    ...revocation,
  },
})

beforeAll(async () => {
  ;[table, key] = await Promise.all([startDynalite(), generateKey('ES256', 'k1')])
  for (const [name, value] of Object.entries(table.env)) vi.stubEnv(name, value)
  events = []
  const report = (event: ReportEvent) => void events.push(event)
  lambda = await loadLambda(configOf(), table.env, { now: () => NOW * 1_000, report })
  logout = await lambda.open<LogoutHandler>('logout.mjs')
})

afterAll(async () => {
  await Promise.all([lambda.close(), table.close()])
  vi.unstubAllEnvs()
})

const sign = (typ: string, claims: Members) =>
  signCompact(key, { alg: 'ES256', kid: 'k1', typ }, { iss: MAIN, iat: NOW - 2, exp: NOW + 118, ...claims })

const post = async (claims: Members) =>
  logout({
    version: '2.0',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    requestContext: { http: { method: 'POST' } },
    body: Buffer.from(
      `logout_token=${await sign('logout+jwt', { aud: CLIENT, jti: 'l', events: { [EVENT]: {} }, ...claims })}`,
    ).toString('base64'),
    isBase64Encoded: true,
  })

async function ask(sub: string): Promise<string> {
  const token = await sign('at+jwt', { aud: AUDIENCE, client_id: CLIENT, jti: `j-${sub}`, sub })
  const before = events.length
  await lambda
    .handler({
      type: 'TOKEN',
      authorizationToken: `Bearer ${token}`,
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/orders',
    })
    .catch(() => {})
  return String(events.slice(before).find(({ event }) => event === 'decision')?.code)
}

test('a logout that the one function receives, the other one knows', async () => {
  expect(await ask('user-1')).toBe('access_token')
  expect(await post({ sub: 'user-1' })).toEqual({
    statusCode: 200,
    headers: { 'cache-control': 'no-store' },
    body: '',
  })
  expect(await ask('user-1')).toBe('token_revoked')
  expect(await ask('user-2')).toBe('access_token')
  const received = { event: 'revocation', outcome: 'received', code: 'stored', issuer: 'main' }
  expect(events).toContainEqual(expect.objectContaining(received))
})

test('a token that is refused changes nothing', async () => {
  expect(await post({ sub: 'user-3', aud: 'another-app' })).toMatchObject({ statusCode: 400 })
  expect(await ask('user-3')).toBe('access_token')
})

test('a table out of reach is 503', async () => {
  table.setMode('throttle')
  try {
    expect(await post({ sub: 'user-4' })).toMatchObject({ statusCode: 503 })
  } finally {
    table.setMode('answer')
  }
  expect(await ask('user-4')).toBe('access_token')
})

test('the function is in artefacts with the section alone', async () => {
  const filesOf = async (config: LanekeeperConfig) =>
    (await artefactOf('aws', config)).files.map(({ path }) => path.split('/').at(-1))
  expect(await filesOf(configOf())).toContain('logout.mjs')
  const { logout: _, ...revocation } = configOf().revocation!
  expect(await filesOf({ ...configOf(), revocation })).not.toContain('logout.mjs')
})
