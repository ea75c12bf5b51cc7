// Runs one row in a process of its own, so that compiled code, caches and memory of an earlier row do not influence it.
// The process that started it shows the results.

import { describeError } from '../cli/describe-error.ts'
import { Stop } from '../cli/stop.ts'
import { inBench } from './in-bench.ts'
import type { RowName } from './rows.ts'
import { RUN_ROWS } from './rows/index.ts'

const [name, effort] = process.argv.slice(2)
const row = name as RowName

// Also when the parent was killed.
process.once('disconnect', () => process.emit('SIGTERM'))

try {
  const result = await inBench(effort === 'quick', (benchFor) => RUN_ROWS[row](benchFor(row)))
  // Contestants leave timers and connections behind.
  process.send!(result, () => process.exit(0))
} catch (error) {
  process.stderr.write(`${error instanceof Stop ? error.message : describeError(error)}\n`)
  process.exit(error instanceof Stop ? error.exitCode : 1)
}
