// What an artefact with `revocation.dynamodb` loads, and when: the AWS SDK is in files of its own, which nothing reads
// before the first token is looked up.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleArtefact, type Artefact } from '../../../../cli/artefact/build.ts'
import { filesAtStart } from '../../../../cli/artefact/sizes.ts'
import type { AuthorizerHandler } from '../../../../functions/aws/handler.ts'
import { createLazyStore } from '../../../../functions/aws/revocation/lazy-store.ts'
import type { LanekeeperConfig } from '../../../../shared/index.ts'
import { writeArtefact } from '../../../support/artefact/build.ts'
import { createMemoryRevocations } from '../../../support/memory-revocations.ts'
import { generateKey, signCompact } from '../../../support/test-issuer.ts'

const ISSUER = 'https://login.test.example'

let directory: string
let config: LanekeeperConfig
let artefact: Artefact
let bearer: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-revocation-'))
  const key = await generateKey('ES256', 'k1')
  config = {
    issuers: {
      main: {
        issuer: ISSUER,
        audience: 'api',
        profile: 'rfc9068',
        keys: { jwks: { keys: [key.publicJwk] } },
        algorithms: ['ES256'],
      },
    },
    routes: [
      { path: '/open', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET'], scope: 'none' },
      { path: '/off', methods: ['GET'], scope: 'none', revocation: 'off' },
    ],
    revocation: { dynamodb: { table: 'revocations' } },
  }
  const now = Math.floor(Date.now() / 1000)
  bearer = await signCompact(
    key,
    { alg: 'ES256', typ: 'at+jwt', kid: 'k1' },
    { iss: ISSUER, sub: 'ada', aud: 'api', client_id: 'app', jti: 'j', iat: now, exp: now + 300 },
  )
  artefact = await writeArtefact('aws', config, directory)
})

afterAll(() => rm(directory, { recursive: true }))

const isOfSdk = (name: string): boolean => /node_modules\/@(?:aws-sdk|smithy)\//.test(name)

test('no file that is read at start has anything of the SDK or of the store', () => {
  const { metafile } = artefact
  const inputs = (file: string) =>
    Object.entries(metafile.outputs[file]!.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([name]) => name)
  const starts = filesAtStart(metafile)
  expect(starts.flatMap(inputs).filter((name) => isOfSdk(name) || /revocation\/dynamodb/.test(name))).toEqual(
    [],
  )
  expect(Object.keys(metafile.outputs).flatMap(inputs).some(isOfSdk)).toBe(true)
})

test('a function without those files starts, and refuses with 503 what it would have to look up', async () => {
  const starts = new Set(filesAtStart(artefact.metafile).map((name) => basename(name)))
  const chunks = await readdir(join(directory, 'chunks'))
  const late = chunks.filter((name) => !starts.has(name))
  expect(late.some((name) => name.startsWith('dynamodb-'))).toBe(true)
  for (const name of late) await rm(join(directory, 'chunks', name))
  const url = pathToFileURL(join(directory, 'authorizer.mjs')).href
  const { handler } = (await import(url)) as { handler: AuthorizerHandler }
  const ask = (path: string) =>
    handler({
      type: 'TOKEN',
      authorizationToken: `Bearer ${bearer}`,
      methodArn: `arn:aws:execute-api:eu-west-1:1:a/prod/GET${path}`,
    }).then(
      () => 'answered',
      (error: Error) => error.message,
    )
  expect(await ask('/open')).toBe('answered')
  expect(await ask('/off')).toBe('answered')
  expect(await ask('/orders')).toBe('lanekeeper: revocation_unavailable')
})

test('a project without the SDK is told which package it needs', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'lanekeeper-empty-'))
  const request = {
    config,
    edge: 'aws',
    stage: '',
    env: {},
    project: empty,
    out: '/x',
    metrics: null,
  } as const
  try {
    await expect(bundleArtefact(request)).rejects.toThrow(
      'a table of DynamoDB needs @aws-sdk/client-dynamodb: npm install @aws-sdk/client-dynamodb',
    )
    const secret = { ...config.issuers['main'], keys: { jwksSecret: { secretsManager: 'keys' } } }
    const { revocation: _, ...others } = config
    const routes = config.routes.filter((route) => !('revocation' in route))
    await expect(
      bundleArtefact({ ...request, config: { ...others, routes, issuers: { main: secret as never } } }),
    ).rejects.toThrow(
      'a secret of AWS Secrets Manager needs @aws-sdk/client-secrets-manager: npm install @aws-sdk/client-secrets-manager',
    )
  } finally {
    await rm(empty, { recursive: true })
  }
})

test('a store that could not be loaded is loaded again, and one that was loaded is not', async () => {
  let loads = 0
  const store = createLazyStore(async () => {
    if (++loads === 1) throw new Error('no such file')
    return createMemoryRevocations()
  })
  expect(loads).toBe(0)
  await expect(store.find([])).rejects.toThrow('no such file')
  expect(await store.find([])).toEqual([])
  expect(await store.list()).toEqual({ items: [], next: null })
  expect(loads).toBe(2)
})
