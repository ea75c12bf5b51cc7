// express-oauth2-jwt-bearer: its two middlewares in sequence, on a request as Express would hand it over. Express
// itself is not part of the measurement.

import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { AUDIENCE, SCOPE } from '../world.ts'
import type { Contestant } from './contestant.ts'

type Middleware = (request: never, response: never, next: (error?: unknown) => void) => unknown

const pass = (middleware: Middleware, request: object): Promise<boolean> =>
  new Promise((resolve) => middleware(request as never, {} as never, (error) => resolve(error === undefined)))

const ARRIVED = {
  method: 'GET',
  protocol: 'http',
  hostname: 'localhost',
  host: 'localhost',
  url: '/orders/4711',
  originalUrl: '/orders/4711',
  app: { get: () => false },
}

export const EXPRESS: Contestant = {
  name: 'express-oauth2-jwt-bearer',
  unchecked: 'nothing of these',
  async create({ issuer, jwksUri }, algorithm) {
    const verify = auth({ issuer, jwksUri, audience: AUDIENCE, strict: true, tokenSigningAlg: algorithm })
    const check = requiredScopes(SCOPE)
    return async (authorization) => {
      const request = {
        ...ARRIVED,
        headers: { host: 'localhost', authorization },
        get: () => 'localhost',
        query: {},
        is: () => false,
      }
      return (await pass(verify as Middleware, request)) && (await pass(check as Middleware, request))
    }
  },
}
