// The rules of the configuration as routes of an API: one for each method.

import type { RouteRule } from '../../shared/index.ts'

export interface ApiEvent {
  readonly method: string
  readonly path: string
  readonly isPublic: boolean
}

export const toEvents = (routes: readonly RouteRule[]): readonly ApiEvent[] =>
  routes.flatMap(({ path, methods, public: isPublic }) =>
    methods.map((method) => ({ method, path, isPublic: isPublic === true })),
  )
