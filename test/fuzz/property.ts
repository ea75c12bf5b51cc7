// A property takes an input that fast-check made up, puts it through the edges and throws where an invariant does
// not hold. What it returns is counted, so that a property which only ever sees refusals is noticed.

import type fc from 'fast-check'
import type { FuzzFixture } from './fixture.ts'

export interface Property<Input = unknown> {
  readonly name: string
  /** Which inputs come about, for a person. */
  readonly about: string
  readonly input: fc.Arbitrary<Input>
  check(input: Input, fixture: FuzzFixture): Promise<string>
  /** Outcomes that have to be seen in a run of some length. */
  readonly mustSee: readonly string[]
}

/** Types a property by its own input and forgets it again, so that properties can stand in one list. */
export const property = <Input>(given: Property<Input>): Property => given as unknown as Property
