// The proofs that pass through one instance while its memory is measured: every one is new, and every sixteenth request
// has the proof again that the same lane sent last.

import { createDpopClient, proofFor, type DpopClient, type IssueToken } from './clients.ts'
import { PLAIN } from './config.ts'

/**
 * `few`: a few clients, with new tokens now and then. `new`: each proof is by a key of its own, for a token of its own.
 */
export type Clients = 'few' | 'new'

export interface FlatRequest {
  readonly authorization: string
  readonly proof: string
}

const FEW = 8
const PROOFS_A_TOKEN = 10_000
const AGAIN_EVERY = 16

/** The next request at each call. */
export function createFlatRequests(issue: IssueToken, clients: Clients): () => FlatRequest {
  const few: DpopClient[] = []
  let number = 0
  return () => {
    const place = number % FEW
    const isNew = clients === 'new' || number % PROOFS_A_TOKEN < FEW
    number++
    if (isNew) few[place] = createDpopClient(issue)
    const client = few[place]!
    return { authorization: `DPoP ${client.token}`, proof: proofFor(client, PLAIN) }
  }
}

export interface FlatOptions {
  readonly next: () => FlatRequest
  /** New proofs. */
  readonly count: number
  /** One for each lane; they resolve with whether the request passed, and `null` without an answer. */
  readonly senders: readonly ((request: FlatRequest) => Promise<boolean | null>)[]
  /** Called after each new proof with the number of those before it, and itself. */
  readonly onProof: (proofs: number) => Promise<void> | void
}

/** Sends the requests, and resolves with the number of wrong answers. */
export async function runFlat({ next, count, senders, onProof }: FlatOptions): Promise<number> {
  let proofs = 0
  let wrong = 0
  await Promise.all(
    senders.map(async (send) => {
      for (let number = 1; proofs < count; number++) {
        proofs++
        const request = next()
        if ((await send(request)) !== true) wrong++
        if (number % AGAIN_EVERY === 0 && (await send(request)) !== false) wrong++
        await onProof(proofs)
      }
    }),
  )
  return wrong
}
