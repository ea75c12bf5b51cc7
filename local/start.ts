// `npm start`: builds what would be deployed, runs it on this machine, takes the tour and keeps running. Everything
// listens on loopback, and nothing connects to another machine.

import { buildSome } from '../cli/build.ts'
import type { LocalRun } from './local-run.ts'
import { progress, runCommand, say } from './run-command.ts'
import { Stop } from '../cli/stop.ts'
import type { TourPlan } from './tour/tour-plan.ts'
import { takeSocketTour } from './tour/tour-sockets.ts'
import { TOUR } from './tour/tour-rows.ts'
import { takeTour } from './tour/tour.ts'

async function takeBothTours(run: LocalRun, { edges, hasSockets }: TourPlan): Promise<void> {
  let wrongRows = 0
  if (edges.length > 0) {
    progress(`taking the tour: ${TOUR.length} requests through each edge\n`)
    wrongRows = await takeTour(run, edges, say)
  }
  const wrongHandshakes = hasSockets ? await takeSocketTour(run, say) : 0
  if (wrongHandshakes > 0) throw new Stop(`\n${wrongHandshakes} handshakes came out wrong.`, 1)
  if (wrongRows > 0) throw new Stop(`\n${wrongRows} of ${TOUR.length} rows came out wrong.`, 1)
  const where = edges.length === 1 ? 'on the one edge that took part' : 'on every edge that took part'
  if (edges.length > 0) say(`\nAll ${TOUR.length} rows came out as they should ${where}.`)
}

await runCommand(process.argv.slice(2), { build: buildSome, takeTour: takeBothTours })
