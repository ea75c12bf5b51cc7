// What the commands that revoke print: what each store did, what is not in force where, and what no revocation reaches.

import type { EntryName, RevocationEntry } from '../../shared/edge.ts'
import { layOut, paint } from '../table.ts'
import { shown } from '../shown.ts'
import type { EdgeWithStore, RevocationTarget } from './target.ts'
import { shownNotBefore, shownUntil } from './times.ts'

export const EDGE_NAMES: Readonly<Record<EdgeWithStore, string>> = { cloudflare: 'Worker', aws: 'Lambda' }

/** What a store did. */
export interface StoreResult<Answer> {
  readonly target: Pick<RevocationTarget, 'name' | 'edge'>
  /** `null`: it has failed. */
  readonly answer: Answer | null
  /** Why; may be foreign text. */
  readonly problem: string | null
}

/** Asks every store. One that fails does not keep the others from being asked. */
export const askAll = <Answer>(
  targets: readonly RevocationTarget[],
  ask: (target: RevocationTarget) => Promise<Answer>,
): Promise<readonly StoreResult<Answer>[]> =>
  Promise.all(
    targets.map(async (target) => {
      const { name, edge } = target
      try {
        return { target: { name, edge }, answer: await ask(target), problem: null }
      } catch (error) {
        const problem = error instanceof Error ? error.message || error.name : String(error)
        return { target: { name, edge }, answer: null, problem }
      }
    }),
  )

export const nameCells = ({ kind, issuer, id }: EntryName): readonly string[] => [
  shown(kind),
  shown(issuer),
  id === '' ? '-' : shown(id),
]

export const entryCells = (entry: RevocationEntry): readonly string[] => [
  ...nameCells(entry),
  shownNotBefore(entry.notBefore),
  shownUntil(entry.until),
]

export const ENTRY_HEADINGS = ['kind', 'issuer', 'id', 'tokens issued', 'entry stands until'] as const

/** Entries without a store. */
export const layOutEntries = (entries: readonly RevocationEntry[]): string =>
  layOut(ENTRY_HEADINGS, entries.map(entryCells))

export const heading = (text: string): string => paint('bold', text)

/** A name as JSON has it. */
export const toJsonName = ({ kind, issuer, id }: EntryName) => ({ kind, issuer, id })

export const REFRESH_TOKENS =
  'Refresh tokens live on at the issuer: revoke them there as well, or the client gets new access tokens.'
