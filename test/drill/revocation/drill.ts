// `npm run drill:revocation`: four instances of both edges under load while tokens are revoked, the stores are killed
// and slowed, and the clocks of the edges are set forward and back. Loopback only, in real time. Exit code 0 only if no
// verdict was wrong, every revocation was seen within the bound that is printed, and no 503 came too early.

import { runCommand } from '../command.ts'
import { readRevocationDrillOptions } from '../options.ts'
import { reportRevocationDrill } from './report.ts'
import { runRevocationDrill } from './run.ts'
import { phasesFor, timesFor } from './schedule.ts'

await runCommand(async ({ say, progress, directory, onSpawn }) => {
  const { seconds, rate, entries, seed, broken, busy } = readRevocationDrillOptions(process.argv.slice(2))
  const { refreshSeconds, staleSeconds } = timesFor(seconds)
  const length = phasesFor(seconds).reduce((sum, phase) => sum + phase.seconds, 0)
  say(
    `Drill of revocations: ${Math.round(length)} seconds, ${rate} requests a second and those about tokens that are being revoked,\n` +
      `${entries} entries a second (seed ${seed}); refreshSeconds ${refreshSeconds}, staleSeconds ${staleSeconds}.\n` +
      (broken ? 'The first Worker does not ask the store, on purpose.\n' : ''),
  )
  const result = await runRevocationDrill({
    ...{ seconds, rate, entries, seed, broken, busy },
    ...{ directory, onSpawn, progress },
  })
  const { text, passed } = reportRevocationDrill(result, busy)
  say(`\n${text}`)
  return passed
})
