// Both stores as the driver sees them: what writes to them, and what breaks them. The store Worker is killed with
// SIGKILL and started again over the same database. DynamoDB refuses connections and keeps its table, as one process in
// memory.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createDynamoDbStore } from '../../../functions/aws/revocation/dynamodb.ts'
import { nodeCryptoSync } from '../../../functions/node/crypto.ts'
import { startChild, type Child } from '../../../local/child.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { toEntries, type RevocationRequest } from '../../../shared/edge.ts'
import { writeArtefact } from '../../support/artefact/build.ts'
import { dynamoDbEnvironment } from '../../support/dynalite.ts'
import { bundle } from '../bundle.ts'
import { ADMIN_SECRETS, BINDING, STORE_SCRIPT, TABLE } from './config.ts'
import { DONE, type DynamoDbOptions, type DynamoDbReady } from './processes/dynamodb.ts'
import type { WorkersOptions, WorkersReady } from './processes/workers.ts'

/** A store under its faults. */
export interface DrillStore {
  /** Writes entries. `false`: it did not say that they are stored. */
  revoke(requests: readonly RevocationRequest[]): Promise<boolean>
  kill(): Promise<void>
  /** Starts it again. Resolves when it answers. */
  start(): Promise<void>
  /** By how many milliseconds each answer is late. */
  delay(ms: number): Promise<void>
}

export interface StoresOptions {
  /** An empty directory. */
  readonly directory: string
  readonly registry: string
  readonly config: LanekeeperConfig
  readonly onSpawn: (child: Child) => void
}

/** The store Worker, which is written to through its admin endpoint. */
export async function startStoreWorker({
  directory,
  registry,
  config,
  onSpawn,
}: StoresOptions): Promise<DrillStore> {
  const artefact = join(directory, 'artefact of the store')
  const script = join(directory, 'store', 'index.js')
  await writeArtefact('store', config, artefact)
  await bundle('test/drill/revocation/entries/store.ts', script, join(artefact, 'index.js'))
  const options: WorkersOptions = {
    registry,
    storage: join(directory, 'storage of the store'),
    workers: [
      {
        name: STORE_SCRIPT,
        script,
        bindings: ADMIN_SECRETS,
        durableObjects: { [BINDING]: { className: 'RevocationStore', useSQLite: true } },
      },
    ],
  }
  let child: Child | undefined
  let url = ''

  async function ask(method: string, path: string, body: string, type: string): Promise<Response | null> {
    const headers = { authorization: `Bearer ${ADMIN_SECRETS.STORE_REVOKE}`, 'content-type': type }
    return fetch(`${url}${path}`, { method, headers, body, signal: AbortSignal.timeout(10_000) }).catch(
      () => null,
    )
  }

  async function start(): Promise<void> {
    // A process that was killed cannot withdraw its entry.
    await rm(join(registry, STORE_SCRIPT), { force: true })
    const { urls } = await startChild<WorkersReady>({
      name: 'store Worker',
      module: new URL('./processes/workers.ts', import.meta.url),
      options,
      onLine: () => {},
      onSpawn(spawned) {
        child = spawned
        onSpawn(spawned)
      },
    })
    url = urls[STORE_SCRIPT]!
  }

  await start()
  return {
    async revoke(requests) {
      const answer = await ask(
        'POST',
        '/revoke',
        JSON.stringify({ by: 'drill', requests }),
        'application/json',
      )
      await answer?.body?.cancel()
      return answer?.status === 200
    },
    async kill() {
      child!.kill()
      await child!.ended
    },
    start,
    async delay(ms) {
      const answer = await ask('PUT', '/drill/delay', String(ms), 'text/plain')
      if (answer?.status !== 200) throw new Error('the store Worker cannot be delayed')
    },
  }
}

/** DynamoDB, which is written to through the store of the package. */
export async function startDynamoDb({
  config,
  onSpawn,
}: StoresOptions): Promise<DrillStore & { readonly endpoint: string }> {
  let child: Child | undefined
  let done = () => {}
  const { endpoint } = await startChild<DynamoDbReady>({
    name: 'DynamoDB',
    module: new URL('./processes/dynamodb.ts', import.meta.url),
    options: { table: TABLE, kind: 'revocations' } satisfies DynamoDbOptions,
    onLine: (line) => line === DONE && done(),
    onSpawn(spawned) {
      child = spawned
      onSpawn(spawned)
    },
  })
  Object.assign(process.env, dynamoDbEnvironment(endpoint))
  const { issuers, revocation } = resolveConfig(config)
  const ports = { now: () => Date.now(), crypto: nodeCryptoSync }
  const store = createDynamoDbStore({ table: TABLE, endpoint }, revocation!, ports)
  const set = (delayMs: number | null) =>
    new Promise<void>((resolve) => {
      done = resolve
      child!.send(JSON.stringify({ delayMs }))
    })
  return {
    endpoint,
    async revoke(requests) {
      const entries = requests.flatMap((one) => {
        const made = toEntries(one, [...issuers.values()], Math.floor(Date.now() / 1000))
        if ('problem' in made) throw new Error(made.problem)
        return made
      })
      return store.revoke(entries, { by: 'drill' }).then(
        (outcomes) => outcomes.every((outcome) => outcome === 'stored' || outcome === 'known'),
        () => false,
      )
    },
    kill: () => set(null),
    start: () => set(0),
    delay: set,
  }
}
