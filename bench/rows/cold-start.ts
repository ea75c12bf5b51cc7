// From the start of a process to its first decision, including a fetch of the key set over TLS from loopback: our
// handler, a handler with aws-jwt-verify, one that does nothing, and three that stop earlier than ours. All are built
// alike.

import { Stop } from '../../cli/stop.ts'
import { tamper } from '../contestants/check.ts'
import { buildHandler } from '../lambda/build.ts'
import { coldStart } from '../lambda/boot.ts'
import { environmentFor, toEvent } from '../lambda/event.ts'
import { startSecureKeys } from '../lambda/secure-keys.ts'
import { compare, ratioOf, type Group } from '../result.ts'
import { takeTurns } from '../rounds.ts'
import type { RunRow } from '../row.ts'
import { figure } from '../present.ts'
import { median, spreadOf } from '../statistics.ts'

const HANDLERS = [
  { name: 'empty', entry: 'empty.ts', verifies: false },
  { name: 'aws-jwt-verify', entry: 'aws-jwt-verify.ts', verifies: true },
  { name: 'lanekeeper', entry: 'ours.ts', verifies: true },
  { name: 'lanekeeper and its log line', entry: 'ours-logged.ts', verifies: true },
  { name: 'node:https, read', entry: 'https.ts', verifies: false },
  { name: 'lanekeeper, read', entry: 'ours-loaded.ts', verifies: false },
  { name: 'lanekeeper, configured', entry: 'ours-configured.ts', verifies: false },
] as const

const EFFORT = { quick: { rounds: 9, warmUp: 1 }, full: { rounds: 41, warmUp: 2 } } as const

export const runColdStart: RunRow = async (bench) => {
  const { quick, world, directory, progress } = bench
  progress('building the handlers')
  const environment = environmentFor(await startSecureKeys(bench))
  const bundles = await Promise.all(
    HANDLERS.map(async (handler) => ({
      ...handler,
      bundle: await buildHandler(handler.name.replace(/\W+/g, '-'), handler.entry, directory),
    })),
  )
  const good = await world.token('RS256')
  for (const { name, bundle, verifies } of bundles) {
    const wrong = (what: string) => new Stop(`The handler with ${name} ${what}. The run ends.`, 1)
    if (!(await coldStart(bundle, environment, toEvent(good))).allowed) throw wrong('refuses a good token')
    if (!verifies) continue
    const bad = [tamper(good), await world.token('RS256', { scope: 'openid' })]
    for (const token of bad)
      if ((await coldStart(bundle, environment, toEvent(token))).allowed) throw wrong('accepts a bad token')
  }
  const title = 'RS256, key set over TLS from loopback'
  const contestants = await takeTurns(
    bundles.map(({ name, bundle }) => ({
      name,
      measure: async (event: string) => (await coldStart(bundle, environment, event)).ms,
    })),
    EFFORT[quick ? 'quick' : 'full'],
    async () => toEvent(await world.token('RS256')),
    (text) => progress(text),
  )
  const group: Group = { title, unit: 'ms', reference: 'aws-jwt-verify', contestants }
  const [empty] = contestants
  const above = (name: string) => {
    const { samples } = contestants.find((contestant) => contestant.name === name)!
    return `${figure(median(samples.map((ms, round) => ms - empty!.samples[round]!)), 1)} ms`
  }
  return {
    row: 'cold-start',
    groups: [group],
    targets: [
      {
        what: 'Lambda cold start, against a handler with aws-jwt-verify',
        bound: { most: 1 },
        unit: '×',
        reached: ratioOf(group, 'lanekeeper', 'aws-jwt-verify'),
      },
    ],
    notes: [
      `Above a handler that does nothing: ours ${above('lanekeeper')}, aws-jwt-verify ${above('aws-jwt-verify')}.`,
      `Ours against a handler that does nothing: ${figure(spreadOf(compare(group, 'lanekeeper', 'empty')).median, 2)}.`,
      `Of ours: node:https ${above('node:https, read')}; with our code ${above('lanekeeper, read')}; with the configuration checked ${above('lanekeeper, configured')}.`,
      'Everybody fetches with the client that they bring along. The loopback server answers at once; what a network adds is the same for both.',
    ],
  }
}
