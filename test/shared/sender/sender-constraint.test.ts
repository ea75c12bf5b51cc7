// The step for sender constraints: it declares the parts of a request that it reads, also checks cached tokens, and is
// the last check of a token before anything is granted.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { assembleFromSteps } from '../../../shared/authorizer.ts'
import { failure } from '../../../shared/failures/failure.ts'
import { webCrypto, type AuthorizationRequest, type DecisionReport } from '../../../shared/index.ts'
import { refuseBound, type SenderConstraint } from '../../../shared/sender/sender-constraint.ts'
import { STEPS } from '../../../shared/steps.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

/** Accepts a token whose `cnf` has the sender in the header field and the client certificate of the request. */
const byField = (check: SenderConstraint['check']): SenderConstraint => ({
  needs: { fields: ['x-sender'], clientCertificate: true },
  check,
})

const namesSender: SenderConstraint['check'] = ({ claims }, _, { request }) => {
  const { sender, pem } = (claims['cnf'] ?? {}) as { readonly sender?: string; readonly pem?: string }
  const isSent = request.fields?.['x-sender']?.join() === sender
  return isSent && request.clientCertificate?.['clientCertPem'] === pem
    ? null
    : failure('sender_constraint_unproven')
}

function create(senderConstraint: SenderConstraint) {
  const events: DecisionReport[] = []
  const authorizer = assembleFromSteps(
    world.config,
    {
      crypto: webCrypto,
      fetch,
      now: Date.now,
      secrets: world.secrets,
      report: (event) => void (event.event === 'decision' && events.push(event)),
    },
    { env: world.env },
    { ...STEPS, senderConstraint },
  )
  return { authorizer, events }
}

const boundToken = () => world.main.token({ claims: { cnf: { sender: 'one', pem: 'PEM' } } })

const request = (token: string, members: Partial<AuthorizationRequest> = {}): AuthorizationRequest => ({
  method: 'GET',
  path: '/orders',
  authorization: [`Bearer ${token}`],
  accessTokenInQuery: false,
  ...members,
})

const MEMBERS = { fields: { 'x-sender': ['one'] }, clientCertificate: { clientCertPem: 'PEM' } }

test.each([
  ['at once', namesSender],
  ['later', async (...about: Parameters<typeof namesSender>) => namesSender(...about)],
])('a proof that is checked %s is checked for every request', async (_, check) => {
  const { authorizer, events } = create(byField(check))
  const token = await boundToken()
  expect(authorizer.needs).toEqual({ fields: ['x-sender'], clientCertificate: true })
  expect(await authorizer.authorize(request(token, MEMBERS))).toMatchObject({ allow: true })
  expect(await authorizer.authorize(request(token, MEMBERS))).toMatchObject({ allow: true })
  for (const wrong of [
    {},
    { fields: MEMBERS.fields },
    { ...MEMBERS, fields: { 'x-sender': ['two'] } },
    { ...MEMBERS, fields: { 'x-sender': ['one', 'one'] } },
    { ...MEMBERS, clientCertificate: { clientCertPem: 'PEM2' } },
  ])
    expect(await authorizer.authorize(request(token, wrong))).toMatchObject({
      allow: false,
      code: 'sender_constraint_unproven',
    })
  expect(events.map(({ remembered }) => remembered)).toEqual([
    undefined,
    ...Array.from({ length: 6 }, () => true),
  ])
})

test('without such a constraint no field is read, and a bound token is refused', async () => {
  const { authorizer } = create(refuseBound)
  expect(authorizer.needs).toEqual({ fields: [], clientCertificate: false })
  expect(await authorizer.authorize(request(await boundToken(), MEMBERS))).toMatchObject({
    allow: false,
    code: 'sender_constraint_unproven',
  })
})

test('a constraint that throws allows nothing', async () => {
  const { authorizer } = create(byField(() => Promise.reject(new Error('broken'))))
  expect(await authorizer.authorize(request(await boundToken(), MEMBERS))).toMatchObject({
    allow: false,
    code: 'internal_error',
  })
})

test.each([
  ['fields', 'x-sender'],
  ['fields', ['x-sender']],
  ['fields', { 'x-sender': 'one' }],
  ['fields', { 'x-sender': [1] }],
  ['clientCertificate', 'PEM'],
  ['clientCertificate', { verified: true }],
])('a request whose %s are %j is no request', async (member, value) => {
  const { authorizer } = create(refuseBound)
  expect(await authorizer.authorize({ ...request('x'), [member]: value } as never)).toMatchObject({
    code: 'request_unrecognised',
    detail: { member },
  })
})
