// `npm run drill`: both edges under a steady load while the authorization server is killed, restarted, slowed, rotated
// and made to lie. Loopback only, bounded in time, requests and memory. Exit code 0 only if no verdict was wrong, no
// token was refused that had to pass within the grace period, and the issuer got no more fetches than the bound allows.

import { runCommand } from './command.ts'
import { reportDrill } from './drill-report.ts'
import { readDrillOptions } from './options.ts'
import { runDrill } from './run-drill.ts'
import { LONG_SECONDS, phasesFor, speedFor } from './schedule.ts'

await runCommand(async ({ say, progress, directory, onSpawn }) => {
  const options = readDrillOptions(process.argv.slice(2))
  const { seconds, rate, seed, broken } = options
  const isLong = seconds >= LONG_SECONDS
  const speed = speedFor(phasesFor(seconds), seconds)
  const minutes = Math.round((seconds * speed) / 60)
  say(
    `Drill: ${seconds} seconds at ${rate} requests a second (seed ${seed}), on a clock ${speed.toFixed(1)} times as fast as\n` +
      `real time, which makes ${minutes} minutes. Edges and authorization servers read that clock; time-outs of fetches\n` +
      `(3 s) stay real. A gateway answers 500 where the Worker answers 503.\n` +
      (isLong ? '' : `A run of less than ${LONG_SECONDS} seconds leaves out most phases.\n`) +
      (broken ? 'The Worker is broken on purpose.\n' : ''),
  )
  const result = await runDrill({ ...options, directory, onSpawn, progress })
  const { text, passed } = reportDrill(result, isLong)
  say(`\n${text}`)
  return passed
})
