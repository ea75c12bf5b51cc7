// Key sets for an instance that Lambda initialises ahead of requests (provisioned concurrency). Lambda waits for the
// module of the handler (top-level await) and freezes the instance then: a fetch that nobody awaits would time out when
// the first request thaws it. On demand, the fetch would take as long during the start as with the first request, which
// perhaps needs no keys, so nothing is done.

import { REQUEST_MS, type Authorizer } from '../../shared/edge.ts'
import type { LambdaConfig } from './answer.ts'

/**
 * Fetches the keys if this instance is provisioned, and waits no longer than `REQUEST_MS`: longer than a fetch takes,
 * and less than the 10 seconds that a start may take. Never rejects.
 */
export async function prefetchKeys(
  authorizer: Pick<Authorizer<LambdaConfig>, 'prefetchKeys'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (env['AWS_LAMBDA_INITIALIZATION_TYPE'] !== 'provisioned-concurrency') return
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, REQUEST_MS)
  })
  await Promise.race([authorizer.prefetchKeys().catch(() => {}), late])
  clearTimeout(timer)
}
