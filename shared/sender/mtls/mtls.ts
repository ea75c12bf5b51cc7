// Proves that a token is bound to the certificate that the client presented in TLS. RFC 8705 section 3. Compares
// thumbprints and nothing else of the certificate: no name in it, and no chain. The edge, or the proxy before it, has
// verified the chain.

import type { CoreConfig } from '../../config/config.ts'
import { failure, type Failure } from '../../failures/failure.ts'
import type { Parts } from '../../parts/parts.ts'
import type { Ports } from '../../platform/ports.ts'
import type { DecisionContext } from '../../request/decision-context.ts'
import type { ConfirmationMethod } from '../confirmation-method.ts'
import { CLOUDFLARE_RULES, readFacts } from './certificate-facts.ts'

/** @internal Tests replace one at a time. */
export const MTLS_STEPS = {
  readFacts,
  cloudflareRules: CLOUDFLARE_RULES,
  isSameCertificate: (presented: string, bound: string): boolean => presented === bound,
}

/** @internal */
export function createMtls(
  config: CoreConfig,
  ports: Ports,
  { mtlsHeader }: Pick<Parts, 'mtlsHeader'>,
  steps: typeof MTLS_STEPS = MTLS_STEPS,
): ConfirmationMethod {
  const mtls = config.mtls!
  const { header } = mtls
  const readHeader = header === null ? null : mtlsHeader!(header, ports)

  const compare = (presented: string | Failure, bound: string): Failure | null => {
    if (typeof presented !== 'string') return presented
    return steps.isSameCertificate(presented, bound) ? null : failure('client_certificate_mismatch')
  }

  /** What the platform states. Behind a proxy that is about the proxy, whose guard the caller has looked for. */
  function readPlatform({ request, checkTime }: DecisionContext): string | Failure {
    const { clientCertificate, fields } = request
    if (clientCertificate !== undefined)
      return steps.readFacts(clientCertificate, {
        mtls,
        nowSeconds: checkTime,
        sha256: ports.crypto.sha256!,
        cloudflareRules: steps.cloudflareRules,
      })
    const isClaimed = header !== null && (fields?.[header.name] ?? []).length > 0
    return failure('client_certificate_missing', isClaimed ? { problem: 'header_not_guarded' } : undefined)
  }

  return {
    needs: {
      fields: header === null ? [] : [header.name, header.guard.header],
      clientCertificate: true,
    },
    prove(_token, thumbprint, _route, context) {
      if (readHeader === null) return compare(readPlatform(context), thumbprint)
      return readHeader(context).then((read) => compare(read ?? readPlatform(context), thumbprint))
    },
  }
}
