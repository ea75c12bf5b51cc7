// The news of a store that an isolate has: all entries in memory, and when it asked for them. It loads changes, one
// load at a time, but a load that takes long keeps no other from beginning: its request may have ended, and on Workers
// its promise may then never settle. While there is no room for every entry, it has none.

import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import { gaveUp } from '../platform/single-flight.ts'
import { createEntryTable } from './entry-table.ts'
import type { Revocable, Strictest } from './revocable.ts'
import type { RevocationChanges, RevocationSource } from './store.ts'
import { strictestOf } from './strictest.ts'
import { STORE_RETRY_MS, STORE_WAIT_MS } from './waits.ts'

export type Size =
  /** Not everything is in memory yet. */
  | 'partial'
  | 'whole'
  /** There is no room for everything. */
  | 'too_large'

/** A clock that is set back by more does not tell how old the news is. Two requests may read it a little apart. */
const CLOCK_BLUR_MS = 1_000

/** How often a snapshot that is too large is tried again, in milliseconds. */
const TOO_LARGE_MS = 60_000

/** A store that has snapshots. */
export type SnapshotSource = RevocationSource & Required<Pick<RevocationSource, 'changesSince'>>

export interface Snapshot {
  readonly size: Size
  /** Milliseconds since the store was asked; infinite without an answer, and after the clock was set back. */
  ageMs(): number
  /** Whether the store could not be read just now, so that no request should wait for it. */
  isHeld(): boolean
  /** Asks the store for changes, unless that began just now, and waits for the answer, `STORE_WAIT_MS` at most. */
  refresh(deadline: Deadline): Promise<void>
  /** The same without waiting, for news that is still good. */
  refreshBehind(deadline: Deadline): void
  /** `code`: why the store could not be read. */
  noteFailure(code: 'store_unreachable' | 'timeout'): void
  /** The strictest entry in memory. */
  look(revocable: Revocable): Strictest
}

/** A load of changes. */
interface Load {
  readonly startedAt: number
  /** Never rejects. */
  readonly done: Promise<void>
}

export function createSnapshot(
  store: SnapshotSource,
  memoryBytes: number,
  { now, report }: Pick<Ports, 'now' | 'report'>,
): Snapshot {
  const table = createEntryTable(memoryBytes)
  let version: string | null = null
  let size: Size = 'partial'
  /** When the request began whose answer the snapshot has. Milliseconds. */
  let askedAt: number | null = null
  /** The latest reading of the clock. */
  let latest = 0
  let failedAt: number | null = null
  let isKnown = false
  let running: Load | null = null
  /** Grows with every change of the table. A finding about a token holds as long as it is the same. */
  let revision = 0

  const isRecent = (at: number | undefined | null, ms: number): boolean => {
    const age = at == null ? -1 : now() - at
    return age >= 0 && age < ms
  }

  function noteFailure(code: 'store_unreachable' | 'timeout'): void {
    if (failedAt === null) report({ event: 'revocation', outcome: 'failed', code })
    failedAt = now()
  }

  function noteSuccess(began: number): void {
    if (failedAt !== null || !isKnown)
      report({ event: 'revocation', outcome: 'loaded', code: 'ok', entries: table.size().entries })
    isKnown = true
    failedAt = null
    // Of two loads the one that asked later may have ended first.
    if (askedAt === null || began > askedAt) askedAt = began
  }

  /** What was dropped as expired by a clock that was ahead is loaded again. */
  function forget(): void {
    askedAt = null
    version = null
    size = 'partial'
    revision++
  }

  function setTooLarge(entries: number): void {
    if (size !== 'too_large') report({ event: 'revocation', outcome: 'full', code: 'memory', entries })
    table.clear()
    size = 'too_large'
    version = null
  }

  /** Puts a page into the table. `false`: there is no room. */
  function apply({ isReset, entries, changes, version: next }: RevocationChanges): boolean {
    const isAll = isReset || version === null
    if (isAll) table.clear()
    if (isReset) size = 'partial'
    if (isAll || changes.byteLength > 0) revision++
    const hasRoom = (version !== null || table.reserve(entries)) && table.apply(changes, now() / 1000)
    if (hasRoom) version = next
    else setTooLarge(entries)
    return hasRoom
  }

  async function load(): Promise<void> {
    try {
      for (;;) {
        const began = now()
        const asked = version
        const page = await store.changesSince(asked)
        // Another load was quicker. This page may be older than what the table has by now.
        if (version !== asked) continue
        if (!apply(page)) return
        if (page.hasMore) continue
        size = 'whole'
        noteSuccess(began)
        return
      }
    } catch {
      noteFailure('store_unreachable')
    }
  }

  /** The load that began within `recentMs`, or a new one. */
  function start(recentMs: number, { waitUntil }: Deadline): Load {
    if (running !== null && isRecent(running.startedAt, recentMs)) return running
    const started: Load = { startedAt: now(), done: load() }
    running = started
    waitUntil(started.done)
    return started
  }

  return {
    get size() {
      return size
    },
    ageMs() {
      const at = now()
      if (at < latest - CLOCK_BLUR_MS) {
        forget()
        latest = at
      }
      latest = Math.max(latest, at)
      return askedAt === null || at < askedAt ? Number.POSITIVE_INFINITY : at - askedAt
    },
    isHeld: () => isRecent(failedAt, STORE_RETRY_MS),
    async refresh(deadline) {
      const { done } = start(STORE_WAIT_MS, deadline)
      const result = await deadline.race(Promise.race([done.then(() => 'done'), gaveUp(STORE_WAIT_MS)]))
      if (result === 'gave_up') noteFailure('timeout')
    },
    refreshBehind: (deadline) =>
      void start(size === 'too_large' ? TOO_LARGE_MS : 2 * STORE_WAIT_MS, deadline),
    noteFailure,
    look(revocable) {
      if (revocable.finding?.revision !== revision) {
        const found = revocable.keys.map((key) => table.find(key))
        revocable.finding = { revision, strictest: strictestOf(found, now() / 1000) }
      }
      return revocable.finding.strictest
    },
  }
}
