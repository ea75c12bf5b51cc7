// The size of what is deployed: the artefacts of a dozen configurations, what each adds to the first one, and the size
// of each part. Names that must not appear in an artefact end the run.

import { join } from 'node:path'
import { Stop } from '../../cli/stop.ts'
import type { EdgeName } from '../../shared/edge.ts'
import { readAtStart } from '../../test/support/at-start.ts'
import { NOT_IN_LAMBDA, NOT_IN_WORKER } from '../../test/support/bundle-names.ts'
import { buildOurs } from '../artefacts.ts'
import { WEIGHED } from '../configurations.ts'
import { exactly, type Group, type Samples } from '../result.ts'
import type { Bench, RunRow } from '../row.ts'

const LAMBDA_BYTES = 50_000
const WORKER_GZIP_BYTES = 21_000

/** @throws {Stop} naming what must not appear and does. */
function assertAbsent(artefact: string, text: string, names: readonly string[]): void {
  const found = names.filter((name) => text.includes(name))
  if (found.length > 0) throw new Stop(`${artefact} contains ${found.join(', ')}. The run ends.`, 1)
}

const group = (title: string, contestants: readonly Samples[]): Group => ({
  title,
  unit: 'bytes',
  reference: null,
  contestants,
})

interface Sizes {
  /** Minified, by configuration. Of a Lambda what is read at the start, without the chunks that are loaded later. */
  readonly bytes: readonly Samples[]
  readonly gzip: readonly Samples[]
  /** By part, in the first artefact that has it: the bytes that all files together would lack without the part. */
  readonly parts: readonly Samples[]
}

async function weigh(
  edge: EdgeName,
  absent: readonly string[],
  { directory, progress }: Bench,
): Promise<Sizes> {
  const bytes: Samples[] = []
  const gzip: Samples[] = []
  const parts = new Map<string, number>()
  for (const { name, config, metrics } of WEIGHED.filter((weighed) => (weighed.edge ?? edge) === edge)) {
    progress(`building for ${edge}: ${name}`)
    const out = join(directory, 'weighed', edge, String(bytes.length))
    const built = await buildOurs(config, edge, out, metrics)
    const text = [...(await readAtStart(built.file)).values()].join('\n')
    assertAbsent(`The artefact for ${edge}, ${name},`, text, absent)
    bytes.push({ name, samples: [built.startBytes] })
    gzip.push({ name, samples: [built.startGzipBytes] })
    for (const part of built.parts) if (!parts.has(part.name)) parts.set(part.name, part.bytes)
  }
  return { bytes, gzip, parts: [...parts].map(([name, size]) => ({ name, samples: [size] })) }
}

/** What each configuration adds to the first. */
const added = ([first, ...others]: readonly Samples[]): Samples[] =>
  others.map(({ name, samples }) => ({ name, samples: [samples[0]! - first!.samples[0]!] }))

export const runBundle: RunRow = async (bench) => {
  const lambda = await weigh('aws', NOT_IN_LAMBDA, bench)
  const worker = await weigh('cloudflare', NOT_IN_WORKER, bench)
  return {
    row: 'bundle',
    groups: [
      group('the Lambda, minified, read at the start', lambda.bytes),
      group('the Lambda, above the first', added(lambda.bytes)),
      group('the Lambda, each part by itself, with what is loaded later', lambda.parts),
      group('the Worker, minified', worker.bytes),
      group('the Worker, minified, gzip', worker.gzip),
      group('the Worker, gzip, above the first', added(worker.gzip)),
      group('the Worker, each part by itself', worker.parts),
    ],
    targets: [
      {
        what: 'Lambda of one RFC 9068 issuer with scopes, read at the start, minified',
        bound: { most: LAMBDA_BYTES },
        unit: 'bytes',
        reached: exactly(lambda.bytes[0]!.samples[0]!),
      },
      {
        what: 'Worker of one RFC 9068 issuer with scopes, gzip',
        bound: { most: WORKER_GZIP_BYTES },
        unit: 'bytes',
        reached: exactly(worker.gzip[0]!.samples[0]!),
      },
    ],
    notes: [
      `Not in a Worker: ${NOT_IN_WORKER.join(', ')}. Not in a Lambda at its start: ${NOT_IN_LAMBDA.join(', ')}.`,
      'A configuration can add more than its part: settings, and code that fills them in, are in the plan and in other parts.',
    ],
  }
}
