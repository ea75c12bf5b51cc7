// Logout tokens at the built Worker, in workerd, with the built store Worker behind its binding: what one Worker
// receives, another one knows.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { artefactOf } from '../../support/artefact/build.ts'
import { AUDIENCE, CLIENT, EVENT } from '../../support/logout-world.ts'
import { startEchoOrigin } from '../../support/origin-process.ts'
import {
  generateKey,
  signCompact,
  startTestIssuer,
  type Members,
  type TestIssuer,
} from '../../support/test-issuer.ts'
import { COMPATIBILITY_DATE } from './store/store-world.ts'

const EDGE = 'https://edge.test.example'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

interface Fetcher {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

let issuer: TestIssuer
let origin: Awaited<ReturnType<typeof startEchoOrigin>>
let miniflare: Miniflare
let one: Fetcher
let other: Fetcher
const lines: string[] = []

const durableObjects = (scriptName?: string) => ({
  STORE: { className: 'RevocationStore', useSQLite: true, ...(scriptName && { scriptName }) },
})

beforeAll(async () => {
  ;[issuer, origin] = await Promise.all([
    startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k1')] }),
    startEchoOrigin(),
  ])
  const config: LanekeeperConfig = {
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
      { path: '/orders', methods: ['GET'], scope: 'none', revocation: 'strong' },
      { path: '/{any}', methods: ['POST'], public: true },
    ],
    origin: { url: origin.url },
    revocation: { durableObject: 'STORE', logout: { path: '/logout', clients: { main: CLIENT } } },
  }
  const scriptOf = async (edge: 'cloudflare' | 'store') => (await artefactOf(edge, config)).files[0]!.text
  const [edgeScript, storeScript] = [await scriptOf('cloudflare'), await scriptOf('store')]
  const worker = (name: string, contents: string, scriptName?: string) => ({
    name,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [{ type: 'ESModule', path: 'index.js', contents }],
    durableObjects: durableObjects(scriptName),
    bindings: { LANEKEEPER_STAGE: '' },
  })
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }: { readonly message: string }) => void lines.push(message),
      workers: [
        worker('one', edgeScript, 'store'),
        worker('other', edgeScript, 'store'),
        worker('store', storeScript),
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await miniflare.ready
  one = (await miniflare.getWorker('one')) as unknown as Fetcher
  other = (await miniflare.getWorker('other')) as unknown as Fetcher
})

afterAll(async () => {
  await miniflare.dispose()
  await Promise.all([issuer.close(), origin.close()])
})

const now = () => Math.floor(Date.now() / 1_000)

async function bodyOf(claims: Members = {}): Promise<string> {
  const token = await signCompact(
    issuer.keys[0]!,
    { alg: 'ES256', kid: 'k1', typ: 'logout+jwt' },
    {
      ...{ iss: issuer.issuer, sub: 'user-1', aud: CLIENT, jti: 'l', events: { [EVENT]: {} } },
      // Time stands still here and goes on in workerd.
      ...{ iat: now(), exp: now() + 3_600 },
      ...claims,
    },
  )
  return `logout_token=${token}`
}

const post = (body: string, target = '/logout') =>
  one.fetch(`${EDGE}${target}`, { method: 'POST', headers: FORM, body })

async function ask(edge: Fetcher, sub: string): Promise<number> {
  const authorization = `Bearer ${await issuer.token({ claims: { sub } })}`
  const response = await edge.fetch(`${EDGE}/orders`, { headers: { authorization } })
  await response.text()
  return response.status
}

const events = (): ReportEvent[] =>
  lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ReportEvent)

test('a logout that one Worker receives, both know', async () => {
  for (const edge of [one, other]) expect(await ask(edge, 'user-1')).toBe(200)
  origin.seen.length = 0
  const response = await post(await bodyOf())
  expect([response.status, await response.text(), response.headers.get('cache-control')]).toEqual([
    200,
    '',
    'no-store',
  ])
  expect(origin.seen).toEqual([])
  for (const edge of [one, other]) expect(await ask(edge, 'user-1')).toBe(401)
  for (const edge of [one, other]) expect(await ask(edge, 'user-2')).toBe(200)
  expect(events()).toContainEqual(
    expect.objectContaining({ event: 'revocation', outcome: 'received', code: 'stored', issuer: 'main' }),
  )
})

describe('refused, and nothing changes', () => {
  test.each<[string, Members, string]>([
    ['for another client', { aud: 'another-app' }, 'The logout token is for another client.'],
    ['a nonce', { nonce: 'n' }, 'A logout token has no nonce.'],
    ['past', { exp: 1 }, 'The exp of the logout token is missing or past.'],
  ])('%s', async (_, claims, error_description) => {
    const response = await post(await bodyOf({ sub: 'user-3', ...claims }))
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'invalid_request', error_description })
    expect(await ask(one, 'user-3')).toBe(200)
  })

  test('a body of 17 KB', async () => {
    const response = await post(`${await bodyOf({ sub: 'user-3' })}&x=${'a'.repeat(17_000)}`)
    expect(await response.json()).toMatchObject({ error_description: 'The body has more than 16 KiB.' })
    expect(await ask(one, 'user-3')).toBe(200)
  })

  test('GET', async () => {
    const response = await one.fetch(`${EDGE}/logout`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('at another path, where a rule decides', async () => {
    origin.seen.length = 0
    expect((await post(await bodyOf({ sub: 'user-3' }), '/logouts')).status).toBe(200)
    expect(origin.seen).toHaveLength(1)
    expect(await ask(one, 'user-3')).toBe(200)
  })
})
