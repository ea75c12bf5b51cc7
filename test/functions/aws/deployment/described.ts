// The description of a configuration, for tests: what `lanekeeper build` writes beside its Lambda.

import { AWS_EDGE } from '../../../../functions/aws/compile.ts'
import { describeDeployment } from '../../../../functions/aws/deployment/describe.ts'
import type { Description } from '../../../../functions/aws/deployment/description.ts'
import { compileFor } from '../../../../shared/compiler.ts'
import type { AwsConfig, LanekeeperConfig, ResolvedConfig } from '../../../../shared/index.ts'

export const MAIN = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const

export const ORDERS = { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } } as const

export const configOf = (aws: AwsConfig = {}, more: Partial<LanekeeperConfig> = {}): LanekeeperConfig => ({
  issuers: { main: MAIN },
  routes: [ORDERS],
  aws,
  ...more,
})

export interface Described {
  readonly config: ResolvedConfig
  readonly description: Description
}

/** `files`: those of the folder, which no bundler has written. */
export function described(
  given: LanekeeperConfig,
  stage = '',
  files: Description['files'] = { 'authorizer.mjs': 'digest' },
): Described {
  const compiled = compileFor(AWS_EDGE, given, { stage, env: {} }, true)
  const description = describeDeployment(compiled, { lanekeeper: '0.2.0', files, metadataPaths: [] })
  return { config: compiled.config, description }
}
