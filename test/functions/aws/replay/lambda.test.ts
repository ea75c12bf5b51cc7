// The Lambda with a store of used proofs: that of `createHandler`, whose store may be replaced, and the artefact, which
// has the AWS SDK in files that nothing reads before a route with `replay: 'strong'` gets a good proof.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { filesAtStart } from '../../../../cli/artefact/sizes.ts'
import {
  createHandler,
  type AuthorizerHandler,
  type HandlerOptions,
} from '../../../../functions/aws/handler.ts'
import type { ReplayStore } from '../../../../shared/edge.ts'
import type { ReportEvent } from '../../../../shared/index.ts'
import { TO_EVENT } from '../../../edges/events.ts'
import { writeArtefact } from '../../../support/artefact/build.ts'
import { createReplayTable, startDynalite, type Dynalite } from '../../../support/dynalite.ts'
import { createBoundClient, type ReplayPath } from '../../../support/replay-pair.ts'

let client: Awaited<ReturnType<typeof createBoundClient>>

beforeAll(async () => {
  client = await createBoundClient()
})

async function ask(
  handler: AuthorizerHandler,
  path: ReplayPath,
  proof = client.prove(path),
): Promise<string> {
  const event = TO_EVENT.rest_request({
    ...{ method: 'GET', path, authorization: [`DPoP ${client.token}`], fields: [['DPoP', proof]] },
  })
  return handler(event as never).then(
    (answer) => JSON.stringify(answer).match(/"Effect":"(\w+)"/)![1]!,
    ({ message }: Error) => message,
  )
}

describe('createHandler', () => {
  let calls: [name: Uint8Array, until: number][]
  let events: ReportEvent[]

  beforeEach(() => {
    calls = []
    events = []
  })

  const open = (insert: (...given: Parameters<ReplayStore['insert']>) => Promise<boolean>) => {
    const replays: ReplayStore = {
      insert(...given) {
        calls.push(given)
        return insert(...given)
      },
    }
    const options: HandlerOptions = { replays, report: (event) => void events.push(event) }
    return createHandler(client.config, {}, options)
  }

  test('asks the store that it is given, about strong routes alone', async () => {
    const handler = open(async () => true)
    expect([await ask(handler, '/plain'), calls.length]).toEqual(['Allow', 0])
    expect([await ask(handler, '/strong'), calls.length]).toEqual(['Allow', 1])
    const [name, until] = calls[0]!
    expect(name).toHaveLength(32)
    expect(until).toBe(Math.floor(Date.now() / 1_000) + 3_600 + 30)
  })

  test('refuses what the store had, and answers 503 where it rejects', async () => {
    expect(
      await ask(
        open(async () => false),
        '/strong',
      ),
    ).toBe('Unauthorized')
    const down = open(() => Promise.reject(new Error('down')))
    expect(await ask(down, '/strong')).toBe('lanekeeper: replay_unavailable')
    expect(events.filter(({ event }) => event === 'replay')).toEqual([
      expect.objectContaining({ event: 'replay', outcome: 'failed', code: 'store_failed' }),
    ])
  })

  test('asks nobody about a proof that is not good', async () => {
    const handler = open(async () => true)
    const [one, other] = [client.prove('/plain'), client.prove('/strong', { claims: { htm: 'POST' } })]
    expect(await ask(handler, '/strong', one)).toBe('Unauthorized')
    expect(await ask(handler, '/strong', other)).toBe('Unauthorized')
    expect(calls).toEqual([])
  })

  describe('without a store of its own', () => {
    let server: Dynalite
    beforeAll(async () => {
      server = await startDynalite()
      await createReplayTable(server.client, client.config.dpop!.replay!.dynamodb!.table)
      for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
    })
    afterAll(async () => {
      await server.close()
      vi.unstubAllEnvs()
    })

    test('asks the table', async () => {
      const report = () => {}
      const [one, other] = [
        createHandler(client.config, {}, { report }),
        createHandler(client.config, {}, { report }),
      ]
      const proof = client.prove('/strong')
      expect([await ask(one, '/strong', proof), await ask(other, '/strong', proof)]).toEqual([
        ...['Allow', 'Unauthorized'],
      ])
      // One of each handler. On a busy machine the SDK may repeat one.
      const inserts = server.operations.filter((operation) => operation === 'PutItem')
      expect(inserts.length).toBeGreaterThanOrEqual(2)
    })
  })
})

describe('the artefact', () => {
  let directory: string
  let artefact: Awaited<ReturnType<typeof writeArtefact>>

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanekeeper-replays-'))
    artefact = await writeArtefact('aws', client.config, directory)
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('has nothing of the SDK and of the table in a file that is read at start', () => {
    const { outputs } = artefact.metafile
    const inputs = (file: string) =>
      Object.entries(outputs[file]!.inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([name]) => name)
    const ofTable = /node_modules\/@(?:aws-sdk|smithy)\/|replay\/dynamodb/
    const starts = filesAtStart(artefact.metafile)
    expect(starts.flatMap(inputs).filter((name) => ofTable.test(name))).toEqual([])
    expect(
      Object.keys(outputs)
        .flatMap(inputs)
        .filter((name) => ofTable.test(name)).length,
    ).toBeGreaterThan(1)
  })

  test('starts without those files, and refuses with 503 what needs them', async () => {
    const starts = new Set(filesAtStart(artefact.metafile).map((name) => basename(name)))
    const late = (await readdir(join(directory, 'chunks'))).filter((name) => !starts.has(name))
    expect(late.some((name) => name.startsWith('dynamodb-'))).toBe(true)
    for (const name of late) await rm(join(directory, 'chunks', name))
    const url = pathToFileURL(join(directory, 'authorizer.mjs')).href
    const { handler } = (await import(url)) as { handler: AuthorizerHandler }
    expect(await ask(handler, '/plain')).toBe('Allow')
    expect(await ask(handler, '/strong')).toBe('lanekeeper: replay_unavailable')
  })
})
