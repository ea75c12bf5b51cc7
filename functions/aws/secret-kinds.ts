// The stores that a Lambda can load secrets from.

import type { SecretKind } from '../../shared/edge.ts'

export const LAMBDA_SECRETS: readonly SecretKind[] = ['env', 'secretsManager']
