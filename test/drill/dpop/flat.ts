// Many proofs through one Worker in workerd and one Lambda handler in one process, at the same time, and then proofs by
// many keys: whether each passes once, and whether memory stays flat (flatness.ts).

import { join } from 'node:path'
import { startChild, type Child } from '../../../local/child.ts'
import { writeArtefact } from '../../support/artefact/build.ts'
import { descendantsOf } from '../../support/processes.ts'
import { bundle } from '../bundle.ts'
import type { Sample } from '../flatness.ts'
import { commandOf, residentBytes } from '../process-info.ts'
import type { WorkersOptions, WorkersReady } from '../revocation/processes/workers.ts'
import { openSoakClient } from '../soak-client.ts'
import { createTokens } from './clients.ts'
import { HOST, toConfig } from './config.ts'
import { createFlatRequests, runFlat, type Clients } from './flat-load.ts'
import type { FlatLambdaLine, FlatLambdaOptions } from './processes/flat-lambda.ts'

export interface FlatFigures {
  readonly edge: 'Worker' | 'Lambda'
  readonly clients: Clients
  readonly memory: 'resident' | 'heap'
  readonly samples: readonly Sample[]
  readonly wrong: number
  readonly seconds: number
  /** Events `replay_memory_full` so far, and how many names they dropped. */
  readonly full: number
  readonly dropped: number
  /** Of a Lambda: what typed arrays took beyond what they took at the start, in the median of the samples. */
  readonly arrayBytes: number | null
}

export interface FlatSettings {
  readonly issuer: string
  readonly privateJwk: object
  readonly proofs: number
  readonly keys: number
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly progress: (text: string) => void
}

/** Small, so that the memory of used proofs is full before half of the proofs have passed. */
export const memoryBytesFor = (proofs: number): number => Math.min(8_388_608, Math.max(65_536, 2 * proofs))

/** A multiple of ten; every tenth part of them is shown. A sample of the Lambda is a collection. */
export const samplesFor = (count: number): number => Math.min(200, 10 * Math.floor(count / 500))

const LANES = 16

interface Count {
  readonly clients: Clients
  readonly count: number
}

/** Calls `sample` after each part of `count`, and says so after each tenth. */
function createSampling(count: number, sample: () => Promise<Sample> | Sample, say: (last: Sample) => void) {
  const most = samplesFor(count)
  const samples: Sample[] = []
  let taken = 0
  return {
    samples,
    async onProof(proofs: number) {
      if (taken === most || proofs < ((taken + 1) * count) / most) return
      taken++
      const isTenth = taken % (most / 10) === 0
      const last = await sample()
      samples.push({ ...last, tokens: proofs })
      if (isTenth) say(samples.at(-1)!)
    },
  }
}

async function flatWorker(settings: FlatSettings, parts: readonly Count[]): Promise<FlatFigures[]> {
  const { issuer, privateJwk, proofs, directory, onSpawn, progress } = settings
  const script = join(directory, 'flat', 'index.js')
  const artefact = join(directory, 'artefact flat')
  const config = { ...toConfig(issuer, { isStrong: false, memoryBytes: memoryBytesFor(proofs) }) }
  await writeArtefact('cloudflare', config, artefact)
  await bundle('test/drill/dpop/entries/flat-edge.ts', script, join(artefact, 'index.js'))
  let parent = 0
  const { urls } = await startChild<WorkersReady>({
    name: 'Worker',
    module: new URL('../revocation/processes/workers.ts', import.meta.url),
    options: {
      registry: join(directory, 'registry of one'),
      storage: join(directory, 'storage of one'),
      workers: [{ name: 'flat', script, bindings: {}, durableObjects: {} }],
    } satisfies WorkersOptions,
    onLine: () => {},
    onSpawn(child) {
      parent = child.pid
      onSpawn(child)
    },
  })
  const url = urls['flat']!
  const workerd = descendantsOf(parent).find((pid) => commandOf(pid).includes('workerd')) ?? null
  const clients = await Promise.all(Array.from({ length: LANES }, () => openSoakClient(url, HOST)))
  const issue = createTokens(issuer, privateJwk)
  const figures: FlatFigures[] = []
  for (const { clients: kind, count } of parts) {
    const startedAt = performance.now()
    const seconds = () => (performance.now() - startedAt) / 1000
    const { samples, onProof } = createSampling(
      count,
      () => ({ tokens: 0, bytes: residentBytes(workerd) ?? 0 }),
      (last) => progress(describe('Worker', kind, last, seconds())),
    )
    const wrong = await runFlat({
      ...{ next: createFlatRequests(issue, kind), count, onProof },
      senders: clients.map(({ send }) => async ({ authorization, proof }) => {
        const status = await send(authorization, proof)
        return status === 200 ? true : status === 401 ? false : null
      }),
    })
    const events = (await (await fetch(`${url}/drill/events`)).json()) as { full: number; dropped: number }
    figures.push({
      ...{ edge: 'Worker', clients: kind, memory: 'resident', samples, wrong, seconds: seconds(), ...events },
      arrayBytes: null,
    })
  }
  for (const client of clients) client.close()
  return figures
}

const describe = (edge: string, clients: Clients, { tokens, bytes }: Sample, seconds: number): string =>
  `${edge}  ${tokens.toLocaleString('en').padStart(10)} ${clients === 'few' ? 'proofs' : 'keys  '}  ` +
  `${(bytes / 1024 / 1024).toFixed(0).padStart(4)} MB  ${Math.round(tokens / seconds)} a second`

async function flatLambda(settings: FlatSettings, parts: readonly Count[]): Promise<FlatFigures[]> {
  const { issuer, privateJwk, proofs, directory, onSpawn, progress } = settings
  const out = join(directory, 'flat lambda')
  await writeArtefact('aws', toConfig(issuer, { isStrong: false, memoryBytes: memoryBytesFor(proofs) }), out)
  const lines: FlatLambdaLine[] = []
  const done = Promise.withResolvers<FlatFigures[]>()
  // If a process ends before it is ready, `startChild` reports it.
  done.promise.catch(() => {})

  function toFigures({ clients, count }: Count): FlatFigures {
    const memory = clients === 'few' ? 'heap' : 'resident'
    const there = lines.filter((line) => line.clients === clients)
    const { wrong, seconds, full, dropped } = there.at(-1)!
    const samples = there
      .slice(0, samplesFor(count))
      .map((line) => ({ tokens: line.proofs, bytes: memory === 'heap' ? line.heap : line.resident }))
    const arrays = there.map((line) => line.arrays).toSorted((one, other) => one - other)
    const arrayBytes = arrays[Math.floor(arrays.length / 2)]!
    return { edge: 'Lambda', clients, memory, samples, wrong, seconds, full, dropped, arrayBytes }
  }

  await startChild({
    name: 'Lambda',
    module: new URL('./processes/flat-lambda.ts', import.meta.url),
    options: {
      ...{ artefact: join(out, 'authorizer.mjs'), issuer, privateJwk, lanes: LANES },
      parts: parts.map((part) => ({ ...part, samples: samplesFor(part.count) })),
    } satisfies FlatLambdaOptions,
    onSpawn(child) {
      void child.ended.then((sentence) => done.reject(new Error(sentence)))
      onSpawn(child)
    },
    onLine(text) {
      if (!text.startsWith('{"clients"')) return
      const line = JSON.parse(text) as FlatLambdaLine
      lines.push(line)
      const { clients, proofs: passed, heap, seconds, isTenth, isLast } = line
      if (isTenth) progress(describe('Lambda', clients, { tokens: passed, bytes: heap }, seconds))
      if (isLast) done.resolve(parts.map(toFigures))
    },
  })
  return done.promise
}

/** The same instance gets the proofs first and then the keys, when it is warm. */
export async function runFlatPhase(settings: FlatSettings): Promise<readonly FlatFigures[]> {
  const parts: readonly Count[] = [
    { clients: 'few', count: settings.proofs },
    { clients: 'new', count: settings.keys },
  ]
  const both = await Promise.all([flatWorker(settings, parts), flatLambda(settings, parts)])
  return both.flat()
}
