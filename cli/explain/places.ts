// Where the rule that refused a request stands in the configuration: the settings that it compared the request with.

import type { StageName } from '../../shared/compiler.ts'
import type { Facts } from './facts.ts'
import { placeOfIssuer, placeOfRoute, placeOfSection, type Place } from './given-stage.ts'

type Find = (facts: Facts) => readonly Place[]

const ofIssuer =
  (...members: readonly string[]): Find =>
  ({ stage, issuer }) =>
    issuer === undefined ? [] : members.map((member) => placeOfIssuer(stage, issuer.name, member))

const ofRoute =
  (...members: readonly string[]): Find =>
  ({ stage, routeIndex }) =>
    routeIndex === -1 ? [] : members.map((member) => placeOfRoute(stage, routeIndex, member))

const ofSection =
  (...paths: readonly string[]): Find =>
  ({ stage }) =>
    paths.map((path) => placeOfSection(stage, path))

const nowhere: Find = () => []

const both =
  (...finds: readonly Find[]): Find =>
  (facts) =>
    finds.flatMap((find) => find(facts))

/** The setting that says how the tokens of an issuer are looked up. */
const ofReader =
  (member = ''): Find =>
  (facts) =>
    ofIssuer(`${facts.issuer?.opaque.reader?.kind ?? 'introspection'}${member}`)(facts)

/** The rule that is nearest to the request, or the list that lacks one. */
const ofNearest =
  (member: string): Find =>
  ({ stage, deny }) => {
    const nearest = deny?.detail?.['nearest']
    const index = stage.config.routes.findIndex(({ name }) => name === nearest)
    return [index === -1 ? placeOfSection(stage, 'routes') : placeOfRoute(stage, index, member)]
  }

const ofScope: Find = (facts) => {
  const isOneOf = String(facts.deny?.detail?.['missing'] ?? '').startsWith('one of: ')
  return ofRoute(`scope.${isOneOf ? 'anyOf' : 'allOf'}`)(facts)
}

const ofResource: Find = ({ stage, traced }) => {
  const index = stage.config.resources.findIndex((one) => one === traced.context?.resource)
  return [placeOfSection(stage, index === -1 ? 'resources' : `resources[${index}].identifier`)]
}

const ofGrant: Find = (facts) => {
  const { issuer, deny, stage } = facts
  const { claim, configure } = deny?.detail ?? {}
  if (configure !== undefined) return ofIssuer(String(configure).split('.').at(-1)!)(facts)
  const name = Object.entries(stage.config.identity.claims).find(([, one]) => one === claim)?.[0]
  if (name !== undefined && claim !== issuer?.principal)
    return [placeOfSection(stage, `identity.claims.${name}`)]
  if (deny?.code === 'claim_malformed' && claim !== issuer?.principal) return ofIssuer('scopes')(facts)
  return ofIssuer('principal')(facts)
}

const ofClaim: Find = (facts) => ofRoute(`claims.${facts.deny?.detail?.['claim'] ?? ''}`)(facts)

const ofForm: Find = ({ deny, stage }) => {
  if (deny?.code === 'token_too_large') return [placeOfSection(stage, 'limits.maxTokenBytes')]
  if (deny?.code === 'token_opaque' || deny?.code === 'token_encrypted')
    return [placeOfSection(stage, 'issuers')]
  return deny?.detail?.['problem'] === 'depth' ? [placeOfSection(stage, 'limits.maxJsonDepth')] : []
}

const ofPath: Find = (facts) =>
  facts.deny?.code === 'target_too_long'
    ? ofSection('limits.maxPathBytes')(facts)
    : facts.deny?.code === 'target_ambiguous'
      ? nowhere(facts)
      : ofNearest(facts.deny?.code === 'method_unknown' ? 'methods' : 'path')(facts)

const accepted: Find = (facts) => [
  ...ofRoute('senderConstraint')(facts),
  ...ofIssuer('senderConstraint')(facts),
  ...(facts.stage.config.senderConstraint === 'none' ? ofSection('aws.senderConstraint')(facts) : []),
]

/** By the name of the rule; `*`: every other rule of the stage. */
const PLACES: Readonly<Record<StageName, Readonly<Record<string, Find>>>> = {
  credential: { '*': ofRoute('scope') },
  route: {
    host: ofSection('publicUrls'),
    resource: ofSection('resources'),
    'path and method': ofPath,
    '*': nowhere,
  },
  token: {
    form: ofForm,
    iss: ofSection('issuers'),
    'issuer of the route': ofRoute('issuer'),
    'who introspects': both(ofForm, ofReader()),
    '*': nowhere,
  },
  signature: {
    algorithm: ofIssuer('algorithms'),
    'shared secret': ofIssuer('keys.secret'),
    '*': ofIssuer('keys'),
  },
  introspection: { '*': ofReader() },
  kind: { 'required members': ofReader('.requiredMembers'), '*': ofIssuer('profile') },
  claims: {
    tenant: ofIssuer('tenants'),
    iss: ofIssuer('issuer'),
    aud: ofIssuer('audience'),
    client: ofIssuer('clients'),
    clients: both(ofIssuer('clients'), ofReader('.clients')),
    exp: ofIssuer('clockToleranceSeconds'),
    nbf: ofIssuer('clockToleranceSeconds'),
    iat: ofIssuer('clockToleranceSeconds'),
    lifetime: ofIssuer('maxLifetimeSeconds'),
    '*': ofIssuer('profile'),
  },
  sender: {
    cnf: ofIssuer('senderConstraint'),
    scheme: accepted,
    'what the route accepts': accepted,
    htu: ofSection('publicUrls'),
    alg: ofSection('dpop.algorithms'),
    iat: ofSection('dpop.maxAgeSeconds'),
    nonce: ofSection('dpop.nonce'),
    'used before': ofRoute('replay'),
    verified: ofSection('mtls.trust'),
    issuer: ofSection('mtls.issuerSki'),
    'certificate in a header': ofSection('mtls.header'),
    '*': accepted,
  },
  revocation: { '*': ofSection('revocation') },
  grant: { userinfo: ofIssuer('userinfo.claim'), 'identity and scopes': ofGrant, '*': ofSection('identity') },
  policy: {
    'issuer of the route': ofRoute('issuer'),
    scope: ofScope,
    resource: ofResource,
    client: ofRoute('clients'),
    claims: ofClaim,
    authorization_details: ofRoute('authorizationDetails'),
    acr: ofRoute('acr'),
    max_age: ofRoute('maxAgeSeconds'),
    '*': nowhere,
  },
}

/** Empty where no check refused the request, or no setting has a part in it. */
export function placesOf(facts: Facts): readonly Place[] {
  const { stopped } = facts.traced.trace
  if (stopped === null || facts.deny === null) return []
  const ofStage = PLACES[stopped.stage]
  return (ofStage[stopped.rule] ?? ofStage['*']!)(facts)
}
