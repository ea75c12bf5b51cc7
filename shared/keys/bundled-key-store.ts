// The keys of an issuer that `lanekeeper build` has put into the plan. They answer until the first fetch of the instance
// settles; then, or once they are too old, the store of published keys answers alone. A token that they do not verify
// causes that fetch before it is refused, and nothing lasts longer because they verified it: they give no lease.

import type { CoreConfig } from '../config/config.ts'
import type { PlannedKey } from '../plan/plan.ts'
import type { Ports, VerificationKey, WaitUntil } from '../platform/ports.ts'
import { decodeBase64url } from '../token/base64url.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { planBundled, type Bundled } from './freshness.ts'
import { keyFetchMs, type PublicKeyIssuer } from './key-endpoint.ts'
import type { UsableKey } from './key-set.ts'
import type { KeyStore } from './key-store.ts'
import { selectKey, type FoundKeys, type KeyRequest } from './select-key.ts'

/** The store with the bundled keys of an issuer in front of it; `undefined` where the issuer has none. */
export type WithBundledKeys = (
  store: KeyStore,
  issuer: PublicKeyIssuer,
  config: CoreConfig,
  ports: Ports,
) => KeyStore | undefined

/** For the shared cache and for the scheduler, beside the fetch itself. */
const SPARE_MS = 1_000

export const withBundledKeys: WithBundledKeys = (store, { name, keys }, { bundledKeys = {} }, ports) => {
  const { bundledMaxAgeMs: maxAgeMs } = keys
  const planned = Object.hasOwn(bundledKeys, name) ? bundledKeys[name] : undefined
  if (maxAgeMs === undefined || planned === undefined) return undefined
  const { crypto, isFrozenAfterAnswer = false } = ports
  const policy = { isFrozenAfterAnswer, settleMs: keyFetchMs(keys) + SPARE_MS }
  /** Each key is imported once: a cached token is good while its key is the same object. */
  const imported = new Map<string, VerificationKey>()
  let state: Bundled | null = { fetchedAt: planned.fetchedAt, maxAgeMs, usedAt: null }

  async function importKey(key: PlannedKey, algorithm: SignatureAlgorithm): Promise<UsableKey> {
    const id = `${algorithm} ${key.spki}`
    const verifier =
      imported.get(id) ??
      (await (crypto.importSpki?.(decodeBase64url(key.spki), algorithm) ??
        crypto.importKey(JSON.parse(key.material), algorithm)))
    if (!imported.has(id)) imported.set(id, verifier)
    return { ...key, verifiers: new Map([[algorithm, imported.get(id)!]]) }
  }

  /** The bundled keys for a token; `null` where the published keys have to decide. */
  async function select(request: KeyRequest): Promise<FoundKeys | null> {
    const { kid, algorithm } = request
    const fitting = planned!.keys.filter(
      (key) => (kid === null || key.kid === kid) && key.algorithms.includes(algorithm),
    )
    try {
      const usable = await Promise.all(fitting.map((key) => importKey(key, algorithm)))
      const choice = selectKey({ keys: usable, refused: [], byText: new Map() }, request)
      return 'keys' in choice ? { keys: choice.keys, lease: null, isBundled: true } : null
    } catch {
      return null
    }
  }

  /** Loads the published keys behind the answer. `waitUntil` gets all of it as one piece of work. */
  function fetchBehind(waitUntil: WaitUntil | undefined): void {
    const started: Promise<unknown>[] = []
    const loaded = store.prepare!((work, joining) => {
      if (joining === undefined) started.push(work)
    })
    const whole = loaded.catch(() => {}).then(() => Promise.allSettled(started))
    waitUntil?.(whole)
  }

  return {
    find(request, waitUntil, nowMs) {
      if (state === null || store.hasSettled!()) {
        state = null
        return store.find(request, waitUntil, nowMs)
      }
      const [plan, next] = planBundled(state, policy, nowMs ?? ports.now())
      state = next
      if (plan === 'over') return store.find(request, waitUntil, nowMs)
      if (plan === 'use_and_fetch') fetchBehind(waitUntil)
      return select(request).then((found) =>
        found === null || store.hasSettled!() ? store.find(request, waitUntil) : found,
      )
    },
    // With a `kid`, the published keys are the newer ones, as old as they may be.
    findNewer: async (tried, request, waitUntil) =>
      request.kid === null ? store.findNewer(tried, request, waitUntil) : store.find(request, waitUntil),
    retryAfterSeconds: store.retryAfterSeconds,
  }
}
