// The checks of tokens that are bound to a client certificate are tested: without any one of them the outcome of some
// row is wrong.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOUND_STEPS } from '../../shared/sender/bound.ts'
import { CLOUDFLARE_RULES } from '../../shared/sender/mtls/certificate-facts.ts'
import { MTLS_STEPS } from '../../shared/sender/mtls/mtls.ts'
import { STEPS, type Steps } from '../../shared/steps.ts'
import { SECRET } from '../cases/mtls/header.ts'
import { MTLS_SUITES } from '../cases/mtls/index.ts'
import type { SenderSuite } from '../cases/sender-row.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { readingFields } from '../support/reading-fields.ts'
import { createWrongRows, onlyAtFirst } from './find-wrong-row.ts'

type Facts = Parameters<typeof STEPS.readFacts>[0]

const suiteOf = (name: string): SenderSuite => MTLS_SUITES.find((suite) => suite.name === `mtls${name}`)!

/** Reads other facts than those of the request. */
const reading = (change: (facts: Facts) => Facts): Partial<Steps> => ({
  readFacts: (facts, context) => STEPS.readFacts(change(facts), context),
})

/** Changes one fact, if it is there. */
const changing = (name: string, change: (text: string) => string): Partial<Steps> =>
  reading((facts) => (facts[name] === undefined ? facts : { ...facts, [name]: change(facts[name]) }))

const unlessCode = (code: string): Partial<Steps> => ({
  checkAccepted: (...about) => {
    const refused = STEPS.checkAccepted(...about)
    return refused?.code === code ? null : refused
  },
})

const readingGuard = (change: (values: readonly string[]) => readonly string[]): Partial<Steps> =>
  readingFields((guard, field) => [change(guard), field])

const readingField = (change: (value: string) => string): Partial<Steps> =>
  readingFields((guard, field) => [guard, field.map(change)])

const pemOf = (text: string): string =>
  `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/-----[^-]*-----|[^\w+/=]/g, '')}\n-----END CERTIFICATE-----\n`

/** One entry per check: the suite with the rows, by the end of its name, and the steps without the check. */
const WITHOUT: Record<string, readonly [suite: string, steps: Partial<Steps>]> = {
  'cnf: of any form': ['', { readConfirmation: (claims) => STEPS.readConfirmation(claims) ?? null }],
  'cnf: the certificate beside a key': [
    '',
    {
      readConfirmation: (claims) => {
        const read = STEPS.readConfirmation(claims)
        return read?.jkt ? { ...read, x5t: null } : read
      },
    },
  ],
  'cnf: the key beside a certificate': [
    '',
    {
      readConfirmation: (claims) => {
        const read = STEPS.readConfirmation(claims)
        return read?.x5t ? { ...read, jkt: null } : read
      },
    },
  ],
  'route: bound tokens': ['', unlessCode('sender_constraint_unproven')],
  'route: unbound tokens': ['', unlessCode('sender_constraint_missing')],
  'the thumbprint': ['', { isSameCertificate: () => true }],
  'the thumbprint: its case': [
    '',
    { isSameCertificate: (one, other) => one.toLowerCase() === other.toLowerCase() },
  ],
  'the thumbprint: its spelling': [
    '',
    {
      isSameCertificate: (one, other) =>
        Buffer.from(one, 'base64url').equals(Buffer.from(other, 'base64url')),
    },
  ],
  ...Object.fromEntries(
    Object.keys(CLOUDFLARE_RULES).map((name) => [
      `cloudflare: ${name}`,
      [
        name === 'issuer' ? ' issuerSki' : '',
        {
          cloudflareRules: Object.fromEntries(
            Object.entries(CLOUDFLARE_RULES).filter(([other]) => other !== name),
          ),
        },
      ] as const,
    ]),
  ),
  'cloudflare: verified, with possession': [
    ' possession',
    {
      cloudflareRules: {
        ...CLOUDFLARE_RULES,
        verified: (facts, context) =>
          facts['certVerified'] === 'NONE' ? null : CLOUDFLARE_RULES['verified']!(facts, context),
      },
    },
  ],
  'cloudflare: the same certificate': ['', changing('certRFC9440', () => '')],
  'cloudflare: the case of the fingerprint': [
    '',
    changing('certFingerprintSHA256', (text) => text.toLowerCase()),
  ],
  'cloudflare: the length of the fingerprint': [
    '',
    changing('certFingerprintSHA256', (text) => text.slice(0, 64)),
  ],
  'api gateway: the end of the validity': [
    '',
    reading((facts) => ({ ...facts, 'validity.notAfter': 'Dec 31 23:59:59 2099 GMT' })),
  ],
  'api gateway: the label': ['', changing('clientCertPem', (pem) => pem.replaceAll('TRUSTED ', ''))],
  'api gateway: the first certificate': [
    '',
    changing('clientCertPem', (pem) => pem.slice(Math.max(0, pem.lastIndexOf('-----BEGIN ')))),
  ],
  'api gateway: characters of base64': [
    '',
    changing('clientCertPem', (pem) => pem.replaceAll(/[\f\0]/g, '')),
  ],
  'caller: one platform': [
    '',
    reading((facts) => (facts['sha256'] === undefined ? facts : { sha256: facts['sha256'] })),
  ],
  'caller: some platform': ['', reading((facts) => (Object.keys(facts).length > 0 ? facts : { sha256: '' }))],
  'caller: the CA': [
    ' issuerSki',
    {
      readFacts: (facts, context) =>
        STEPS.readFacts(
          facts,
          facts['certPresented'] === undefined
            ? { ...context, mtls: { ...context.mtls, issuerSki: null } }
            : context,
        ),
    },
  ],
  'header: the guard': [
    ' header rfc9440',
    readingGuard((values) => (values.length === 1 ? [SECRET] : values)),
  ],
  'header: one guard': [' header rfc9440', readingGuard((values) => values.slice(0, 1))],
  'header: a guard': [' header rfc9440', readingGuard((values) => (values.length === 0 ? [SECRET] : values))],
  'header: one field': [' header rfc9440', readingFields((guard, field) => [guard, field.slice(0, 1)])],
  'header: one value in a field': [' header rfc9440', readingField((value) => value.split(',')[0]!)],
  'header: nothing of the platform': [
    ' header rfc9440',
    readingFields((guard, field) => (field.length === 0 ? [[], field] : [guard, field])),
  ],
  'header: colons': [' header rfc9440', readingField((value) => value && `:${value.replaceAll(':', '')}:`)],
  'header: percent-encoding': [' header pem-urlencoded', readingField((value) => value.replace(/%$/, ''))],
  'header: PEM': [
    ' header pem-urlencoded',
    readingField((value) => encodeURIComponent(pemOf(decodeURIComponent(value.replace(/%$/, ''))))),
  ],
  'header: hexadecimal': [
    ' header sha256-hex',
    readingField((value) => value.replaceAll(/[^0-9a-f]/gi, '').slice(0, 64)),
  ],
}

/** One entry per check of a remembered token: the steps that leave it out then. */
const ONLY_AT_FIRST: Record<string, readonly [suite: string, makeSteps: () => Partial<Steps>]> = {
  cnf: ['', () => ({ readConfirmation: onlyAtFirst(STEPS.readConfirmation, null) })],
  'what the route takes': [
    '',
    () => {
      let isChecked = false
      return {
        checkAccepted: (...about) => {
          const refused = isChecked ? null : STEPS.checkAccepted(...about)
          isChecked = true
          return refused
        },
      }
    },
  ],
  'the facts': [
    '',
    () => {
      let read: ReturnType<typeof STEPS.readFacts> | undefined
      return { readFacts: (...about) => (read ??= STEPS.readFacts(...about)) }
    },
  ],
  'the thumbprint': [
    '',
    () => {
      let isSame = false
      return { isSameCertificate: (...both) => (isSame ||= STEPS.isSameCertificate(...both)) }
    },
  ],
  'the guard': [
    ' header rfc9440',
    () => {
      let isFirst = true
      return readingGuard((values) => {
        const given = isFirst ? values : [SECRET]
        isFirst = false
        return given
      })
    },
  ],
  'the field': [
    ' header rfc9440',
    () => {
      let first: readonly string[] | undefined
      return readingFields((guard, field) => [guard, (first ??= field)])
    },
  ],
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const wrongRows = createWrongRows(() => world)

test.each(MTLS_SUITES)('$name: with every check no row is wrong', async (suite) => {
  expect(await wrongRows.find(suite, {})).toBeNull()
})

test('some entry removes each step', () => {
  const taken = new Set(Object.values(WITHOUT).flatMap(([, steps]) => Object.keys(steps)))
  const all = [...Object.keys({ ...BOUND_STEPS, ...MTLS_STEPS }), 'createHeaderCertificate']
  expect(all.filter((step) => !taken.has(step))).toEqual([])
})

describe('without a check some row is wrong', () => {
  test.each(Object.entries(WITHOUT))('%s', async (_, [suite, steps]) => {
    expect(await wrongRows.find(suiteOf(suite), steps)).not.toBeNull()
  })
})

describe('with a check for the first request of a token only some row is wrong', () => {
  test.each(Object.entries(ONLY_AT_FIRST))('%s', async (_, [suite, makeSteps]) => {
    expect(await wrongRows.findAnew(suiteOf(suite), () => ({}), 'mtls/again')).toBeNull()
    expect(await wrongRows.findAnew(suiteOf(suite), makeSteps, 'mtls/again')).not.toBeNull()
  })
})
