// One proof: the order of its checks, and what is done again for the next one. The rows have the rules.

import { beforeEach, describe, expect, test } from 'vitest'
import type { ResolvedDpop } from '../../../../shared/config/config.ts'
import { KEY_TYPES } from '../../../../shared/keys/key-types/all.ts'
import { createProofCheck, type ProofSubject } from '../../../../shared/sender/dpop/proof.ts'
import { webCrypto, type Ports } from '../../../../shared/index.ts'
import { createClientKey, makeProof, type ProofChange } from '../../../support/dpop-proofs.ts'

const CONFIG = {
  algorithms: new Set(['ES256', 'EdDSA']),
  maxAgeSeconds: 300,
  futureSeconds: 30,
  nonce: null,
} as unknown as ResolvedDpop

const key = createClientKey()
const other = createClientKey()
const URL = 'https://api.test.example/orders'
const TOKEN = 'the-access-token'

let calls: string[]
let verify: Ports['crypto']['verify']

const crypto: Ports['crypto'] = {
  ...webCrypto,
  importKey: (...about) => (calls.push('import'), webCrypto.importKey(...about)),
  verify: (...about) => (calls.push('verify'), verify(...about)),
}

beforeEach(() => {
  calls = []
  verify = webCrypto.verify
})

const open = (config: Partial<ResolvedDpop> = {}) =>
  createProofCheck({ ...CONFIG, ...config }, { crypto, now: Date.now }, KEY_TYPES)

const subject = (members: Partial<ProofSubject> = {}): ProofSubject => ({
  token: TOKEN,
  thumbprint: key.jkt,
  method: 'GET',
  urls: [URL],
  nowSeconds: Math.floor(Date.now() / 1000),
  ...members,
})

const proofWith = (change: ProofChange = {}, by = key) => makeProof(by, { url: URL, token: TOKEN }, change)

const WRONG_CLAIMS = { htm: 'POST', htu: 'x', iat: 0, ath: 'x' }

test('a good proof: its members', async () => {
  const iat = Math.floor(Date.now() / 1000) - 7
  expect(await open()(proofWith({ claims: { jti: 'one', iat, nonce: 'n' } }), subject())).toEqual({
    jti: 'one',
    iat,
    nonce: 'n',
  })
  expect(await open()(proofWith({ claims: { jti: 'one', iat } }), subject())).toEqual({
    jti: 'one',
    iat,
    nonce: undefined,
  })
})

describe('what is cheap comes first', () => {
  test.each([
    ['a header that breaks a rule', { header: { typ: 'JWT' }, claims: WRONG_CLAIMS }, 'typ'],
    ['a key that may not verify', { header: { jwk: key.privateJwk }, claims: WRONG_CLAIMS }, 'jwk'],
    ['a text that is too large', { claims: { pad: 'x'.repeat(4_096) } }, 'too_large'],
  ] as const)('%s costs no import and no verification', async (_, change, problem) => {
    expect(await open()(proofWith(change), subject())).toMatchObject({ detail: { problem } })
    expect(calls).toEqual([])
  })

  test('the key of somebody else costs no import and no verification, even where it is known', async () => {
    const check = open()
    expect(await check(proofWith({ claims: WRONG_CLAIMS }, other), subject())).toEqual({
      code: 'dpop_key_mismatch',
    })
    expect(calls).toEqual([])
    await check(proofWith({}, other), subject({ thumbprint: other.jkt }))
    calls = []
    expect(await check(proofWith({}, other), subject())).toEqual({ code: 'dpop_key_mismatch' })
    expect(calls).toEqual([])
  })

  test('claims are read after the signature is verified', async () => {
    const change = { claims: WRONG_CLAIMS, sign: () => Buffer.alloc(64, 1) }
    expect(await open()(proofWith(change), subject())).toMatchObject({ detail: { problem: 'signature' } })
    expect(await open()(proofWith({ claims: WRONG_CLAIMS }), subject())).toMatchObject({
      detail: { problem: 'htm' },
    })
  })
})

describe('nothing about a proof is kept as valid', () => {
  test('the same proof is verified again, and its key is imported once', async () => {
    const check = open()
    const proof = proofWith()
    for (let times = 0; times < 3; times++) expect(await check(proof, subject())).toHaveProperty('jti')
    expect(calls).toEqual(['import', 'verify', 'verify', 'verify'])
  })

  test.each<[string, Partial<ProofSubject>, string]>([
    ['another method', { method: 'POST' }, 'htm'],
    ['another URL', { urls: [`${URL}/1`] }, 'htu'],
    ['another token', { token: 'another' }, 'ath'],
    ['a later time', { nowSeconds: Math.floor(Date.now() / 1000) + 301 }, 'iat'],
  ])('a good proof with %s', async (_, members, problem) => {
    const check = open()
    const proof = proofWith()
    expect(await check(proof, subject())).toHaveProperty('jti')
    expect(await check(proof, subject(members))).toMatchObject({ detail: { problem } })
  })

  test.each([
    ['typ', { typ: 'JWT' }],
    ['crit', { crit: ['exp'] }],
    ['alg', { alg: 'none' }],
    ['jwk', { jwk: { ...key.jwk, use: 'enc' } }],
  ])('a header with another %s after a good one', async (problem, header) => {
    const check = open()
    expect(await check(proofWith(), subject())).toHaveProperty('jti')
    expect(await check(proofWith({ header }), subject())).toMatchObject({ detail: { problem } })
  })

  test('a signature of another proof with the same header', async () => {
    const check = open()
    const [first, second] = [proofWith(), proofWith()]
    expect(await check(first, subject())).toHaveProperty('jti')
    const mixed = [...second.split('.').slice(0, 2), first.split('.')[2]].join('.')
    expect(await check(mixed, subject())).toMatchObject({ detail: { problem: 'signature' } })
  })

  test('a header whose signature is wrong is checked again', async () => {
    const check = open()
    await check(proofWith({ sign: () => Buffer.alloc(64, 1) }), subject())
    expect(await check(proofWith(), subject())).toHaveProperty('jti')
  })
})

test.each([
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
])('a verification that %s accepts nothing', async (_, broken) => {
  verify = broken
  expect(await open()(proofWith(), subject())).toEqual({
    code: 'dpop_proof_invalid',
    detail: { problem: 'signature' },
  })
})

describe('settings', () => {
  test('algorithms: a proof of no other one', async () => {
    const ed = createClientKey('EdDSA')
    const about = subject({ thumbprint: ed.jkt })
    expect(await open()(proofWith({}, ed), about)).toHaveProperty('jti')
    const check = open({ algorithms: new Set(['ES256']) })
    expect(await check(proofWith({}, ed), about)).toMatchObject({ detail: { problem: 'alg' } })
  })

  const at = (seconds: number) => proofWith({ claims: { iat: Math.floor(Date.now() / 1000) + seconds } })

  test('maxAgeSeconds and futureSeconds: to the second', async () => {
    const check = open({ maxAgeSeconds: 10, futureSeconds: 0 })
    expect(await check(at(-10), subject())).toHaveProperty('jti')
    expect(await check(at(-11), subject())).toMatchObject({ detail: { problem: 'iat' } })
    expect(await check(at(0), subject())).toHaveProperty('jti')
    expect(await check(at(1), subject())).toMatchObject({ detail: { problem: 'iat' } })
  })

  test('nonce: the clock of the client does not count, but iat is still a number', async () => {
    const check = open({ nonce: { key: { env: 'KEY' } } })
    expect(await check(at(-600), subject())).toHaveProperty('jti')
    expect(await check(at(600), subject())).toHaveProperty('jti')
    expect(await check(proofWith({ claims: { iat: 'x' } }), subject())).toMatchObject({
      detail: { problem: 'iat' },
    })
  })
})

test('no URL that the request can have: no proof is for it', async () => {
  expect(await open()(proofWith({ claims: { htu: 'http://x' } }), subject({ urls: [null] }))).toMatchObject({
    detail: { problem: 'htu' },
  })
})
