// How a token is bound: to a key, to nobody, or in a way that is not proven here. RFC 7800 section 3.1.

import { expect, test } from 'vitest'
import { readThumbprint } from '../../../shared/sender/confirmation.ts'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

test('no cnf: bound to nobody', () => {
  expect(readThumbprint({})).toBeNull()
})

test.each([{ jkt: JKT }, { jkt: JKT, kid: 'x' }, { jkt: JKT, jwk: {} }])('%j: the thumbprint', (cnf) => {
  expect(readThumbprint({ cnf })).toBe(JKT)
})

test.each([
  null,
  [],
  [{ jkt: JKT }],
  {},
  JKT,
  7,
  true,
  { kid: 'x' },
  { JKT },
  { jkt: null },
  { jkt: [JKT] },
  { 'x5t#S256': JKT },
  { jkt: JKT, 'x5t#S256': JKT },
  { jkt: JKT, 'x5t#S256': null },
])('%j: bound in a way that is not proven here', (cnf) => {
  expect(readThumbprint({ cnf: cnf as never })).toBeUndefined()
})

test('no member of the prototype counts', () => {
  const cnf = Object.create({ jkt: JKT }) as object
  expect(readThumbprint({ cnf: cnf as never })).toBeUndefined()
  expect(readThumbprint(Object.create({ cnf: { jkt: JKT } }) as never)).toBeNull()
})
