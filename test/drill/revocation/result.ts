// The result of a drill of revocations: every answer with what the oracle says about it, and how long each revocation
// took.

import type { Bound } from './config.ts'
import type { Edge, Instance } from './edges.ts'
import type { AnsweredLoad, InstanceLoad, Loaded } from './load.ts'
import { boundAt, isBrokenBetween, judge, type Finding, type World } from './oracle.ts'
import type { Phase, Times } from './schedule.ts'
import type { WrittenEntries } from './writers.ts'

export interface JudgedLoad extends AnsweredLoad {
  readonly finding: Finding
}

/** How long a revocation took at one instance, from the answer of the store. */
export interface Delay {
  /** Until the first refusal as revoked; where the store was broken meanwhile, until the token was allowed last. */
  readonly ms: number
  readonly boundMs: number
  /** Whether the store was broken meanwhile. */
  readonly isOutage: boolean
}

export interface InstanceResult {
  readonly answered: readonly JudgedLoad[]
  readonly delays: readonly Delay[]
  /** Tokens that were revoked and never refused. */
  readonly missed: number
  readonly unsent: number
}

export interface RevocationDrillResult {
  readonly times: Times
  readonly bounds: Readonly<Record<Edge, Bound>>
  readonly phases: readonly Phase[]
  readonly of: Readonly<Record<Instance, InstanceResult>>
  readonly written: Readonly<Record<Edge, WrittenEntries>>
  /** For how long each store answered. */
  readonly answering: Readonly<Record<Edge, number>>
}

/** When the last request was sent that was allowed; `null`: none was. `answered`: all answers about a token. */
const lastAllowedAt = (answered: readonly AnsweredLoad[]): number | null =>
  answered.reduce<number | null>(
    (last, { verdict, sentAt }) => (verdict === 'allow' ? Math.max(last ?? 0, sentAt) : last),
    null,
  )

/** What the oracle says about the answers of one instance. `watched`: the tokens that were revoked. */
export function resultOf(
  load: InstanceLoad,
  watched: readonly Loaded[],
  edge: Edge,
  world: World,
): InstanceResult {
  const delays: Delay[] = []
  const answers = Map.groupBy(load.answered, ({ number }) => number)
  let missed = 0
  for (const { token, written } of watched) {
    const { revokedAt } = written![edge]
    if (revokedAt === null) continue
    const refusedAt = load.refused.get(token.number)
    if (refusedAt === undefined) {
      missed++
      continue
    }
    const isOutage = isBrokenBetween(world, revokedAt, refusedAt)
    const allowedAt = lastAllowedAt(answers.get(token.number)!) ?? revokedAt
    const at = isOutage ? allowedAt : refusedAt
    delays.push({ ms: Math.max(0, at - revokedAt), boundMs: boundAt(world, revokedAt, at), isOutage })
  }
  return {
    answered: load.answered.map((one) => ({ ...one, finding: judge(world, one) })),
    delays,
    missed,
    unsent: load.unsent(),
  }
}
