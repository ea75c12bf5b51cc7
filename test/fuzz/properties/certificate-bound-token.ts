// Tokens that are bound to a client certificate, with changed facts of each platform and changed fields of a proxy: no
// edge lets one pass unless what it was told states the certificate of the token, read by an independent check, and a
// good request passes.

import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { toClientCert, toTlsClientAuth } from '../../../local/client-certificates/platform-facts.ts'
import type { Certified } from '../../../local/client-certificates/certificates.ts'
import type { Field, PresentedCertificate } from '../../cases/row.ts'
import type { Members } from '../../support/test-issuer.ts'
import { createClientCertificates, type ClientCertificates } from '../client-certificates.ts'
import { CLAIMS, demand, GUARD, HEADER, NOW, signed, type FuzzFixture } from '../fixture.ts'
import {
  changeJson,
  changeText,
  jsonChanges,
  textChanges,
  type JsonChange,
  type TextChange,
} from '../mutate.ts'
import { property } from '../property.ts'

const FACTS = [
  'certPresented', 'certVerified', 'certRevoked', 'certFingerprintSHA256', 'certFingerprintSHA1', 'certRFC9440', 'certNotAfter', 'certIssuerSKI',
  'clientCertPem', 'validity', 'notAfter', 'sha256', 'validity.notAfter', '__proto__', 'constructor', 'toString', 'CertVerified', 'certVerified ',
] // prettier-ignore

const STATED = [
  '1', '0', '', 'SUCCESS', 'success', 'NONE', 'FAILED:self-signed certificate', 'Dec 22 19:39:00 2018 GMT', 'Aug  5 09:36:04 2099 GMT', 'x'.repeat(5_000),
  1, 0, true, false, null, [], ['1'], ['SUCCESS'], {}, { length: 1 }, { toString: 1 }, JSON.parse('{"__proto__":{"certVerified":"SUCCESS"}}'),
] // prettier-ignore

const PIECES = [
  ':', '::', '=', ',', ', ', ' ', '  ', '\t', '%', '%2B', '+', '/', '-', '_', '"', ';', 'A', 'AAAA', 'MIIB', '\u0000', 'é', GUARD, ':AAAA:', 'a'.repeat(64), 'x'.repeat(70_000),
] // prettier-ignore

/** Whose certificate. */
const WHOSE = ['own', 'own', 'own', 'other', 'selfSigned'] as const

interface Sent {
  readonly of: (typeof WHOSE)[number]
  /** How often the field is sent. */
  readonly times: number
  readonly text: readonly TextChange[]
}

interface Input {
  readonly token: 'bound' | 'bound to another' | 'unbound' | 'bound to both' | 'bound oddly'
  readonly cnf: unknown
  readonly scheme: 'Bearer' | 'DPoP'
  readonly presented: (typeof WHOSE)[number] | null
  /** The facts that the core gets. */
  readonly core: 'cloudflare' | 'aws' | 'caller'
  readonly cloudflare: readonly JsonChange[]
  readonly aws: readonly JsonChange[]
  readonly caller: readonly JsonChange[]
  /** Whether the facts are members of the prototype. */
  readonly isInherited: boolean
  readonly guard: Sent
  readonly field: Sent
}

const factChanges = (most: number): fc.Arbitrary<JsonChange[]> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant([] as JsonChange[]) },
    {
      weight: 4,
      arbitrary: fc.array(
        fc.record({
          at: fc.nat(60),
          action: fc.constantFrom('replace', 'remove', 'add', 'rename', 'wrap'),
          name: fc.constantFrom(...FACTS),
          value: fc.constantFrom(...STATED),
        }),
        { minLength: 1, maxLength: most },
      ) as fc.Arbitrary<JsonChange[]>,
    },
    { weight: 1, arbitrary: jsonChanges(most) },
  )

const sent: fc.Arbitrary<Sent> = fc.record({
  of: fc.constantFrom(...WHOSE),
  times: fc.constantFrom(0, 0, 0, 1, 1, 1, 1, 2),
  text: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: textChanges(PIECES, 2) }),
})

let made: Promise<ClientCertificates> | undefined

const tokensOf = new WeakMap<FuzzFixture, Map<string, Promise<string>>>()

function tokenFor(fixture: FuzzFixture, cnf: unknown): Promise<string> {
  let tokens = tokensOf.get(fixture)
  if (tokens === undefined) tokensOf.set(fixture, (tokens = new Map()))
  const name = JSON.stringify(cnf) ?? 'none'
  const token =
    tokens.get(name) ?? signed(fixture.key, HEADER, cnf === undefined ? CLAIMS : { ...CLAIMS, cnf })
  tokens.set(name, token)
  return token
}

const hexOf = ({ certificate }: Certified): string =>
  new X509Certificate(Buffer.from(certificate.rawData)).fingerprint256.replaceAll(':', '').toLowerCase()

const fieldOf = ({ certificate }: Certified): string =>
  `:${Buffer.from(certificate.rawData).toString('base64')}:`

const objectOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}

/** An own member, if it is a string. */
const stringIn = (facts: unknown, name: string): string | undefined => {
  const value = Object.hasOwn(objectOf(facts), name) ? objectOf(facts)[name] : undefined
  return typeof value === 'string' ? value : undefined
}

const isInTime = (text: string | undefined): boolean => Date.parse(text ?? '') >= NOW * 1000

/** Whether `request.cf.tlsClientAuth` states this certificate, by the table in docs/mtls.md. */
const statedByCloudflare = (facts: unknown, own: Certified): boolean =>
  stringIn(facts, 'certPresented') === '1' &&
  stringIn(facts, 'certVerified') === 'SUCCESS' &&
  stringIn(facts, 'certRevoked') === '0' &&
  stringIn(facts, 'certFingerprintSHA256') === hexOf(own) &&
  isInTime(stringIn(facts, 'certNotAfter')) &&
  ['', fieldOf(own)].includes(stringIn(facts, 'certRFC9440') ?? '')

function fingerprintOf(pem: string | undefined): string | null {
  try {
    return new X509Certificate(pem ?? '').fingerprint256.replaceAll(':', '').toLowerCase()
  } catch {
    return null
  }
}

/** Whether `clientCert` of an event states it. */
const statedByApiGateway = (clientCert: unknown, own: Certified): boolean =>
  fingerprintOf(stringIn(clientCert, 'clientCertPem')) === hexOf(own) &&
  isInTime(stringIn(objectOf(clientCert)['validity'], 'notAfter'))

/** The values of a field as an edge gets them. */
function carried(edge: string, name: string, fields: readonly Field[]): readonly string[] {
  const values = fields.filter(([given]) => given === name).map(([, value]) => value)
  if (values.length === 0 || edge === 'core' || edge === 'rest_request') return values
  return edge === 'http_2'
    ? [values.join(',')]
    : [values.map((value) => value.replace(/^[\t ]+|[\t ]+$/g, '')).join(', ')]
}

const clientCertificate: fc.Arbitrary<Input> = fc.record({
  token: fc.constantFrom(
    'bound',
    'bound',
    'bound',
    'bound',
    'bound to another',
    'unbound',
    'bound to both',
    'bound oddly',
  ),
  cnf: fc.oneof(
    fc.constantFrom(
      null,
      {},
      [],
      { 'x5t#S256': 1 },
      { 'x5t#S256': '' },
      { x5t: 'x' },
      { 'x5t#S256': [] },
      { 'x5t#S256': null, jkt: null },
    ),
    fc.jsonValue(),
  ),
  scheme: fc.constantFrom('Bearer', 'Bearer', 'Bearer', 'Bearer', 'Bearer', 'DPoP'),
  presented: fc.constantFrom(...WHOSE, null),
  core: fc.constantFrom('cloudflare', 'aws', 'caller'),
  cloudflare: factChanges(2),
  aws: factChanges(2),
  caller: factChanges(2),
  isInherited: fc.constantFrom(false, false, false, false, false, false, false, true),
  guard: sent,
  field: sent,
})

export const certificateBoundToken = property<Input>({
  name: 'certificate-bound token',
  about: 'tokens bound to a client certificate, with changed facts of the platforms and fields of a proxy',
  input: clientCertificate,
  mustSee: ['allow bound by the platform', 'allow bound by the field', 'allow unbound', 'deny'],
  async check(input, fixture) {
    const all = await (made ??= createClientCertificates())
    const [own, other] = input.token === 'bound to another' ? [all.other, all.own] : [all.own, all.other]
    const edges = await fixture.certified()
    const x5t = { 'x5t#S256': own.thumbprint }
    const cnf = {
      bound: x5t,
      'bound to another': x5t,
      unbound: undefined,
      'bound to both': { ...x5t, jkt: other.thumbprint },
      'bound oddly': input.cnf,
    }[input.token]
    const token = await tokenFor(fixture, cnf)

    const presented = input.presented === null ? null : all[input.presented]
    const facts =
      presented === null
        ? { cloudflare: {}, aws: {}, caller: {} }
        : {
            cloudflare: changeJson(toTlsClientAuth(presented.pem), input.cloudflare),
            aws: objectOf(changeJson(toClientCert(presented.pem), input.aws)),
            caller: changeJson({ sha256: hexOf(presented) }, input.caller),
          }
    const given = (value: unknown): never =>
      (input.isInherited && typeof value === 'object' && value !== null
        ? Object.create(value)
        : value) as never
    const pem = stringIn(facts.aws, 'clientCertPem')
    const notAfter = stringIn(objectOf(facts.aws)['validity'], 'notAfter')
    const ofCore = {
      ...facts,
      aws: {
        ...(pem !== undefined && { clientCertPem: pem }),
        ...(notAfter !== undefined && { 'validity.notAfter': notAfter }),
      },
    }[input.core]
    const certificate: PresentedCertificate | undefined =
      presented === null
        ? undefined
        : { cf: { tlsClientAuth: given(facts.cloudflare) }, aws: given(facts.aws), facts: given(ofCore) }

    const fieldsOf = ({ times, text, of }: Sent, name: string, value: (of: Certified) => string): Field[] =>
      Array.from({ length: times }, (): Field => [name, changeText(value(all[of]), text)])
    const fields = [
      ...fieldsOf(input.guard, 'x-guard', () => GUARD),
      ...fieldsOf(input.field, 'client-cert', fieldOf),
    ]

    function mayPass(edge: string): 'by the platform' | 'by the field' | null {
      if (input.scheme !== 'Bearer' || cnf !== x5t) return null
      const guard = carried(edge, 'x-guard', fields)
      if (guard.length === 1 && guard[0] === GUARD) {
        const field = carried(edge, 'client-cert', fields)
        return field.length === 1 && field[0] === fieldOf(own) ? 'by the field' : null
      }
      if (input.isInherited || presented === null) return null
      const source = edge === 'core' ? input.core : edge === 'worker' ? 'cloudflare' : 'aws'
      const isStated = {
        cloudflare: statedByCloudflare(facts.cloudflare, own),
        aws: statedByApiGateway(facts.aws, own),
        caller: stringIn(facts.caller, 'sha256') === hexOf(own),
      }[source]
      return isStated ? 'by the platform' : null
    }

    const seen = await edges.send(
      {
        method: 'GET',
        path: '/orders',
        authorization: [`${input.scheme} ${token}`],
        fields,
        ...(certificate && { certificate }),
      },
      [GUARD, token],
    )
    const isUnbound = cnf === undefined && input.scheme === 'Bearer'
    const isUnchanged = [input.cloudflare, input.aws, input.caller].every(({ length }) => length === 0)
    for (const { edge, allow, code } of seen) {
      const may = mayPass(edge)
      demand(!allow || isUnbound || may !== null, `${edge} allows a bound token without its certificate`)
      // A caller that states facts which are no strings makes a mistake, whatever the token.
      if (allow || (!isUnchanged && code === 'request_unrecognised')) continue
      demand(!isUnbound, `${edge} refuses an unbound token: ${code}`)
      const isBad = may === null || (may === 'by the platform' && !isUnchanged)
      demand(isBad, `${edge} refuses the certificate of the token: ${code}`)
    }
    if (!seen.some(({ allow }) => allow)) return 'deny'
    if (isUnbound) return 'allow unbound'
    return `allow bound ${mayPass(seen.find(({ allow }) => allow)!.edge)}`
  },
})
