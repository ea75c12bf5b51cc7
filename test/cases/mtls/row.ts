// The rows about tokens that are bound to a client certificate: their configuration, and a maker of requests with a
// token and the certificate of its client, in which a row changes one thing.

import type { Certified } from '../../../local/client-certificates/certificates.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { OTHER_AUDIENCE, type CaseWorld } from '../../support/case-world.ts'
import {
  clientCertificates,
  type ClientCertificateName,
  type ClientCertificates,
} from '../../support/client-certificates.ts'
import { makeProof } from '../../support/dpop-proofs.ts'
import type { Members } from '../../support/test-issuer.ts'
import { BASE, dpopConfig, HOST, keyOf, tokenOf, type IssuerName } from '../dpop/row.ts'
import {
  allow,
  deny,
  refused,
  USER,
  type CaseRequest,
  type EdgeName,
  type Expectation,
  type Field,
  type PresentedCertificate,
} from '../row.ts'
import type { SenderRow } from '../sender-row.ts'

const [SCOPE, GET] = [{ allOf: ['read'] }, ['GET']] as const

/** `other` takes tokens that are bound to a certificate alone, `carried` those that are bound in any way. */
export function mtlsConfig(world: CaseWorld): LanekeeperConfig {
  const { issuers, routes, dpop: _, ...config } = dpopConfig(world)
  return {
    ...config,
    issuers: {
      ...issuers,
      other: { ...issuers['other']!, senderConstraint: 'mtls' },
      carried: { ...issuers['carried']!, senderConstraint: 'bound' },
    },
    publicUrls: [BASE],
    routes: [...routes, { path: '/mtls', methods: GET, scope: SCOPE, senderConstraint: 'mtls' }],
  }
}

/** What a row knows when its request is made. */
export interface Made extends ClientCertificates {
  /** The certificate that is presented; `client` where none is. */
  readonly presented: Certified
  readonly token: string
  /** A DPoP proof of the client. */
  readonly proof: string
}

export type Certificates = Omit<Made, 'token' | 'proof'>

type FromMade<Value> = Value | ((made: Certificates) => Value)

/** A request with a bound token and the certificate of its client, in all of which one thing can be changed. */
export interface Given {
  readonly issuer?: IssuerName
  /** The certificate that the client presents; `null`: none. Default: `client`. */
  readonly certificate?: ClientCertificateName | null
  /** The certificate that the token is bound to. Default: `client`. */
  readonly boundTo?: ClientCertificateName
  /** What the platforms state of it. */
  readonly cloudflare?: FromMade<Members>
  readonly aws?: FromMade<Members>
  readonly facts?: FromMade<Readonly<Record<string, string>>>
  readonly cf?: unknown
  /** `cnf` of the token. Default: the thumbprint of the certificate. */
  readonly cnf?: FromMade<object | string | null>
  /** The token has no `cnf`. */
  readonly isUnbound?: true
  /** The token is bound to a DPoP key, too: the scheme is DPoP, and the request has a proof. */
  readonly isBoundToBoth?: true
  readonly claims?: Members
  /** The scheme, with its space. */
  readonly scheme?: string
  readonly method?: string
  readonly path?: string
  readonly query?: string
  /** Header fields. Default: the proof, if the token is bound to a DPoP key. */
  readonly fields?: (made: Made) => readonly Field[]
  readonly authorization?: (token: string) => readonly string[]
}

const valueOf = <Value>(given: FromMade<Value>, made: Certificates): Value =>
  typeof given === 'function' ? (given as (made: Certificates) => Value)(made) : given

/** What the client presents, and what is stated of it. */
function presentedBy(given: Given, made: Certificates): PresentedCertificate | undefined {
  const { certificate = 'client', cloudflare, aws, facts, cf } = given
  const stated = {
    ...(certificate === null ? {} : { pem: made[certificate].pem }),
    ...(cloudflare === undefined ? {} : { cloudflare: valueOf(cloudflare, made) }),
    ...(aws === undefined ? {} : { aws: valueOf(aws, made) }),
    ...(facts === undefined ? {} : { facts: valueOf(facts, made) }),
    ...(cf === undefined ? {} : { cf }),
  }
  return Object.keys(stated).length === 0 ? undefined : stated
}

export const jkt = (): string => keyOf('ES256').jkt

function confirmationOf(given: Given, made: Certificates): unknown {
  if (given.isUnbound) return undefined
  if (given.cnf !== undefined) return valueOf(given.cnf, made)
  const { thumbprint } = made[given.boundTo ?? 'client']
  return { 'x5t#S256': thumbprint, ...(given.isBoundToBoth ? { jkt: jkt() } : {}) }
}

const OPAQUE: ReadonlySet<IssuerName> = new Set(['intro', 'carried'])
const AUDIENCES: Partial<Record<IssuerName, string>> = { other: OTHER_AUDIENCE }

/** A DPoP proof of the client for a token. */
export const proofFor = (token: string, path = '/orders', key = keyOf('ES256'), method = 'GET'): string =>
  makeProof(key, { method, url: BASE + path, token })

export async function requestOf(world: CaseWorld, given: Given = {}): Promise<CaseRequest> {
  const { issuer = 'main', method = 'GET', path = '/orders', isBoundToBoth } = given
  const certificates = await clientCertificates()
  const made = { ...certificates, presented: certificates[given.certificate ?? 'client'] }
  const aud = AUDIENCES[issuer]
  const token = await tokenOf(world, issuer, {
    ...(aud === undefined ? {} : { aud }),
    ...(OPAQUE.has(issuer) && !isBoundToBoth ? { token_type: 'Bearer' } : {}),
    cnf: confirmationOf(given, made),
    ...given.claims,
  })
  const certificate = presentedBy(given, made)
  const proof = proofFor(token, path, keyOf('ES256'), method)
  return {
    method,
    path,
    host: HOST,
    ...(given.query === undefined ? {} : { query: given.query }),
    ...(certificate === undefined ? {} : { certificate }),
    authorization: given.authorization?.(token) ?? [
      `${given.scheme ?? (isBoundToBoth ? 'DPoP ' : 'Bearer ')}${token}`,
    ],
    fields: given.fields?.({ ...made, token, proof }) ?? (isBoundToBoth ? [['DPoP', proof]] : []),
  }
}

export const BOUND = allow({ ...USER, sender: 'mtls' })
export const BOUND_TO_BOTH = allow({ ...USER, sender: 'dpop mtls' })
export const ofIssuer = (issuer: IssuerName): Expectation => allow({ ...USER, issuer, sender: 'mtls' })
export const MISSING = refused('client_certificate_missing')
export const MISMATCH = refused('client_certificate_mismatch')
export const REFUSED = refused('client_certificate_refused')
export const UNPROVEN = refused('sender_constraint_unproven')
export const UNBOUND = refused('sender_constraint_missing')
export const UNRECOGNISED = deny('request_unrecognised', 503, 500)

export type More = Partial<Omit<SenderRow, 'id' | 'requests' | 'expect'>>

export const row = (id: string, expect: Expectation, given: Given = {}, more: More = {}): SenderRow => ({
  id: `mtls/${id}`,
  requests: async (world) => [await requestOf(world, given)],
  expect,
  ...more,
})

/** Rows with several requests, each with the token of the first one. */
export const sameToken = (
  id: string,
  expect: Expectation,
  given: readonly Given[],
  more: More = {},
): SenderRow => ({
  ...row(id, expect, {}, more),
  async requests(world) {
    const [first, ...others] = await Promise.all(given.map((one) => requestOf(world, one)))
    return [first!, ...others.map((other) => ({ ...other, authorization: first!.authorization }))]
  },
})

export const accepted = (id: string, given: Given = {}, more: More = {}): SenderRow =>
  row(id, BOUND, given, more)

/** The certificate is refused for this reason. */
export const wrong = (problem: string, id: string, given: Given, more: More = {}): SenderRow =>
  row(`${problem}: ${id}`, REFUSED, given, { detail: { problem }, ...more })

export const GATEWAYS: readonly EdgeName[] = [
  'rest REQUEST',
  'rest TOKEN',
  'http 2.0 simple',
  'http 2.0 policy',
  'http 1.0',
  'websocket',
]

/** For rows about what Cloudflare states; the core gets the same. */
export const ON_CLOUDFLARE: More = { notOn: GATEWAYS }
export const ON_WORKER: More = { notOn: [...GATEWAYS, 'core'] }
/** For rows about what API Gateway states; the core gets the same. */
export const ON_GATEWAYS: More = { notOn: ['worker'] }
/** For rows about what a caller over RPC states. */
export const ON_CORE: More = { notOn: [...GATEWAYS, 'worker'] }

/** A bound token is refused where no certificate is stated. */
export const TOKEN_EDGE: More = { onToken: MISSING }
