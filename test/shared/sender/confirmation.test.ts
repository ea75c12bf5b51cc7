// How a token is bound: to a key, to a certificate, to both, to nobody, or in a way that can be proven nowhere. RFC
// 7800 section 3.1.

import { expect, test } from 'vitest'
import { readConfirmation } from '../../../shared/sender/confirmation.ts'

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const X5T = 'rzY9yFvJQqiS087peWGQ_bNtic1Yik8csXx0qUNDlxQ'

test('no cnf: bound to nobody', () => {
  expect(readConfirmation({})).toBeNull()
})

test.each([
  [{ jkt: JKT }, JKT, null],
  [{ jkt: JKT, kid: 'x' }, JKT, null],
  [{ jkt: JKT, jwk: {} }, JKT, null],
  [{ 'x5t#S256': X5T }, null, X5T],
  [{ 'x5t#S256': X5T, x5t: 'x' }, null, X5T],
  [{ jkt: JKT, 'x5t#S256': X5T }, JKT, X5T],
])('%j: the thumbprints', (cnf, jkt, x5t) => {
  expect(readConfirmation({ cnf })).toEqual({ jkt, x5t })
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
  { x5t: 'x' },
  { 'x5t#S256': [X5T] },
  { jkt: null, 'x5t#S256': X5T },
  { jkt: JKT, 'x5t#S256': null },
])('%j: bound in a way that can be proven nowhere', (cnf) => {
  expect(readConfirmation({ cnf: cnf as never })).toBeUndefined()
})

test('no member of the prototype counts', () => {
  const cnf = Object.create({ jkt: JKT }) as object
  expect(readConfirmation({ cnf: cnf as never })).toBeUndefined()
  expect(readConfirmation(Object.create({ cnf: { jkt: JKT } }) as never)).toBeNull()
})
