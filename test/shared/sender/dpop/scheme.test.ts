// Whether a request names the scheme DPoP, whatever stands behind it. RFC 9110 section 11.1: names of schemes have no
// case.

import { expect, test } from 'vitest'
import { isDpopScheme } from '../../../../shared/sender/dpop/scheme.ts'

const isNamed = (...authorization: string[]) => isDpopScheme({ request: { authorization } } as never)

test.each(['DPoP x', 'dpop x', 'DPOP x', 'DPoP   x', 'DPoP ', 'DPoP', 'DPoP\tx', 'DPoP="x"'])(
  '%j does',
  (field) => {
    expect(isNamed(field)).toBe(true)
  },
)

test.each(['DPoPs x', ' DPoP x', 'Bearer DPoP x', 'Bearer x', 'x-DPoP x', ''])('%j does not', (field) => {
  expect(isNamed(field)).toBe(false)
})

test('no field does not', () => {
  expect(isNamed()).toBe(false)
})
