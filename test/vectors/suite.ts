// The shape of a suite of third-party vectors: cases, the ruling of its makers about each, and a function that gives
// our verdicts. The suite's README explains the ruling; each departure from it is stated for its case.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VectorWorld } from './world.ts'

/** `either`: any verdict is right, if all places give the same and none fails. */
export type Ruling = 'accept' | 'refuse' | 'either'

/** The verdict of one place: an edge, or the signature stage in a runtime. */
export interface Verdict {
  readonly where: string
  readonly accepted: boolean
  /** HTTP status, or its equivalent on API Gateway; absent at the signature stage. */
  readonly status?: number
  /** The reason, for the person who reads a wrong verdict. */
  readonly code: string
}

export interface VectorCase {
  readonly id: string
  /** The verdict that this project must give. */
  readonly expect: Ruling
  /** Why that is not the ruling of the data. Stated before the case runs, and never in favour of an accept. */
  readonly departure?: string
  /** Status of the refusal, if it has one; 503: the issuer is at fault and not the caller. */
  readonly status?: number
  readonly run: () => Promise<readonly Verdict[]>
}

/** Cases of one suite that are tested in the same way. */
export interface Part {
  readonly name: string
  readonly cases: readonly VectorCase[]
  /** Number of cases in the data for features that are not built yet. */
  readonly notBuilt?: number
}

export interface Suite {
  /** Name of its folder. */
  readonly folder: string
  /** Reads the data in `directory` and runs nothing yet. Throws if the data is not as expected. */
  readonly parts: (directory: string, world: VectorWorld) => readonly Part[]
}

/** The ruling of the data, unless a departure turns it into a refusal. */
export const ruled = (
  ruling: Ruling,
  departure: string | null = null,
): Pick<VectorCase, 'expect' | 'departure'> =>
  ruling === 'accept' && departure !== null ? { expect: 'refuse', departure } : { expect: ruling }

export const readData = <Data>(directory: string, ...path: readonly string[]): Data =>
  JSON.parse(readFileSync(join(directory, ...path), 'utf8')) as Data
