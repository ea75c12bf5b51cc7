// What the store Worker needs of a configuration: whose tokens can be revoked, the bound on entries, and the admin
// endpoint. Refuses a configuration without a binding to the store.

import type { EdgeCompiler } from '../../../shared/compiler.ts'
import {
  ConfigError,
  type ConfigEnvironment,
  type ConfigProblem,
  type ResolvedConfig,
} from '../../../shared/index.ts'
import { WORKER_SECRETS } from '../secrets.ts'
import type { StoreConfig } from './store-config.ts'

const BINDING = 'revocation.durableObject'

function toPlanned({ issuers, revocation }: ResolvedConfig): StoreConfig {
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
    const problems = findOpenIssuers(environment)
    const hasBinding = config.revocation?.durableObject != null
    if (!hasBinding || problems.length > 0)
      throw new ConfigError([
        ...(hasBinding ? [] : [{ path: BINDING, message: 'is missing; the store Worker needs it' }]),
        ...problems,
      ])
    return { derived: {}, parts: [] }
  },
}
