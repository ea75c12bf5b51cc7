// Makes a request that needs a secret, through a rotation of the secret. If the issuer refuses a value, the secret is
// loaded again once. The result is a problem with our credentials only if both the new version and the one before it
// are refused.

import { isFailure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import type { Secret } from '../secrets/secret.ts'
import type { IntrospectionResult } from './introspection-result.ts'

const isRefused = (result: IntrospectionResult): boolean =>
  'problem' in result && (result.problem === 'credentials_refused' || result.problem === 'unauthorized')

export async function requestWithSecret(
  secret: Secret,
  request: (value: string) => Promise<IntrospectionResult>,
  waitUntil: WaitUntil | undefined,
): Promise<IntrospectionResult> {
  const refused = new Set<string>()
  let values = await secret.values(waitUntil)
  for (let result: IntrospectionResult | null = null; ;) {
    if (isFailure(values)) return { failure: values }
    const value = values.find((one) => !refused.has(one))
    if (value === undefined) return result!
    result = await request(value)
    if (!isRefused(result)) {
      secret.accepted(value)
      return result
    }
    refused.add(value)
    values = await secret.renew(value, waitUntil)
  }
}
