// Part of the Lambda: secrets in environment variables.

import type { LambdaParts } from '../planned-handler.ts'

export const secrets: LambdaParts = {
  secrets: { env: (env) => async (ref) => env[ref.env!] },
}
