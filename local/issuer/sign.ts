// Signs a token in compact form, with any header: also one that no issuer would write. RFC 7515 section 7.1.

import { CompactSign } from 'jose'
import type { SigningKey } from './keys.ts'
import type { TokenShape } from './token-shape.ts'

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const signToken = ({ header, claims }: TokenShape, key: SigningKey): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({
      alg: key.algorithm,
      ...(key.publicJwk === null ? {} : { kid: key.kid }),
      ...header,
    })
    .sign(key.key)

/** RFC 7519 section 6: `alg` is `none`, and the signature is empty. */
export const withoutSignature = ({ header, claims }: TokenShape, { kid }: SigningKey): string =>
  `${encode({ alg: 'none', kid, ...header })}.${encode(claims)}.`
