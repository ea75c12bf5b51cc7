// docs/explaining.md shows what `lanekeeper explain` prints. `UPDATE_DOCS=1 npx vitest run test/docs` writes it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatPage } from '../support/markdown.ts'
import { startWorld } from '../cli/explain/world.ts'

const PAGE = join(import.meta.dirname, '../../docs/explaining.md')

test('the output on the page is that of the command', async () => {
  const world = await startWorld()
  const keycloak = 'https://login.example.com/realms/shop'
  world.config({
    issuers: {
      main: {
        issuer: keycloak,
        audience: 'https://api.example.com',
        profile: 'keycloak',
        keys: { discovery: 'openid-configuration' },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
    aws: { strategy: 'exact', resultTtlSeconds: 300, caches: [{ restApi: 'a1b2c3d4e5', stage: 'prod' }] },
  })
  await world.token(
    {
      ...{ iss: keycloak, typ: 'Bearer', azp: 'orders-web', client_id: undefined, scope: 'openid profile' },
      realm_access: { roles: ['orders:read'] },
    },
    { typ: 'JWT' },
  )
  const { text } = await world.explain('GET', '/orders')
  world.close()
  const shown = text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
  const page = readFileSync(PAGE, 'utf8')
  const made = page.replace(/(<!-- explain -->)[^]*(<!-- \/explain -->)/, (_, open: string, close: string) =>
    [open, '', '```text', shown, '```', '', close].join('\n'),
  )
  const expected = await formatPage(made)
  if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, expected)
  expect(readFileSync(PAGE, 'utf8')).toBe(expected)
})
