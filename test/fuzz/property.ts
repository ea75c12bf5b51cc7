// A property takes an input from fast-check, sends it through the edges and throws if an invariant is broken. Its
// return values are counted, so that a property which only ever sees refusals is noticed.

import type fc from 'fast-check'
import type { FuzzFixture } from './fixture.ts'

export interface Property<Input = unknown> {
  readonly name: string
  /** The inputs in words, for a person. */
  readonly about: string
  readonly input: fc.Arbitrary<Input>
  check(input: Input, fixture: FuzzFixture): Promise<string>
  /** Outcomes that a run of some length must have. */
  readonly mustSee: readonly string[]
}

/** Hides the input type of a property, so that all properties fit into one list. */
export const property = <Input>(given: Property<Input>): Property => given as unknown as Property
