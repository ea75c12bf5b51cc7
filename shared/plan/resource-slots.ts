// Fills the slots of resources, and assigns resources to routes: RFC 9728.

import type { SectionFillers } from './slots.ts'
import { checkPublished } from './values/published.ts'
import { assignResources, checkAudiences, checkPaths, deriveResource } from './values/resources.ts'

export const fillResources: NonNullable<SectionFillers['resources']> = (
  config,
  given,
  valuesOf,
  addProblem,
) => {
  const issuers = [...config.issuers.values()]
  const resources = valuesOf(given, 'resources').map((resource, index) =>
    deriveResource(resource, `resources[${index}]`, issuers, addProblem),
  )
  checkAudiences(resources, issuers, addProblem)
  checkPaths(resources, addProblem)
  checkPublished(config.routes, { ...config, resources }, addProblem)
  return { ...config, resources, routes: assignResources(config.routes, resources) }
}
