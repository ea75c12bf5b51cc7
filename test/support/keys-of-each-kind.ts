// A key of each kind, and the algorithms of an issuer that has all of them.

import type { SignatureAlgorithm } from '../../shared/token/algorithms.ts'
import { generateKey, type SigningKey } from './test-issuer.ts'

export const ALLOWED: ReadonlySet<SignatureAlgorithm> = new Set(['RS256', 'PS256', 'ES256', 'EdDSA'])

export async function generateKeysOfEachKind(): Promise<Record<'rsa' | 'ec' | 'ed', SigningKey>> {
  const [rsa, ec, ed] = await Promise.all([
    generateKey('RS256', 'rsa'),
    generateKey('ES256', 'ec'),
    generateKey('EdDSA', 'ed'),
  ])
  return { rsa, ec, ed }
}
