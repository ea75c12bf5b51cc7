// `npm start`: builds what would be deployed, runs it on this machine, takes the tour and stays up.
// Everything listens on loopback; nothing else is reached.

import { buildEdges } from './build.ts'
import type { LocalRun } from './local-run.ts'
import { Stop } from './options.ts'
import { progress, runCommand, say } from './run-command.ts'
import { takeSocketTour } from './tour-sockets.ts'
import { takeTour, TOUR } from './tour.ts'

async function takeBothTours(run: LocalRun): Promise<void> {
  progress(`taking the tour: ${TOUR.length} requests through each edge\n`)
  const wrong = await takeTour(run, say)
  const wrongHandshakes = await takeSocketTour(run, say)
  if (wrongHandshakes > 0) throw new Stop(`\n${wrongHandshakes} handshakes came out wrong.`, 1)
  if (wrong > 0) throw new Stop(`\n${wrong} of ${TOUR.length} rows came out wrong.`, 1)
  say(`\nAll ${TOUR.length} rows came out as they should on both edges.`)
}

await runCommand(process.argv.slice(2), { build: buildEdges, takeTour: takeBothTours })
