// `log`: how decision events name tokens.

import type { SecretRef } from '../secrets/secret-ref.ts'
import { optionalObjectAt, type AddProblem } from './checks.ts'
import type { Meanings } from './meaning.ts'
import { checkSecret, type SecretEnvironment } from './secrets.ts'

/** How decision events name tokens. */
export interface LogConfig {
  /**
   * Key of the keyed hash that names a token in the log: 32 characters or more. With it, all instances give a token the
   * same name. Default: a random key for each instance.
   */
  readonly fingerprintKey?: SecretRef
}

export interface ResolvedLog {
  readonly fingerprintKey: SecretRef | null
}

export const logMeanings = (): Meanings<keyof LogConfig> => ({
  fingerprintKey: {
    absent: 'random, per instance',
    meaning:
      'where the key of the hash is that names tokens in the log (a JWT without its signature, other tokens whole): 32 characters or more',
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
