// A good configuration for unit tests, changed in one place, and the problems of an invalid one.

import { ConfigError, resolveConfig, type LanekeeperConfig } from '../../shared/index.ts'
import { findDisagreement } from './schema-agreement.ts'

export const GOOD: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
}

export type Json = { [name: string]: unknown }

/** GOOD with the member at a dotted path set, or removed if the value is undefined. */
export function withMember(path: string, value: unknown): LanekeeperConfig {
  const copy = structuredClone(GOOD) as unknown as Json
  const names = path.split('.')
  const parent = names.slice(0, -1).reduce<Json>((at, name) => (at[name] ??= {}) as Json, copy)
  if (value === undefined) delete parent[names.at(-1)!]
  else parent[names.at(-1)!] = value
  return copy as unknown as LanekeeperConfig
}

function resolvedProblems(config: unknown, environment: object): string[] {
  try {
    resolveConfig(config as LanekeeperConfig, environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((problem) => `${problem.path}: ${problem.message}`)
  }
}

/** The problems that `resolveConfig` finds. Throws if the JSON Schema disagrees. */
export function problemsOf(config: unknown, environment = {}): string[] {
  const problems = resolvedProblems(config, environment)
  const disagreement = findDisagreement(config, problems)
  if (disagreement !== null) throw new Error(disagreement)
  return problems
}
