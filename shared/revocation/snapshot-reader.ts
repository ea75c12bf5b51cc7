// Reads a store through a snapshot: the isolate has all entries in memory and asks for changes. News younger than
// `refreshSeconds` answers at once; older news is renewed before the answer. While the store is out of reach, news answers
// until it is `staleSeconds` old, and then nothing does. Whatever is too large for the memory is asked of the store.

import type { ResolvedRevocation } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import { createSingleFlight, gaveUp } from '../platform/single-flight.ts'
import type { Soon } from '../token/token-reader.ts'
import { createEntryTable } from './entry-table.ts'
import type { Revocable, Strictest } from './revocable.ts'
import type { RevocationReader } from './revocation-part.ts'
import type { RevocationChanges, RevocationSource } from './store.ts'
import { strictestOf, unavailable } from './strictest.ts'
import { STORE_RETRY_MS, STORE_WAIT_MS } from './waits.ts'

/** The state of the snapshot. */
type Size =
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
type SnapshotSource = RevocationSource & Required<Pick<RevocationSource, 'changesSince'>>

/** The news that an isolate has, and when it asked for it. */
interface Snapshot {
  readonly size: Size
  /** Milliseconds since the store was asked; infinite without an answer, and after the clock was set back. */
  ageMs(): number
  /** Whether the store could not be read just now, so that no request should wait for it. */
  isHeld(): boolean
  /** Asks the store for changes, unless that is under way. */
  refresh(deadline: Deadline): Promise<void>
  /** The same, for news that is still good. */
  refreshBehind(deadline: Deadline): void
  noteFailure(): void
  /** The strictest entry in memory. */
  look(revocable: Revocable): Strictest
}

function createSnapshot(store: SnapshotSource, memoryBytes: number, { now, report }: Ports): Snapshot {
  const table = createEntryTable(memoryBytes)
  const flight = createSingleFlight<void>(2 * STORE_WAIT_MS)
  let version: string | null = null
  let size: Size = 'partial'
  /** When the request began whose answer the snapshot has. Milliseconds. */
  let askedAt: number | null = null
  /** The latest reading of the clock since then. */
  let latest = 0
  let failedAt: number | null = null
  let startedAt: number | null = null
  /** Only the latest load may change the table: the pages of an earlier one may be older than what it has by now. */
  let loads = 0
  /** Grows with every change of the table. A finding about a token holds as long as it is the same. */
  let revision = 0

  const isRecent = (at: number | null, ms: number): boolean => {
    const age = at === null ? -1 : now() - at
    return age >= 0 && age < ms
  }

  function noteFailure(): void {
    if (failedAt === null) report({ event: 'revocation', outcome: 'failed', code: 'store_unreachable' })
    failedAt = now()
  }

  function noteSuccess(began: number): void {
    if (failedAt !== null || askedAt === null)
      report({ event: 'revocation', outcome: 'loaded', code: 'ok', entries: table.size().entries })
    failedAt = null
    askedAt = began
    latest = began
  }

  function setTooLarge(entries: number): void {
    if (size !== 'too_large') report({ event: 'revocation', outcome: 'full', code: 'memory', entries })
    table.clear()
    size = 'too_large'
    version = null
  }

  /** Puts a page into the table. `false`: there is no room. */
  function apply({ isReset, entries, changes, version: next }: RevocationChanges): boolean {
    if (isReset || version === null) table.clear()
    if (isReset) size = 'partial'
    revision++
    const hasRoom = (version !== null || table.reserve(entries)) && table.apply(changes, now() / 1000)
    if (hasRoom) version = next
    else setTooLarge(entries)
    return hasRoom
  }

  async function load(): Promise<void> {
    const number = ++loads
    startedAt = now()
    try {
      for (;;) {
        const began = now()
        const page = await store.changesSince(version)
        if (number !== loads) return
        const isNews = page.changes.byteLength > 0 || page.isReset || version === null
        if (isNews && !apply(page)) return
        version = page.version
        if (page.hasMore) continue
        size = 'whole'
        noteSuccess(began)
        return
      }
    } catch {
      if (number === loads) noteFailure()
    }
  }

  return {
    get size() {
      return size
    },
    ageMs() {
      const at = now()
      if (at < latest - CLOCK_BLUR_MS) askedAt = null
      latest = Math.max(latest, at)
      return askedAt === null || at < askedAt ? Number.POSITIVE_INFINITY : at - askedAt
    },
    isHeld: () => isRecent(failedAt, STORE_RETRY_MS),
    refresh: (deadline) => flight.run('', load, deadline.waitUntil),
    refreshBehind(deadline) {
      const pauseMs = size === 'too_large' ? TOO_LARGE_MS : 2 * STORE_WAIT_MS
      if (!isRecent(startedAt, pauseMs)) void flight.run('', load, deadline.waitUntil)
    },
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

export function createSnapshotReader(
  { refreshSeconds, staleSeconds, memoryBytes }: ResolvedRevocation,
  ports: Ports,
): RevocationReader {
  const store = ports.revocations as SnapshotSource
  const snapshot = createSnapshot(store, memoryBytes, ports)
  const refreshMs = refreshSeconds * 1000
  const staleMs = staleSeconds * 1000

  /** Asks the store about one token. */
  async function ask({ keys }: Revocable, deadline: Deadline): Promise<Strictest | Failure> {
    try {
      const work = store.find(keys)
      deadline.waitUntil(work.catch(() => {}))
      const found = await deadline.race(Promise.race([work, gaveUp(STORE_WAIT_MS)]))
      if (found === 'gave_up') return unavailable('timeout')
      return isFailure(found) ? found : strictestOf(found, ports.now() / 1000)
    } catch {
      snapshot.noteFailure()
      return unavailable('store_unreachable')
    }
  }

  /** The answer where the news is too old, or not there. */
  async function renew(revocable: Revocable, deadline: Deadline): Promise<Strictest | Failure> {
    if (!snapshot.isHeld())
      await deadline.race(Promise.race([snapshot.refresh(deadline), gaveUp(STORE_WAIT_MS)]))
    if (snapshot.size !== 'whole') return ask(revocable, deadline)
    return snapshot.ageMs() < staleMs ? snapshot.look(revocable) : unavailable('stale')
  }

  return {
    find(revocable, isStrong, deadline): Soon<Strictest | Failure> {
      if (isStrong) return ask(revocable, deadline)
      const { size } = snapshot
      if (size === 'too_large') {
        snapshot.refreshBehind(deadline)
        return ask(revocable, deadline)
      }
      const age = snapshot.ageMs()
      if (size !== 'whole' || age >= refreshMs) return renew(revocable, deadline)
      if (age >= refreshMs / 2) snapshot.refreshBehind(deadline)
      return snapshot.look(revocable)
    },
  }
}
