// What happens to the authorization server, and when, as data. Lengths are minutes of the fast clock, because the
// policy under test counts in minutes; faults that only a real timeout ends get real seconds in addition.

import type { LieName } from './lies.ts'

/** Which keys the authorization server publishes, by the names of the wallet. */
export type Publication = 'first' | 'added' | 'removed' | 'replaced' | 'in another order'

export interface Phase {
  readonly name: string
  readonly minutes: number
  readonly realSeconds: number
  readonly publishes: Publication
  /** `down`: killed with SIGKILL when the phase begins. The next phase that is `up` begins with a new process. */
  readonly server: 'up' | 'down'
  /** The wrong answer that the proxy gives to key fetches. */
  readonly lie?: LieName
  /** Bursts of tokens with random unknown kids. */
  readonly bursts: boolean
  /** Not part of a short run, so that its clock need not run too fast for the processes to follow. */
  readonly longOnly?: boolean
}

const phase = (name: string, minutes: number, more: Partial<Phase> = {}): Phase => ({
  name,
  minutes,
  realSeconds: 0,
  publishes: 'in another order',
  server: 'up',
  bursts: true,
  ...more,
})

const lie = (name: LieName, minutes = 1.5, realSeconds = 0, more: Partial<Phase> = {}): Phase =>
  phase(name, minutes, { lie: name, realSeconds, ...more })

const LONG_ONLY = { longOnly: true } as const

const ALL_PHASES: readonly Phase[] = [
  // Without unknown kids, so that the keys age undisturbed and are refreshed in the background.
  phase('steady', 12, { publishes: 'first', bursts: false }),
  phase('key added', 3, { publishes: 'added' }),
  phase('key removed', 3, { publishes: 'removed' }),
  phase('all keys replaced', 3, { publishes: 'replaced' }),
  lie('slowed', 3, 1, { publishes: 'replaced', longOnly: true }),
  phase('killed for 24 min', 24, { server: 'down', longOnly: true }),
  phase('restarted', 3),
  // Lies that an edge refuses: it goes on with its keys.
  lie('status 500'),
  lie('HTML with 200', 1.5, 0, LONG_ONLY),
  lie('302 elsewhere', 1.5, 0, LONG_ONLY),
  lie('cut off', 1.5, 0, LONG_ONLY),
  lie('10 MB', 1.5, 0, LONG_ONLY),
  lie('empty set'),
  lie('metadata of another issuer', 1.5, 0, LONG_ONLY),
  lie('jwks_uri elsewhere', 1.5, 0, LONG_ONLY),
  // Lies that an edge accepts as far as the standards allow.
  lie('null entry'),
  lie('duplicate kid'),
  lie('private key in the set', 1.5, 0, LONG_ONLY),
  lie("another server's keys"),
  phase('honest in between', 4),
  lie('hang', 0, 2.5, LONG_ONLY),
  lie('slow drip', 0, 2.5, LONG_ONLY),
  phase('honest again', 3, LONG_ONLY),
  phase('killed for 64 min', 64, { server: 'down' }),
  phase('restarted again', 4, { publishes: 'replaced' }),
]

/** From this length on, a run has every phase and must reach every age of the keys. */
export const LONG_SECONDS = 60

export const phasesFor = (seconds: number): readonly Phase[] =>
  seconds >= LONG_SECONDS ? ALL_PHASES : ALL_PHASES.filter(({ longOnly }) => longOnly !== true)

/** How many times as fast as real time the clock must run for all phases to fit into the seconds given. */
export function speedFor(phases: readonly Phase[], seconds: number): number {
  const minutes = phases.reduce((sum, { minutes }) => sum + minutes, 0)
  const real = phases.reduce((sum, { realSeconds }) => sum + realSeconds, 0)
  return (minutes * 60) / (seconds - real)
}

/** Real milliseconds that a phase lasts. */
export const durationMs = ({ minutes, realSeconds }: Phase, speed: number): number =>
  (minutes * 60_000) / speed + realSeconds * 1000

/**
 * The most documents that one instance may fetch from the issuer in so many seconds of its clock. An attempt fetches
 * two documents. Attempts are 30 seconds apart once the back-off has doubled to that (1, 2, 4, 8, 16, 30...) and after
 * every success, an unknown kid included: five more at first, and one each for the edges of the phase and its first
 * attempt.
 */
export const fetchBound = (seconds: number): number => 2 * (8 + Math.ceil(seconds / 30))
