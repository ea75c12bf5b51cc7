// What a suite of third-party vectors is, whoever made it: cases, what the makers' rule says about each, and
// how to ask our code. The rule stands in the suite's README; how we differ from it is stated case by case.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VectorWorld } from './world.ts'

/** `either`: any verdict is right, as long as every place gives the same and none fails. */
export type Ruling = 'accept' | 'refuse' | 'either'

/** What came out in one place. */
export interface Verdict {
  readonly where: string
  readonly accepted: boolean
  /** HTTP status, or what stands for it on API Gateway; absent where nothing of the kind is said. */
  readonly status?: number
  /** Why, for the person who reads a wrong verdict. */
  readonly code: string
}

export interface VectorCase {
  readonly id: string
  /** What has to come out here. */
  readonly expect: Ruling
  /** Why that is not what the data says. Stated before the case is run, and never in favour of an accept. */
  readonly departure?: string
  /** Status of the refusal, where there is one to name; 503: the issuer is at fault and not the caller. */
  readonly status?: number
  readonly ask: () => Promise<readonly Verdict[]>
}

/** Cases of one suite that are put to the same question. */
export interface Part {
  readonly name: string
  readonly cases: readonly VectorCase[]
  /** Cases of the data that ask for what is not built yet. */
  readonly notBuilt?: number
}

export interface Suite {
  /** Name of its folder. */
  readonly folder: string
  /** Reads the data in `directory`; asks nothing yet. Throws where it is not as expected. */
  readonly parts: (directory: string, world: VectorWorld) => readonly Part[]
}

/** The data's ruling, unless a departure turns it into a refusal. */
export const ruled = (
  ruling: Ruling,
  departure: string | null = null,
): Pick<VectorCase, 'expect' | 'departure'> =>
  ruling === 'accept' && departure !== null ? { expect: 'refuse', departure } : { expect: ruling }

export const readData = <Data>(directory: string, ...path: readonly string[]): Data =>
  JSON.parse(readFileSync(join(directory, ...path), 'utf8')) as Data
