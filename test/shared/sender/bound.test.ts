// Proofs of several bindings: all of those that a token has, in an order that costs little, and none without a method.

import { expect, test } from 'vitest'
import { failure, type Failure } from '../../../shared/failures/failure.ts'
import { createBound } from '../../../shared/sender/bound.ts'
import type { ConfirmationMethod } from '../../../shared/sender/confirmation-method.ts'

const MISSING = failure('client_certificate_missing')
const REPLAYED = failure('dpop_proof_replayed')

type Proof = Failure | null | Promise<Failure | null>

interface Answers {
  readonly mtls?: Proof
  readonly dpop?: Proof
}

/** Asks about a token with this `cnf`; each method gives its answer. Absent: the configuration does not use it. */
async function ask(cnf: unknown, answers: Answers, demand = 'any') {
  const asked: string[] = []
  const method = (name: keyof Answers): ConfirmationMethod => ({
    needs: { fields: [name], clientCertificate: name === 'mtls' },
    prove(_, thumbprint) {
      asked.push(`${name} ${thumbprint}`)
      return answers[name]!
    },
  })
  const config = { ...('mtls' in answers && { mtls: {} }), ...('dpop' in answers && { dpop: {} }) }
  const bound = createBound(
    config as never,
    {} as never,
    {
      dpop: () => method('dpop'),
      mtls: () => method('mtls'),
    } as never,
  )
  const token = { issuer: { senderConstraint: demand }, claims: { cnf } }
  const outcome = await bound.check(token as never, {} as never, { route: {} } as never)
  return { outcome, asked, needs: bound.needs }
}

const BOTH = { jkt: 'a', 'x5t#S256': 'b' }

test('a token with both bindings needs both proofs, that of the certificate first', async () => {
  for (const later of [false, true]) {
    const answer = (proof: Failure | null): Proof => (later ? Promise.resolve(proof) : proof)
    expect(await ask(BOTH, { mtls: answer(null), dpop: answer(null) })).toMatchObject({
      outcome: null,
      asked: ['mtls b', 'dpop a'],
    })
    expect(await ask(BOTH, { mtls: answer(null), dpop: answer(REPLAYED) })).toMatchObject({
      outcome: REPLAYED,
    })
    expect(await ask(BOTH, { mtls: answer(MISSING), dpop: answer(null) })).toMatchObject({
      outcome: MISSING,
      asked: ['mtls b'],
    })
  }
})

test('a token with one binding is asked for this one', async () => {
  expect(await ask({ jkt: 'a' }, { mtls: MISSING, dpop: null })).toMatchObject({
    outcome: null,
    asked: ['dpop a'],
  })
  expect(await ask({ 'x5t#S256': 'b' }, { mtls: null, dpop: REPLAYED })).toMatchObject({
    outcome: null,
    asked: ['mtls b'],
  })
})

test.each<[string, Answers]>([
  ['no method', {}],
  ['DPoP alone', { dpop: null }],
  ['mutual TLS alone', { mtls: null }],
])('with %s nothing proves a token with both, whatever is accepted', async (_, answers) => {
  expect((await ask(BOTH, answers)).outcome).toMatchObject({ code: 'sender_constraint_unproven' })
})

test.each([
  ['none', { 'x5t#S256': 'b' }],
  ['dpop', { 'x5t#S256': 'b' }],
  ['dpop', BOTH],
  ['mtls', { jkt: 'a' }],
  ['mtls', BOTH],
])('an issuer with %s: a token with %j is asked for nothing', async (demand, cnf) => {
  expect(await ask(cnf, { mtls: null, dpop: null }, demand)).toMatchObject({
    outcome: { code: 'sender_constraint_unproven' },
    asked: [],
  })
})

test('a token with no method that is known is asked for nothing', async () => {
  for (const cnf of [null, {}, { kid: 'x' }, { ...BOTH, jkt: null }])
    expect(await ask(cnf, { mtls: null, dpop: null })).toMatchObject({
      outcome: { code: 'sender_constraint_unproven' },
      asked: [],
    })
})

test('a request shows what any of the methods reads', async () => {
  expect((await ask(BOTH, { mtls: null, dpop: null })).needs).toEqual({
    fields: ['mtls', 'dpop'],
    clientCertificate: true,
  })
  expect((await ask(BOTH, { dpop: null })).needs).toEqual({ fields: ['dpop'], clientCertificate: false })
})
