/**
 * Makes tokens that no authorization server issues: changed after signing (RFC 7515 s.5.2), unsigned (`alg: none`, RFC
 * 8725 s.2.1), and signed by a key of somebody else with a `kid` of the issuer.
 */
import {
  base64url,
  CompactSign,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  type JWTPayload,
} from 'jose'

export type ForgedTokens = { tampered: string; algNone: string; foreignKey: string }

export async function forgeTokens({ read }: { read: string }): Promise<ForgedTokens> {
  const [header, payload, signature] = read.split('.')
  const claims = decodeJwt(read)
  const elevatedClaims = { ...claims, scope: `${claims['scope']} orders:write` }
  const noneHeader = { ...decodeProtectedHeader(read), alg: 'none' }
  return {
    tampered: `${header}.${encode(elevatedClaims)}.${signature}`,
    algNone: `${encode(noneHeader)}.${payload}.`,
    foreignKey: await signWithForeignKey(read, claims),
  }
}

async function signWithForeignKey(token: string, claims: JWTPayload): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256')
  const { kid, typ } = decodeProtectedHeader(token)
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'RS256', ...(typ && { typ }), ...(kid && { kid }) })
    .sign(privateKey)
}

function encode(value: object): string {
  return base64url.encode(JSON.stringify(value))
}
