/**
 * Generates the private JWK Set of the local authorization server (RFC 7517). Every key has `alg`, `use` and its RFC
 * 7638 thumbprint as `kid`.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose'

export async function generateSigningKeys(): Promise<JSONWebKeySet> {
  return { keys: await Promise.all([generateSigningKey('RS256'), generateSigningKey('ES256')]) }
}

export async function generateSigningKey(alg: 'RS256' | 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}
