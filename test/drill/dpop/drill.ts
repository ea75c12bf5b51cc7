// `npm run drill:dpop`: instances of both edges under good and bad proofs, one proof through two instances at once,
// stores that are killed and slow, clients with wrong clocks, and a million proofs while memory is measured. Loopback
// only. Exit code 0 only if no verdict was wrong, no good proof was refused, and memory stayed flat.

import { runCommand } from '../command.ts'
import { readDpopDrillOptions } from '../options.ts'
import { reportDpopDrill } from './report.ts'
import { runDpopDrill } from './run.ts'

await runCommand(async ({ say, progress, directory, onSpawn }) => {
  const { busy, ...options } = readDpopDrillOptions(process.argv.slice(2))
  const { pairs, requests, proofs, keys, seed, broken } = options
  const inFull = (number: number) => number.toLocaleString('en')
  say(
    `Drill of DPoP: ${inFull(pairs)} pairs for each edge, ${inFull(requests)} requests to each instance (seed ${seed}), then ${inFull(proofs)}\n` +
      `proofs and ${inFull(keys)} keys through each edge.\n` +
      (broken ? 'The first Worker and the first Lambda do not ask the store, on purpose.\n' : ''),
  )
  const result = await runDpopDrill({ ...options, directory, onSpawn, progress })
  const { text, passed } = reportDpopDrill(result, busy)
  say(`\n${text}`)
  return passed
})
