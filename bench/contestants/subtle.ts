// The floor: WebCrypto verifies a signature whose input was parsed beforehand.

import type { Algorithm, World } from '../world.ts'

interface Parameters {
  readonly import: { readonly name: string; readonly hash?: string; readonly namedCurve?: string }
  readonly verify: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
}

export const PARAMETERS: Readonly<Record<Algorithm, Parameters>> = {
  RS256: {
    import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    verify: { name: 'RSASSA-PKCS1-v1_5' },
  },
  PS256: { import: { name: 'RSA-PSS', hash: 'SHA-256' }, verify: { name: 'RSA-PSS', saltLength: 32 } },
  ES256: { import: { name: 'ECDSA', namedCurve: 'P-256' }, verify: { name: 'ECDSA', hash: 'SHA-256' } },
  EdDSA: { import: { name: 'Ed25519' }, verify: { name: 'Ed25519' } },
}

export interface ParsedInput {
  readonly signingInput: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

export function takeApart(token: string): ParsedInput {
  const end = token.lastIndexOf('.')
  return {
    signingInput: new TextEncoder().encode(token.slice(0, end)),
    signature: Uint8Array.from(Buffer.from(token.slice(end + 1), 'base64url')),
  }
}

export const SUBTLE = 'subtle.verify'

export async function createSubtle(world: World, algorithm: Algorithm) {
  const row = PARAMETERS[algorithm]
  const { alg: _, ...jwk } = world.keys[algorithm].publicJwk
  const key = await crypto.subtle.importKey('jwk', jwk, row.import, false, ['verify'])
  return ({ signingInput, signature }: ParsedInput): Promise<boolean> =>
    crypto.subtle.verify(row.verify, key, signature, signingInput)
}
