// Keys at hand from the command to the answer: `lanekeeper build` fetches them, and the artefacts answer with them, the
// Lambda in this process and the Worker in workerd.

import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runBuild } from '../../cli/build-command.ts'
import type { AuthorizerHandler } from '../../functions/aws/authorizer-handler.ts'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import { calculateJwkThumbprint } from 'jose'
import { startEchoOrigin } from '../support/origin-process.ts'
import { sendRaw } from '../support/raw-http.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { until } from '../support/time.ts'
import { TO_EVENT } from './events.ts'
import { createCommandIo } from '../support/command-io.ts'

const AUDIENCE = 'https://api.test.example'

let root: string
let issuer: TestIssuer
let key: SigningKey
let next: SigningKey

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lanekeeper-bundled-'))
  ;[key, next] = (await Promise.all([generateKey('ES256', 'one'), generateKey('ES256', 'two')])) as [
    SigningKey,
    SigningKey,
  ]
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [key] })
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await issuer.close()
  await rm(root, { recursive: true })
})

async function build(
  edge: string,
  bundled: object,
  origin = 'https://origin.test.example',
  members: object = {},
) {
  const config = {
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri, ...bundled },
        algorithms: ['ES256'],
        ...members,
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
    origin: { url: origin },
    aws: { resultTtlSeconds: 0, httpApiResponse: 'simple' },
    stages: { local: {} },
  }
  await writeFile(join(root, 'lanekeeper.config.mjs'), `export default ${JSON.stringify(config)}`)
  const { io, kept } = createCommandIo({ cwd: root })
  const exitCode = await runBuild(['--edge', edge, '--stage', 'local'], io)
  const toText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
  return { exitCode, printed: toText(kept.printed), errors: toText(kept.errors) }
}

const BUNDLED = { bundled: { maxAgeSeconds: 3_600 } }

async function loadLambda() {
  const url = pathToFileURL(join(root, 'dist/lambda/authorizer.mjs')).href
  const { handler } = (await import(/* @vite-ignore */ url)) as { handler: AuthorizerHandler }
  return async () => {
    const authorization = [`Bearer ${await issuer.token()}`]
    const event = TO_EVENT.http_2({ method: 'GET', path: '/orders', authorization })
    return (await handler(event as never)) as { isAuthorized: boolean }
  }
}

test('the Lambda answers its first event with the keys of the build, and the second one with fetched keys', async () => {
  const { exitCode, printed, errors } = await build('aws', BUNDLED)
  expect([exitCode, errors]).toEqual([0, ''])
  expect(printed).toContain(await calculateJwkThumbprint(key.publicJwk as never))
  expect(printed).toContain('issuers.main.keys.bundled')
  issuer.publish([next.publicJwk])
  const before = issuer.fetches()
  const ask = await loadLambda()
  expect(await ask()).toMatchObject({ isAuthorized: true })
  expect(issuer.fetches()).toBe(before)
  expect(await ask()).toMatchObject({ isAuthorized: false })
  expect(issuer.fetches()).toBe(before + 1)
})

test('the Worker answers with the keys of the build until its first fetch has settled', async () => {
  const origin = await startEchoOrigin()
  const { exitCode } = await build('cloudflare', BUNDLED, origin.url)
  expect(exitCode).toBe(0)
  issuer.publish([next.publicJwk])
  const edge = await startWorkerEdge({
    script: join(root, 'dist/worker/index.js'),
    config: join(import.meta.dirname, '../../wrangler.toml'),
    port: 0,
    variables: { LANEKEEPER_STAGE: '' },
    onLog: () => {},
  })
  try {
    const ask = async () => {
      const fields = [['Authorization', `Bearer ${await issuer.token()}`]] as const
      return (await sendRaw(edge.url, { method: 'GET', target: '/orders', fields })).status
    }
    const before = issuer.fetches()
    expect(await ask()).toBe(200)
    await until(async () => (await ask()) === 401)
    expect(issuer.fetches()).toBe(before + 1)
  } finally {
    await edge.close()
    await origin.close()
  }
})

test('a build that cannot fetch the keys writes nothing and says why', async () => {
  issuer.answerWith((_, response) => void response.writeHead(500).end())
  const { exitCode, errors } = await build('aws', BUNDLED)
  expect(exitCode).toBe(1)
  expect(errors).toContain('issuers.main.keys.bundled: cannot be fetched from 127.0.0.1')
  expect(existsSync(join(root, 'dist'))).toBe(false)
})

test('a build without bundled keys sends no request, and the same input gives the same bytes', async () => {
  const read = () => readFileSync(join(root, 'dist/lambda/authorizer.mjs'), 'utf8')
  expect((await build('aws', {})).exitCode).toBe(0)
  const first = read()
  expect((await build('aws', {})).exitCode).toBe(0)
  expect(read()).toBe(first)
  expect(issuer.requests()).toBe(0)
})

test.each([
  ['provisioned-concurrency', 1],
  ['on-demand', 0],
])('a Lambda that starts as %s has fetched %d key sets when it is initialised', async (type, fetches) => {
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', type)
  await build('aws', {})
  const ask = await loadLambda()
  expect(issuer.fetches()).toBe(fetches)
  expect(await ask()).toMatchObject({ isAuthorized: true })
  expect(issuer.fetches()).toBe(1)
})

test('a value that is missing until the start keeps the keys of the build, unless they are fetched by it', async () => {
  const open = { audience: '${env:API}', profile: 'rfc9068' }
  expect((await build('aws', BUNDLED, undefined, open)).exitCode).toBe(0)
  vi.stubEnv('API', AUDIENCE)
  issuer.publish([next.publicJwk])
  const before = issuer.fetches()
  const ask = await loadLambda()
  expect(await ask()).toMatchObject({ isAuthorized: true })
  expect(issuer.fetches()).toBe(before)
  expect(await ask()).toMatchObject({ isAuthorized: false })
  const unknown = { jwks_uri: 'https://login.test.example/${env:REALM}/jwks', ...BUNDLED }
  const { exitCode, errors } = await build('aws', unknown)
  expect(exitCode).toBe(1)
  expect(errors).toContain(
    'issuers.main.keys.jwks_uri: needs the environment variable REALM when it is built; set it or pass --env-file',
  )
})
