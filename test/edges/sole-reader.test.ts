// One issuer alone can introspect tokens, and others publish keys: which tokens are introspected, and the verdicts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { expectedCode, withToken } from '../cases/row.ts'
import { answerOf, soleIssuer, SOLE_ROWS, type Sole } from '../cases/sole-reader.ts'
import { APP, CLIENT_ID } from '../support/opaque-issuer.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { EDGES } from './all-edges.ts'
import type { Edge } from './edge.ts'

type IssuerOf = (world: CaseWorld) => LanekeeperConfig['issuers'][string]

const introspected = (world: CaseWorld, introspection: object, more: object = {}) =>
  ({
    issuer: soleIssuer(world),
    audience: AUDIENCE,
    ...more,
    introspection: {
      endpoint: `${world.opaque.url}/introspect/basic`,
      authentication: 'client_secret_basic',
      clientId: CLIENT_ID,
      secret: { env: 'OUR_SECRET' },
      ...introspection,
    },
  }) as LanekeeperConfig['issuers'][string]

const ISSUERS: Readonly<Record<Sole, IssuerOf>> = {
  introspection: (world) => introspected(world, {}),
  check: (world) => ({
    issuer: soleIssuer(world),
    check: { provider: 'gitlab', clientId: APP, baseUrl: `${world.opaque.url}/gitlab` },
  }),
  'introspection, nonce waived': (world) =>
    introspected(
      world,
      { jwt: 'introspect' },
      {
        keys: { jwks_uri: `${world.opaque.url}/jwks` },
        profile: {
          typ: ['jwt'],
          evidence: [{ claim: 'token_use', value: 'access' }],
          waived: ['nonce'],
          scopes: { claim: 'scope', shape: 'string' },
          client: 'client_id',
        },
      },
    ),
  'introspection, required member purpose': (world) => introspected(world, { requiredMembers: ['purpose'] }),
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

describe.each(['core', 'worker', 'rest REQUEST'] as const)('%s', (name) => {
  const edges = new Map<Sole, Edge>()

  beforeAll(async () => {
    for (const sole of Object.keys(ISSUERS) as Sole[]) {
      const { main } = world.config.issuers
      const config = {
        issuers: { main: main!, sole: ISSUERS[sole](world) },
        routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
      } as const
      edges.set(sole, await EDGES[name](config, world.env))
    }
  }, 30_000)

  afterAll(async () => {
    for (const edge of edges.values()) await edge.close()
  })

  test.each(SOLE_ROWS.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const token = await row.token(world)
    if (row.answer !== null) world.opaque.setAnswer(token, { json: answerOf(world, row) })
    else if (row.sole === 'check') world.opaque.setAnswer(token, { status: 401, json: {} })
    const outcome = await edges.get(row.sole)!.send(withToken(token))
    const { expect: expected } = row
    expect(outcome).toMatchObject({
      allow: expected.allow,
      code: expectedCode(expected),
      identity: expected.allow ? expected.identity : null,
    })
    if (!expected.allow && name !== 'rest REQUEST') expect(outcome.wire['status']).toBe(expected.status)
    expect(world.opaque.calls(token)).toBe(row.isIntrospected ? 1 : 0)
  })
})
