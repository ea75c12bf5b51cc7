// A property that cannot fail proves nothing: each property fails when one check is removed from the core.

import { describe, expect, test } from 'vitest'
import { STEPS } from '../../shared/steps.ts'
import { decodeBase64url } from '../../shared/token/base64url.ts'
import { parseToken } from '../../shared/token/compact.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import { readingFields } from '../support/reading-fields.ts'
import { createFuzzFixture, GUARD } from './fixture.ts'
import { PROPERTIES } from './properties/index.ts'
import { certificateTextWith } from './properties/certificate-text.ts'
import { certificateTimeWith } from './properties/certificate-time.ts'
import { proofUrlWith } from './properties/proof-url.ts'
import { runProperty } from './run-property.ts'
import { SEED } from './seed.ts'

type Steps = typeof STEPS

/** Reads a token with JSON.parse. */
const readLeniently: Steps['parseToken'] = (token, limits) => {
  const strict = parseToken(token, limits)
  if (!('code' in strict) || strict.detail?.['part'] === undefined) return strict
  const [header = '', claims = '', signature = ''] = token.split('.')
  try {
    const read = (text: string) => JSON.parse(new TextDecoder().decode(decodeBase64url(text)))
    const signingInput = `${header}.${claims}`
    return {
      header: read(header),
      claims: read(claims),
      signature,
      signingInput,
      heapBytes: 0,
    }
  } catch {
    return strict
  }
}

/** Matches the path that a URL parser makes of the request target. */
const matchLeniently: Steps['createRouteTable'] = (routes, limit) => {
  const table = createRouteTable(routes, limit)
  return { match: (method, path) => table.match(method, new URL(path, 'https://edge.example').pathname) }
}

const withoutRule = (name: string): Steps['cloudflareRules'] =>
  Object.fromEntries(Object.entries(STEPS.cloudflareRules).filter(([rule]) => rule !== name))

const BROKEN: readonly (readonly [property: string, without: string, Partial<Steps>])[] = [
  ['changed token', 'the signature', { verifySignature: async () => true }],
  [
    'changed token',
    'the form of a credential',
    {
      readCredential: ({ authorization }) => ({ token: authorization[0]!.trim().split(/\s+/).at(-1)! }),
    },
  ],
  ['JSON text', 'strict JSON', { parseToken: readLeniently }],
  ['signed token', 'the marks of other kinds', { kindRules: STEPS.kindRules.slice(1) }],
  ['signed token', 'the rules about claims', { claimRules: [] }],
  ['signed token', 'the rules about the header', { headerRules: STEPS.headerRules.slice(0, 1) }],
  ['signed token', 'the binding', { senderConstraint: { ...STEPS.senderConstraint, check: () => null } }],
  ['signed token', 'the scope', { checkScope: () => null }],
  ['request target', 'the canonical path', { createRouteTable: matchLeniently }],
  ['key set', 'the signature', { verifySignature: async () => true }],
  ['introspection answer', 'the rules about facts', { introspectionRules: [] }],
  [
    'introspection answer',
    'the audience',
    { introspectionRules: STEPS.introspectionRules.filter(({ name }) => name !== 'aud') },
  ],
  ['bound token', 'the key of the token', { isSameThumbprint: () => true }],
  ['bound token', 'the URL', { proofClaimRules: STEPS.proofClaimRules.filter(({ name }) => name !== 'htu') }],
  ['bound token', 'the use of a proof', { createReplayCheck: () => async () => null }],
  ['certificate-bound token', 'the certificate of the token', { isSameCertificate: () => true }],
  ['certificate-bound token', 'the verification', { cloudflareRules: withoutRule('verified') }],
  [
    'certificate-bound token',
    'the guard',
    readingFields(([given], field) => [given === undefined ? [] : [GUARD], field]),
  ],
  ['certificate-bound token', 'a second field', readingFields((guard, field) => [guard, field.slice(0, 1)])],
  ['configuration', 'the marks of other kinds', { kindRules: [] }],
]

describe(`notices a check that is missing, seed ${SEED}`, () => {
  test.each(BROKEN)('%s: %s', async (name, _, change) => {
    const property = PROPERTIES.find((candidate) => candidate.name === name)!
    const fixture = await createFuzzFixture({ ...STEPS, ...change })
    const { failure } = await runProperty(property, fixture, { runs: 20_000, seed: SEED, endOnFailure: true })
    await fixture.close()
    expect(failure).not.toBeNull()
  })

  test('URL of a proof: the characters of a URL', async () => {
    /** Takes what `URL` repairs. */
    const repaired = (url: string): string | null => {
      if (!URL.canParse(url)) return null
      const { origin, pathname } = new URL(url)
      return origin + pathname
    }
    const options = { runs: 2_000, seed: SEED, endOnFailure: true }
    const { failure } = await runProperty(proofUrlWith(repaired), null as never, options)
    expect(failure).not.toBeNull()
  })

  test('text of a certificate: the lines', async () => {
    /** Takes a block wherever it is in the text. */
    const anywhere = (pem: string): Uint8Array<ArrayBuffer> | null => {
      const block = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem)?.[1]
      return block === undefined ? null : Uint8Array.from(Buffer.from(block, 'base64'))
    }
    const options = { runs: 20_000, seed: SEED, endOnFailure: true }
    const { failure } = await runProperty(certificateTextWith(anywhere), null as never, options)
    expect(failure).not.toBeNull()
  })

  test('time of a certificate: the form', async () => {
    const asDate = (text: string | undefined): number => Date.parse(text ?? '') / 1000
    const options = { runs: 2_000, seed: SEED, endOnFailure: true }
    const { failure } = await runProperty(certificateTimeWith(asDate), null as never, options)
    expect(failure).not.toBeNull()
  })

  test('Lambda event: the token', async () => {
    const property = PROPERTIES.find(({ name }) => name === 'Lambda event')!
    const fixture = await createFuzzFixture()
    const open = { path: '/orders', methods: ['GET'], public: true } as const
    const broken = { ...fixture, config: { ...fixture.config, routes: [open] } }
    const { failure } = await runProperty(property, broken, { runs: 2_000, seed: SEED, endOnFailure: true })
    await fixture.close()
    expect(failure).not.toBeNull()
  })
})
