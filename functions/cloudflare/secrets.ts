// Where a Worker's secrets come from: its own secrets and variables, or a binding of the account's Secrets Store.
// https://developers.cloudflare.com/secrets-store/integrations/workers/

import type { Ports, SecretKind } from '../../shared/edge.ts'

export const WORKER_SECRETS: readonly SecretKind[] = ['env', 'secretsStore']

/** The part of a Secrets Store binding that is used. It throws where the secret does not exist. */
interface SecretsStoreBinding {
  get(): Promise<string>
}

export const createWorkerSecrets =
  (env: Readonly<Record<string, unknown>>): NonNullable<Ports['secrets']> =>
  async (ref) => {
    if (ref.env !== undefined) return env[ref.env] as string | undefined
    if (ref.secretsStore === undefined) return undefined
    return (env[ref.secretsStore] as SecretsStoreBinding).get()
  }
