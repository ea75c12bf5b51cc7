import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createTokens } from './clients.ts'
import { createFlatRequests, runFlat, type FlatRequest } from './flat-load.ts'

const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const issue = createTokens('https://issuer.example', await crypto.subtle.exportKey('jwk', privateKey))

/** An instance that knows the proofs it has seen, except for every so many. */
function createInstance(forgetsEvery = Infinity) {
  const used = new Set<string>()
  let number = 0
  return async ({ proof }: FlatRequest) => {
    number++
    const isNew = !used.has(proof)
    if (number % forgetsEvery !== 0) used.add(proof)
    return isNew
  }
}

const run = (send: (request: FlatRequest) => Promise<boolean | null>) =>
  runFlat({
    next: createFlatRequests(issue, 'few'),
    count: 320,
    senders: [send, send],
    onProof: () => {},
  })

test('an instance that takes each proof once has no wrong answer', async () => {
  let sent = 0
  const instance = createInstance()
  const wrong = await run((request) => {
    sent++
    return instance(request)
  })
  expect(wrong).toBe(0)
  expect(sent).toBe(340)
})

test('an instance that forgets a proof, one that refuses all and one without answers are found', async () => {
  expect(await run(createInstance(1))).toBe(20)
  expect(await run(async () => false)).toBe(320)
  expect(await run(async () => null)).toBe(340)
})

test('new clients have a key and a token each, and few clients share them', () => {
  const keysOf = (clients: 'few' | 'new') => {
    const next = createFlatRequests(issue, clients)
    const made = Array.from({ length: 40 }, () => next())
    expect(new Set(made.map(({ proof }) => decodeJwt(proof).jti)).size).toBe(40)
    return new Set(made.map(({ authorization }) => authorization)).size
  }
  expect(keysOf('few')).toBe(8)
  expect(keysOf('new')).toBe(40)
})
