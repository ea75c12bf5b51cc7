// What is written to the stores: a stream of entries about nobody, with duplicates and out of order, and revocations of
// tokens of the load, each to both stores at once. An entry that a store did not take is written again.

import { setTimeout as sleep } from 'node:timers/promises'
import type { RevocationRequest } from '../../../shared/edge.ts'
import type { Edge } from './edges.ts'
import type { Loaded } from './load.ts'
import type { DrillStore } from './stores.ts'
import { KINDS, toEarlierRequest, toRequest, type Token } from './tokens.ts'

/** What became of the entries about nobody. */
export interface WrittenEntries {
  /** Entries that the store took. */
  readonly stored: number
  /** Calls that failed. */
  readonly failed: number
}

const TICK_MS = 100
const MOST_IN_A_CALL = 100
const CALLS_AT_ONCE = 4
/** Every so many entries one is written a second time, and one is an earlier epoch of a user who has a later one. */
const DUPLICATE_EVERY = 10

function createEntriesAboutNobody(): (count: number) => RevocationRequest[] {
  let number = 0
  let last: RevocationRequest = { kind: 'jti', id: 'nobody' }
  const later = Math.floor(Date.now() / 1000)
  return (count) =>
    Array.from({ length: count }, () => {
      number++
      if (number % DUPLICATE_EVERY === 0) return last
      last =
        number % DUPLICATE_EVERY === 5
          ? { kind: 'sub', id: `nobody-${number % 1_000}`, before: later - (number % 7) * 600 }
          : { kind: 'jti', id: `nobody-${number}` }
      return last
    })
}

/** Writes so many entries a second until `isOver`. What a store cannot take in time is not written later. */
export async function writeEntries(
  store: DrillStore,
  perSecond: number,
  isOver: () => boolean,
): Promise<WrittenEntries> {
  const next = createEntriesAboutNobody()
  const onTheirWay = new Set<Promise<void>>()
  let stored = 0
  let failed = 0
  let owed = 0
  let at = Date.now()

  async function write(requests: readonly RevocationRequest[]): Promise<void> {
    if (await store.revoke(requests)) stored += requests.length
    else failed++
  }

  while (!isOver()) {
    await sleep(TICK_MS)
    const now = Date.now()
    owed = Math.min(owed + ((now - at) * perSecond) / 1000, perSecond)
    at = now
    while (owed >= 1 && onTheirWay.size < CALLS_AT_ONCE) {
      const count = Math.min(Math.floor(owed), MOST_IN_A_CALL)
      owed -= count
      const call = write(next(count)).finally(() => void onTheirWay.delete(call))
      onTheirWay.add(call)
    }
  }
  await Promise.all(onTheirWay)
  return { stored, failed }
}

export type Stores = Readonly<Record<Edge, DrillStore>>

const EDGES: readonly Edge[] = ['cloudflare', 'aws']
const AGAIN_MS = 1_000

/** Revokes a token of the load in one store. Resolves when it is stored, or when the drill is over. */
async function revokeIn(
  store: DrillStore,
  kind: (typeof KINDS)[number],
  token: Token,
  written: { attemptedAt: number | null; revokedAt: number | null },
  isOver: () => boolean,
): Promise<void> {
  const isEpoch = kind === 'sub' || kind === 'client'
  // Earlier than the token, so it must change nothing.
  while (isEpoch && !(await store.revoke([toEarlierRequest(kind, token)]))) {
    if (isOver()) return
    await sleep(AGAIN_MS)
  }
  written.attemptedAt = Date.now()
  while (!(await store.revoke([toRequest(kind, token)]))) {
    if (isOver()) return
    await sleep(AGAIN_MS)
  }
  written.revokedAt = Date.now()
  // Out of order, and a second time.
  if (isEpoch) await store.revoke([toEarlierRequest(kind, token)])
  if (token.number % DUPLICATE_EVERY === 0) await store.revoke([toRequest(kind, token)])
}

export interface Revoker {
  /** Begins with one more revocation. */
  begin(loaded: Loaded): void
  /** Revocations that a store has not taken yet. */
  pending(): number
}

/** Tokens are revoked by each kind in turn. */
export function createRevoker(stores: Stores, isOver: () => boolean): Revoker {
  let turn = 0
  let pending = 0
  return {
    begin({ token, written }) {
      const kind = KINDS[turn++ % KINDS.length]!
      for (const edge of EDGES) {
        pending++
        void revokeIn(stores[edge], kind, token, written![edge], isOver).finally(() => void pending--)
      }
    },
    pending: () => pending,
  }
}
