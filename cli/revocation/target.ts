// The stores that a stage configures, as the commands write and read them: all of them, because each edge asks its own.

import type {
  EntryName,
  ListedEntry,
  NewEntry,
  Page,
  RevocationAuthor,
  RevocationRecord,
  RevokeOutcome,
  RevocationRequest,
} from '../../shared/edge.ts'

export type EdgeWithStore = 'cloudflare' | 'aws'

/** What a store did about a request: an outcome for each entry. */
export interface Revoked {
  readonly entries: readonly Omit<NewEntry, 'wider'>[]
  readonly outcomes: readonly RevokeOutcome[]
}

/** `removed`: whether there was an entry of each name. */
export interface Unrevoked {
  readonly entries: readonly EntryName[]
  readonly removed: readonly boolean[]
}

/** A store. Every method rejects if the store cannot be reached or refuses the request. */
export interface RevocationTarget {
  /** As messages name it. */
  readonly name: string
  /** The edge that asks it. */
  readonly edge: EdgeWithStore
  revoke(request: RevocationRequest, author: RevocationAuthor): Promise<Revoked>
  unrevoke(request: RevocationRequest, author: RevocationAuthor): Promise<Unrevoked>
  list(page: string | null): Promise<Page<ListedEntry>>
  records(page: string | null): Promise<Page<RevocationRecord>>
}

/** Why a store cannot be asked, as a sentence without token or credential. */
export class TargetProblem extends Error {}

/** A store that cannot be asked at all: every method rejects with the problem. */
export function closedTarget(name: string, edge: EdgeWithStore, problem: string): RevocationTarget {
  const reject = () => Promise.reject(new TargetProblem(problem))
  return { name, edge, revoke: reject, unrevoke: reject, list: reject, records: reject }
}

/** Every page of a list, one after the other. */
export async function* pagesOf<Item>(
  read: (page: string | null) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>()
  let page: string | null = null
  do {
    const { items, next }: Page<Item> = await read(page)
    yield items
    if (next !== null && seen.has(next)) throw new TargetProblem('the store names the same page again')
    if (next !== null) seen.add(next)
    page = next
  } while (page !== null)
}
