// Whether a request presents its token with the scheme DPoP. RFC 9110 section 11.1: names of schemes have no case.

import { expect, test } from 'vitest'
import { isDpopScheme } from '../../../../shared/sender/dpop/scheme.ts'

const schemeOf = (...authorization: string[]) => isDpopScheme({ request: { authorization } } as never)

test.each(['DPoP x', 'dpop x', 'DPOP x', 'DPoP   x', 'DPoP '])('%j is', (field) => {
  expect(schemeOf(field)).toBe(true)
})

test.each(['DPoP', 'DPoP\tx', 'DPoPs x', ' DPoP x', 'Bearer DPoP x', 'Bearer x', ''])(
  '%j is not',
  (field) => {
    expect(schemeOf(field)).toBe(false)
  },
)

test('no field is not', () => {
  expect(schemeOf()).toBe(false)
})
