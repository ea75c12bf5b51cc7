// Every project that `lanekeeper init` offers, as its arguments: for tests, and for `npm run test:deploy`.

import { AWS_TOOLS, type AwsTool, APIS } from '../../cli/init/answers.ts'
import { findProvider, PROVIDERS, takesClients, type Provider } from '../../cli/init/providers.ts'

export const ORIGINS = ['https://orders.internal.example.com', 'sample'] as const

const WORKERS: readonly (readonly string[])[] = ORIGINS.map((origin) => [
  '--edge',
  'cloudflare',
  '--origin',
  origin,
])

/** Arguments for one tool of AWS: each kind of API alone, and beside a Worker. */
export const deploymentsOf = (tool: AwsTool): readonly (readonly string[])[] =>
  APIS.flatMap((api) => {
    const lambda = ['--tool', tool, '--api', api]
    return api === 'websocket' ? [lambda] : [lambda, [...lambda, '--edge', 'both', '--origin', ORIGINS[1]]]
  })

export const DEPLOYMENTS: readonly (readonly string[])[] = [...WORKERS, ...AWS_TOOLS.flatMap(deploymentsOf)]

/** Arguments for one provider, which no network answers. */
export function providerArguments(name: string): readonly string[] {
  const provider = findProvider(name) as Provider
  const identifier = takesClients(provider)
    ? ['--client', '3n4b5urk1ft4fl3mg5e62d9ado']
    : ['--audience', 'api://orders']
  return ['--provider', name, '--issuer', provider.exampleIssuer, ...identifier, '--offline']
}

export const PROJECTS: readonly (readonly string[])[] = PROVIDERS.flatMap((provider) =>
  DEPLOYMENTS.map((deployment) => ['init', ...providerArguments(provider), ...deployment]),
)
