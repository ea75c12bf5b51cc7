// RFC 8705: the figures of section 3.1 and of appendix A, and the cases that are derived from them, at every edge. A
// case whose requests are refused has twins of ours that pass and differ in one thing.

import { createSelfSigned, type Certified } from '../../local/client-certificates/certificates.ts'
import type { EdgeName, Field } from '../cases/row.ts'
import { createClientKey, makeProof } from '../support/dpop-proofs.ts'
import { RFC8705_CNF, RFC8705_ENDS, RFC8705_PEM } from '../support/rfc8705-figures.ts'
import type { Members } from '../support/test-issuer.ts'
import { readData, type Part, type VectorCase, type Verdict } from './suite.ts'
import { AUDIENCE, type DpopSettings, type VectorWorld } from './world.ts'

interface File {
  readonly mtls_claim: { readonly cnf: Members }
  readonly mtls_cases: readonly { readonly id: string }[]
}

const DEMAND = { methods: ['GET'], scope: 'none', senderConstraint: 'mtls' } as const

const PUBLIC = { publicUrls: [AUDIENCE] }

/** A handshake has one route, so every token is demanded to be bound there. */
const SETTINGS: DpopSettings = {
  config: {
    ...PUBLIC,
    routes: [
      { path: '/resource', methods: ['GET'], scope: 'none' },
      { path: '/demanding', ...DEMAND },
    ],
  },
  websocket: { ...PUBLIC, routes: [{ path: '$connect', ...DEMAND }] },
}

/** API Gateway shows a TOKEN authorizer no certificate, and documents none of a handshake. */
const WITHOUT_CERTIFICATE: readonly EdgeName[] = ['rest TOKEN', 'websocket']

const [key, otherKey] = [createClientKey('ES256'), createClientKey('ES256')]

type Name = 'own' | 'other'

/** A request: what its token is bound to, and what the client shows. */
interface Shown {
  /** A certificate of ours, or the claim of the figure. Default: none. */
  readonly boundTo?: Name | 'figure'
  /** The DPoP key that it is bound to as well. */
  readonly jkt?: string
  readonly presents?: Name
  /** Whose certificate is in the fields of proxies. */
  readonly forges?: Name
  /** Whether it has a proof by `key`, and the scheme DPoP. */
  readonly proves?: true
  readonly path?: string
}

/** The requests of a derived case by what each shows. */
interface Requests {
  readonly refused: Readonly<Record<string, Shown>>
  readonly passing?: Readonly<Record<string, Shown>>
}

const [OWN, BOTH] = [{ boundTo: 'own' }, { boundTo: 'own', jkt: key.jkt }] as const
const DEMANDING = { path: '/demanding' }

const CASES: Readonly<Record<string, Requests>> = {
  'no client certificate': {
    refused: { 'the token of the figure': { boundTo: 'figure' }, 'a token of ours': OWN },
    passing: { 'with its certificate': { ...OWN, presents: 'own' } },
  },
  'other certificate': {
    refused: {
      'the token of the figure': { boundTo: 'figure', presents: 'own' },
      'a token of ours': { ...OWN, presents: 'other' },
    },
  },
  'cert header set by client, edge did not verify TLS': {
    refused: {
      'none in TLS': { ...OWN, forges: 'own' },
      'another one in TLS': { ...OWN, presents: 'other', forges: 'own' },
    },
    passing: { 'its own in TLS, another one in fields': { ...OWN, presents: 'own', forges: 'other' } },
  },
  'cnf has both jkt and x5t#S256': {
    refused: {
      'the certificate alone': { ...BOTH, presents: 'own' },
      'the proof alone': { ...BOTH, proves: true },
      'the proof, and another certificate': { ...BOTH, proves: true, presents: 'other' },
      'the certificate, and the proof of another key': {
        ...{ ...OWN, jkt: otherKey.jkt },
        ...{ proves: true, presents: 'own' },
      },
    },
    passing: { 'both hold': { ...BOTH, proves: true, presents: 'own' } },
  },
  'token has no cnf but route requires sender constraint': {
    refused: { 'no certificate': DEMANDING, 'a certificate': { ...DEMANDING, presents: 'own' } },
    passing: {
      'a bound token': { ...DEMANDING, ...OWN, presents: 'own' },
      'a route that does not require it': { presents: 'own' },
    },
  },
}

/** The fields in which proxies pass a certificate on. */
function forgedFields({ certificate, pem, thumbprint }: Certified): readonly Field[] {
  const hex = Buffer.from(thumbprint, 'base64url').toString('hex')
  return [
    ['Client-Cert', `:${Buffer.from(certificate.rawData).toString('base64')}:`],
    ['X-Amzn-Mtls-Clientcert', encodeURIComponent(pem)],
    ['X-SSL-Client-Cert', encodeURIComponent(pem)],
    ['X-Forwarded-Client-Cert', `Hash=${hex}`],
    ['CloudFront-Viewer-Cert-Present', '1'],
    ['CloudFront-Viewer-Cert-Sha256', hex],
  ]
}

/** A request as it is sent: the token's claims, and what the client shows. */
interface Sent {
  readonly claims: Members
  readonly pem?: string | undefined
  readonly fields?: readonly Field[]
  readonly path?: string
  readonly proves?: boolean
  /** The time at which it is sent. Default: the present. */
  readonly nowSeconds?: number
}

async function send(
  world: VectorWorld,
  { claims, pem, fields = [], path = '/resource', proves = false, nowSeconds }: Sent,
  skip: readonly EdgeName[],
): Promise<readonly Verdict[]> {
  const token = await world.issuer.token({ claims })
  const request = {
    path,
    host: new URL(AUDIENCE).host,
    authorization: `${proves ? 'DPoP' : 'Bearer'} ${token}`,
    proofs: proves ? [makeProof(key, { url: `${AUDIENCE}${path}`, token })] : [],
    fields,
    ...(pem === undefined ? {} : { certificate: { pem } }),
  }
  return (await world.placesFor('ordinary', SETTINGS).send([request], nowSeconds, skip))[0]!
}

type Certificates = Readonly<Record<Name, Certified>>

let made: Promise<Certificates> | undefined

async function makeCertificates(): Promise<Certificates> {
  const [own, other] = await Promise.all([createSelfSigned('own'), createSelfSigned('other')])
  return { own, other }
}

const certificates = (): Promise<Certificates> => (made ??= makeCertificates())

async function toSent(
  { boundTo, jkt, presents, forges, ...rest }: Shown,
  { mtls_claim: figure }: File,
): Promise<Sent> {
  const all = await certificates()
  const x5t = boundTo === undefined || boundTo === 'figure' ? {} : { 'x5t#S256': all[boundTo].thumbprint }
  const cnf = boundTo === 'figure' ? figure.cnf : { ...x5t, ...(jkt === undefined ? {} : { jkt }) }
  return {
    claims: boundTo === undefined ? {} : { cnf },
    pem: presents && all[presents].pem,
    fields: forges === undefined ? [] : forgedFields(all[forges]),
    ...rest,
  }
}

function derivedCases(world: VectorWorld, file: File, id: string): VectorCase[] {
  const { refused, passing = {} } = CASES[id]!
  const toCases = (requests: Requests['refused'], expect: 'accept' | 'refuse', skip: readonly EdgeName[]) =>
    Object.entries(requests).map(([name, shown]): VectorCase => ({
      id: `${id}: ${name}`,
      expect,
      run: async () => send(world, await toSent(shown, file), skip),
    }))
  return [...toCases(refused, 'refuse', []), ...toCases(passing, 'accept', WITHOUT_CERTIFICATE)]
}

/** The certificate of appendix A in the last minute in which it is valid, and what differs from that. */
function appendixCases(world: VectorWorld, { mtls_claim: figure }: File): VectorCase[] {
  const at = (nowSeconds: number, cnf: Members): Sent => ({
    claims: { cnf, iat: nowSeconds - 5, exp: nowSeconds + 600 },
    pem: RFC8705_PEM,
    nowSeconds,
  })
  const good = at(RFC8705_ENDS - 60, RFC8705_CNF)
  const refused = (id: string, sent: () => Sent | Promise<Sent>): VectorCase => ({
    id,
    expect: 'refuse',
    run: async () => send(world, await sent(), []),
  })
  return [
    { id: 'its certificate', expect: 'accept', run: () => send(world, good, WITHOUT_CERTIFICATE) },
    refused('its certificate, after its end', () => at(RFC8705_ENDS + 1, RFC8705_CNF)),
    refused('its certificate, with the claim of section 3.1', () => at(RFC8705_ENDS - 60, figure.cnf)),
    refused('another certificate', async () => ({ ...good, pem: (await certificates()).own.pem })),
  ]
}

export function mtlsCases(directory: string, world: VectorWorld): Part[] {
  const file = readData<File>(directory, 'rfc7662_8705.json')
  const built = file.mtls_cases.filter(({ id }) => Object.hasOwn(CASES, id))
  return [
    {
      name: 'RFC 8705, derived cases',
      notBuilt: file.mtls_cases.length - built.length,
      cases: built.flatMap(({ id }) => derivedCases(world, file, id)),
    },
    { name: 'RFC 8705, appendix A', cases: appendixCases(world, file) },
  ]
}
