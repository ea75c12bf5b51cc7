// The Durable Object of the store for used DPoP proofs: one RPC method over its SQLite, and an alarm that forgets what
// has expired. Only Workers that the account's owner binds can call it, and nothing on the Internet.
// https://developers.cloudflare.com/durable-objects/api/

import type { ReplayObject } from '../replays.ts'
import type { DurableObjectBase, ObjectState } from './revocation-object.ts'
import { openUsedProofs, type UsedProofs } from './used-proofs.ts'

/** How often names that have expired are forgotten. */
export const PURGE_MS = 600_000

/** `now`: milliseconds since the epoch. */
export const createReplayObject = (
  Base: DurableObjectBase,
  now: () => number,
): new (state: ObjectState, env: unknown) => ReplayObject & { alarm(): Promise<void> } =>
  class ReplayStore extends Base {
    readonly #storage: ObjectState['storage']
    readonly #proofs: UsedProofs

    constructor(state: ObjectState, env: unknown) {
      super(state, env)
      this.#storage = state.storage
      this.#proofs = openUsedProofs(state.storage.sql, now)
    }

    async insert(name: Uint8Array, until: number, claim: Uint8Array) {
      const isNew = this.#proofs.insert(name, until, claim)
      if (isNew && (await this.#storage.getAlarm()) === null) await this.#setAlarm()
      return isNew
    }

    async alarm() {
      if (this.#proofs.purge()) await this.#setAlarm()
    }

    async #setAlarm() {
      await this.#storage.setAlarm(now() + PURGE_MS)
    }
  }
