// What is at hand for the checks of a request: keys, secrets, and the issuer itself with --online.

import { createLambdaSecrets } from '../../functions/aws/secrets.ts'
import type { AtHand } from '../../shared/compiler.ts'
import { isJsonObject, type SecretRef } from '../../shared/edge.ts'
import type { Ports } from '../../shared/index.ts'
import { readText } from '../revocation/input.ts'
import type { CommandIo } from '../command.ts'
import type { Environment } from '../stage-findings.ts'
import { Stop } from '../stop.ts'

/** @throws {Stop} If the file has no JWK Set (exit code 2). The message repeats nothing of it. */
export async function readJwks(file: string, io: CommandIo): Promise<NonNullable<AtHand['jwks']>> {
  const text = await readText(io.cwd, file, '--jwks', io.stdin)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Stop('--jwks: is no JSON.', 2)
  }
  const keys = isJsonObject(value) ? value['keys'] : undefined
  if (!Array.isArray(keys) || keys.length === 0)
    throw new Stop('--jwks: is no JWK Set with keys (RFC 7517 section 5).', 2)
  return { keys: keys as readonly object[] }
}

export interface Secrets {
  readonly has: (ref: SecretRef) => boolean
  readonly read: NonNullable<Ports['secrets']>
  /** References that were asked for in vain. */
  readonly missing: () => readonly SecretRef[]
}

/** `isOnline`: AWS Secrets Manager may be asked, with the credentials of the environment. */
export function createSecrets(env: Environment, isOnline: boolean): Secrets {
  const missing: SecretRef[] = []
  const fetchSecret = createLambdaSecrets(env)
  const has = (ref: SecretRef): boolean =>
    ref.env === undefined ? isOnline && ref.secretsManager !== undefined : (env[ref.env] ?? '') !== ''
  return {
    has,
    async read(ref) {
      if (has(ref)) return fetchSecret(ref)
      missing.push(ref)
      return undefined
    },
    missing: () => missing,
  }
}

/** How a message names a secret. */
export const nameOfSecret = (ref: SecretRef): string =>
  ref.env === undefined ? (ref.secretsStore ?? ref.secretsManager!) : `the variable ${ref.env}`
