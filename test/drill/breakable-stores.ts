// The stores of drills, and what breaks them. The store Worker is killed with SIGKILL and started again over the same
// databases. DynamoDB refuses connections and keeps its table, as one process in memory.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild, type Child } from '../../local/child.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { writeArtefact } from '../support/artefact/build.ts'
import { bundle } from './bundle.ts'
import { DONE, type DynamoDbOptions, type DynamoDbReady } from './revocation/processes/dynamodb.ts'
import type { WorkersOptions, WorkersReady } from './revocation/processes/workers.ts'

/** A store under its faults. */
export interface BreakableStore {
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

/** The store Worker of a drill. */
export interface StoreWorkerSettings {
  readonly name: string
  /** The module around the artefact, which delays its answers. */
  readonly entry: string
  readonly bindings: Readonly<Record<string, string>>
  readonly binding: string
  readonly className: string
}

/** `url`: it changes with every start. */
export async function startBreakableWorker(
  { directory, registry, config, onSpawn }: StoresOptions,
  { name, entry, bindings, binding, className }: StoreWorkerSettings,
): Promise<BreakableStore & { url(): string }> {
  const artefact = join(directory, 'artefact of the store')
  const script = join(directory, 'store', 'index.js')
  await writeArtefact('store', config, artefact)
  await bundle(entry, script, join(artefact, 'index.js'))
  const options: WorkersOptions = {
    registry,
    storage: join(directory, 'storage of the store'),
    workers: [{ name, script, bindings, durableObjects: { [binding]: { className, useSQLite: true } } }],
  }
  let child: Child | undefined
  let url = ''

  async function start(): Promise<void> {
    // A process that was killed cannot withdraw its entry.
    await rm(join(registry, name), { force: true })
    const { urls } = await startChild<WorkersReady>({
      name: 'store Worker',
      module: new URL('./revocation/processes/workers.ts', import.meta.url),
      options,
      onLine: () => {},
      onSpawn(spawned) {
        child = spawned
        onSpawn(spawned)
      },
    })
    url = urls[name]!
  }

  await start()
  return {
    url: () => url,
    async kill() {
      child!.kill()
      await child!.ended
    },
    start,
    async delay(ms) {
      const signal = AbortSignal.timeout(10_000)
      const answer = await fetch(`${url}/drill/delay`, { method: 'PUT', body: String(ms), signal })
      if ((await answer.text()) !== 'done') throw new Error('the store Worker cannot be delayed')
    },
  }
}

export async function startBreakableTable(
  { onSpawn }: Pick<StoresOptions, 'onSpawn'>,
  options: DynamoDbOptions,
): Promise<BreakableStore & { readonly endpoint: string }> {
  let child: Child | undefined
  let done = () => {}
  const { endpoint } = await startChild<DynamoDbReady>({
    name: 'DynamoDB',
    module: new URL('./revocation/processes/dynamodb.ts', import.meta.url),
    options,
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
