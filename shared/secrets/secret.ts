// One secret as the core uses it: loaded on first use, cached for a stated time, and loaded again once when the issuer
// refuses it. A rotation needs no restart: the new version is loaded, and the one before it stays usable while the
// issuer still accepts that. A secret that cannot be loaded is a failure, never a default.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { GivenPorts, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight, gaveUp } from '../platform/single-flight.ts'
import { SECRET_TIMES } from './secret-times.ts'
import { kindOfSecret, readSecret, type SecretProblem, type SecretRef, type SecretUse } from './secret-ref.ts'

export interface Secret {
  /** The values to try, the likeliest first: the current one and, after a rotation, the one before it. */
  values(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /**
   * Loads again because the issuer refused `value`, unless another value is current, or that was done within
   * `renewalMs`. Returns the values to try.
   */
  renew(value: string, waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /**
   * The values that may verify a signature. A value that was replaced verifies nothing later than `usableMs` after it
   * was last loaded. `values` has no such limit: there the issuer decides which value it accepts.
   */
  trusted(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /**
   * As `trusted`, for a token that no value verified: loads again first, unless it just did. A failure if the last load
   * failed, because a newer value may exist.
   */
  renewed(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /** The issuer accepted this value: it is tried first until the next load. */
  accepted(value: string): void
}

type Loaded = { readonly value: string } | { readonly problem: SecretProblem }

/** `name`: path of the secret in the configuration, for reports. */
export function createSecret(
  name: string,
  ref: SecretRef,
  use: SecretUse,
  ports: Pick<GivenPorts, 'now' | 'report' | 'secrets'>,
): Secret {
  const flight = createSingleFlight<void>(SECRET_TIMES.loadMs + 500)
  let current: string | null = null
  let previous: string | null = null
  let previousLoadedAt = Number.NEGATIVE_INFINITY
  let preferred: string | null = null
  let loadedAt = Number.NEGATIVE_INFINITY
  let attemptedAt = Number.NEGATIVE_INFINITY
  let renewedAt = Number.NEGATIVE_INFINITY
  let failing = false
  let problem: SecretProblem = 'missing'

  async function loadOnce(): Promise<Loaded> {
    if (ports.secrets === undefined) return { problem: 'no_source' }
    try {
      const raw = await Promise.race([ports.secrets(ref), gaveUp(SECRET_TIMES.loadMs).then(() => TIMED_OUT)])
      return raw === TIMED_OUT ? { problem: 'timeout' } : readSecret(raw, ref, use)
    } catch {
      return { problem: 'load_failed' }
    }
  }

  async function load(): Promise<void> {
    const loaded = await loadOnce()
    attemptedAt = ports.now()
    failing = 'problem' in loaded
    if ('problem' in loaded) problem = loaded.problem
    else {
      preferred = null
      if (loaded.value !== current) {
        previous = current
        previousLoadedAt = loadedAt
        current = loaded.value
      }
      loadedAt = attemptedAt
    }
    ports.report({
      event: 'secret',
      outcome: 'problem' in loaded ? 'failed' : 'loaded',
      secret: name,
      code: 'problem' in loaded ? loaded.problem : 'ok',
    })
  }

  /** False for times in the future: after a clock was set back, everything is due again. */
  const isRecent = (since: number, ms: number): boolean => {
    const age = ports.now() - since
    return age >= 0 && age < ms
  }

  const unavailable = (): Failure => failure('secret_unavailable', { secret: kindOfSecret(ref), problem })

  async function keepFresh(waitUntil: WaitUntil | undefined): Promise<void> {
    if (!isRecent(loadedAt, SECRET_TIMES.freshMs) && !isRecent(attemptedAt, SECRET_TIMES.retryMs))
      await flight.run('', load, waitUntil)
  }

  function usable(): readonly string[] | Failure {
    if (current === null || !isRecent(loadedAt, SECRET_TIMES.usableMs)) return unavailable()
    const values = [current, ...(previous === null ? [] : [previous])]
    return preferred === null ? values : [preferred, ...values.filter((value) => value !== preferred)]
  }

  function trusted(): readonly string[] | Failure {
    const values = usable()
    if (isFailure(values) || isRecent(previousLoadedAt, SECRET_TIMES.usableMs)) return values
    return values.filter((value) => value === current)
  }

  return {
    async values(waitUntil) {
      await keepFresh(waitUntil)
      return usable()
    },
    async trusted(waitUntil) {
      await keepFresh(waitUntil)
      return trusted()
    },
    async renewed(waitUntil) {
      const pause = failing ? SECRET_TIMES.retryMs : SECRET_TIMES.missMs
      if (!isRecent(attemptedAt, pause)) await flight.run('', load, waitUntil)
      return failing ? unavailable() : trusted()
    },
    async renew(value, waitUntil) {
      const isCurrent = current === value
      if (isCurrent && !isRecent(renewedAt, SECRET_TIMES.renewalMs)) {
        await flight.run('', load, waitUntil)
        renewedAt = attemptedAt
      }
      return usable()
    },
    accepted(value) {
      preferred = value === current ? null : value
    },
  }
}

const TIMED_OUT = Symbol('timed out')
