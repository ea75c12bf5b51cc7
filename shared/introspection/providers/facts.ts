// What the configuration needs to know about providers with their own check. The code of the checks is loaded with the
// first lookup (index.ts).

export interface ProviderFacts {
  /** The base URL of the public API. */
  readonly baseUrl: string
  readonly needsSecret: boolean
  /** Whether applications have tokens of their own, without a user. If not, a token that names no user is refused. */
  readonly hasClientTokens: boolean
}

export const PROVIDER_FACTS = {
  github: { baseUrl: 'https://api.github.com', needsSecret: true, hasClientTokens: false },
  google: { baseUrl: 'https://oauth2.googleapis.com', needsSecret: false, hasClientTokens: false },
  facebook: { baseUrl: 'https://graph.facebook.com/v23.0', needsSecret: true, hasClientTokens: false },
  gitlab: { baseUrl: 'https://gitlab.com', needsSecret: false, hasClientTokens: true },
} as const satisfies Readonly<Record<string, ProviderFacts>>

export type Provider = keyof typeof PROVIDER_FACTS
