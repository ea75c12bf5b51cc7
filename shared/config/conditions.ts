// The shape of what a route may demand beside scopes. What it must satisfy stands in condition-checks.ts.

/** A text, number or boolean that a claim must be. */
export type ClaimValue = string | number | boolean

/** What a claim must be, compared exactly. A list or an object equals nothing. */
export type ClaimCondition =
  | { readonly equals: ClaimValue; readonly oneOf?: never }
  | { readonly oneOf: readonly ClaimValue[]; readonly equals?: never }

export interface ResolvedConditions {
  /** `null`: every client. */
  readonly clients: ReadonlySet<string> | null
  /** Claim -> the values it may have. */
  readonly claims: ReadonlyMap<string, ReadonlySet<ClaimValue>>
  /** Types that must all be in `authorization_details`. */
  readonly authorizationDetails: readonly string[]
  /** One of these must be `acr`; empty: any. */
  readonly acr: readonly string[]
  readonly maxAgeSeconds: number | null
}
