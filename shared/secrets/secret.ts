// One secret as the core uses it: loaded when it is first needed, kept for a stated time, and loaded again
// once when the issuer refuses it. Rotation needs no restart: the new version is picked up, and the one before
// it stays usable while the issuer still wants that. What cannot be loaded is a failure, never a default.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { GivenPorts, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight, gaveUp } from '../platform/single-flight.ts'
import { kindOfSecret, readSecret, type SecretProblem, type SecretRef, type SecretUse } from './secret-ref.ts'

/** All in milliseconds. */
export const SECRET_TIMES = {
  /** Used without loading it again. */
  freshMs: 5 * 60_000,
  /** Used this long if it cannot be loaded again. */
  usableMs: 60 * 60_000,
  /** A refused secret is loaded again at most this often. */
  renewalMs: 10_000,
  /** One that does not verify a token, or does not have its key, is loaded again at most this often. */
  missMs: 30_000,
  /** Pause after a load that failed. */
  retryMs: 5_000,
  /** One load. */
  loadMs: 3_000,
} as const

export interface Secret {
  /** The values to try, the likeliest first: the current one and, after a rotation, the one before it. */
  values(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /** Loads again because the issuer refused `value`, unless that has just been done. Then the values again. */
  renew(value: string, waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /**
   * The values that may have made what is to be verified. Unlike one that we show to somebody, one that was replaced
   * counts no longer than `usableMs` after it was last loaded.
   */
  trusted(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /** The same after a miss: loaded again, unless that was just done. A failure where that failed: nobody knows then. */
  renewed(waitUntil?: WaitUntil): Promise<readonly string[] | Failure>
  /** The issuer took this value: it is tried first until the next load. */
  accepted(value: string): void
}

type Loaded = { readonly value: string } | { readonly problem: SecretProblem }

/** `name`: path of the secret in the configuration, for reports. */
export function createSecret(name: string, ref: SecretRef, use: SecretUse, ports: GivenPorts): Secret {
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

  /** A clock that was set back makes everything due again. */
  const within = (since: number, ms: number): boolean => {
    const age = ports.now() - since
    return age >= 0 && age < ms
  }

  const unavailable = (): Failure => failure('secret_unavailable', { secret: kindOfSecret(ref), problem })

  async function keepFresh(waitUntil: WaitUntil | undefined): Promise<void> {
    if (!within(loadedAt, SECRET_TIMES.freshMs) && !within(attemptedAt, SECRET_TIMES.retryMs))
      await flight.run('', load, waitUntil)
  }

  function held(): readonly string[] | Failure {
    if (current === null || !within(loadedAt, SECRET_TIMES.usableMs)) return unavailable()
    const values = [current, ...(previous === null ? [] : [previous])]
    return preferred === null ? values : [preferred, ...values.filter((value) => value !== preferred)]
  }

  function trusted(): readonly string[] | Failure {
    const values = held()
    if (isFailure(values) || within(previousLoadedAt, SECRET_TIMES.usableMs)) return values
    return values.filter((value) => value === current)
  }

  return {
    async values(waitUntil) {
      await keepFresh(waitUntil)
      return held()
    },
    async trusted(waitUntil) {
      await keepFresh(waitUntil)
      return trusted()
    },
    async renewed(waitUntil) {
      const pause = failing ? SECRET_TIMES.retryMs : SECRET_TIMES.missMs
      if (!within(attemptedAt, pause)) await flight.run('', load, waitUntil)
      return failing ? unavailable() : trusted()
    },
    async renew(value, waitUntil) {
      const isCurrent = current === value
      if (isCurrent && !within(renewedAt, SECRET_TIMES.renewalMs)) {
        await flight.run('', load, waitUntil)
        renewedAt = attemptedAt
      }
      return held()
    },
    accepted(value) {
      preferred = value === current ? null : value
    },
  }
}

const TIMED_OUT = Symbol('timed out')
