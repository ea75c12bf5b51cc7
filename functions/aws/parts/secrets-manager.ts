// Part of the Lambda: secrets in AWS Secrets Manager. The SDK is loaded when the first secret is asked for.

import type { LambdaParts } from '../planned-handler.ts'

export const secretsManager: LambdaParts = {
  secrets: {
    secretsManager: () => async (ref) => {
      const { fetchSecret } = await import('../secrets-manager.ts')
      return fetchSecret(ref as Parameters<typeof fetchSecret>[0])
    },
  },
}
