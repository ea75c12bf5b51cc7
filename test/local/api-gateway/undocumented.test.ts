// Behaviour that AWS does not document is a named switch, and every switch is run both ways: this file has the switches
// that no other file changes, and a check that none is missing.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { UNDOCUMENTED_DEFAULTS } from '../../../local/api-gateway/index.ts'
import { answer, bearer, policyAnswer, startFixture } from './gateway-fixture.ts'
import { httpTemplate, restTemplate } from './template-builder.ts'

test.each<['decoded' | 'as-received', string]>([
  ['decoded', 'a+b'],
  ['as-received', 'a%2Bb'],
])('path parameters are %s', async (pathParameters, id) => {
  const undocumented = { pathParameters }
  const rest = await startFixture(restTemplate({ methods: ['GET /orders/{id} open'] }), { undocumented })
  await rest.send('/local/orders/a%2Bb')
  const http = await startFixture(httpTemplate({ routes: ['GET /orders/{id} open'] }), { undocumented })
  await http.send('/orders/a%2Bb')
  for (const { calls } of [rest, http]) expect(calls[0]!.event.pathParameters).toEqual({ id })
})

test.each([431, 400])('too many headers are a %i', async (headersTooLargeStatus) => {
  for (const [template, target] of [
    [restTemplate(), '/local/orders'],
    [httpTemplate(), '/orders'],
  ] as const) {
    const { send } = await startFixture(template, { undocumented: { headersTooLargeStatus } })
    const reply = await send(target, { headers: [['Authorization', 'a'.repeat(10_240)]] })
    expect(reply.status).toBe(headersTooLargeStatus)
  }
})

test.each([
  [10_000, 200],
  [1, 500],
])('a REST API waits %i ms for an authorizer', async (restAuthorizerTimeoutMs, status) => {
  const auth = () =>
    new Promise<ReturnType<typeof answer>>((resolve) =>
      setTimeout(() => resolve(answer(policyAnswer('Allow'))), 50),
    )
  const { send } = await startFixture(restTemplate(), { auth, undocumented: { restAuthorizerTimeoutMs } })
  expect((await send('/local/orders', { headers: [bearer] })).status).toBe(status)
})

test('every switch is turned by some test', () => {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))
  const text = tests.map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8')).join('\n')
  const names = Object.keys(UNDOCUMENTED_DEFAULTS)
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
})
