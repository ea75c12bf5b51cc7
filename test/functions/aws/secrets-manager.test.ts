// Secrets of a Lambda in AWS Secrets Manager: the handler with the real SDK against a stand-in that speaks its wire
// protocol, from source and as it is bundled. `npm run test:moto` runs the same against moto_server.

import { build } from 'esbuild'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createHandler } from '../../../functions/aws/handler.ts'
import type { LanekeeperConfig, ReportEvent, SecretRef } from '../../../shared/index.ts'
import { findLeaks } from '../../support/leaks.ts'
import { CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer } from '../../support/opaque-issuer.ts'
import {
  awsEnvironment,
  startMoto,
  startStandIn,
  type SecretsManager,
} from '../../support/secrets-manager.ts'

const AUDIENCE = 'https://api.test.example'
const MOTO = process.env['MOTO_SERVER']

let issuer: OpaqueIssuer
let manager: SecretsManager
let directory: string
let bundled: typeof createHandler

beforeAll(async () => {
  ;[issuer, manager] = await Promise.all([
    startOpaqueIssuer(),
    MOTO === undefined ? startStandIn() : startMoto(MOTO),
  ])
  for (const [name, value] of Object.entries(awsEnvironment(manager.endpoint))) vi.stubEnv(name, value)
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-bundle-'))
  // As `npm run build:lambda` does, but with the handler as its entry.
  await build({
    entryPoints: { authorizer: join(import.meta.dirname, '../../../functions/aws/handler.ts') },
    outdir: directory,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  })
  bundled = (await import(pathToFileURL(join(directory, 'authorizer.mjs')).href)).createHandler
})

afterAll(async () => {
  await Promise.all([issuer.close(), manager.close(), rm(directory, { recursive: true })])
  vi.unstubAllEnvs()
})

const configWith = (secret: SecretRef): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: AUDIENCE,
      introspection: {
        endpoint: `${issuer.url}/introspect/basic`,
        authentication: 'client_secret_basic',
        clientId: CLIENT_ID,
        secret,
      },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
})

function open(secret: SecretRef, create = createHandler) {
  const events: ReportEvent[] = []
  const handler = create(configWith(secret), {}, { report: (event) => void events.push(event) })
  const ask = async (): Promise<string> => {
    const json = {
      active: true,
      token_type: 'Bearer',
      sub: 'ada',
      aud: AUDIENCE,
      client_id: 'c',
      scope: 'read',
    }
    const answer = await handler({
      type: 'TOKEN',
      authorizationToken: `Bearer ${issuer.issue('', { json })}`,
      methodArn: 'arn:aws:execute-api:eu-west-1:1:a/prod/GET/orders',
    }).catch((error: Error) => error.message)
    return typeof answer === 'string' ? answer : 'allowed'
  }
  const loads = () => events.filter(({ event }) => event === 'secret').map(({ code }) => code)
  return { ask, events, loads }
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
const OURS = () => issuer.env['OUR_SECRET']!

describe.each([
  ['from source', () => createHandler],
  ['bundled', () => bundled],
])('%s', (how, create) => {
  test('a rotation in the middle of traffic fails no request', async () => {
    const name = `rotation/${how}`
    await manager.put(name, JSON.stringify({ password: OURS(), user: 'somebody' }))
    const { ask, loads } = open({ secretsManager: name, field: 'password' }, create())
    const before = manager.reads()
    const outcomes: string[] = []
    const work = async () => void outcomes.push(...(await Promise.all(times(25, ask))))
    try {
      await work()
      expect(loads()).toEqual(['ok'])
      // Fewer concurrent requests than the calls for new tokens.
      const traffic = times(4, work)
      await manager.put(name, JSON.stringify({ password: 'the next one', user: 'somebody' }))
      issuer.rotate('the next one')
      await Promise.all([...traffic, ...times(3, work)])
      await work()
      expect(outcomes.filter((outcome) => outcome !== 'allowed')).toEqual([])
      expect(outcomes).toHaveLength(225)
      expect(loads()).toEqual(['ok', 'ok'])
      if (before !== null) expect(manager.reads()! - before).toBe(2)
    } finally {
      issuer.rotate(OURS())
    }
  })

  test('a version stage can be named', async () => {
    const name = `stages/${how}`
    await manager.put(name, OURS())
    await manager.put(name, 'not ours yet')
    expect(await open({ secretsManager: name, versionStage: 'AWSPREVIOUS' }, create()).ask()).toBe('allowed')
    expect(await open({ secretsManager: name }, create()).ask()).toBe(
      'lanekeeper: introspection_credentials_refused',
    )
  })

  test.skipIf(MOTO !== undefined)('a secret is loaded from the region of its ARN', async () => {
    const arn = (region: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:${how}-AbCdEf`
    for (const region of ['eu-west-1', 'us-east-2']) {
      await manager.put(arn(region), OURS())
      expect(await open({ secretsManager: arn(region) }, create()).ask()).toBe('allowed')
    }
    expect(await open({ secretsManager: arn('ap-south-1') }, create()).ask()).toBe(
      'lanekeeper: secret_unavailable',
    )
  })

  test.each([
    ['is empty', ' ', undefined, 'malformed'],
    ['ends with a line break', 'a secret\n', undefined, 'malformed'],
    ['lacks the member', '{"user":"somebody"}', 'password', 'no_field'],
    ['is no JSON, where a member is wanted', 'a secret', 'password', 'malformed'],
  ])('a secret that %s gives 503, without a fallback', async (what, value, field, problem) => {
    const name = `bad/${how}/${what}`.replaceAll(/[^a-z/]/g, '-')
    await manager.put(name, value)
    const ref = field === undefined ? { secretsManager: name } : { secretsManager: name, field }
    const { ask, loads } = open(ref, create())
    expect(await ask()).toBe('lanekeeper: secret_unavailable')
    expect(loads()).toEqual([problem])
  })

  test('a missing secret blames the operator, and the answer has nothing of AWS', async () => {
    const { ask, events } = open({ secretsManager: `nowhere/${how}` }, create())
    expect(await ask()).toBe('lanekeeper: secret_unavailable')
    expect(events.map(({ code }) => code)).toEqual(['load_failed', 'secret_unavailable'])
    expect(findLeaks(JSON.stringify(events), [`nowhere/${how} and so on`, OURS()])).toEqual([])
  })
})

test('a function without such a secret runs without the SDK', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'lanekeeper-bare-'))
  try {
    const chunks = await readdir(directory)
    const isSdk = (name: string) => name.startsWith('secrets-manager')
    expect(chunks.filter(isSdk)).toHaveLength(1)
    for (const name of chunks.filter((name) => !isSdk(name)))
      await copyFile(join(directory, name), join(bare, name))
    const alone = (await import(pathToFileURL(join(bare, 'authorizer.mjs')).href)) as {
      createHandler: typeof createHandler
    }
    const create: typeof createHandler = (config, _, options) =>
      alone.createHandler(config, issuer.env, options)
    expect(await open({ env: 'OUR_SECRET' }, create).ask()).toBe('allowed')
    expect(await open({ secretsManager: 'any' }, create).ask()).toBe('lanekeeper: secret_unavailable')
  } finally {
    await rm(bare, { recursive: true })
  }
})

test('a secret of Cloudflare cannot be read here', () => {
  expect(() => open({ secretsStore: 'X' })).toThrow(
    'issuers.main.introspection.secret.secretsStore: cannot be read here; this edge reads: env, secretsManager',
  )
})
