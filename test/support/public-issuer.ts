// An issuer with published keys, resolved as the key store gets it: for tests of a store by itself.

import { resolveConfig } from '../../shared/index.ts'
import type { PublicKeyIssuer } from '../../shared/keys/key-endpoint.ts'
import type { SignatureAlgorithm } from '../../shared/token/algorithms.ts'

export function publicIssuer(
  issuer: string,
  jwksUri: string,
  algorithm: SignatureAlgorithm,
): PublicKeyIssuer {
  const { issuers } = resolveConfig({
    issuers: {
      main: {
        issuer,
        audience: 'https://api.test.example',
        profile: 'rfc9068',
        keys: { jwks_uri: jwksUri },
        algorithms: [algorithm],
      },
    },
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  })
  return issuers.get(issuer) as PublicKeyIssuer
}
