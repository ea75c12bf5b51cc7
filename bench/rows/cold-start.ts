// From the start of a process to its first decision, with the key set fetched from loopback on the way: ours, a handler
// with aws-jwt-verify, and one that does nothing, built alike.

import { Stop } from '../../functions/local/options.ts'
import { tamper } from '../contestants/check.ts'
import { buildHandler } from '../lambda/build.ts'
import { coldStart } from '../lambda/boot.ts'
import { environmentFor, toEvent } from '../lambda/event.ts'
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
] as const

const EFFORT = { quick: { rounds: 9, warmUp: 1 }, full: { rounds: 41, warmUp: 2 } } as const

export const runColdStart: RunRow = async ({ quick, world, directory, progress }) => {
  progress('building the handlers')
  const environment = environmentFor(world)
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
  const title = 'RS256, key set from loopback'
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
  const [empty, peer, ours] = contestants.map(({ samples }) => samples)
  const above = (samples: readonly number[]) =>
    figure(median(samples.map((ms, round) => ms - empty![round]!)), 1)
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
      `Above a handler that does nothing: ours ${above(ours!)} ms, aws-jwt-verify ${above(peer!)} ms.`,
      `Ours against a handler that does nothing: ${figure(spreadOf(compare(group, 'lanekeeper', 'empty')).median, 2)}.`,
      'aws-jwt-verify is given a fetcher for http in the place of its own, which knows https alone.',
      'The loopback server answers at once; what a network adds is the same for both.',
    ],
  }
}
