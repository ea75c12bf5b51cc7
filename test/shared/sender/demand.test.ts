// Which tokens an issuer, a route and an edge accept together.

import { describe, expect, test } from 'vitest'
import type { SenderConstraintDemand } from '../../../shared/config/config.ts'
import { acceptedOf, acceptedOn, DPOP, UNBOUND } from '../../../shared/sender/demand.ts'

const BOTH = UNBOUND | DPOP
const DEMANDS = ['none', 'any', 'dpop', 'bound'] as const
const OF: Readonly<Record<SenderConstraintDemand, number>> = {
  none: UNBOUND,
  any: BOTH,
  dpop: DPOP,
  bound: DPOP,
}

const stating = (senderConstraint: SenderConstraintDemand | undefined) =>
  senderConstraint === undefined ? {} : { senderConstraint }

test('without any setting, tokens that are bound to nobody', () => {
  expect(acceptedOf({}, {}, {})).toBe(UNBOUND)
})

describe.each(DEMANDS)('an issuer with %s', (ofIssuer) => {
  test('on a route that says nothing', () => {
    expect(acceptedOf(stating(ofIssuer), {}, {})).toBe(OF[ofIssuer])
  })

  test.each(DEMANDS)('on a route with %s: what both accept', (ofRoute) => {
    expect(acceptedOf(stating(ofIssuer), stating(ofRoute), {})).toBe(OF[ofIssuer] & OF[ofRoute])
  })

  test('at an edge with none: no bound token', () => {
    expect(acceptedOf(stating(ofIssuer), {}, { senderConstraint: 'none' })).toBe(OF[ofIssuer] & UNBOUND)
  })
})

test('an issuer that says nothing takes no bound token on any route', () => {
  for (const demand of DEMANDS) expect(acceptedOf({}, stating(demand), {}) & DPOP).toBe(0)
})

describe('the tokens of all issuers that a route accepts', () => {
  const issuers = (...demands: readonly SenderConstraintDemand[]) =>
    new Map(demands.map((demand) => [demand, { name: demand, senderConstraint: demand }])) as never
  const route = (members: object) => ({ issuer: null, ...members }) as never

  test.each([
    [['none', 'dpop'], {}, BOTH],
    [['none', 'dpop'], { issuer: 'none' }, UNBOUND],
    [['none', 'dpop'], { issuer: 'dpop' }, DPOP],
    [['none', 'any'], { senderConstraint: 'dpop' }, DPOP],
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
