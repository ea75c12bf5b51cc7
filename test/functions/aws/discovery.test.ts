// The example of docs/aws.md that serves the metadata of RFC 9728 on AWS, compared with what the Worker serves; only
// its imports are replaced. The Lambda itself serves no document, and names it in its challenge.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHandler } from '../../../functions/aws/handler.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { AUDIENCE, RESOURCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const ROOT = join(import.meta.dirname, '../../..')
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

type Served = { statusCode: number; headers?: Record<string, string>; body?: string }

let world: CaseWorld
let edge: WorkerEdge
let directory: string
let handler: (event: { path?: string; rawPath?: string }) => Promise<Served>

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
  const page = await readFile(join(ROOT, 'docs/aws.md'), 'utf8')
  const example = /```js\n([\s\S]*?)```/.exec(page)![1]!
  directory = await mkdtemp(join(tmpdir(), 'lanekeeper-example-'))
  await writeFile(join(directory, 'config.json'), JSON.stringify(world.config))
  const replaced = example
    .replace("'lanekeeper'", `'${join(ROOT, 'shared/index.ts')}'`)
    .replace("'./lanekeeper.config.ts'", "'./config.json' with { type: 'json' }")
    .replaceAll('process.env', 'globalThis.exampleEnv')
  const file = join(directory, 'example.mjs')
  await writeFile(file, replaced)
  Object.assign(globalThis, { exampleEnv: world.env })
  handler = ((await import(file)) as { handler: typeof handler }).handler
})

afterAll(async () => {
  await Promise.all([edge.close(), rm(directory, { recursive: true })])
  await world.close()
})

test('the example serves what the Worker serves, for both kinds of event', async () => {
  for (const path of [`${WELL_KNOWN}/resource`, `${WELL_KNOWN}/resource/deep`]) {
    const { response } = await edge.sendRaw({ method: 'GET', target: path })
    for (const event of [{ path }, { rawPath: path }]) {
      const { statusCode, headers, body } = await handler(event)
      expect([statusCode, headers!['content-type']]).toEqual([200, 'application/json'])
      expect(body).toBe(response.body)
    }
  }
  expect(await handler({ path: WELL_KNOWN })).toEqual({ statusCode: 404 })
  expect(await handler({ path: `${WELL_KNOWN}/resource/` })).toEqual({ statusCode: 404 })
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
