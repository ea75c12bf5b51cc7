// panva/jose: jwtVerify with a remote key set.

import { createRemoteJWKSet, jwtVerify } from 'jose'
import { AUDIENCE } from '../world.ts'
import { tokenIn, type Contestant } from './contestant.ts'

export const JOSE: Contestant = {
  name: 'jose',
  unchecked: 'scope',
  async create({ issuer, jwksUri }, algorithm) {
    const keys = createRemoteJWKSet(new URL(jwksUri))
    const options = {
      issuer,
      audience: AUDIENCE,
      algorithms: [algorithm],
      typ: 'at+jwt',
      requiredClaims: ['exp'],
    }
    return async (authorization) => {
      const { payload } = await jwtVerify(tokenIn(authorization), keys, options)
      return payload.sub !== undefined
    }
  },
}
