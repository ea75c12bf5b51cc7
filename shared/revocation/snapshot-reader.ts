// Reads a store through a snapshot: the isolate has all entries in memory and asks for changes. News younger than
// `refreshSeconds` answers at once; older news is renewed before the answer. While the store is out of reach, news
// answers until it is `staleSeconds` old, and then nothing does. Whatever is too large for the memory is asked of the
// store.

import type { ResolvedRevocation } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import { gaveUp } from '../platform/single-flight.ts'
import type { Soon } from '../token/token-reader.ts'
import type { Revocable, Strictest } from './revocable.ts'
import type { RevocationReader } from './revocation-part.ts'
import { createSnapshot, type SnapshotSource } from './snapshot.ts'
import { strictestOf, unavailable } from './strictest.ts'
import { STORE_WAIT_MS } from './waits.ts'

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
      snapshot.noteFailure('store_unreachable')
      return unavailable('store_unreachable')
    }
  }

  /** The answer where the news is too old, or not there. */
  async function renew(revocable: Revocable, deadline: Deadline): Promise<Strictest | Failure> {
    if (!snapshot.isHeld()) await snapshot.refresh(deadline)
    const age = snapshot.ageMs()
    if (snapshot.size !== 'whole') return ask(revocable, deadline)
    return age < staleMs ? snapshot.look(revocable) : unavailable('stale')
  }

  return {
    find(revocable, isStrong, deadline): Soon<Strictest | Failure> {
      if (isStrong) return ask(revocable, deadline)
      const age = snapshot.ageMs()
      const { size } = snapshot
      if (size === 'too_large') {
        snapshot.refreshBehind(deadline)
        return ask(revocable, deadline)
      }
      if (size !== 'whole' || age >= refreshMs) return renew(revocable, deadline)
      if (age >= refreshMs / 2) snapshot.refreshBehind(deadline)
      return snapshot.look(revocable)
    },
  }
}
