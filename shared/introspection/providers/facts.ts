// What the configuration has to know of the providers that have a check of their own. How each is asked is loaded with the
// first question (index.ts).

export interface ProviderFacts {
  /** Of the public API. */
  readonly baseUrl: string
  readonly needsSecret: boolean
  /** Whether applications have tokens of their own, for no user. Elsewhere a token that names no user is nobody's. */
  readonly hasClientTokens: boolean
}

export const PROVIDER_FACTS = {
  github: { baseUrl: 'https://api.github.com', needsSecret: true, hasClientTokens: false },
  google: { baseUrl: 'https://oauth2.googleapis.com', needsSecret: false, hasClientTokens: false },
  facebook: { baseUrl: 'https://graph.facebook.com/v23.0', needsSecret: true, hasClientTokens: false },
  gitlab: { baseUrl: 'https://gitlab.com', needsSecret: false, hasClientTokens: true },
} as const satisfies Readonly<Record<string, ProviderFacts>>

export type Provider = keyof typeof PROVIDER_FACTS
