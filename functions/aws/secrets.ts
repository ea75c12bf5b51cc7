// Where a Lambda's secrets come from: its environment, or AWS Secrets Manager. The SDK is a chunk of its own, loaded
// when the first secret of Secrets Manager is needed: a function without one never loads it.

import type { Ports } from '../../shared/edge.ts'

export const createLambdaSecrets =
  (env: Readonly<Record<string, string | undefined>>): NonNullable<Ports['secrets']> =>
  async (ref) => {
    if (ref.env !== undefined) return env[ref.env]
    if (ref.secretsManager === undefined) return undefined
    const { fetchSecret } = await import('./secrets-manager.ts')
    return fetchSecret(ref)
  }
