// Which tokens an issuer, a route and an edge accept together.

import { describe, expect, test } from 'vitest'
import type { SenderConstraintDemand } from '../../../shared/config/config.ts'
import {
  acceptedOf,
  acceptedOn,
  DPOP,
  DPOP_AND_MTLS,
  kindOf,
  MTLS,
  UNBOUND,
} from '../../../shared/sender/demand.ts'

const BOUND = DPOP | MTLS | DPOP_AND_MTLS
const ANY = UNBOUND | BOUND
const DEMANDS = ['none', 'any', 'dpop', 'mtls', 'bound'] as const
const OF_ISSUER: Readonly<Record<SenderConstraintDemand, number>> = {
  none: UNBOUND,
  any: ANY,
  dpop: DPOP,
  mtls: MTLS,
  bound: BOUND,
}
const OF_ROUTE: typeof OF_ISSUER = { ...OF_ISSUER, dpop: DPOP | DPOP_AND_MTLS, mtls: MTLS | DPOP_AND_MTLS }

const stating = (senderConstraint: SenderConstraintDemand | undefined) =>
  senderConstraint === undefined ? {} : { senderConstraint }

test('without any setting, tokens that are bound to nobody', () => {
  expect(acceptedOf({}, {}, {})).toBe(UNBOUND)
})

describe.each(DEMANDS)('an issuer with %s', (ofIssuer) => {
  test('on a route that says nothing', () => {
    expect(acceptedOf(stating(ofIssuer), {}, {})).toBe(OF_ISSUER[ofIssuer])
  })

  test.each(DEMANDS)('on a route with %s: what both accept', (ofRoute) => {
    expect(acceptedOf(stating(ofIssuer), stating(ofRoute), {})).toBe(OF_ISSUER[ofIssuer] & OF_ROUTE[ofRoute])
  })

  test('at an edge with none: no bound token', () => {
    expect(acceptedOf(stating(ofIssuer), {}, { senderConstraint: 'none' })).toBe(
      OF_ISSUER[ofIssuer] & UNBOUND,
    )
  })
})

test('an issuer that says nothing takes no bound token on any route', () => {
  for (const demand of DEMANDS) expect(acceptedOf({}, stating(demand), {}) & BOUND).toBe(0)
})

test('the kind of a token is every method that it is bound by', () => {
  expect(kindOf(null)).toBe(UNBOUND)
  expect(kindOf(undefined)).toBe(0)
  expect(kindOf({ jkt: 'a', x5t: null })).toBe(DPOP)
  expect(kindOf({ jkt: null, x5t: 'b' })).toBe(MTLS)
  expect(kindOf({ jkt: 'a', x5t: 'b' })).toBe(DPOP_AND_MTLS)
})

describe('the tokens of all issuers that a route accepts', () => {
  const issuers = (...demands: readonly SenderConstraintDemand[]) =>
    new Map(demands.map((demand) => [demand, { name: demand, senderConstraint: demand }])) as never
  const route = (members: object) => ({ issuer: null, ...members }) as never

  test.each([
    [['none', 'dpop'], {}, UNBOUND | DPOP],
    [['dpop', 'mtls'], {}, DPOP | MTLS],
    [['dpop', 'mtls'], { senderConstraint: 'mtls' }, MTLS],
    [['none', 'dpop'], { issuer: 'none' }, UNBOUND],
    [['none', 'dpop'], { issuer: 'dpop' }, DPOP],
    [['none', 'any'], { senderConstraint: 'dpop' }, DPOP | DPOP_AND_MTLS],
    [['none', 'any'], { senderConstraint: 'none' }, UNBOUND],
    [['none'], { senderConstraint: 'dpop' }, 0],
  ] as const)('%j on %j', (demands, members, accepted) => {
    expect(acceptedOn(route(members), { issuers: issuers(...demands) })).toBe(accepted)
  })

  test('at an edge with none', () => {
    const edge = { issuers: issuers('any', 'dpop'), senderConstraint: 'none' as const }
    expect(acceptedOn(route({}), edge)).toBe(UNBOUND)
  })
})
