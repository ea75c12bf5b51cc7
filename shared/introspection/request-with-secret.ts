// Asking with a secret, through a rotation: what the issuer refuses is loaded again once, and then both the new
// version and the one before it are tried before the operator is told that our credentials are wrong.

import { isFailure } from '../failures/failure.ts'
import type { WaitUntil } from '../platform/ports.ts'
import type { Secret } from '../secrets/secret.ts'
import type { Asked } from './introspection-result.ts'

const isRefused = (asked: Asked): boolean =>
  'problem' in asked && (asked.problem === 'credentials_refused' || asked.problem === 'unauthorized')

export async function askWithSecret(
  secret: Secret,
  ask: (value: string) => Promise<Asked>,
  waitUntil: WaitUntil | undefined,
): Promise<Asked> {
  const refused = new Set<string>()
  let values = await secret.values(waitUntil)
  for (let answer: Asked | null = null; ;) {
    if (isFailure(values)) return { failure: values }
    const value = values.find((one) => !refused.has(one))
    if (value === undefined) return answer!
    answer = await ask(value)
    if (!isRefused(answer)) {
      secret.accepted(value)
      return answer
    }
    refused.add(value)
    values = await secret.renew(value, waitUntil)
  }
}
