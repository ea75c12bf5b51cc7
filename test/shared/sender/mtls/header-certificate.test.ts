// A certificate in a header field: the forms that it may have, and the secret of the guard beside it, also around a
// rotation and while the secret cannot be loaded.

import { describe, expect, test } from 'vitest'
import { webCrypto } from '../../../../shared/index.ts'
import type { DecisionContext } from '../../../../shared/request/decision-context.ts'
import { SECRET_TIMES } from '../../../../shared/secrets/secret-times.ts'
import { createHeaderCertificate, HEADER_FORMATS } from '../../../../shared/sender/mtls/header-certificate.ts'
import { clientCertificates, derOf } from '../../../support/client-certificates.ts'
import { storeSecret } from '../../../support/stored-secret.ts'

const ONE = 'one-'.repeat(8)
const TWO = 'two-'.repeat(8)
const NAMES = { name: 'client-cert', guard: { header: 'x-guard', secret: { env: 'S' } } } as const

const { client } = await clientCertificates()
const HEX = Buffer.from(client.thumbprint, 'base64url').toString('hex')
const sha256 = webCrypto.sha256!

function setUp(first: unknown, format: keyof typeof HEADER_FORMATS = 'sha256-hex') {
  const { world, events, ports } = storeSecret(first)
  const read = createHeaderCertificate({ ...NAMES, format }, { ...ports, crypto: webCrypto })
  const deadline = { race: <Value>(promise: Promise<Value>) => promise }
  const readFields = (fields: Readonly<Record<string, readonly string[]>> | undefined) =>
    read({ request: { fields }, deadline } as unknown as DecisionContext)
  return { world, events, readFields }
}

const behind = (guard: string, value = HEX) => ({ 'client-cert': [value], 'x-guard': [guard] })

test('no secret is loaded where no field of the guard is', async () => {
  const { world, readFields } = setUp(ONE)
  for (const fields of [undefined, {}, { 'client-cert': [HEX] }, { 'client-cert': [HEX], 'x-guard': [] }])
    expect(await readFields(fields)).toBeNull()
  expect(await readFields({ 'client-cert': [HEX], 'x-guard': [ONE, ONE] })).toBeNull()
  expect(world.loads).toBe(0)
  expect(await readFields(behind(ONE))).toBe(client.thumbprint)
  expect(world.loads).toBe(1)
})

test('a rotation needs no restart, whoever is ahead', async () => {
  const { world, readFields } = setUp(ONE)
  expect(await readFields(behind(ONE))).toBe(client.thumbprint)
  expect(await readFields(behind(TWO))).toBeNull()
  world.value = TWO
  world.now += SECRET_TIMES.missMs
  expect(await readFields(behind(TWO))).toBe(client.thumbprint)
  expect(await readFields(behind(ONE))).toBe(client.thumbprint)
  world.now += SECRET_TIMES.usableMs
  expect(await readFields(behind(TWO))).toBe(client.thumbprint)
  expect(await readFields(behind(ONE))).toBeNull()
})

test('a secret that cannot be loaded is a failure, whatever the guard is, and never a right guard', async () => {
  const { world, readFields } = setUp(new Error('down'))
  for (const guard of [ONE, TWO, '', 'undefined'])
    expect(await readFields(behind(guard))).toMatchObject({ code: 'secret_unavailable' })
  expect(await readFields({ 'client-cert': [HEX] })).toBeNull()
  world.value = ONE
  world.now += SECRET_TIMES.retryMs
  expect(await readFields(behind(ONE))).toBe(client.thumbprint)
})

test('waits no longer than the request may take', async () => {
  const { ports } = storeSecret(ONE)
  const read = createHeaderCertificate({ ...NAMES, format: 'sha256-hex' }, { ...ports, crypto: webCrypto })
  const late = { code: 'deadline_exceeded' }
  const deadline = { race: async () => late }
  expect(await read({ request: { fields: behind(ONE) }, deadline } as unknown as DecisionContext)).toBe(late)
})

test.each([
  ['none', [], 'client_certificate_missing', undefined],
  ['an empty one', [''], 'client_certificate_missing', undefined],
  ['two', [HEX, HEX], 'client_certificate_refused', 'repeated'],
  ['two in one field', [`${HEX}, ${HEX}`], 'client_certificate_refused', 'repeated'],
  ['an empty one and one', ['', HEX], 'client_certificate_missing', undefined],
  ['text', ['x'], 'client_certificate_refused', 'malformed'],
])('behind the guard, %s is a failure and no reason to look elsewhere', async (_, values, code, problem) => {
  const { readFields } = setUp(ONE)
  const read = await readFields({ 'client-cert': values, 'x-guard': [ONE] })
  expect(read).toMatchObject({ code, ...(problem === undefined ? {} : { detail: { problem } }) })
})

test('a field of more than 64 KB is not decoded', async () => {
  const { readFields } = setUp(ONE, 'pem-urlencoded')
  const pem = encodeURIComponent(client.pem)
  const fits = pem + '%0A'.repeat(Math.floor((65_536 - pem.length) / 3))
  expect(await readFields(behind(ONE, fits))).toBe(client.thumbprint)
  expect(await readFields(behind(ONE, `${fits}%0A`))).toMatchObject({ detail: { problem: 'malformed' } })
})

describe('the formats', () => {
  const base64 = derOf(client).toString('base64')

  test.each([
    ['rfc9440', `:${base64}:`],
    ['pem-urlencoded', encodeURIComponent(client.pem)],
    // An Application Load Balancer escapes none of `+`, `/` and `=`.
    ['pem-urlencoded', client.pem.replaceAll('\n', '%0A').replaceAll(' ', '%20')],
    ['pem-urlencoded', encodeURIComponent(client.pem + client.pem)],
    ['sha256-hex', HEX],
    ['sha256-hex', HEX.toUpperCase()],
  ] as const)('%s: %s', (format, value) => {
    expect(HEADER_FORMATS[format](value, sha256)).toBe(client.thumbprint)
  })

  test.each([
    ['rfc9440', base64],
    ['rfc9440', `:${base64}`],
    ['rfc9440', `${base64}:`],
    ['rfc9440', `:${base64}:;a=1`],
    ['rfc9440', `::${base64}:`],
    ['rfc9440', ` :${base64}:`],
    ['rfc9440', `:${base64}:\n`],
    ['rfc9440', '::'],
    ['rfc9440', ':'],
    ['pem-urlencoded', base64],
    ['pem-urlencoded', `${encodeURIComponent(client.pem)}%`],
    ['pem-urlencoded', `${encodeURIComponent(client.pem)}%ff`],
    ['pem-urlencoded', encodeURIComponent(encodeURIComponent(client.pem))],
    ['pem-urlencoded', ''],
    ['sha256-hex', HEX.slice(1)],
    ['sha256-hex', `${HEX}0`],
    ['sha256-hex', `${HEX}\n`],
    ['sha256-hex', HEX.match(/../g)!.join(':')],
    ['sha256-hex', client.thumbprint],
    ['sha256-hex', ''],
  ] as const)('%s: not %j', (format, value) => {
    expect(HEADER_FORMATS[format](value, sha256)).toBeNull()
  })
})
