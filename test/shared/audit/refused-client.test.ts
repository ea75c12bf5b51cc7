// The log names the client of a refused token, whichever claim its provider uses, once the token is authentic: its
// signature is valid, or the issuer was asked by introspection.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthorizer, type Authorizer, type ReportEvent } from '../../../shared/index.ts'
import { PROVIDER_SHAPES } from '../../cases/providers/shapes.ts'
import type { ProviderShape } from '../../cases/providers/shape.ts'
import type { TokenChange } from '../../support/provider-issuers.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld
let authorizer: Authorizer
let events: ReportEvent[] = []

beforeAll(async () => {
  world = await startCaseWorld()
  authorizer = createAuthorizer(
    world.config,
    { fetch, now: Date.now, report: (event) => void events.push(event), secrets: world.secrets },
    { env: world.env },
  )
})

afterAll(() => world.close())

async function decided(token: string) {
  events = []
  await authorizer.authorize({
    ...{ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`], accessTokenInQuery: false },
  })
  return events.filter(({ event }) => event === 'decision')
}

const sign = (shape: ProviderShape, change: TokenChange) => world.providers.sign(shape, shape.access, change)

describe.each(PROVIDER_SHAPES.map((shape) => [shape.id, shape] as const))('%s', (_, shape) => {
  const passed = () => Math.floor(Date.now() / 1000) - 600

  test('names the client of a token that has expired', async () => {
    const token = await sign(shape, { claims: { exp: passed(), iat: passed() - 60 } })
    expect(await decided(token)).toMatchObject([{ code: 'token_expired', client: 'client-1' }])
  })

  test('names the client of a token that is malformed', async () => {
    const token = await sign(shape, { claims: { iat: 'now' } })
    expect(await decided(token)).toMatchObject([{ code: 'claim_malformed', client: 'client-1' }])
  })

  test('names the client of a token with the typ of another kind', async () => {
    const token = await sign(shape, { header: { typ: 'x+jwt' } })
    expect(await decided(token)).toMatchObject([{ code: 'token_kind_unproven', client: 'client-1' }])
  })

  test('names no client of a token that another issuer has signed', async () => {
    const other = PROVIDER_SHAPES.find(({ id }) => id !== shape.id)!
    const [event] = await decided(await sign(shape, { key: world.providers.keyOf(other) }))
    expect(event).toMatchObject({ code: 'signature_invalid' })
    expect(event).not.toHaveProperty('client')
  })
})

test.each([
  [{ aud: 'https://other.example' }, 'audience_mismatch'],
  [{ nonce: 'n' }, 'id_token'],
])('names the client of an introspected token: %j', async (change, code) => {
  const json = {
    ...{ active: true, token_type: 'Bearer', sub: 'user-1', aud: 'x', client_id: 'client-1', scope: 'read' },
    ...change,
  }
  expect(await decided(world.opaque.issue('in_', { json }))).toMatchObject([{ code, client: 'client-1' }])
})
