// The decision for another Worker, over a service binding: two Workers in workerd; one is the bundle that would be
// deployed, and the other one calls it.

import config from '../../../lanekeeper.config.ts'
import { bundleArtefact } from '../../../cli/artefact/build.ts'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import type { RpcAnswer } from '../../../functions/cloudflare/worker.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

const ROOT = join(import.meta.dirname, '../../..')
const AUDIENCE = 'https://api.test.example'

/** Calls the other Worker for every request, correctly or with a deliberate mistake, and responds with its answer. */
const CALLER = `
import { toAuthorizationRequest } from './request.js'
import { toForwardedHeaders } from './forwarded-headers.js'
const asked = (request, members) => ({ ...toAuthorizationRequest(request), ...members })
const WRONG = {
  nothing: () => [],
  'null itself': () => [null],
  text: () => ['/orders'],
  list: () => [[]],
  'empty object': () => [{}],
  function: () => [() => true],
  map: () => [new Map([['method', 'GET']])],
  'request itself': (request) => [request],
  'field for the list': (request) => [asked(request, { authorization: request.headers.get('authorization') })],
  'null in the list': (request) => [asked(request, { authorization: [null] })],
  'function for the path': (request) => [asked(request, { path: () => '/health' })],
  'object for the method': (request) => [asked(request, { method: { of: 'GET' } })],
  'text for the flag': (request) => [asked(request, { accessTokenInQuery: 'false' })],
  'text for the spellings': (request) => [asked(request, { otherSpellings: '/health' })],
  'text for the decoded path': (request) => [asked(request, { isPathDecoded: 'yes' })],
  'number for the origin': (request) => [asked(request, { origin: 7 })],
  'number for the identifier': (request) => [asked(request, { requestId: 7 })],
  'members it does not know': (request) => [asked(request, { allow: true, route: 'GET /health', config: {} })],
}
export default {
  async fetch(request, env) {
    const wrong = WRONG[request.headers.get('x-wrong')]
    if (wrong !== undefined) {
      const told = await env.AUTHORIZER.authorize(...wrong(request)).catch((error) => ({ thrown: String(error) }))
      return Response.json(told)
    }
    const answer = await env.AUTHORIZER.authorize(toAuthorizationRequest(request))
    if (!request.headers.has('x-send-on')) return Response.json(answer)
    const on = new Request(request, { headers: toForwardedHeaders(request, answer) })
    return Response.json({ headers: Object.fromEntries(on.headers) })
  }
}`

let issuer: TestIssuer
let directory: string
let instance: Miniflare
let url: string

async function bundle(entry: string, name: string) {
  const outfile = join(directory, name)
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  return { type: 'ESModule' as const, path: outfile, contents: await readFile(outfile, 'utf8') }
}

/** The artefact of the stage `local`. */
async function bundleWorker(env: Readonly<Record<string, string>>) {
  const request = { config, edge: 'cloudflare', stage: 'local', env, project: ROOT, metrics: null } as const
  const { files } = await bundleArtefact({ ...request, out: directory })
  return { type: 'ESModule' as const, path: join(directory, 'index.js'), contents: files[0]!.text }
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-rpc-'))
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('RS256', 'k')] })
  const variables = {
    LANEKEEPER_STAGE: 'local',
    LOCAL_ISSUER: issuer.issuer,
    LOCAL_AUDIENCE: AUDIENCE,
    LOCAL_INTROSPECTION_KEY: JSON.stringify(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    ),
    LOCAL_ORIGIN: 'http://127.0.0.1:9',
  }
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  const { modulesRules: _, bindings, ...settings } = workerOptions
  instance = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      workers: [
        {
          name: 'caller',
          compatibilityDate: settings.compatibilityDate,
          rootPath: directory,
          modules: [
            { type: 'ESModule', path: join(directory, 'caller.js'), contents: CALLER },
            await bundle('functions/cloudflare/request.ts', 'request.js'),
            await bundle('functions/fetch/forwarded-headers.ts', 'forwarded-headers.js'),
          ],
          serviceBindings: { AUTHORIZER: { name: 'lanekeeper', entrypoint: 'Authorizer' } },
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        },
        {
          ...settings,
          name: 'lanekeeper',
          rootPath: directory,
          modules: [await bundleWorker(variables)],
          bindings: { ...(bindings as Record<string, string>), ...variables },
        },
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await instance.ready
  url = (await instance.unsafeGetDirectURL('caller')).origin
})

afterAll(async () => {
  await instance.dispose()
  await Promise.all([issuer.close(), rm(directory, { recursive: true })])
})

async function ask(target: string, ...authorization: string[]): Promise<RpcAnswer> {
  const fields = authorization.map((value) => ['Authorization', value] as const)
  return JSON.parse((await sendRaw(url, { method: 'GET', target, fields })).body)
}

test('an allow has the identity', async () => {
  const token = await issuer.token({ claims: { scope: 'orders:read' } })
  expect(await ask('/orders', `Bearer ${token}`)).toMatchObject({
    decision: { allow: true, route: 'GET /orders', grant: { clientId: 'client-1', scopes: ['orders:read'] } },
    refusal: null,
    identity: { subject: 'user-1', principal: 'user', scope: 'orders:read', issuer: 'main' },
  })
  expect(await ask('/health')).toEqual({
    decision: { allow: true, route: 'GET /health', grant: null },
    refusal: null,
    identity: null,
  })
})

test('the forwarded request has the identity, and no field that clients may not send', async () => {
  const token = await issuer.token({ claims: { scope: 'orders:read' } })
  const fields = [
    ['Authorization', `Bearer ${token}`],
    ['X-Send-On', '1'],
    ...['X-Forwarded-Host', 'X-Auth-Request-User', 'x-astro-path', 'x_lanekeeper_subject'].map(
      (name) => [name, 'mallory'] as const,
    ),
  ] as const
  const { body } = await sendRaw(url, { method: 'GET', target: '/orders', host: 'api.example', fields })
  expect(body).not.toContain('mallory')
  expect(JSON.parse(body).headers).toMatchObject({
    'x-forwarded-host': 'api.example',
    'x-forwarded-proto': 'http',
    'x-lanekeeper-subject': 'user-1',
    'x-send-on': '1',
  })
  expect(JSON.parse(body).headers).not.toHaveProperty('authorization')
})

test('a request without a valid host gets 421', async () => {
  const { body } = await sendRaw(url, { method: 'GET', target: '/health', host: 'a b' })
  expect(JSON.parse(body)).toMatchObject({
    decision: { allow: false, code: 'host_unknown' },
    refusal: { status: 421 },
  })
})

test('a denial has the answer to return', async () => {
  const idToken = await issuer.token({ claims: { scope: 'orders:read', nonce: 'n' } })
  expect(await ask('/orders', `Bearer ${idToken}`)).toMatchObject({
    decision: { allow: false, code: 'id_token' },
    refusal: { status: 401, headers: { 'www-authenticate': expect.stringContaining('invalid_token') } },
    identity: null,
  })
  expect(await ask('/orders')).toMatchObject({ decision: { code: 'credential_missing' } })
  expect(await ask('/orders/..')).toMatchObject({ decision: { code: 'target_ambiguous' } })
  expect(await ask('/orders', 'Bearer a', 'Bearer b')).toMatchObject({
    decision: { code: 'credential_repeated' },
  })
})

describe('an invalid argument gets a denial that says what to change', () => {
  const call = async (wrong: string, target = '/health') => {
    const token = await issuer.token({ claims: { scope: 'orders:read' } })
    const fields = [['x-wrong', wrong] as const, ['Authorization', `Bearer ${token}`] as const]
    return JSON.parse((await sendRaw(url, { method: 'GET', target, fields })).body) as RpcAnswer
  }

  test.each([
    ['nothing', 'request', 'an object'],
    ['null itself', 'request', 'an object'],
    ['text', 'request', 'an object'],
    ['list', 'method', 'a string'],
    ['empty object', 'method', 'a string'],
    ['function', 'request', 'an object'],
    ['map', 'method', 'a string'],
    ['request itself', 'path', 'a string'],
    ['field for the list', 'authorization', 'a list of strings'],
    ['null in the list', 'authorization', 'a list of strings'],
    ['function for the path', 'path', 'a string'],
    ['object for the method', 'method', 'a string'],
    ['text for the flag', 'accessTokenInQuery', 'true or false'],
    ['text for the spellings', 'otherSpellings', 'a list of strings'],
    ['text for the decoded path', 'isPathDecoded', 'true or false'],
    ['number for the origin', 'origin', 'a string'],
    ['number for the identifier', 'requestId', 'a string'],
  ])('%s', async (wrong, member, wanted) => {
    // On a public route, so that ignoring the mistake would be an allow.
    expect(await call(wrong)).toEqual({
      decision: {
        allow: false,
        code: 'request_unrecognised',
        detail: { member, wanted, use: 'toAuthorizationRequest(request)' },
        retryAfterSeconds: 1,
      },
      refusal: {
        status: 503,
        headers: {
          'content-type': 'application/problem+json',
          'cache-control': 'no-store',
          'retry-after': '1',
        },
        body: { title: 'Service Unavailable', status: 503 },
      },
      identity: null,
    })
  })

  test('unknown members decide nothing', async () => {
    expect(await call('members it does not know')).toMatchObject({ decision: { allow: true } })
    expect(await call('members it does not know', '/nowhere')).toMatchObject({
      decision: { allow: false, code: 'route_unknown' },
    })
  })
})
