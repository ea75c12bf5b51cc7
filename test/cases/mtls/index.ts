// Every row about tokens that are bound to a client certificate, by the configuration that it is about.

import { toTlsClientAuth } from '../../../local/client-certificates/platform-facts.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import type { CaseWorld } from '../../support/case-world.ts'
import { clientCertificates } from '../../support/client-certificates.ts'
import type { SenderRow, SenderSuite } from '../sender-row.ts'
import { API_GATEWAY_ROWS } from './api-gateway.ts'
import { CLOUDFLARE_ROWS, ISSUER_ROWS, POSSESSION_ROWS } from './cloudflare.ts'
import { FIELD, GUARD, headerRows, SECRET, type HeaderFormat } from './header.ts'
import { BOUND, GATEWAYS, mtlsConfig } from './row.ts'
import { ALONE_ROWS, TOKEN_ROWS } from './token.ts'

const headerSuite = (format: HeaderFormat): SenderSuite => ({
  name: `mtls header ${format}`,
  config: (world) => ({
    ...mtlsConfig(world),
    mtls: { header: { name: FIELD, format, guard: { header: GUARD, secret: { env: 'GUARD_SECRET' } } } },
  }),
  env: { GUARD_SECRET: SECRET },
  rows: headerRows(format),
  passed: BOUND,
})

/** Nothing but tokens that are bound to a certificate. */
function aloneConfig(world: CaseWorld): LanekeeperConfig {
  const { issuers, routes, publicUrls: _, ...config } = mtlsConfig(world)
  return {
    ...config,
    issuers: { main: { ...issuers['main']!, senderConstraint: 'mtls' } },
    routes: routes.filter(({ path }) => ['/health', '/orders', '/mtls', '/bound'].includes(path)),
  }
}

async function issuerConfig(world: CaseWorld): Promise<LanekeeperConfig> {
  const { client, selfSigned } = await clientCertificates()
  // One in lower case; Cloudflare states them in upper case.
  const [one, other] = [client, selfSigned].map(({ pem }) => toTlsClientAuth(pem)['certIssuerSKI']!)
  return { ...mtlsConfig(world), mtls: { issuerSki: [other!, one!.toLowerCase()] } }
}

export const MTLS_SUITES: readonly SenderSuite[] = [
  {
    name: 'mtls',
    config: mtlsConfig,
    rows: [...TOKEN_ROWS, ...CLOUDFLARE_ROWS, ...API_GATEWAY_ROWS],
    passed: BOUND,
  },
  { name: 'mtls alone', config: aloneConfig, rows: ALONE_ROWS, passed: BOUND },
  {
    name: 'mtls possession',
    config: (world) => ({ ...mtlsConfig(world), mtls: { trust: 'possession' } }),
    rows: POSSESSION_ROWS,
    passed: BOUND,
  },
  {
    name: 'mtls issuerSki',
    config: issuerConfig,
    rows: ISSUER_ROWS,
    passed: BOUND,
    notOn: GATEWAYS,
  },
  ...(['rfc9440', 'pem-urlencoded', 'sha256-hex'] as const).map(headerSuite),
]

export const MTLS_ROWS: readonly SenderRow[] = MTLS_SUITES.flatMap(({ rows }) => rows)
