// What the store Worker needs of a configuration: which stores it has, whose tokens can be revoked, the bound on
// entries, and the admin endpoint. Refuses a configuration without a binding to a store.

import type { EdgeCompiler, UsedPart } from '../../../shared/compiler.ts'
import {
  ConfigError,
  type ConfigEnvironment,
  type ConfigProblem,
  type ResolvedConfig,
} from '../../../shared/index.ts'
import { WORKER_SECRETS } from '../secrets.ts'
import type { StoreConfig } from './store-config.ts'

const BINDING = 'revocation.durableObject'
const REPLAY_BINDING = 'dpop.replay.durableObject'

const hasRevocations = ({ revocation }: ResolvedConfig): boolean => revocation?.durableObject != null

const partsOf = (config: ResolvedConfig): readonly UsedPart[] => [
  ...(hasRevocations(config) ? [{ name: 'store/revocations', because: BINDING }] : []),
  ...(config.dpop?.replay.durableObject == null ? [] : [{ name: 'store/replays', because: REPLAY_BINDING }]),
]

/** Used proofs need nothing of the configuration. */
function toPlanned(config: ResolvedConfig): StoreConfig | object {
  if (!hasRevocations(config)) return {}
  const { issuers, revocation } = config
  const { durableObject, maxEntries, admin } = revocation!
  return {
    issuers: [...issuers.values()].map(
      ({ name, issuer, clockToleranceSeconds, maxLifetimeSeconds, opaque, profile, tenant }) => ({
        name,
        issuer,
        clockToleranceSeconds,
        maxLifetimeSeconds,
        opaque: { reader: opaque.reader === null ? null : {} },
        profile: profile.tenant === undefined ? {} : { tenant: profile.tenant },
        tenant,
      }),
    ) as unknown as StoreConfig['issuers'],
    revocation: {
      durableObject: durableObject!,
      maxEntries,
      admin: admin === null ? null : { revoke: admin.revoke, list: admin.list },
    },
  }
}

/** The build needs every `iss`. */
function findOpenIssuers({ later }: ConfigEnvironment): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const { path } of later?.open.settings ?? [])
    if (/^issuers\.[^.]+\.(?:issuer|tenants)\b/.test(path))
      later!.open.refuse(path, (at, message, variable) =>
        problems.push({ path: at, message, ...(variable === undefined ? {} : { variable }) }),
      )
  return problems
}

/** The store Worker (`lanekeeper build --edge store`). */
export const STORE_EDGE: EdgeCompiler = {
  name: 'store',
  environment: { isStore: true, secretKinds: WORKER_SECRETS },
  sections: [],
  only: { below: 'revocation.', toPlanned },
  compile(config, environment) {
    const parts = partsOf(config)
    if (parts.length === 0)
      throw new ConfigError([
        { path: BINDING, message: `is missing; the store Worker needs it, or ${REPLAY_BINDING}` },
      ])
    const problems = hasRevocations(config) ? findOpenIssuers(environment) : []
    if (problems.length > 0) throw new ConfigError(problems)
    return { derived: {}, parts }
  },
}
