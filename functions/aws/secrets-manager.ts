// AWS Secrets Manager through the AWS SDK. Only secrets.ts imports this, when the first such secret is needed. Caches
// nothing and retries nothing beyond what the SDK does: the core caches secrets.
// AWS Secrets Manager API reference, GetSecretValue.

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SecretRef } from '../../shared/edge.ts'

const REQUEST_MS = 2_500

const clients = new Map<string, SecretsManagerClient>()

/** One client for each region: that of the ARN, or of the function (`AWS_REGION`) where the id is no ARN. */
function clientFor(id: string): SecretsManagerClient {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(id)?.[1]
  const known = clients.get(region ?? '')
  if (known !== undefined) return known
  const client = new SecretsManagerClient({ ...(region === undefined ? {} : { region }), maxAttempts: 2 })
  clients.set(region ?? '', client)
  return client
}

/** The value of a secret; a binary one is read as UTF-8. Throws what the SDK throws. */
export async function fetchSecret(
  ref: SecretRef & { readonly secretsManager: string },
): Promise<string | undefined> {
  const { SecretString, SecretBinary } = await clientFor(ref.secretsManager).send(
    new GetSecretValueCommand({
      SecretId: ref.secretsManager,
      VersionStage: ref.versionStage ?? 'AWSCURRENT',
    }),
    { abortSignal: AbortSignal.timeout(REQUEST_MS) },
  )
  return SecretString ?? (SecretBinary === undefined ? undefined : new TextDecoder().decode(SecretBinary))
}
