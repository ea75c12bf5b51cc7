// The function that `lanekeeper build` writes for the metadata of RFC 9728 on AWS, compared with what the Worker serves.
// The authorizer itself serves no document, and names it in its challenge.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildArtefact } from '../../../cli/artefact/build.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import type { MetadataHandler } from '../../../functions/aws/metadata.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { AUDIENCE, RESOURCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const ROOT = join(import.meta.dirname, '../../..')
const WELL_KNOWN = '/.well-known/oauth-protected-resource'
const PATHS = [`${WELL_KNOWN}/resource`, `${WELL_KNOWN}/resource/deep`]

/** Events of a REST API and of an HTTP API. */
const eventsOf = (method: string, path: string) => [
  { path, httpMethod: method },
  { rawPath: path, requestContext: { http: { method } } },
]

let world: CaseWorld
let edge: WorkerEdge
let directory: string
let handler: MetadataHandler

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-metadata-'))
  await buildArtefact({
    config: world.config,
    edge: 'aws',
    stage: '',
    env: world.env,
    project: ROOT,
    out: directory,
    metrics: null,
  })
  handler = ((await import(join(directory, 'metadata.mjs'))) as { handler: MetadataHandler }).handler
})

afterAll(async () => {
  await Promise.all([edge.close(), rm(directory, { recursive: true })])
  await world.close()
})

test('metadata.mjs serves what the Worker serves, for both kinds of event', async () => {
  for (const path of PATHS)
    for (const method of ['GET', 'HEAD']) {
      const { response } = await edge.sendRaw({ method, target: path })
      expect(response.status).toBe(200)
      for (const event of eventsOf(method, path)) {
        const { statusCode, headers, body } = (await handler(event)) as Exclude<
          Awaited<ReturnType<MetadataHandler>>,
          string
        >
        expect([statusCode, headers!['content-type'], body]).toEqual([200, 'application/json', response.body])
      }
    }
})

test('metadata.mjs serves no other path and no other method', async () => {
  for (const path of [WELL_KNOWN, `${PATHS[0]}/`, '/toString'])
    for (const event of eventsOf('GET', path)) expect(await handler(event)).toEqual({ statusCode: 404 })
  for (const event of eventsOf('POST', PATHS[0]!))
    expect(await handler(event)).toEqual({ statusCode: 405, headers: { allow: 'GET, HEAD' } })
})

test('metadata.json has the documents by their paths', async () => {
  const documents = JSON.parse(await readFile(join(directory, 'metadata.json'), 'utf8')) as object
  expect(Object.keys(documents)).toEqual(expect.arrayContaining(PATHS))
  for (const [path, document] of Object.entries(documents)) {
    const { response } = await edge.sendRaw({ method: 'GET', target: path })
    expect(JSON.parse(response.body)).toEqual(document)
  }
})

test('an artefact without resources has no such function', async () => {
  const out = join(directory, 'bare')
  const { resources: _, ...config } = world.config
  const { files } = await buildArtefact({
    config: {
      ...config,
      routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
    },
    edge: 'aws',
    stage: '',
    env: world.env,
    project: ROOT,
    out,
    metrics: null,
  })
  expect(files.map(({ path }) => basename(path)).filter((name) => name.startsWith('metadata'))).toEqual([])
})

test('the authorizer serves no document, and names it in its challenge', async () => {
  const authorizer = createHandler(world.config, world.env, { report: () => {} })
  const ask = async (path: string, aud: string, scope: string) => {
    const authorization = [`Bearer ${await world.main.token({ claims: { aud, scope } })}`]
    return (await authorizer(
      TO_EVENT.rest_request({ method: 'GET', path, authorization }) as never,
    )) as unknown as {
      policyDocument: { Statement: { Effect: string }[] }
      context: Record<string, string>
    }
  }
  const effects = async (...args: Parameters<typeof ask>) =>
    (await ask(...args)).policyDocument.Statement.map(({ Effect }) => Effect)
  expect(await effects(`${WELL_KNOWN}/resource`, RESOURCE, 'read')).toEqual(['Deny'])
  expect(await effects('/resource', RESOURCE, 'read')).toEqual(['Allow'])
  expect((await ask('/resource', RESOURCE, 'other')).context['challenge']).toContain(
    `resource_metadata="https://edge.test.example${WELL_KNOWN}/resource"`,
  )
  expect((await ask('/orders', AUDIENCE, 'other')).context['challenge']).not.toContain('resource_metadata')
})
