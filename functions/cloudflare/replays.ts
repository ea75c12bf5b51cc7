// The store of used DPoP proofs as a Worker sees it: Durable Objects of the store Worker, over RPC, each with the
// proofs whose name begins with one byte. Anything but an answer of the expected form is a rejection, never a new
// proof.

import type { ReplayStore } from '../../shared/edge.ts'
import { callAgain, expectForm, type DurableObjectNamespaceLike } from './durable-objects.ts'

export const CLAIM_BYTES = 16

/** The methods of an object. `claim`: random bytes, by which an insert that is made again is known to be the same. */
export interface ReplayObject {
  insert(name: Uint8Array, until: number, claim: Uint8Array): Promise<boolean>
}

/** One of 256 objects. */
const objectOf = (name: Uint8Array): string => `replays-${name[0]}`

/** The store behind a binding. Every call gets a stub of its own, because a stub stays broken after an exception. */
export const createDurableObjectReplays = (namespace: DurableObjectNamespaceLike): ReplayStore => ({
  async insert(name, until) {
    const claim = crypto.getRandomValues(new Uint8Array(CLAIM_BYTES))
    const isNew = await callAgain(() =>
      (namespace.getByName(objectOf(name)) as ReplayObject).insert(name, until, claim),
    )
    expectForm(typeof isNew === 'boolean')
    return isNew
  },
})
