// Fills the slots of a plan when an edge starts: takes the values of `${env:NAME}` from its environment, checks them
// and derives what depends on them. The checks and their sentences are those of a configuration that is resolved at
// once. Issuers and resources have files of their own, because an artefact carries only what its slots need.

import type { CoreConfig } from '../config/config.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { ConfigProblem } from './config-error.ts'
import type { Variables } from './environment.ts'
import type { PlannedConfig } from './plan.ts'
import type { AddProblem } from './values/checks.ts'
import type { IssuerTemplate } from './values/issuers.ts'
import { deriveOrigin, type OriginTemplate } from './values/origin.ts'
import { checkHasOrigin, derivePublicUrls } from './values/public-urls.ts'
import { substitute } from './values/substitute.ts'

/** The sections of a plan that are derived at start, as they are written. */
export interface SlotContent {
  readonly issuers?: readonly IssuerTemplate[]
  readonly resources?: readonly JsonObject[]
  readonly origin?: OriginTemplate
  readonly publicUrls?: unknown
}

/** `config`: without the sections that have slots. Adds to `problems`. */
export type FillSlots = (
  config: PlannedConfig,
  slots: SlotContent,
  env: Variables,
  problems: ConfigProblem[],
) => PlannedConfig

/** Replaces the placeholders in a section. `path`: of the section. */
export type ValuesOf = <Given>(given: Given, path: string) => Given

/** The sections whose code only some artefacts with slots have. */
export interface SectionFillers {
  readonly issuers?: (
    templates: readonly IssuerTemplate[],
    valuesOf: ValuesOf,
    addProblem: AddProblem,
  ) => CoreConfig['issuers']
  readonly resources?: (
    config: PlannedConfig,
    given: readonly JsonObject[],
    valuesOf: ValuesOf,
    addProblem: AddProblem,
  ) => PlannedConfig
}

/** Fills `origin`, `publicUrls` and the given sections. A section with slots and without its code throws. */
export const createFillSlots =
  (fillers: SectionFillers = {}): FillSlots =>
  (config, { issuers, resources, origin, publicUrls }, env, problems) => {
    const addProblem: AddProblem = (path, message, variable) =>
      void problems.push({ path, message, ...(variable === undefined ? {} : { variable }) })
    const valuesOf: ValuesOf = <Given>(given: Given, path: string) =>
      substitute(given, env, path, addProblem) as Given
    const filled = {
      ...config,
      ...(issuers && { issuers: fillers.issuers!(issuers, valuesOf, addProblem) }),
      ...(origin && {
        origin: deriveOrigin({ ...origin, given: valuesOf(origin.given, 'origin') }, addProblem),
      }),
      ...(publicUrls !== undefined && {
        publicUrls: derivePublicUrls(valuesOf(publicUrls, 'publicUrls'), addProblem),
      }),
    }
    // Only the plan of the Worker has an origin.
    if (publicUrls !== undefined && 'origin' in filled) checkHasOrigin(filled.publicUrls, addProblem)
    return resources === undefined ? filled : fillers.resources!(filled, resources, valuesOf, addProblem)
  }
