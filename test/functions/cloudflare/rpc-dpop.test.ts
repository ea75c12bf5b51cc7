// Bound tokens over a service binding: a Worker in workerd that asks the authorizer Worker, which lanekeeper build has
// made. What the caller leaves out cannot be proven, so the request is refused. RFC 9449 sections 4.3, 7.1 and 8.2.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RpcAnswer } from '../../../functions/cloudflare/worker.ts'
import type { Field } from '../../cases/row.ts'
import { BUCKET_SECONDS, nonceBy } from '../../support/dpop-nonces.ts'
import { HOST, startDpopWorld, type DpopWorld } from '../../support/dpop-world.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { now } from '../../cases/time.ts'
import { startRpcWorkers, type RpcWorkers } from './rpc-workers.ts'

/** Calls the authorizer for each request as it should, or with the one mistake that `x-mistake` names. */
const CALLER = `
import { toAuthorizationRequest } from './request.js'
import { toForwardedHeaders } from './forwarded-headers.js'
const without = (name) => (request) => {
  const { [name]: _, ...asked } = toAuthorizationRequest(request)
  return asked
}
const changed = (members) => (request) => ({ ...toAuthorizationRequest(request), ...members })
const MISTAKES = {
  'no method': without('method'),
  'no path': without('path'),
  'no fields': without('fields'),
  'no needs': (request) => toAuthorizationRequest(request, { fields: [], clientCertificate: false }),
  'empty fields': changed({ fields: {} }),
  'a text for the list': (request) => changed({ fields: { dpop: request.headers.get('dpop') } })(request),
  'another method': changed({ method: 'POST' }),
  'another path': changed({ path: '/shared' }),
  'another host': changed({ origin: 'https://evil.example' }),
}
export default {
  async fetch(request, env) {
    const ask = MISTAKES[request.headers.get('x-mistake')] ?? ((given) => toAuthorizationRequest(given))
    const answer = await env.AUTHORIZER.authorize(ask(request))
    const forwarded = answer.decision.allow ? Object.fromEntries(toForwardedHeaders(request, answer)) : null
    return Response.json({ ...answer, forwarded })
  }
}`

let world: DpopWorld
let workers: RpcWorkers

beforeAll(async () => {
  world = await startDpopWorld()
  const config = { ...world.withNonces, origin: { url: 'http://127.0.0.1:9' } }
  workers = await startRpcWorkers(config, world.env, CALLER)
}, 60_000)

afterAll(async () => {
  await workers.close()
  await world.close()
})

type Answer = RpcAnswer & { readonly forwarded: Readonly<Record<string, string>> | null }

async function ask(fields: readonly Field[], mistake?: string): Promise<Answer> {
  const sent = mistake === undefined ? fields : [...fields, ['X-Mistake', mistake] as const]
  const { body } = await sendRaw(workers.caller, {
    method: 'GET',
    target: '/orders',
    host: HOST,
    fields: sent,
  })
  return JSON.parse(body) as Answer
}

const goodFields = (buckets = 0) =>
  world.boundFields('/orders', { nonce: nonceBy(world.env.NONCE_KEY, now() + buckets * BUCKET_SECONDS) })

test('a bound token with its proof passes, and neither is forwarded', async () => {
  const answer = await ask(await goodFields())
  expect(answer).toMatchObject({
    decision: { allow: true, grant: { sender: 'dpop' } },
    refusal: null,
    identity: { subject: 'user-1', sender: 'dpop' },
  })
  expect(answer.decision).not.toHaveProperty('dpopNonce')
  expect(answer.forwarded).toMatchObject({ 'x-lanekeeper-sender': 'dpop' })
  expect(Object.keys(answer.forwarded!).filter((name) => /^(authorization|dpop)$/.test(name))).toEqual([])
})

test('a decision says which nonce the response needs, and a refusal has it', async () => {
  const renewed = await ask(await goodFields(-1))
  expect(renewed.decision).toMatchObject({ allow: true, dpopNonce: nonceBy(world.env.NONCE_KEY, now()) })
  expect((await ask(await world.boundFields('/orders'))).refusal).toMatchObject({
    status: 401,
    headers: {
      'www-authenticate': expect.stringContaining('use_dpop_nonce'),
      'dpop-nonce': nonceBy(world.env.NONCE_KEY, now()),
      'cache-control': 'no-store',
    },
  })
})

test.each<[string, string, object?]>([
  ['no method', 'request_unrecognised', { member: 'method' }],
  ['no path', 'request_unrecognised', { member: 'path' }],
  ['a text for the list', 'request_unrecognised', { member: 'fields' }],
  ['no fields', 'sender_constraint_unproven', { problem: 'no_fields' }],
  ['no needs', 'sender_constraint_unproven', { problem: 'no_fields' }],
  ['empty fields', 'dpop_proof_missing'],
  ['another method', 'dpop_proof_invalid', { problem: 'htm' }],
  ['another path', 'dpop_proof_invalid', { problem: 'htu' }],
  ['another host', 'host_unknown'],
])('a caller that gives %s is refused: %s', async (mistake, code, detail) => {
  const { decision, identity } = await ask(await goodFields(), mistake)
  expect(decision).toMatchObject({ allow: false, code, ...(detail && { detail }) })
  expect(identity).toBeNull()
})

test('without a field of the request the same caller passes with an unbound token', async () => {
  const unbound: Field = ['Authorization', `Bearer ${await world.issuer.token()}`]
  for (const mistake of ['no fields', 'no needs', 'empty fields'])
    expect((await ask([unbound], mistake)).decision).toMatchObject({ allow: true })
})
