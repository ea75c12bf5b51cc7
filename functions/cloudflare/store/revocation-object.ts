// The Durable Object of the store: RPC methods over its SQLite, and an alarm that purges what has expired. Only Workers
// that the account's owner binds can call it, and nothing on the Internet.
// https://developers.cloudflare.com/durable-objects/api/

import type {
  EntryKey,
  EntryName,
  NewEntry,
  RevocationAuthor,
  RevocationStore as RevocationStorePort,
} from '../../../shared/edge.ts'
import type { Database, Sql } from './database.ts'
import { PURGE_MS, type OpenStore } from './open-store.ts'

/** The part of a Durable Object's state that is used. */
export interface ObjectState {
  readonly storage: {
    readonly sql: Sql
    transactionSync<Result>(work: () => Result): Result
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
}

/** `DurableObject` of the module `cloudflare:workers`. */
export type DurableObjectBase = new (state: ObjectState, env: unknown) => object

/** The methods of the object: `RevocationStore`, and the alarm of the platform. */
type RevocationObject = Required<RevocationStorePort> & { alarm(): Promise<void> }

/** `open`: the store over the database of an object. `now`: milliseconds since the epoch. */
export const createRevocationObject = (
  Base: DurableObjectBase,
  open: (database: Database) => OpenStore,
  now: () => number,
): new (state: ObjectState, env: unknown) => RevocationObject =>
  class RevocationStore extends Base {
    readonly #storage: ObjectState['storage']
    readonly #store: OpenStore

    constructor(state: ObjectState, env: unknown) {
      super(state, env)
      const { storage } = state
      this.#storage = storage
      this.#store = open({ sql: storage.sql, transaction: (work) => storage.transactionSync(work) })
    }

    async find(keys: readonly EntryKey[]) {
      return this.#store.find(keys)
    }

    async changesSince(version: string | null) {
      return this.#store.changesSince(version)
    }

    async revoke(entries: readonly NewEntry[], author: RevocationAuthor) {
      const outcomes = this.#store.revoke(entries, author)
      await this.#ensureAlarm()
      return outcomes
    }

    async unrevoke(names: readonly EntryName[], author: RevocationAuthor) {
      const removed = this.#store.unrevoke(names, author)
      await this.#ensureAlarm()
      return removed
    }

    async list(page: string | null = null) {
      return this.#store.list(page)
    }

    async records(page: string | null = null) {
      return this.#store.records(page)
    }

    async alarm() {
      const again = this.#store.purge()
      if (again !== null) await this.#storage.setAlarm(now() + again)
    }

    async #ensureAlarm() {
      if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(now() + PURGE_MS)
    }
  }
