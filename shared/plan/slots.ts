// Fills the slots of a plan when an edge starts: takes the values of `${env:NAME}` from its environment, checks them and
// derives what depends on them. The checks and their sentences are those of a configuration that is resolved at once.

import type { CoreConfig } from '../config/config.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { AddProblem } from './values/checks.ts'
import { deriveIssuer, toIssuerMap, type IssuerTemplate } from './values/issuers.ts'
import { deriveOrigin, type OriginTemplate } from './values/origin.ts'
import { derivePublicUrls } from './values/public-urls.ts'
import { checkPublished } from './values/published.ts'
import { assignResources, checkAudiences, checkPaths, deriveResource } from './values/resources.ts'
import { substitute } from './values/substitute.ts'
import type { ConfigProblem } from './config-error.ts'
import type { Variables } from './environment.ts'
import type { PlannedConfig } from './plan.ts'

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

export const fillSlots: FillSlots = (config, slots, env, problems) => {
  const addProblem: AddProblem = (path, message, variable) =>
    void problems.push({ path, message, ...(variable === undefined ? {} : { variable }) })
  const valuesOf = <Given>(given: Given, path: string) => substitute(given, env, path, addProblem) as Given

  function fillIssuers(templates: readonly IssuerTemplate[]): CoreConfig['issuers'] {
    const issuers = templates.flatMap((template) =>
      deriveIssuer(
        { ...template, given: valuesOf(template.given, `issuers.${template.structure.name}`) },
        addProblem,
      ),
    )
    return toIssuerMap(issuers, addProblem)
  }

  function fillResources(
    given: readonly JsonObject[],
    byIss: CoreConfig['issuers'],
  ): CoreConfig['resources'] {
    const issuers = [...byIss.values()]
    const resources = valuesOf(given, 'resources').map((resource, index) =>
      deriveResource(resource, `resources[${index}]`, issuers, addProblem),
    )
    checkAudiences(resources, issuers, addProblem)
    checkPaths(resources, addProblem)
    return resources
  }

  const issuers = slots.issuers === undefined ? config.issuers : fillIssuers(slots.issuers)
  const resources = slots.resources === undefined ? config.resources : fillResources(slots.resources, issuers)
  const filled = {
    ...config,
    issuers,
    resources,
    ...(slots.origin && {
      origin: deriveOrigin({ ...slots.origin, given: valuesOf(slots.origin.given, 'origin') }, addProblem),
    }),
    ...(slots.publicUrls !== undefined && {
      publicUrls: derivePublicUrls(valuesOf(slots.publicUrls, 'publicUrls'), addProblem),
    }),
  }
  if (slots.resources === undefined) return filled
  checkPublished(filled.routes, filled, addProblem)
  return { ...filled, routes: assignResources(filled.routes, resources) }
}
