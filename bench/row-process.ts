// One row, in a process of its own: what an earlier row left compiled, remembered and allocated is not in its way.
// The process that started it shows what was found.

import { describeError } from '../cli/describe-error.ts'
import { Stop } from '../cli/stop.ts'
import { inBench } from './in-bench.ts'
import type { RowName } from './rows.ts'
import { RUN_ROWS } from './rows/index.ts'

const [name, effort] = process.argv.slice(2)
const row = name as RowName

// Also where the parent was killed.
process.once('disconnect', () => process.emit('SIGTERM'))

try {
  const result = await inBench(effort === 'quick', (benchFor) => RUN_ROWS[row](benchFor(row)))
  // Contestants leave timers and connections behind.
  process.send!(result, () => process.exit(0))
} catch (error) {
  process.stderr.write(`${error instanceof Stop ? error.message : describeError(error)}\n`)
  process.exit(error instanceof Stop ? error.exitCode : 1)
}
