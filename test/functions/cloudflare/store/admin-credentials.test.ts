// The admin endpoint while a credential cannot be loaded, is replaced, or the store is out of reach: 503, never access and
// never 401 for a credential that may be right.

import { describe, expect, test } from 'vitest'
import type { ReportEvent, RevocationStore, SecretRef } from '../../../../shared/edge.ts'
import { createAdmin } from '../../../../functions/cloudflare/store/admin.ts'
import { NOW } from './node-database.ts'

const [OLD, NEW, LIST] = ['old', 'new', 'list'].map((name) => `${name}-0123456789abcdef0123456789abcdef`)

type Secrets = Readonly<Record<string, string | Error | undefined>>

const STORE = { list: async () => ({ items: [], next: null }) } as unknown as RevocationStore

function open(list: readonly SecretRef[], secrets: { current: Secrets }, store = STORE) {
  const events: ReportEvent[] = []
  const clock = { now: NOW * 1_000 }
  const { fetch } = createAdmin({
    admin: { revoke: [{ env: 'REVOKE' }], list },
    issuers: [],
    store,
    ports: {
      now: () => clock.now,
      report: (event) => void events.push(event),
      async secrets(ref) {
        const value = secrets.current[(ref.env ?? ref.secretsStore)!]
        if (value instanceof Error) throw value
        return value
      },
    },
  })
  const ask = (credential: string | undefined) =>
    fetch(
      new Request('https://store.example/revocations', {
        headers: { authorization: `Bearer ${credential}` },
      }),
    )
  return {
    events,
    clock,
    statusFor: async (credential: string | undefined) => (await ask(credential)).status,
    ask,
  }
}

const ONE = [{ secretsStore: 'A' }] as const
const TWO = [{ secretsStore: 'A' }, { secretsStore: 'B' }] as const

describe('a credential', () => {
  test.each([
    ['is missing', undefined],
    ['cannot be loaded', new Error('no such secret')],
    ['is empty', ''],
    ['is too short', 'x'.repeat(31)],
    ['has a space', `${LIST} `],
  ])('that %s gets 503', async (_, value) => {
    const { statusFor, ask, events } = open(ONE, { current: { A: value } })
    expect(await statusFor(LIST)).toBe(503)
    const response = await ask(LIST)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(events).toMatchObject([{ event: 'secret', outcome: 'failed', secret: 'revocation.admin.list' }])
    const twin = open(ONE, { current: { A: LIST } })
    expect([await twin.statusFor(LIST), await twin.statusFor(NEW)]).toEqual([200, 401])
  })

  test('that is there is enough for those who have it, while the other one is missing', async () => {
    const { statusFor, events } = open(TWO, { current: { A: OLD } })
    expect([await statusFor(OLD), await statusFor(NEW)]).toEqual([200, 503])
    expect(events.map((event) => (event as { secret?: string }).secret)).toEqual([
      'revocation.admin.list[0]',
      'revocation.admin.list[1]',
    ])
  })

  test('that was replaced is refused as soon as the new one is loaded', async () => {
    const secrets: { current: Secrets } = { current: { A: OLD } }
    const { statusFor, clock } = open(ONE, secrets)
    expect(await statusFor(OLD)).toBe(200)
    secrets.current = { A: NEW }
    clock.now += 5 * 60_000
    expect([await statusFor(NEW), await statusFor(OLD)]).toEqual([200, 401])
  })

  test('is loaded for a request with one alone', async () => {
    const { ask, events } = open(ONE, { current: { A: LIST } })
    await ask('')
    expect(events).toEqual([])
    await ask(OLD)
    expect(events).toHaveLength(1)
  })
})

test('a store that is out of reach is 503 and an event, and says nothing of the error', async () => {
  const broken = {
    list: () => Promise.reject(new Error('canary-4f1c9a72e05b8d36')),
  } as unknown as RevocationStore
  const { ask, events } = open(ONE, { current: { A: LIST } }, broken)
  const response = await ask(LIST)
  expect(response.status).toBe(503)
  expect(await response.text()).not.toContain('canary')
  expect(events.slice(1)).toEqual([{ event: 'revocation', outcome: 'failed', code: 'store_unavailable' }])
})
