// The rows about tokens that are bound to a DPoP key: their configuration, and a maker of requests with a token and a
// proof for it, in which a row changes one thing.

import type { LanekeeperConfig } from '../../../shared/index.ts'
import { AUDIENCE, CARELESS_AUDIENCE, type CaseWorld } from '../../support/case-world.ts'
import {
  createClientKey,
  makeProof,
  thumbprintOf,
  hasThumbprint,
  type ClientKey,
  type ProofAlgorithm,
  type ProofChange,
} from '../../support/dpop-proofs.ts'
import type { Members } from '../../support/test-issuer.ts'
import { allow, deny, refused, USER, type CaseRequest, type Expectation, type Field } from '../row.ts'
import type { SenderRow } from '../sender-row.ts'
import { now } from '../time.ts'

export const HOST = 'api.test.example'
export const SECOND_HOST = 'second.test.example:8443'
export const STAGE = 'https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod'
export const BASE = `https://${HOST}`

const [SCOPE, GET] = [{ allOf: ['read'] }, ['GET']] as const

export const dpopConfig = ({ config, careless }: CaseWorld): LanekeeperConfig => {
  const { main, other, intro, carried } = config.issuers
  return {
    issuers: {
      main: { ...main!, audience: AUDIENCE, senderConstraint: 'any' } as never,
      other: { ...other!, senderConstraint: 'dpop' } as never,
      careless: {
        issuer: careless.issuer,
        audience: CARELESS_AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: careless.jwksUri },
        algorithms: ['ES256'],
      },
      intro: { ...intro!, senderConstraint: 'any' } as never,
      carried: { ...carried!, senderConstraint: 'any' } as never,
    },
    dpop: { algorithms: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] },
    publicUrls: [BASE, `https://${SECOND_HOST}`, STAGE],
    routes: [
      { path: '/health', methods: GET, public: true },
      { path: '/', methods: GET, scope: SCOPE },
      { path: '/orders', methods: ['GET', 'POST'], scope: SCOPE },
      { path: '/admin', methods: GET, scope: SCOPE },
      { path: '/Admin', methods: GET, scope: SCOPE },
      { path: '/write', methods: GET, scope: { allOf: ['write'] } },
      { path: '/files/{path+}', methods: GET, scope: SCOPE },
      { path: '/dpop', methods: GET, scope: SCOPE, senderConstraint: 'dpop' },
      { path: '/bound', methods: GET, scope: SCOPE, senderConstraint: 'bound' },
      { path: '/none', methods: GET, scope: SCOPE, senderConstraint: 'none' },
      { path: '/trial', methods: GET, scope: SCOPE, reportOnly: true },
      { path: '$connect', methods: GET, scope: SCOPE },
    ],
    limits: { maxTokenBytes: 4_096, maxPathBytes: 256 },
    aws: { strategy: 'off' },
  }
}

const kept = new Map<ProofAlgorithm | 'second' | 'weak', ClientKey>()

/** One key of each algorithm; they are made when a row needs them, because RSA keys take their time. */
export function keyOf(name: ProofAlgorithm | 'second' | 'weak'): ClientKey {
  const made = { second: ['ES256'], weak: ['RS256', 1_024] } as const
  const [algorithm, bits] = made[name as keyof typeof made] ?? [name]
  const key = kept.get(name) ?? createClientKey(algorithm as ProofAlgorithm, bits)
  kept.set(name, key)
  return key
}

export type IssuerName = 'main' | 'other' | 'careless' | 'intro' | 'carried'

/** Makes the token of an issuer; `undefined` removes a claim. */
export function tokenOf(world: CaseWorld, issuer: IssuerName, claims: Members): string | Promise<string> {
  if (issuer === 'main' || issuer === 'other' || issuer === 'careless') return world[issuer].token({ claims })
  const members = {
    ...{
      active: true,
      token_type: 'DPoP',
      iss: `${world.opaque.url}/${issuer}`,
      sub: 'user-1',
      aud: AUDIENCE,
    },
    ...{ client_id: 'client-1', scope: 'read', iat: now() - 5, exp: now() + 600, ...claims },
  }
  return world.opaque.issue(issuer === 'intro' ? 'in_' : 'be_', { json: members })
}

/** A request with a token and a proof for it, in all of which one thing can be changed. */
export interface Given {
  readonly issuer?: IssuerName
  /** Makes the proof. Default: the ES256 key. */
  readonly key?: ProofAlgorithm | 'second' | 'weak'
  /** The key in the proof. Default: the public part of the key. */
  readonly jwk?: () => unknown
  /** `cnf` of the token, or what makes it. Default: the thumbprint of the key in the proof. */
  readonly cnf?: unknown
  /** The token has no `cnf`. */
  readonly isUnbound?: true
  /** Further claims of the token. */
  readonly claims?: Members
  /** The scheme, with its space. */
  readonly scheme?: string
  readonly method?: string
  readonly path?: string
  readonly query?: string
  /** `null`: the request names no host that is known here. */
  readonly host?: string | null
  /** `htu`. Default: that of the request. */
  readonly url?: string
  readonly proof?: ProofChange | ((world: CaseWorld) => ProofChange)
  /** Claims of the proof that follow from the token. */
  readonly remake?: (token: string) => Members
  /** The header fields. Default: the proof in `DPoP`. */
  readonly fields?: (proof: string, token: string) => readonly Field[] | Promise<readonly Field[]>
  readonly authorization?: (token: string) => readonly string[]
  /** The token that the proof is made for. */
  readonly proofFor?: (token: string, world: CaseWorld) => string | Promise<string>
}

/** `cnf` of the token. A key that has no thumbprint leaves it as it is without a change. */
function confirmationOf({ jwk, cnf, isUnbound }: Given, key: ClientKey): unknown {
  if (isUnbound) return undefined
  if (cnf !== undefined) return typeof cnf === 'function' ? cnf() : cnf
  const inProof = jwk?.() as Members | null | undefined
  return { jkt: inProof && hasThumbprint(inProof) ? thumbprintOf(inProof) : key.jkt }
}

export async function requestOf(world: CaseWorld, given: Given): Promise<CaseRequest> {
  const { issuer = 'main', method = 'GET', path = '/orders', host = HOST, scheme = 'DPoP ' } = given
  const key = keyOf(given.key ?? 'ES256')
  const token = await tokenOf(world, issuer, { cnf: confirmationOf(given, key), ...given.claims })
  const url = given.url ?? BASE + (path === '$connect' ? '' : path)
  const subject = { method, url, token: (await given.proofFor?.(token, world)) ?? token }
  const header = given.jwk === undefined ? {} : { jwk: given.jwk() }
  const change = typeof given.proof === 'function' ? given.proof(world) : given.proof
  const proof = makeProof(key, subject, {
    ...change,
    header: { ...header, ...change?.header },
    claims: { ...change?.claims, ...given.remake?.(token) },
  })
  return {
    method,
    path,
    ...(given.query === undefined ? {} : { query: given.query }),
    ...(host === null ? {} : { host }),
    authorization: given.authorization?.(token) ?? [`${scheme}${token}`],
    fields: (await given.fields?.(proof, token)) ?? [['DPoP', proof]],
  }
}

export const none = (): readonly Field[] => []

export const BOUND = allow({ ...USER, sender: 'dpop' })
export const ofIssuer = (issuer: IssuerName): Expectation => allow({ ...USER, issuer, sender: 'dpop' })
export const UNPROVEN = refused('sender_constraint_unproven')
export const SCHEME = deny('credential_scheme', 401, 401)
export const MISSING = refused('sender_constraint_missing')
export const REPLAYED = refused('dpop_proof_replayed')

export type More = Partial<Omit<SenderRow, 'id' | 'requests' | 'expect'>>

export const row = (id: string, expect: Expectation, given: Given = {}, more: More = {}): SenderRow => ({
  id: `dpop/${id}`,
  requests: async (world) => [await requestOf(world, given)],
  expect,
  ...more,
})

export const accepted = (id: string, given: Given = {}, more: More = {}): SenderRow =>
  row(id, BOUND, given, more)

/** The proof is refused by the rule of this name. */
export const wrong = (problem: string, id: string, given: Given = {}, more: More = {}): SenderRow =>
  row(`${problem}: ${id}`, refused('dpop_proof_invalid'), given, { detail: { problem }, ...more })

/** Members, or what makes them when the request is made. */
type MadeMembers = Members | (() => Members)

const claimsOf = (claims: MadeMembers) => () => ({ claims: typeof claims === 'function' ? claims() : claims })

export const byClaims = (problem: string, id: string, claims: MadeMembers): SenderRow =>
  wrong(problem, id, { proof: claimsOf(claims) })
export const withClaims = (id: string, claims: MadeMembers): SenderRow =>
  accepted(id, { proof: claimsOf(claims) })

const GATEWAYS = ['rest REQUEST', 'http 2.0 simple', 'http 2.0 policy', 'http 1.0'] as const

/** What the edges decide that take any configured URL. */
export const onGateways = (expect: Expectation): More => ({
  elsewhere: Object.fromEntries(GATEWAYS.map((name) => [name, expect])),
})

/** What HTTP APIs decide, which show a path decoded. */
export const onHttpApis = (expect: Expectation): More => ({
  elsewhere: Object.fromEntries(
    GATEWAYS.filter((name) => name.startsWith('http')).map((name) => [name, expect]),
  ),
})

/** A bound token is refused where no field is delivered. */
export const TOKEN_EDGE: More = { onToken: UNPROVEN }
