// The rows about revoked tokens, through every edge with a store of its own: compiled, and compiled at start.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOREVER } from '../../shared/revocation/entry.ts'
import { revocationConfig, sendToken } from '../cases/revocation.ts'
import { now } from '../cases/time.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { checkRevocations, hasRows } from './check-revocations.ts'
import {
  openRevocableCore,
  openRevocableCreatedLambda,
  openRevocableCreatedWorker,
  openRevocableLambda,
  openRevocableWorker,
  type RevocableEdge,
} from './revocable-edge.ts'

hasRows()

checkRevocations('core', openRevocableCore)
checkRevocations('worker', openRevocableWorker)
checkRevocations('worker', openRevocableCreatedWorker, 'createWorker')
checkRevocations('rest REQUEST', openRevocableLambda)
checkRevocations('rest REQUEST', openRevocableCreatedLambda, 'createHandler')

describe.each([
  ['core', openRevocableCore],
  ['worker', openRevocableWorker],
  ['rest REQUEST', openRevocableLambda],
] as const)('%s, on a route without strong', (_, open) => {
  let world: CaseWorld
  let opened: RevocableEdge

  beforeAll(async () => {
    world = await startCaseWorld()
    opened = await open(revocationConfig(world), world.env)
  }, 60_000)

  afterAll(async () => {
    await opened.close()
    await world.close()
  })

  const entry = (sub: string) => ({
    ...({ kind: 'sub', issuer: world.main.issuer, id: sub } as const),
    ...{ notBefore: FOREVER, until: FOREVER },
  })

  async function codeFor(token: string): Promise<string> {
    const { code } = await opened.edge.send(
      sendToken(token, { id: '', target: { method: 'GET', path: '/news' } }),
    )
    return code
  }

  test('a token that was seen before is refused once the news is older than refreshSeconds, and accepted again later', async () => {
    const [token, other] = await Promise.all(
      ['one', 'other'].map((sub) => world.main.token({ claims: { sub } })),
    )
    expect([await codeFor(token!), await codeFor(token!)]).toEqual(['access_token', 'access_token'])
    await opened.store.revoke([entry('one')], { by: 'the test' })
    await opened.edge.advance(5_000)
    expect([await codeFor(token!), await codeFor(token!)]).toEqual(['token_revoked', 'token_revoked'])
    expect(await codeFor(other!)).toBe('access_token')
    await opened.store.unrevoke([entry('one')], { by: 'the test' })
    await opened.edge.advance(5_000)
    expect(await codeFor(token!)).toBe('access_token')
  })

  test('an opaque token whose introspection is cached is refused as well', async () => {
    const token = world.opaque.issue('in_', {
      json: {
        ...{ active: true, token_type: 'Bearer', iss: `${world.opaque.url}/intro`, aud: AUDIENCE },
        ...{ scope: 'read', sub: 'ada', client_id: 'client-1', iat: now() - 5, exp: now() + 600 },
      },
    })
    expect([await codeFor(token), await codeFor(token)]).toEqual(['access_token', 'access_token'])
    await opened.store.revoke([{ ...entry('ada'), issuer: `${world.opaque.url}/intro` }], { by: 'the test' })
    await opened.edge.advance(5_000)
    expect(await codeFor(token)).toBe('token_revoked')
    expect(world.opaque.calls(token)).toBe(1)
  })
})
