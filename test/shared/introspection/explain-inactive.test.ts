// A token that Keycloak calls inactive because its `aud` lacks the client that introspects it: the log says what to
// configure in Keycloak, and the caller gets the usual answer.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthorizer, toRefusal, type ReportEvent } from '../../../shared/index.ts'
import { CLIENT_ID } from '../../support/opaque-issuer.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import type { Members } from '../../support/test-issuer.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const now = () => Math.floor(Date.now() / 1000)

/** The answer of Keycloak 26.6.2 and newer to a client that `aud` does not name. */
async function ask(token: string) {
  world.opaque.setAnswer(token, { json: { active: false } })
  const events: ReportEvent[] = []
  const authorizer = createAuthorizer(
    world.config,
    { fetch, now: Date.now, secrets: world.secrets, report: (event) => void events.push(event) },
    { env: world.env },
  )
  const request = {
    ...{ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`], accessTokenInQuery: false },
  }
  const decisions = [await authorizer.authorize(request), await authorizer.authorize(request)]
  const details = events.flatMap((one) => (one.event === 'decision' ? [one.detail] : []))
  return { decision: decisions[0]!, details }
}

const jwt = (claims: Members, issuer = 'cloak') =>
  world.main.token({
    header: { typ: 'JWT' },
    claims: {
      ...{ iss: `${world.opaque.url}/${issuer}`, typ: 'Bearer', azp: 'web', aud: [AUDIENCE, 'account'] },
      ...claims,
    },
  })

const EXPLAINED = { unverified_problem: 'aud_lacks_client', add_audience: CLIENT_ID }

test.each<[string, Members, string]>([
  ['a list without it', {}, 'cloak'],
  ['another text', { aud: AUDIENCE }, 'cloak'],
  ['nothing', { aud: undefined }, 'cloak'],
  ['a list without it, of an issuer without keys', {}, 'introspected'],
])('aud is %s: each line of the log says which audience is missing', async (_, claims, issuer) => {
  const { decision, details } = await ask(await jwt(claims, issuer))
  expect(decision).toMatchObject({ allow: false, code: 'token_inactive' })
  expect(details).toEqual([EXPLAINED, EXPLAINED])
  const plain = { allow: false, code: 'token_inactive', route: 'GET /orders' } as const
  expect(toRefusal(decision as never, 'api')).toEqual(toRefusal(plain, 'api'))
})

test.each<[string, Members, string]>([
  ['aud names the client', { aud: [AUDIENCE, CLIENT_ID] }, 'cloak'],
  ['aud is the client', { aud: CLIENT_ID }, 'cloak'],
  ['it has expired', { iat: now() - 700, exp: now() - 1 }, 'cloak'],
  ['it has no exp', { exp: undefined }, 'cloak'],
  ['it is no token of Keycloak', { azp: undefined }, 'cloak'],
  ['introspection with a bearer token', {}, 'carried'],
])('%s: no audience is named', async (_, claims, issuer) => {
  const { decision, details } = await ask(await jwt(claims, issuer))
  expect(decision).toMatchObject({ allow: false, code: 'token_inactive' })
  expect(details).toEqual([undefined, undefined])
})

test('an opaque token gives no reason', async () => {
  expect((await ask('in_nobody-has-issued-this')).details).toEqual([undefined, undefined])
})
