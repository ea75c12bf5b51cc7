// The size of what is deployed, with the configuration of this repository in it, and names that must not appear in it.

import { Stop } from '../../cli/stop.ts'
import { NOT_IN_LAMBDA, NOT_IN_WORKER } from '../../test/support/bundle-names.ts'
import { buildLambda, buildWorker, minified } from '../bundles.ts'
import { exactly, type Group } from '../result.ts'
import type { RunRow } from '../row.ts'

const LAMBDA_BYTES = 60_000
const WORKER_GZIP_BYTES = 35_000

/** @throws {Stop} naming what must not appear and does. */
function assertAbsent(bundle: string, text: string, names: readonly string[]): void {
  const found = names.filter((name) => text.includes(name))
  if (found.length > 0) throw new Stop(`${bundle} contains ${found.join(', ')}. The run ends.`, 1)
}

const group = (title: string, sizes: Readonly<Record<string, number>>): Group => ({
  title,
  unit: 'bytes',
  reference: null,
  contestants: Object.entries(sizes).map(([name, bytes]) => ({ name, samples: [bytes] })),
})

export const runBundle: RunRow = async ({ directory, progress }) => {
  progress('building what would be deployed')
  const [worker, lambda] = await Promise.all([buildWorker(directory), buildLambda(directory)])
  const small = await minified(worker.text)
  assertAbsent('The Worker', worker.text, NOT_IN_WORKER)
  assertAbsent('The Lambda', lambda.atStart.text, NOT_IN_LAMBDA)
  return {
    row: 'bundle',
    groups: [
      group('the Worker', {
        'as wrangler uploads it': worker.bytes,
        'as wrangler uploads it, gzip': worker.gzip,
        minified: small.bytes,
        'minified, gzip': small.gzip,
      }),
      group('the Lambda authorizer, minified', {
        'read at the start': lambda.atStart.bytes,
        'read at the start, gzip': lambda.atStart.gzip,
        'read when it is needed': lambda.later.bytes,
        'read when it is needed, gzip': lambda.later.gzip,
      }),
    ],
    targets: [
      {
        what: 'Lambda bundle without secrets, minified',
        bound: { most: LAMBDA_BYTES },
        unit: 'bytes',
        reached: exactly(lambda.atStart.bytes),
      },
      {
        what: 'Worker bundle as it is uploaded, gzip',
        bound: { most: WORKER_GZIP_BYTES },
        unit: 'bytes',
        reached: exactly(worker.gzip),
      },
    ],
    notes: [
      `Not in the Worker: ${NOT_IN_WORKER.join(', ')}. Not in the Lambda at its start: ${NOT_IN_LAMBDA.join(', ')}.`,
    ],
  }
}
