// The settings of a protected route besides its scopes and conditions: what it demands of revocation, bound tokens and
// used proofs, and two flags. Refuses them on a public route, where no token is verified.

import type { AddProblem, JsonObject } from './checks.ts'
import type { Meanings } from './meaning.ts'
import { ROUTE_REVOCATION, type RevocationDemand } from './revocation/demand.ts'
import { SENDER_CONSTRAINT, type SenderConstraintDemand } from './sender/constraint.ts'
import { ROUTE_REPLAY, type ReplayDemand } from './sender/replay-demand.ts'
import { defaultsOf, flag } from './setting.ts'

const FLAGS = { sharedCaches: flag(false), reportOnly: flag(false) } as const

const DEMANDS = {
  revocation: ROUTE_REVOCATION,
  senderConstraint: SENDER_CONSTRAINT,
  replay: ROUTE_REPLAY,
} as const

/** What a route demands. Absent: it says nothing. */
export interface ProtectedDemands {
  readonly revocation?: RevocationDemand
  readonly senderConstraint?: SenderConstraintDemand
  readonly replay?: ReplayDemand
}

type Flag = keyof typeof FLAGS
type Demand = keyof ProtectedDemands

export type ProtectedSetting = Flag | Demand

export const ROUTE_DEFAULTS = defaultsOf(FLAGS)

export const protectedMeanings = (): Meanings<ProtectedSetting> => ({
  sharedCaches: {
    default: ROUTE_DEFAULTS.sharedCaches,
    row: FLAGS.sharedCaches,
    meaning: 'whether shared caches may keep responses as the origin allows',
  },
  revocation: {
    absent: 'as the section says',
    row: ROUTE_REVOCATION,
    meaning:
      '`strong`: the store is asked for every request; `off`: revoked tokens are accepted until they expire',
  },
  senderConstraint: {
    absent: 'as the issuer',
    row: SENDER_CONSTRAINT,
    meaning:
      'whether tokens have to be bound to their sender; only narrows the issuer: [dpop.md](dpop.md), [mtls.md](mtls.md)',
  },
  replay: {
    absent: 'the memory of the instance',
    row: ROUTE_REPLAY,
    meaning: '`strong`: used proofs are kept in the store that all instances share: [dpop.md](dpop.md)',
  },
  reportOnly: {
    default: ROUTE_DEFAULTS.reportOnly,
    row: FLAGS.reportOnly,
    meaning: 'refusals are recorded, not enforced: [below](#report-only)',
  },
})

function refusePublic(route: JsonObject, name: ProtectedSetting, path: string, addProblem: AddProblem): void {
  if (route['public'] !== undefined && route[name] !== undefined)
    addProblem(`${path}.${name}`, 'cannot stand on a public route')
}

export function checkProtectedDemands(
  route: JsonObject,
  path: string,
  addProblem: AddProblem,
): ProtectedDemands {
  const demands = (Object.keys(DEMANDS) as Demand[]).map((name) => {
    refusePublic(route, name, path, addProblem)
    return [name, DEMANDS[name].check(route[name], `${path}.${name}`, addProblem)] as const
  })
  return Object.fromEntries(demands.filter(([, demand]) => demand !== null))
}

export function checkProtectedFlag(
  route: JsonObject,
  name: Flag,
  path: string,
  addProblem: AddProblem,
): boolean {
  refusePublic(route, name, path, addProblem)
  return FLAGS[name].check(route[name], `${path}.${name}`, addProblem)
}
