// `routes[].replay`: what a route demands of the check for used proofs. RFC 9449 section 11.1.

import { optional, wordOf } from '../setting.ts'

/** What a route demands of the check for used proofs: `strong`: the store that all instances share is asked. */
export type ReplayDemand = 'strong'

export const ROUTE_REPLAY = optional(wordOf<ReplayDemand>(['strong']))

/** Whether a route asks the store that all instances share. */
export const asksReplayStore = ({
  routes,
}: {
  readonly routes: readonly { readonly replay?: ReplayDemand }[]
}): boolean => routes.some(({ replay }) => replay === 'strong')
