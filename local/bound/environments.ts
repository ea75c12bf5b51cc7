// The environments of the Worker and of the functions: the variables of their stages, and their secrets.

import type { JWK } from 'jose'
import { randomBytes } from 'node:crypto'
import { awsEnvironment } from '../revocation/stand-ins.ts'
import type { Service } from './options.ts'

export const AUDIENCE = 'https://api.orders.example'

export type PortOf = (service: Service) => number

/** The key with which the edges authenticate for introspection. */
export function createEnvironments(portOf: PortOf, introspectionKey: JWK) {
  const url = (service: Service) => `http://127.0.0.1:${portOf(service)}`
  const tlsUrl = (service: Service) => `https://127.0.0.1:${portOf(service)}`
  const common = {
    LOCAL_ISSUER: url('authorization server'),
    LOCAL_AUDIENCE: AUDIENCE,
    LOCAL_INTROSPECTION_KEY: JSON.stringify(introspectionKey),
  }
  const stage = 'local-aws'
  return {
    worker: {
      ...common,
      LANEKEEPER_STAGE: 'local-cloudflare',
      LOCAL_WORKER: tlsUrl('Worker'),
      LOCAL_ORIGIN: url('origin'),
      DPOP_NONCE_KEY: randomBytes(32).toString('base64url'),
    },
    lambda: {
      ...common,
      LANEKEEPER_STAGE: stage,
      LOCAL_REST_API: tlsUrl('REST API'),
      LOCAL_HTTP_API: tlsUrl('HTTP API'),
      ...awsEnvironment({ dynamodb: portOf('DynamoDB'), management: 0 }),
    },
  } as const
}

export type Environments = ReturnType<typeof createEnvironments>
