// Fills the slots of issuers: every accepted `iss` and what is derived from it.

import type { SectionFillers } from './slots.ts'
import { deriveIssuer, toIssuerMap } from './values/issuers.ts'

export const fillIssuers: NonNullable<SectionFillers['issuers']> = (templates, valuesOf, addProblem) =>
  toIssuerMap(
    templates.flatMap(({ given, structure, candidates }) =>
      deriveIssuer(
        { given: valuesOf(given, `issuers.${structure.name}`), structure, candidates },
        addProblem,
      ),
    ),
    addProblem,
  )
