// Values for the secrets that a stage names, made for one run. A secret in the environment is taken as it is. Nothing
// of them leaves this machine.

import { exportJWK, generateKeyPair } from 'jose'
import { randomBytes } from 'node:crypto'
import type { PlannedSecret } from '../../shared/compiler.ts'

/** Any bytes will do, as long as the form is right: nobody but the local issuer reads them. */
async function generate(use: PlannedSecret['use']): Promise<string> {
  if (use !== 'private_jwk' && use !== 'es256_jwk') return randomBytes(64).toString('base64url')
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'local', use: 'sig' })
}

export interface LocalSecrets {
  /** The variables of these secrets with their values. The same name has the same value in the whole run. */
  valuesFor(
    secrets: readonly PlannedSecret[],
    known: Readonly<Record<string, string | undefined>>,
  ): Promise<Readonly<Record<string, string>>>
}

export function createLocalSecrets(): LocalSecrets {
  const made = new Map<string, string>()
  return {
    async valuesFor(secrets, known) {
      const values: Record<string, string> = {}
      for (const { ref, use } of secrets) {
        const name = ref.env
        if (name === undefined) continue
        const value = known[name] || made.get(name) || (await generate(use))
        made.set(name, value)
        values[name] = value
      }
      return values
    },
  }
}
