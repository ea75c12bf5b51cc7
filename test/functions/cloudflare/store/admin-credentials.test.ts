// The admin endpoint while a credential cannot be loaded, is replaced, or the store is out of reach: 503, never access
// and never 401 for a credential that may be right.

import { describe, expect, test } from 'vitest'
import type { ReportEvent, RevocationStore, SecretRef } from '../../../../shared/edge.ts'
import { createAdmin } from '../../../../functions/cloudflare/store/admin.ts'
import { resolveConfig } from '../../../../shared/index.ts'
import { CONFIGS } from '../../../support/artefact/configs.ts'
import { NOW } from './node-database.ts'

const [OLD, NEW, LIST] = ['old', 'new', 'list'].map((name) => `${name}-0123456789abcdef0123456789abcdef`)

const ISSUER = resolveConfig(CONFIGS.plain).issuers.values().next().value!

type Secrets = Readonly<Record<string, string | Error | undefined>>

const STORE = {
  list: async () => ({ items: [], next: null }),
  unrevoke: async () => [true],
} as unknown as RevocationStore

function open(list: readonly SecretRef[], secrets: { current: Secrets }, store = STORE) {
  const events: ReportEvent[] = []
  const clock = { now: NOW * 1_000 }
  const { fetch } = createAdmin({
    admin: { revoke: [{ env: 'REVOKE' }], list },
    issuers: [ISSUER],
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
  /** Asks for something that needs the credential `revoke`. */
  const write = (credential: string) =>
    fetch(
      new Request('https://store.example/unrevoke', {
        method: 'POST',
        headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'sub', issuer: ISSUER.name, id: 'alice', by: 'bob' }),
      }),
    )
  return {
    events,
    clock,
    write,
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

describe('one value for both credentials', () => {
  test('reads, and writes nothing: 503 and an event that says why', async () => {
    const { statusFor, write, events } = open(ONE, { current: { REVOKE: LIST, A: LIST } })
    expect(await statusFor(LIST)).toBe(200)
    const response = await write(LIST!)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({
      error_description: expect.stringContaining('give each a value of its own'),
    })
    expect(events.at(-1)).toEqual({
      event: 'secret',
      outcome: 'failed',
      secret: 'revocation.admin.revoke',
      code: 'same_as_list',
    })
    expect(JSON.stringify(events)).not.toContain(LIST)
    expect((await write(NEW!)).status).toBe(401)
  })

  test('of a rotation is refused, and the other value of it is not', async () => {
    const { write } = open(TWO, { current: { REVOKE: NEW, A: OLD, B: NEW } })
    expect((await write(NEW!)).status).toBe(503)
    const twin = open(TWO, { current: { REVOKE: NEW, A: OLD, B: LIST } })
    expect((await twin.write(NEW!)).status).toBe(200)
  })

  test('cannot be told while that of list cannot be loaded, and then it writes', async () => {
    const { write } = open(ONE, { current: { REVOKE: NEW, A: new Error('no such secret') } })
    expect((await write(NEW!)).status).toBe(200)
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
