// What each stage looked at, and what it found there.

import type { StageName } from '../../shared/compiler.ts'
import { acceptedOn, MTLS_BOUND, DPOP_BOUND, UNBOUND, isJsonObject } from '../../shared/edge.ts'
import type { Facts } from './facts.ts'
import {
  audiencesOf,
  issOf,
  nameOfClaim,
  otherClaims,
  scopeClaimOf,
  showAudience,
  showClient,
  showDetailTypes,
  showNamed,
  showScopes,
  timeOf,
} from './shown-claims.ts'
import { shownFrom, shownSpan } from './times.ts'

export interface Look {
  readonly what: string
  readonly found: string
}

const look = (what: string, found: string): Look => ({ what, found })

const list = (texts: Iterable<string>): string => [...texts].join(', ') || 'none'

/** The details of the refusal, for the stage that refused. */
const detailAt = (
  stage: StageName,
  { traced, deny }: Facts,
): NonNullable<NonNullable<Facts['deny']>['detail']> =>
  (traced.trace.stopped?.stage === stage ? deny?.detail : undefined) ?? {}

const SIGNATURES = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const ALGORITHMS: readonly unknown[] = [...SIGNATURES, 'HS256', 'HS384', 'HS512', 'none']

/** A name that is public knowledge; else nothing of the header. */
const showAlgorithm = ({ header }: Facts): string =>
  header['alg'] === undefined
    ? 'absent'
    : ALGORITHMS.includes(header['alg'])
      ? String(header['alg'])
      : 'another one'

function showDemand({ route }: Facts): string {
  if (route === undefined) return ''
  const { demand } = route
  if (demand === null) return 'public'
  const scopes = [
    ...(demand.allOf.length > 0 ? [`all of ${demand.allOf.join(' ')}`] : []),
    ...(demand.anyOf.length > 0 ? [`one of ${demand.anyOf.join(' ')}`] : []),
  ]
  return scopes.length === 0 ? 'any valid access token' : `scope: ${scopes.join(', and ')}`
}

function lookAtRoute(facts: Facts): readonly Look[] {
  const { request, route, routeIndex, deny, stage } = facts
  const { nearest, problem } = deny?.detail ?? {}
  return [
    look('request', `${request.method} ${request.path}`),
    ...(stage.config.publicUrls.size === 0
      ? []
      : [look('host', request.origin ?? "not given: pass --header 'Host: NAME', or the whole URL as PATH")]),
    ...(route === undefined
      ? nearest === undefined
        ? []
        : [look('nearest rule', `${nearest}; the request differs by ${problem}`)]
      : [look('rule', `routes[${routeIndex}] ${route.name} (${showDemand(facts)})`)]),
    ...(facts.traced.context?.resource == null
      ? []
      : [look('resource', facts.traced.context.resource.identifier)]),
  ]
}

function lookAtToken(facts: Facts): readonly Look[] {
  const { claims, issuer, deny } = facts
  if (Object.keys(claims).length === 0 && !facts.isConfirmed) {
    const { part, problem } = deny?.detail ?? {}
    const where = [part, problem].filter((text) => text !== undefined).join(': ')
    return [look('form', where === '' ? 'no JWT' : where)]
  }
  return [
    look('algorithm', showAlgorithm(facts)),
    look('key identifier (kid)', facts.header['kid'] === undefined ? 'none' : 'present'),
    look('iss', issOf(facts)),
    look('issuer', issuer === undefined ? 'none that is configured' : `issuers.${issuer.name}`),
    ...(otherClaims(facts).length === 0 ? [] : [look('other claims, by name', list(otherClaims(facts)))]),
  ]
}

function lookAtKeys(facts: Facts): readonly Look[] {
  const { issuer, keyReports, isOfJwks } = facts
  if (issuer === undefined) return []
  return [
    look('algorithm', `${showAlgorithm(facts)}; accepted: ${list(issuer.keys.algorithms)}`),
    ...keyReports.map(({ outcome, code, keys, refused, url, host, status }) =>
      look(
        isOfJwks ? 'keys of --jwks' : 'keys',
        [
          outcome === 'failed' ? `failed: ${code}` : `${keys} usable`,
          ...(refused.length === 0 ? [] : [`refused: ${list(refused)}`]),
          ...(url === undefined && host === undefined ? [] : [`at ${url ?? host}`]),
          ...(status === undefined ? [] : [`status ${status}`]),
        ].join(', '),
      ),
    ),
  ]
}

function lookAtIntrospection(facts: Facts): readonly Look[] {
  const reader = facts.issuer?.opaque.reader
  const { status } = detailAt('introspection', facts)
  return reader == null
    ? []
    : [
        look('asked', `issuers.${facts.issuer!.name}.${reader.kind}`),
        ...(status === undefined ? [] : [look('status', String(status))]),
      ]
}

function lookAtKind(facts: Facts): readonly Look[] {
  const { traced, issuer } = facts
  const { mark, missing, looks_like: looksLike, unknown } = detailAt('kind', facts)
  const profile = traced.token?.issuer.profile.name ?? issuer?.profile.name
  return [
    ...(profile === undefined ? [] : [look('profile', profile)]),
    ...(mark === undefined ? [] : [look('evidence of another kind', String(mark))]),
    ...(missing === undefined ? [] : [look('missing evidence', String(missing))]),
    ...(unknown === undefined ? [] : [look('unknown kind in', String(unknown))]),
    ...(looksLike === undefined ? [] : [look('fits the profile', String(looksLike))]),
  ]
}

function lookAtClaims(facts: Facts): readonly Look[] {
  const { issuer, now } = facts
  const tolerance = issuer?.clockToleranceSeconds ?? 0
  const times = (['exp', 'nbf', 'iat'] as const).flatMap((name) => {
    const time = timeOf(facts, name)
    return time === undefined ? [] : [look(name, shownFrom(time, now))]
  })
  const { claim } = detailAt('claims', facts)
  return [
    look('aud', `${showAudience(facts)}; accepted: ${list(issuer?.audiences ?? [])}`),
    look(
      'client',
      `${showClient(facts)}${issuer?.clients == null ? '' : `; accepted: ${list(issuer.clients)}`}`,
    ),
    ...times,
    look('clock tolerance', `${tolerance} s; longest lifetime ${shownSpan(issuer?.maxLifetimeSeconds ?? 0)}`),
    ...(claim === undefined ? [] : [look('claim', String(claim))]),
  ]
}

function showBinding({ claims }: Facts): string {
  if (!Object.hasOwn(claims, 'cnf')) return 'nobody'
  const { cnf } = claims
  if (!isJsonObject(cnf)) return 'something that can be proven nowhere'
  const names = ['jkt', 'x5t#S256'].filter((name) => Object.hasOwn(cnf, name))
  if (names.length === 0) return 'something that can be proven nowhere'
  return names.map((name) => (name === 'jkt' ? 'a DPoP key' : 'a client certificate')).join(' and ')
}

function lookAtSender(facts: Facts): readonly Look[] {
  const { request, route, stage } = facts
  const accepted = route === undefined ? UNBOUND : acceptedOn(route, stage.config)
  const kinds = [
    ...((accepted & UNBOUND) === 0 ? [] : ['unbound']),
    ...((accepted & DPOP_BOUND) === 0 ? [] : ['bound to a DPoP key']),
    ...((accepted & MTLS_BOUND) === 0 ? [] : ['bound to a client certificate']),
  ]
  const { problem } = detailAt('sender', facts)
  return [
    look('the token is bound to', showBinding(facts)),
    look('tokens that are accepted', list(kinds)),
    ...(stage.config.dpop == null
      ? []
      : [look('DPoP field', (request.fields?.['dpop'] ?? []).length > 0 ? 'given' : 'not given')]),
    ...(stage.config.mtls == null
      ? []
      : [look('client certificate', request.clientCertificate === undefined ? 'not given' : 'given')]),
    ...(problem === undefined ? [] : [look('problem', String(problem))]),
  ]
}

function lookAtRevocation(facts: Facts): readonly Look[] {
  if (facts.stage.config.revocation == null) return [look('entries', 'revocation is not configured')]
  if (facts.route?.revocation === 'off') return [look('entries', 'the route demands no check')]
  return []
}

function lookAtGrant(facts: Facts): readonly Look[] {
  const { grant } = facts.traced.context ?? {}
  const read = scopeClaimOf(facts)
  return [
    ...(grant ? [look('principal', grant.principal.kind)] : []),
    look('client', showClient(facts)),
    look(
      'scopes',
      `${showScopes(facts)}${read === undefined ? '' : ` (from the claim ${nameOfClaim(read)})`}`,
    ),
  ]
}

function lookAtPolicy(facts: Facts): readonly Look[] {
  const { route, traced } = facts
  if (route === undefined) return []
  const { clients, claims, authorizationDetails, acr, maxAgeSeconds } = route.conditions
  const resource = traced.context?.resource
  return [
    look('scopes', `${showScopes(facts)}; demanded: ${showDemand(facts).replace('scope: ', '')}`),
    ...(route.issuer === null ? [] : [look('issuer', `only ${route.issuer}`)]),
    ...(resource == null
      ? []
      : [look('resource', `${resource.identifier}; aud: ${list(audiencesOf(facts))}`)]),
    ...(clients === null ? [] : [look('client', `${showClient(facts)}; demanded: ${list(clients)}`)]),
    ...[...claims].map(([name, values]) =>
      look(name, `${showNamed(facts, name)}; demanded: ${[...values].map(String).join(' or ')}`),
    ),
    ...(authorizationDetails.length === 0
      ? []
      : [
          look('authorization_details', `${showDetailTypes(facts)}; demanded: ${list(authorizationDetails)}`),
        ]),
    ...(acr.length === 0 ? [] : [look('acr', `${showNamed(facts, 'acr')}; demanded: ${acr.join(' or ')}`)]),
    ...(maxAgeSeconds === null
      ? []
      : [look('auth_time', `${showNamed(facts, 'auth_time')}; demanded: at most ${maxAgeSeconds} s ago`)]),
  ]
}

export const LOOKS: Readonly<Record<StageName, (facts: Facts) => readonly Look[]>> = {
  credential: ({ token, request }) => [
    look(
      'Authorization',
      token === null ? 'none' : `one token, scheme ${request.authorization[0]!.split(' ')[0]}`,
    ),
  ],
  route: lookAtRoute,
  token: lookAtToken,
  signature: lookAtKeys,
  introspection: lookAtIntrospection,
  kind: lookAtKind,
  claims: lookAtClaims,
  sender: lookAtSender,
  revocation: lookAtRevocation,
  grant: lookAtGrant,
  policy: lookAtPolicy,
}
