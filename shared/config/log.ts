// `log`: how decision events name tokens.

import type { SecretRef } from '../secrets/secret-ref.ts'
import { optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'
import { checkSecret, type SecretEnvironment } from './secrets.ts'

export interface LogConfig {
  /** Key of the names that tokens go by in the log. Default: random, another one in every instance. */
  readonly fingerprintKey?: SecretRef
}

export interface ResolvedLog {
  readonly fingerprintKey: SecretRef | null
}

export const logMeanings = (): Meanings<keyof LogConfig> => ({
  fingerprintKey: {
    absent: 'random, per instance',
    meaning:
      'where the key is that names tokens in the log (a JWT by what is signed, others by all of it): 32 characters or more',
  },
})

export function checkLog(
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedLog {
  const { fingerprintKey } = optionalObjectAt(value, 'log', addProblem, ['fingerprintKey'])
  return {
    fingerprintKey:
      fingerprintKey === undefined
        ? null
        : checkSecret(fingerprintKey, 'fingerprint_key', 'log.fingerprintKey', environment, addProblem),
  }
}
