// What the Worker needs of a configuration: an origin, and the parts of a Fetch edge.

import { asksReplayStore, type EdgeCompiler, type UsedPart } from '../../shared/compiler.ts'
import { ConfigError, type ConfigProblem, type ResolvedConfig } from '../../shared/index.ts'
import { isRemoved } from '../fetch/spoofable-fields.ts'
import { WORKER_SECRETS } from './secrets.ts'

/** Key sets that an issuer publishes are shared through the Cache API. */
function sharedKeysOf({ issuers }: ResolvedConfig): readonly UsedPart[] {
  const issuer = [...issuers.values()].find(
    ({ keys: { source } }) => source?.discovery !== undefined || source?.jwks_uri !== undefined,
  )
  return issuer === undefined ? [] : [{ name: 'shared-keys', because: `issuers.${issuer.name}.keys` }]
}

/** @throws {ConfigError} if the store is missing. */
function revocationParts({ revocation }: ResolvedConfig): readonly UsedPart[] {
  if (revocation == null) return []
  if (revocation.durableObject === null)
    throw new ConfigError([
      { path: 'revocation.durableObject', message: 'is missing; the Worker asks the store through it' },
    ])
  return [
    { name: 'revocation-snapshots', because: 'revocation' },
    { name: 'cloudflare/durable-object', because: 'revocation.durableObject' },
    ...['backchannel-logout', 'fetch/receivers'].flatMap((name) =>
      revocation.logout === null ? [] : [{ name, because: 'revocation.logout' }],
    ),
  ]
}

/** What of DPoP is missing for the Worker. */
export const findDpopProblems = (config: ResolvedConfig): readonly ConfigProblem[] =>
  config.dpop && asksReplayStore(config) && config.dpop.replay.durableObject === null
    ? [
        {
          path: 'dpop.replay.durableObject',
          message: 'is missing; a route has replay: "strong", for which the Worker asks the store through it',
        },
      ]
    : []

const metadataParts = ({ dpop, mtls, resources }: ResolvedConfig): readonly UsedPart[] =>
  (dpop || mtls) && resources.length > 0
    ? [{ name: 'fetch/sender-metadata', because: 'senderConstraint' }]
    : []

function dpopParts(config: ResolvedConfig): readonly UsedPart[] {
  if (!config.dpop) return []
  return [
    { name: 'fetch/dpop', because: 'senderConstraint' },
    ...(asksReplayStore(config)
      ? [{ name: 'cloudflare/replays', because: 'dpop.replay.durableObject' }]
      : []),
  ]
}

/** The members that the Worker reads. */
function plannedRevocation({ revocation }: ResolvedConfig) {
  if (revocation == null) return {}
  const { admin: _, dynamodb: __, maxEntries: ___, ...planned } = revocation
  return { revocation: planned }
}

function plannedDpop({ dpop }: ResolvedConfig) {
  if (!dpop) return {}
  const { dynamodb: _, ...replay } = dpop.replay
  return { dpop: { ...dpop, replay } }
}

function partsOf(config: ResolvedConfig): readonly UsedPart[] {
  const { cors, diagnostics, origin, resources } = config
  const hasAssertion = origin?.assertion != null
  return [
    { name: 'check-request', because: 'the RPC entrypoint' },
    ...sharedKeysOf(config),
    ...(cors === null ? [] : [{ name: 'fetch/cors', because: 'cors' }]),
    ...(hasAssertion ? [{ name: 'fetch/assertion', because: 'origin.assertion' }] : []),
    ...(resources.length > 0 ? [{ name: 'fetch/published', because: 'resources' }] : []),
    ...(hasAssertion ? [{ name: 'fetch/published', because: 'origin.assertion' }] : []),
    ...revocationParts(config),
    ...dpopParts(config),
    ...metadataParts(config),
    ...(diagnostics === null ? [] : [{ name: 'fetch/diagnostics', because: 'diagnostics' }]),
  ]
}

/** The Cloudflare edge. */
export const CLOUDFLARE_EDGE: EdgeCompiler = {
  name: 'cloudflare',
  environment: { needsOrigin: true, isRemoved, secretKinds: WORKER_SECRETS },
  sections: ['origin', 'cors', 'serverTiming', 'diagnostics'],
  compile(config) {
    const problems = findDpopProblems(config)
    if (problems.length > 0) throw new ConfigError(problems)
    return { derived: { ...plannedRevocation(config), ...plannedDpop(config) }, parts: partsOf(config) }
  },
}
