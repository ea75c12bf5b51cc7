// Both stores as the driver sees them: what breaks them. The store Worker is killed with SIGKILL and started again over
// the same databases. DynamoDB refuses connections and keeps its table, as one process in memory.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild, type Child } from '../../../local/child.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { writeArtefact } from '../../support/artefact/build.ts'
import { bundle } from '../bundle.ts'
import { DONE, type DynamoDbOptions, type DynamoDbReady } from '../revocation/processes/dynamodb.ts'
import type { WorkersOptions, WorkersReady } from '../revocation/processes/workers.ts'
import { BINDING, STORE_SCRIPT, TABLE } from './config.ts'

/** A store under its faults. */
export interface DrillStore {
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

export async function startStoreWorker({
  directory,
  registry,
  config,
  onSpawn,
}: StoresOptions): Promise<DrillStore> {
  const artefact = join(directory, 'artefact of the store')
  const script = join(directory, 'store', 'index.js')
  await writeArtefact('store', config, artefact)
  await bundle('test/drill/dpop/entries/store.ts', script, join(artefact, 'index.js'))
  const options: WorkersOptions = {
    registry,
    storage: join(directory, 'storage of the store'),
    workers: [
      {
        ...{ name: STORE_SCRIPT, script, bindings: {} },
        durableObjects: { [BINDING]: { className: 'ReplayStore', useSQLite: true } },
      },
    ],
  }
  let child: Child | undefined
  let url = ''

  async function start(): Promise<void> {
    // A process that was killed cannot withdraw its entry.
    await rm(join(registry, STORE_SCRIPT), { force: true })
    const { urls } = await startChild<WorkersReady>({
      name: 'store Worker',
      module: new URL('../revocation/processes/workers.ts', import.meta.url),
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
    async kill() {
      child!.kill()
      await child!.ended
    },
    start,
    async delay(ms) {
      const answer = await fetch(`${url}/drill/delay`, { method: 'PUT', body: String(ms) })
      if ((await answer.text()) !== 'done') throw new Error('the store Worker cannot be delayed')
    },
  }
}

export async function startDynamoDb({
  onSpawn,
}: Pick<StoresOptions, 'onSpawn'>): Promise<DrillStore & { readonly endpoint: string }> {
  let child: Child | undefined
  let done = () => {}
  const { endpoint } = await startChild<DynamoDbReady>({
    name: 'DynamoDB',
    module: new URL('../revocation/processes/dynamodb.ts', import.meta.url),
    options: { table: TABLE, kind: 'replays' } satisfies DynamoDbOptions,
    onLine: (line) => line === DONE && done(),
    onSpawn(spawned) {
      child = spawned
      onSpawn(spawned)
    },
  })
  const set = (delayMs: number | null) =>
    new Promise<void>((resolve) => {
      done = resolve
      child!.send(JSON.stringify({ delayMs }))
    })
  return { endpoint, kill: () => set(null), start: () => set(0), delay: set }
}
