// The URL of an issuer's metadata. OpenID Connect Discovery 1.0 section 4; RFC 8414 section 3.

import { expect, test } from 'vitest'
import { metadataUrl } from '../../../shared/keys/metadata-url.ts'

test.each([
  ['https://as.example', 'openid-configuration', 'https://as.example/.well-known/openid-configuration'],
  ['https://as.example/', 'openid-configuration', 'https://as.example/.well-known/openid-configuration'],
  [
    'https://as.example/tenant',
    'openid-configuration',
    'https://as.example/tenant/.well-known/openid-configuration',
  ],
  [
    'https://as.example',
    'oauth-authorization-server',
    'https://as.example/.well-known/oauth-authorization-server',
  ],
  [
    'https://as.example/tenant',
    'oauth-authorization-server',
    'https://as.example/.well-known/oauth-authorization-server/tenant',
  ],
] as const)('%s, %s', (url, document, expected) => {
  expect(metadataUrl(url, document)).toBe(expected)
})
