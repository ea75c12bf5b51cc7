// Cold starts of several handlers in turns: the wall clock, and the CPU time of the process, which other work on the
// machine disturbs less.

import { Stop } from '../../cli/stop.ts'
import { tamper } from '../contestants/check.ts'
import type { Group } from '../result.ts'
import { takeTurns, type Effort } from '../rounds.ts'
import type { World } from '../world.ts'
import { coldStart } from './boot.ts'
import { toEvent } from './event.ts'

export interface Starter {
  readonly name: string
  /** Path of the file that is loaded. */
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
  /** `verifies`: refuses bad tokens. `answers`: answers every event. `loads`: gets no event. */
  readonly does: 'verifies' | 'answers' | 'loads'
}

/** @throws {Stop} naming the handler with a wrong verdict. */
export async function checkStarters(starters: readonly Starter[], world: World): Promise<void> {
  const good = await world.token('RS256')
  const bad = [tamper(good), await world.token('RS256', { scope: 'openid' })]
  for (const { name, bundle, environment, does } of starters) {
    const wrong = (what: string) => new Stop(`The handler with ${name} ${what}. The run ends.`, 1)
    const event = does === 'loads' ? null : toEvent(good)
    if (!(await coldStart(bundle, environment, event)).allowed) throw wrong('refuses a good token')
    if (does !== 'verifies') continue
    for (const token of bad)
      if ((await coldStart(bundle, environment, toEvent(token))).allowed) throw wrong('accepts a bad token')
  }
}

export interface Starts {
  readonly wall: Group
  readonly cpu: Group
}

/** Starts each handler once in every round, with a token of its own for each round. */
export async function timeStarts(
  title: string,
  reference: string,
  starters: readonly Starter[],
  effort: Effort,
  world: World,
  progress: (text: string) => void,
): Promise<Starts> {
  const spent = new Map<string, number[]>(starters.map(({ name }) => [name, []]))
  const contestants = await takeTurns(
    starters.map(({ name, bundle, environment, does }) => ({
      name,
      async measure(event: string) {
        const { ms, cpuMs } = await coldStart(bundle, environment, does === 'loads' ? null : event)
        spent.get(name)!.push(cpuMs)
        return ms
      },
    })),
    effort,
    async () => toEvent(await world.token('RS256')),
    progress,
  )
  const cpu = [...spent].map(([name, all]) => ({ name, samples: all.slice(-effort.rounds) }))
  return {
    wall: { title, unit: 'ms', reference, contestants },
    cpu: { title: `${title}: CPU of the process`, unit: 'ms', reference, contestants: cpu },
  }
}
