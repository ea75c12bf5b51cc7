// What the check for revoked tokens costs: the decision about tokens that come again, without the check and with a
// snapshot of no entry, of one and of a million; the memory that a million entries take, and how long they take to
// load. The store is in this process. No entry is about one of the tokens.

import { FOREVER } from '../../shared/revocation/entry.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { CHANGE_BYTES, type RevocationSource, type RevocationStore } from '../../shared/revocation/store.ts'
import { configFor, createDecide } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import { exactly, ratioOf, type Group, type Target } from '../result.ts'
import { collect, cpuTimeFor, takeTurns } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'

const ALGORITHM = 'ES256'
const ENTRIES = [0, 1, 1_000_000] as const
/** As many changes as the store Worker sends at once. */
const PAGE = 50_000
const TOKENS = 100
const WITHOUT = 'without the check'

const EFFORT = {
  quick: { rounds: 15, warmUp: 2, count: 10_000 },
  full: { rounds: 61, warmUp: 4, count: 20_000 },
} as const

/** The most that the check may cost: the time with it, divided by the time without it. */
const MOST = 1.1
/** The most bytes of an entry, as docs/revocation.md states it. */
const MOST_BYTES = 42

/** Random bytes take at most so many at once. */
const RANDOM_BYTES = 65_536

/** Changes with random keys, which no token has. */
function createChanges(entries: number): Uint8Array {
  const changes = new Uint8Array(entries * CHANGE_BYTES)
  for (let at = 0; at < changes.length; at += RANDOM_BYTES)
    crypto.getRandomValues(changes.subarray(at, at + RANDOM_BYTES))
  const view = new DataView(changes.buffer)
  for (let entry = 0; entry < entries; entry++) {
    view.setUint32(entry * CHANGE_BYTES + 12, FOREVER)
    view.setUint32(entry * CHANGE_BYTES + 16, FOREVER)
  }
  return changes
}

/** A store with so many entries, which answers in pages. An edge reads it and no more. */
export function storeOf(entries: number): RevocationStore {
  const all = createChanges(entries)
  const source: RevocationSource = {
    find: async (keys) => keys.map(() => null),
    async changesSince(version) {
      const from = Number(version ?? 0)
      const to = Math.min(from + PAGE, entries)
      return {
        version: String(to),
        hasMore: to < entries,
        isReset: version === null,
        entries,
        changes: all.subarray(from * CHANGE_BYTES, to * CHANGE_BYTES),
      }
    },
  }
  return source as RevocationStore
}

export const withRevocation = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  revocation: { durableObject: 'REVOCATIONS' },
})

const inUse = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

interface Loaded {
  readonly decide: (authorization: string) => Promise<boolean>
  /** Bytes that the authorizer and its entries take. */
  readonly held: number
  /** Milliseconds from the first request to the end of the load. */
  readonly loadMs: number
}

/** An authorizer that has loaded so many entries. */
async function load(entries: number, authorization: string, { world }: Bench): Promise<Loaded> {
  const loaded = Promise.withResolvers<void>()
  const decide = createDecide(withRevocation(configFor(world, [ALGORITHM])), {
    revocations: storeOf(entries),
    report: (event) => void (event.event === 'revocation' && event.outcome === 'loaded' && loaded.resolve()),
  })
  const before = inUse()
  const startedAt = performance.now()
  if (!(await decide(authorization))) throw new Error('a good token was refused')
  await loaded.promise
  const loadMs = performance.now() - startedAt
  return { decide, held: inUse() - before, loadMs }
}

interface Contestant {
  readonly name: string
  readonly decide: (authorization: string) => Promise<boolean>
}

async function timeThem(
  title: string,
  contestants: readonly Contestant[],
  inputs: readonly string[],
  { quick, progress }: Bench,
): Promise<Group> {
  const { count, ...effort } = EFFORT[quick ? 'quick' : 'full']
  return {
    title: `CPU time of a decision, ${title}`,
    unit: 'µs',
    reference: WITHOUT,
    contestants: await takeTurns(
      contestants.map((contestant) => ({
        name: contestant.name,
        measure: () => cpuTimeFor(contestant.name, inputs, count, contestant.decide),
      })),
      effort,
      async () => null,
      (text) => progress(`${title}: ${text}`),
    ),
  }
}

/** The group with the worst ratio of a contestant to another. */
function worstTarget(what: string, groups: readonly Group[], name: string, reference: string): Target {
  const ratio = (group: Group) => ratioOf(group, name, reference)
  const worst = groups.toSorted((one, other) => ratio(other).median - ratio(one).median)[0]!
  return {
    what: `Revocation, ${what} (worst: ${worst.title})`,
    bound: { most: MOST },
    unit: '×',
    reached: ratio(worst),
  }
}

export const runRevocation: RunRow = async (bench) => {
  const { world, progress } = bench
  const fields = (await world.tokens(ALGORITHM, TOKENS)).map((token) => `Bearer ${token}`)
  const [first] = fields
  const contestants: Contestant[] = [{ name: WITHOUT, decide: createDecide(configFor(world, [ALGORITHM])) }]
  const loads: { readonly name: string; readonly held: number; readonly ms: number }[] = []
  for (const entries of ENTRIES) {
    const name = `${figure(entries)} ${entries === 1 ? 'entry' : 'entries'}`
    progress(`loading ${name}`)
    const { decide, held, loadMs } = await load(entries, first!, bench)
    contestants.push({ name, decide })
    loads.push({ name, held, ms: loadMs })
  }
  // The tokens are verified once, so that each of them comes again.
  for (const { decide } of contestants) for (const field of fields) await decide(field)
  const times = [
    await timeThem('the same token again', contestants, [first!], bench),
    await timeThem('a hundred tokens in turn', contestants, fields, bench),
  ]
  const [one, most] = loads.slice(-2)
  const perEntry = (most!.held - one!.held) / ENTRIES.at(-1)!
  return {
    row: 'revocation',
    groups: [
      ...times,
      {
        title: 'held by an authorizer with its entries',
        unit: 'bytes',
        reference: null,
        contestants: loads.map(({ name, held }) => ({ name, samples: [held] })),
      },
      {
        title: `from the first request to all entries, in pages of ${figure(PAGE)}`,
        unit: 'ms',
        reference: null,
        contestants: loads.map(({ name, ms }) => ({ name, samples: [ms] })),
      },
    ],
    targets: [
      worstTarget(
        'a decision with a million entries, against one with none',
        times,
        most!.name,
        loads[0]!.name,
      ),
      worstTarget(
        'a decision with a million entries, against one without the check',
        times,
        most!.name,
        WITHOUT,
      ),
      {
        what: 'Revocation, memory of an entry among a million',
        bound: { most: MOST_BYTES },
        unit: 'bytes',
        reached: exactly(Math.round(perEntry)),
      },
    ],
    notes: ['What a snapshot says about a token is kept with the token until the snapshot changes.'],
  }
}
