// Parts of the Lambda that a function's settings ask for.

import { expect, test } from 'vitest'
import { AWS_EDGE } from '../../../functions/aws/compile.ts'
import { compileFor } from '../../../shared/compiler.ts'
import type { AwsConfig, LanekeeperConfig } from '../../../shared/index.ts'

const partsWith = (aws: AwsConfig): readonly string[] => {
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: 'https://login.example.com',
        audience: 'https://api.example.com',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
    aws,
  }
  return compileFor(AWS_EDGE, config, { env: {} }, true).parts.map(({ name }) => name)
}

test.each<[string, AwsConfig, boolean]>([
  ['the Authorization field', {}, false],
  ['a subprotocol', { webSocketToken: 'protocol' }, true],
  ['a query parameter', { webSocketToken: { query: 'access_token' } }, true],
  ['a subprotocol, for one function', { authorizers: { chat: { webSocketToken: 'protocol' } } }, true],
])('handshake tokens: %s', (_, aws, isNamed) => {
  expect(partsWith(aws).includes('aws/handshake-tokens')).toBe(isNamed)
})

test('the strategy table brings its answer, and the grant of a token whatever the route decides', () => {
  expect(partsWith({ strategy: 'table' })).toEqual(expect.arrayContaining(['aws/table', 'examine']))
  expect(partsWith({})).not.toContain('examine')
})
