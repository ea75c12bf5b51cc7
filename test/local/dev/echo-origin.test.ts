// The origin of a run shows what arrives, and never a token.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEchoOrigin, type EchoOrigin } from '../../../local/dev/echo-origin.ts'

let origin: EchoOrigin
beforeAll(async () => void (origin = await startEchoOrigin(0, () => 'x-lanekeeper-')))
afterAll(() => origin.close())

const shownFor = async (authorization: string): Promise<string> => {
  const response = await fetch(origin.url, { headers: { authorization } })
  const { headers } = (await response.json()) as { headers: { authorization: string } }
  return headers.authorization
}

test.each([
  ['Bearer the.secret.token', 'Bearer (a token, not shown)'],
  ['DPoP the.secret.token', 'DPoP (a token, not shown)'],
  // Report-only and public routes hand on what no edge takes for a token.
  ['the.secret.token', '(a token, not shown)'],
  ['the.secret.token more', '(a token, not shown)'],
])('%s is shown as %s', async (authorization, expected) => {
  expect(await shownFor(authorization)).toBe(expected)
})
