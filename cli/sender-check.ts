// Compares an authorizer of the deployment with the sender constraints of the rules behind it: whether its function can
// check proofs and client certificates, and whether API Gateway keeps answers about bound tokens. RFC 9449 sections 4.3
// and 7.1, RFC 8705 section 3.

import type { ResolvedAuthorizer, ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import { acceptedOn, DPOP_ALONE, DPOP_AND_MTLS, MTLS_ALONE, MTLS_BOUND, UNBOUND } from '../shared/edge.ts'
import { rulesServedBy, type ApiAuthorizer } from './authorizer-check.ts'
import type { ApiRoute } from './api-routes.ts'
import type { Find } from './deployment-finding.ts'

const namesOf = (rules: readonly ResolvedRoute[]): string =>
  [...new Set(rules.map(({ name }) => name))].join('; ')

export const NO_REQUEST = 'a TOKEN authorizer gets no header field, method, URL or client certificate'

export const NO_CERTIFICATE = 'API Gateway states no client certificate in the handshake of a WebSocket API'

/** Whether its function accepts bound tokens, if it gets what a proof is about. */
export const acceptsBound = (
  { senderConstraint }: ResolvedAuthorizer,
  { dpop, mtls }: ResolvedConfig,
): boolean => (dpop != null || mtls != null) && senderConstraint === undefined

/** Whether API Gateway keeps answers of a function that accepts bound tokens. `checkSender` reports it. */
export const keepsBound = (
  { authorizer }: ApiAuthorizer,
  settings: ResolvedAuthorizer,
  config: ResolvedConfig,
): boolean => acceptsBound(settings, config) && authorizer.resultTtlSeconds > 0

/**
 * The settings of `aws` itself, where functions are named: a build does not demand `off` of them (compile-sender.ts).
 */
function checkShared(settings: ResolvedAuthorizer, { aws }: ResolvedConfig, find: Find): void {
  const isShared = settings === aws && aws.authorizers.size > 0
  if (isShared && aws.strategy !== 'off' && aws.senderConstraint === undefined)
    find(
      'problem',
      `runs without LANEKEEPER_AUTHORIZER, and aws.strategy is ${aws.strategy}, so it refuses every bound token; name its entry of aws.authorizers, or set aws.strategy to off`,
    )
}

/** Whether a rule accepts tokens, and all of them are of these kinds. */
const acceptsOnly = (rule: ResolvedRoute, kinds: number, config: ResolvedConfig): boolean => {
  const accepted = acceptedOn(rule, config)
  return accepted !== 0 && (accepted & ~kinds) === 0
}

/** Rules that accept bound tokens alone, behind an authorizer that refuses these. */
function checkDemands(
  { authorizer }: ApiAuthorizer,
  { senderConstraint }: ResolvedAuthorizer,
  rules: readonly ResolvedRoute[],
  config: ResolvedConfig,
  find: Find,
): void {
  const isToken = authorizer.type === 'TOKEN'
  if (!isToken && senderConstraint === undefined) return
  const unserved = rules.filter((rule) => (acceptedOn(rule, config) & UNBOUND) === 0)
  const why = isToken ? NO_REQUEST : 'its function has senderConstraint "none"'
  if (unserved.length > 0)
    find(
      'problem',
      `refuses every request for ${namesOf(unserved)}: only bound tokens are accepted there, and ${why}; use a REQUEST authorizer whose function accepts bound tokens`,
    )
}

const accepting = (
  rules: readonly ResolvedRoute[],
  kinds: number,
  config: ResolvedConfig,
): readonly ResolvedRoute[] => rules.filter((rule) => (acceptedOn(rule, config) & kinds) !== 0)

/** Which tokens with a DPoP key alone the API accepts. */
function noteProofs(rules: readonly ResolvedRoute[], config: ResolvedConfig, find: Find): void {
  const bound = accepting(rules, DPOP_ALONE, config)
  if (bound.length === 0) return
  const strong = bound.filter(({ replay }) => replay === 'strong')
  find(
    'note',
    `accepts tokens that are bound to a DPoP key, with their proof, for ${namesOf(bound)}; used proofs are ${
      strong.length === 0 ? '' : `in the table for ${namesOf(strong)} (strong), and otherwise `
    }in the memory of each instance`,
  )
}

/**
 * Which tokens with a client certificate the API accepts. A WebSocket API can have the certificate of `mtls.header`
 * alone.
 */
function noteCertificates(
  { kind }: ApiAuthorizer,
  rules: readonly ResolvedRoute[],
  config: ResolvedConfig,
  find: Find,
): void {
  const bound = accepting(rules, MTLS_BOUND, config)
  if (bound.length === 0) return
  if (kind !== 'WebSocket' || config.mtls?.header != null) {
    const [alone, both] = [accepting(bound, MTLS_ALONE, config), accepting(bound, DPOP_AND_MTLS, config)]
    if (alone.length > 0)
      find(
        'note',
        `accepts tokens that are bound to a client certificate, with this certificate, for ${namesOf(alone)}`,
      )
    if (both.length > 0)
      find('note', `accepts tokens that are bound to both, with proof and certificate, for ${namesOf(both)}`)
    return
  }
  const unserved = bound.filter((rule) => acceptsOnly(rule, MTLS_BOUND, config))
  if (unserved.length > 0)
    return find(
      'problem',
      `refuses every request for ${namesOf(unserved)}: only tokens that are bound to a client certificate are accepted there, and ${NO_CERTIFICATE}; accept other tokens for this rule`,
    )
  find('note', `refuses tokens that are bound to a client certificate: ${NO_CERTIFICATE}`)
}

/** Which tokens the API accepts. A warning where its authorizer keeps it from accepting more. */
function noteDemands(
  apiAuthorizer: ApiAuthorizer,
  { senderConstraint }: ResolvedAuthorizer,
  rules: readonly ResolvedRoute[],
  config: ResolvedConfig,
  find: Find,
): void {
  if (senderConstraint === 'none') return find('note', 'refuses bound tokens (senderConstraint none)')
  if (rules.every((rule) => acceptsOnly(rule, UNBOUND, config)))
    return find('note', 'refuses bound tokens: no rule behind it accepts them')
  if (apiAuthorizer.authorizer.type === 'TOKEN')
    return find(
      'warning',
      `refuses every bound token: ${NO_REQUEST}; use REQUEST, or set the senderConstraint of its function to "none"`,
    )
  noteProofs(rules, config, find)
  noteCertificates(apiAuthorizer, rules, config, find)
}

/** What sender constraints mean for an API, and what of them its authorizer cannot do. */
export function checkSender(
  apiAuthorizer: ApiAuthorizer,
  settings: ResolvedAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
  find: Find,
): void {
  if (config.dpop == null && config.mtls == null) return
  const { authorizer } = apiAuthorizer
  const rules = rulesServedBy(authorizer, routes, config).filter(({ demand }) => demand !== null)
  checkShared(settings, config, find)
  checkDemands(apiAuthorizer, settings, rules, config, find)
  if (keepsBound(apiAuthorizer, settings, config))
    find(
      'problem',
      `caches answers for ${authorizer.resultTtlSeconds} s, and its function accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof or certificate, or with none; set the lifetime to 0, or for plain tokens alone its senderConstraint to "none"`,
    )
  noteDemands(apiAuthorizer, settings, rules, config, find)
}
