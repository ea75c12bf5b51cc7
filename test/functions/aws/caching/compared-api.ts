// The API whose answers are compared: its configuration for generated routes, and its tokens.

import type { AwsConfig, LanekeeperConfig, RouteRule } from '../../../../shared/index.ts'
import { signCompact, type SigningKey } from '../../../support/test-issuer.ts'
import type { TokenShape } from './scenario.ts'

const ISSUER = 'https://login.test.example'
const AUDIENCE = 'https://api.test.example'

/** Seconds since the epoch at which every scenario begins. */
export const START = 1_800_000_000

/** The smallest value that the configuration accepts: every template is shorter, and a path may be longer. */
export const MAX_PATH_BYTES = 64

export interface ComparedApi {
  config(routes: readonly RouteRule[], aws: AwsConfig): LanekeeperConfig
  /** Tokens of one shape differ by their number. Each is signed once. */
  token(shape: TokenShape, number: number): Promise<string>
}

export function createComparedApi(key: SigningKey): ComparedApi {
  const signed = new Map<string, Promise<string>>()

  const sign = ({ scope, from, until }: TokenShape, number: number): Promise<string> =>
    signCompact(
      key,
      { alg: 'ES256', typ: 'at+jwt', kid: 'k1' },
      {
        iss: ISSUER,
        sub: 'user-1',
        aud: AUDIENCE,
        client_id: 'client-1',
        jti: String(number),
        iat: START - 20,
        exp: START + until,
        ...(from === null ? {} : { nbf: START + from }),
        scope,
      },
    )

  return {
    config: (routes, aws) => ({
      issuers: {
        main: {
          issuer: ISSUER,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: { jwks: { keys: [key.publicJwk] } },
          algorithms: ['ES256'],
          clockToleranceSeconds: 0,
        },
      },
      routes,
      aws,
      limits: { maxPathBytes: MAX_PATH_BYTES },
    }),
    token(shape, number) {
      const name = JSON.stringify([shape, number])
      const token = signed.get(name) ?? sign(shape, number)
      signed.set(name, token)
      return token
    },
  }
}
