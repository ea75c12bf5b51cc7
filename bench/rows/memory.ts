// A hundred to a million different tokens through one instance: how much memory they hold afterwards, and how long the
// most recent tokens take when they come again.

import { DEFAULTS } from '../../shared/index.ts'
import { configFor, createDecide } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import { exactly, type Group, type Target } from '../result.ts'
import { collect } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { flatTarget, timeSizes, type Sized } from './flatness.ts'

const SIZES = {
  quick: [100, 10_000, 30_000],
  full: [100, 1_000, 10_000, 100_000, 1_000_000],
} as const
const ALGORITHM = 'EdDSA'
const AT_ONCE = 64
/** How many of the most recent tokens come again. */
const RECENT = 100

const inUse = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The bound that the configuration sets, if it sets one. */
function statedBound(): number | null {
  const { tokenMemoryBytes } = DEFAULTS.limits as { readonly tokenMemoryBytes?: number }
  return tokenMemoryBytes ?? null
}

interface Filled {
  readonly sized: Sized<string>
  /** Bytes still in use after all tokens. */
  readonly held: number
}

/** Sends that many different tokens through a new instance. */
async function fill(count: number, { world, progress }: Bench): Promise<Filled> {
  const decide = createDecide(configFor(world, [ALGORITHM]))
  await decide(`Bearer ${await world.token(ALGORITHM)}`)
  const before = inUse()
  let recent: string[] = []
  for (let sent = 0; sent < count;) {
    const fields = (await world.tokens(ALGORITHM, Math.min(AT_ONCE, count - sent))).map(
      (token) => `Bearer ${token}`,
    )
    const verdicts = await Promise.all(fields.map((field) => decide(field)))
    if (verdicts.includes(false)) throw new Error('a good token was refused')
    sent += fields.length
    recent = [...recent, ...fields].slice(-RECENT)
    if (sent % 1_024 < AT_ONCE) progress(`${figure(sent)} of ${figure(count)} tokens`)
  }
  const held = inUse() - before
  const name = `${figure(count)} tokens`
  return { held, sized: { name, inputs: recent, decide: (field) => decide(field) } }
}

export const runMemory: RunRow = async (bench) => {
  const filled: Filled[] = []
  for (const count of SIZES[bench.quick ? 'quick' : 'full']) filled.push(await fill(count, bench))
  const times = await timeSizes(
    'one of the last hundred again',
    filled.map(({ sized }) => sized),
    bench,
  )
  const held: Group = {
    title: 'held after so many different tokens',
    unit: 'bytes',
    reference: null,
    contestants: filled.map(({ sized, held }) => ({ name: sized.name, samples: [held] })),
  }
  const bound = statedBound()
  const most = Math.max(...filled.map(({ held }) => held))
  const within: Target[] =
    bound === null
      ? []
      : [
          {
            what: 'Memory for tokens, the most that was held',
            bound: { most: bound },
            unit: 'bytes',
            reached: exactly(most),
          },
        ]
  return {
    row: 'memory',
    groups: [times, held],
    targets: [flatTarget('Tokens 100 to a million, time for a decision', [times]), ...within],
    notes: [
      bound === null
        ? 'Tokens are not cached, so there is no bound to keep.'
        : `The stated bound is ${figure(bound)} bytes; beyond it the least used tokens are forgotten.`,
      ...(bench.quick ? ['A quick run stops at 30,000 tokens.'] : []),
    ],
  }
}
