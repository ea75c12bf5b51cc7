// The rows about tokens that are bound to a client certificate, through every edge.

import { expect, test } from 'vitest'
import { MTLS_ROWS, MTLS_SUITES } from '../cases/mtls/index.ts'
import { checkSuites } from './check-sender.ts'

test('row ids are unique', () => {
  const ids = MTLS_ROWS.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

// The codes of the others are among those of the first one. A part of its own reads certificates in header fields.
checkSuites(
  MTLS_SUITES,
  MTLS_SUITES.filter(({ name }) => ['mtls', 'mtls header rfc9440'].includes(name)),
)
