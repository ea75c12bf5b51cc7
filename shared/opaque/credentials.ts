// Asking with a secret, through a rotation: what the issuer refuses is loaded again once, and then both the new
// version and the one before it are tried before the operator is told that our credentials are wrong.

import { isFailure } from '../failure.ts'
import type { WaitUntil } from '../ports.ts'
import type { Secret } from '../secrets/secret.ts'
import type { Asked } from './asked.ts'

const isRefused = (asked: Asked): boolean => 'problem' in asked && asked.problem === 'credentials_refused'

export async function askWithSecret(
  secret: Secret,
  ask: (value: string) => Promise<Asked>,
  waitUntil: WaitUntil | undefined,
): Promise<Asked> {
  const values = await secret.values(waitUntil)
  if (isFailure(values)) return { failure: values }
  const first = values[0]!
  const answer = await ask(first)
  if (!isRefused(answer)) return answer
  const renewed = await secret.renew(first, waitUntil)
  if (isFailure(renewed)) return { failure: renewed }
  for (const value of renewed) {
    if (value === first) continue
    const again = await ask(value)
    if (isRefused(again)) continue
    secret.accepted(value)
    return again
  }
  return answer
}
