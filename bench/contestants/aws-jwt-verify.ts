// awslabs/aws-jwt-verify. It fetches key sets over https only, so the bench hands it the key set.

import { JwtVerifier } from 'aws-jwt-verify'
import { AUDIENCE, SCOPE } from '../world.ts'
import { tokenIn, type Contestant } from './contestant.ts'

export const AWS_JWT_VERIFY: Contestant = {
  name: 'aws-jwt-verify',
  unchecked: 'typ',
  lacks: ['PS256'],
  async create({ issuer, keys }) {
    const jwksUri = 'https://login.example.com/jwks'
    const verifier = JwtVerifier.create({ issuer, audience: AUDIENCE, scope: SCOPE, jwksUri })
    verifier.cacheJwks({ keys: Object.values(keys).map(({ publicJwk }) => publicJwk as never) })
    return async (authorization) => (await verifier.verify(tokenIn(authorization))).sub !== undefined
  },
}
