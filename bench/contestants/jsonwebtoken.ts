// auth0/node-jsonwebtoken with jwks-rsa, the usual pair.

import jwt from 'jsonwebtoken'
import { JwksClient } from 'jwks-rsa'
import { AUDIENCE } from '../world.ts'
import { tokenIn, type Contestant } from './contestant.ts'

export const JSONWEBTOKEN: Contestant = {
  name: 'jsonwebtoken + jwks-rsa',
  unchecked: 'typ, scope',
  lacks: ['EdDSA'],
  async create({ issuer, jwksUri }, algorithm) {
    const client = new JwksClient({ jwksUri })
    const options = { issuer, audience: AUDIENCE, algorithms: [algorithm as jwt.Algorithm] }
    const findKey: jwt.GetPublicKeyOrSecret = ({ kid }, done) => {
      client.getSigningKey(kid).then((key) => done(null, key.getPublicKey()), done)
    }
    return (authorization) =>
      new Promise((resolve) =>
        jwt.verify(tokenIn(authorization), findKey, options, (error) => resolve(error === null)),
      )
  },
}
