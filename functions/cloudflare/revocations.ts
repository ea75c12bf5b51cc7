// The store of revocations as a Worker sees it: a Durable Object of the store Worker, over RPC. Anything but an answer
// of the expected form is a rejection, never the absence of an entry.

import { CHANGE_BYTES, type EntryTimes, type RevocationStore } from '../../shared/edge.ts'
import { callAgain, expectForm, type DurableObjectNamespaceLike } from './durable-objects.ts'

/** All entries are in one object. */
const OBJECT_NAME = 'revocations'

type Stub = { readonly [Name in keyof Required<RevocationStore>]: Required<RevocationStore>[Name] }

const isList = (value: unknown, length: number): boolean => Array.isArray(value) && value.length === length

function areTimes(value: unknown): boolean {
  const { notBefore, until } = Object(value) as Partial<EntryTimes>
  return value === null || (Number.isInteger(notBefore) && Number.isInteger(until))
}

const areChanges = (value: unknown): boolean =>
  value instanceof Uint8Array && value.length % CHANGE_BYTES === 0

const isPage = (value: unknown): boolean =>
  Array.isArray((Object(value) as { readonly items?: unknown }).items)

/**
 * The store behind a binding. Every call gets a stub of its own, because a stub stays broken after an exception. A
 * reading call is made a second time where the platform calls the error retryable; a writing call is not.
 */
export function createDurableObjectStore(namespace: DurableObjectNamespaceLike): Required<RevocationStore> {
  const stub = (): Stub => namespace.getByName(OBJECT_NAME) as Stub

  const read = <Answer>(call: (stub: Stub) => Promise<Answer>): Promise<Answer> =>
    callAgain(() => call(stub()))

  return {
    async find(keys) {
      const found = await read((store) => store.find(keys))
      expectForm(isList(found, keys.length) && found.every(areTimes))
      return found
    },
    async changesSince(version) {
      const answer = await read((store) => store.changesSince(version))
      const { changes, version: next } = Object(answer) as Partial<typeof answer>
      expectForm(areChanges(changes) && typeof next === 'string')
      return answer
    },
    async revoke(entries, author) {
      const outcomes = await stub().revoke(entries, author)
      expectForm(isList(outcomes, entries.length))
      return outcomes
    },
    async unrevoke(names, author) {
      const removed = await stub().unrevoke(names, author)
      expectForm(isList(removed, names.length))
      return removed
    },
    async list(page = null) {
      const answer = await read((store) => store.list(page))
      expectForm(isPage(answer))
      return answer
    },
    async records(page = null) {
      const answer = await read((store) => store.records(page))
      expectForm(isPage(answer))
      return answer
    },
  }
}
