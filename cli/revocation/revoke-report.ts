// What `lanekeeper revoke` prints, as text and as JSON: what each store and each cache did, how late it is in effect,
// where it is not in force, and what it does not reach.

import type { RevocationEntry } from '../../shared/edge.ts'
import type { ResolvedConfig, Staleness } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { describeBound } from '../revocation-report.ts'
import { layOut } from '../table.ts'
import { uncheckedRoutes, type FlushedCache } from './effect.ts'
import {
  EDGE_NAMES,
  ENTRY_HEADINGS,
  entryCells,
  heading,
  REFRESH_TOKENS,
  type StoreResult,
} from './report.ts'
import { shown } from '../shown.ts'
import type { Revoked } from './target.ts'

const UNVERIFIED = 'The token was not verified: what it says of itself decides only what is revoked.'

/** Everything that was done, or would be. */
export interface RevokeOutcomes {
  readonly config: ResolvedConfig
  readonly isDryRun: boolean
  readonly isToken: boolean
  readonly hasExpired: boolean
  /** The entries by the clock of this machine. */
  readonly planned: readonly RevocationEntry[]
  readonly stores: readonly StoreResult<Revoked>[]
  readonly caches: readonly FlushedCache[]
  readonly effect: readonly Staleness[]
}

const isFull = ({ answer }: StoreResult<Revoked>): boolean => answer?.outcomes.includes('full') === true

export const hasFailed = (store: StoreResult<Revoked>): boolean => store.problem !== null || isFull(store)

const describeFailure = (store: StoreResult<Revoked>): string =>
  `${store.target.name}: ${isFull(store) ? 'it has no room, and what has the outcome full is not revoked' : shown(store.problem!)}. ` +
  `The ${EDGE_NAMES[store.target.edge]} accepts these tokens until they expire.`

/** The longest lifetime of answers that API Gateway keeps. */
const lifetimeOf = ({ aws }: ResolvedConfig): number =>
  Math.max(...[aws, ...aws.authorizers.values()].map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0))

const describeCacheFailure = ({ name, problem }: FlushedCache, config: ResolvedConfig): string =>
  `${name}: its cached answers are not removed: ${shown(problem!)}. ` +
  `They stand for up to ${lifetimeOf(config)} s longer.`

function notesOn({ config, stores, isToken, hasExpired }: RevokeOutcomes): readonly string[] {
  const off = uncheckedRoutes(config)
  return [
    ...(isToken ? [UNVERIFIED] : []),
    ...(hasExpired ? ['The token says that it has expired; then every edge refuses it anyway.'] : []),
    ...(stores.some(({ answer }) => answer?.outcomes.includes('widened'))
      ? [
          'There was no room for an entry of one token or session: all tokens of its user up to now are revoked in its place.',
        ]
      : []),
    ...(off.length === 0
      ? []
      : [`Routes with revocation off accept revoked tokens until they expire: ${off.join('; ')}.`]),
    'A WebSocket that is open stays open.',
    REFRESH_TOKENS,
  ]
}

function layOutStores({ stores, planned, isDryRun }: RevokeOutcomes): string {
  const rows = stores.flatMap(({ target, answer }) =>
    (answer?.entries ?? planned).map((entry, index) => [
      target.name,
      ...entryCells(entry),
      answer === null ? (isDryRun ? 'not written' : 'FAILED') : answer.outcomes[index]!,
    ]),
  )
  return layOut(['store', ...ENTRY_HEADINGS, 'outcome'], rows)
}

export function printText(outcome: RevokeOutcomes, { print, printError }: CommandIo): void {
  const { config, caches, stores, effect, isDryRun } = outcome
  print(layOutStores(outcome))
  if (caches.length > 0)
    print(
      `\n${layOut(
        ['cache of API Gateway', 'outcome'],
        caches.map(({ name, problem }) => [
          name,
          isDryRun ? 'not emptied' : problem === null ? 'emptied' : 'FAILED',
        ]),
      )}`,
    )
  const lines = new Set(effect.map((row) => `  ${describeBound(row)}`))
  if (lines.size > 0) print(`\n${heading('In effect everywhere after at most')}\n${[...lines].join('\n')}`)
  print(`\n${notesOn(outcome).join('\n')}`)
  if (isDryRun) return
  for (const store of stores.filter(hasFailed)) printError(describeFailure(store))
  for (const cache of caches.filter(({ problem }) => problem !== null))
    printError(describeCacheFailure(cache, config))
}

export const toDocument = (outcome: RevokeOutcomes, exitCode: number): object => {
  const { config, isDryRun, planned, stores, caches, effect } = outcome
  return {
    version: 1,
    ok: exitCode === 0,
    dryRun: isDryRun,
    entries: planned,
    stores: stores.map((store) => ({
      name: store.target.name,
      edge: store.target.edge,
      entries: store.answer?.entries ?? [],
      outcomes: store.answer?.outcomes ?? [],
      error: isDryRun || !hasFailed(store) ? null : describeFailure(store),
    })),
    caches: caches.map((cache) => ({
      name: cache.name,
      error: cache.problem === null ? null : describeCacheFailure(cache, config),
    })),
    staleness: effect,
    notes: notesOn(outcome),
  }
}
