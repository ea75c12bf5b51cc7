// What init asks for: the option, the question, and how an answer is read.

import { APIS, AWS_TOOLS, type Api, type AwsTool, type Origin } from './answers.ts'
import { findIssuerProblem } from './issuer.ts'
import { findProvider, PROVIDERS, type Provider } from './providers.ts'

/** A value, or why a text is none. */
export type Read<Value> = { readonly value: Value } | { readonly problem: string }

export interface Question<Value> {
  readonly option: string
  /** Behind the option, where it is missing. */
  readonly hint: string
  readonly text: string
  /** What an empty answer means, and a missing option unless that `isRequired`. */
  readonly standard?: string
  readonly isRequired?: true
  readonly read: (text: string) => Read<Value>
}

const oneOf =
  <Value extends string>(names: readonly Value[]) =>
  (text: string): Read<Value> =>
    names.includes(text as Value)
      ? { value: text as Value }
      : { problem: `is ${names.slice(0, -1).join(', ')} or ${names.at(-1)}` }

const words = (text: string): Read<readonly string[]> => {
  const value = text.split(/[\s,]+/).filter((word) => word !== '')
  return value.length === 0 ? { problem: 'is empty' } : { value }
}

const EDGES = ['cloudflare', 'aws', 'both'] as const

export const EDGE: Question<(typeof EDGES)[number]> = {
  option: '--edge',
  hint: 'cloudflare, aws or both',
  text: 'Where is your API: behind cloudflare, aws (API Gateway), or both?',
  read: oneOf(EDGES),
}

export const TOOL: Question<AwsTool> = {
  option: '--tool',
  hint: 'for aws: osls, cdk or sam',
  text: 'Which tool deploys to AWS: osls, cdk or sam?',
  read: oneOf(AWS_TOOLS),
}

export const API: Question<Api> = {
  option: '--api',
  hint: 'http, rest or websocket',
  text: 'Which kind of API: http, rest or websocket?',
  standard: 'http',
  read: oneOf(APIS),
}

export const PROVIDER: Question<Provider> = {
  option: '--provider',
  hint: PROVIDERS.join(', '),
  text: `Who issues the access tokens? One of ${PROVIDERS.join(', ')}; rfc9068 for any other that follows it.`,
  read: (name) => {
    const value = findProvider(name)
    return typeof value === 'string' ? { problem: value } : { value }
  },
}

export const issuerQuestion = (provider: Provider | undefined): Question<string> => ({
  option: '--issuer',
  hint: 'the URL of the issuer',
  text: `The URL of the issuer (as in ${provider?.exampleIssuer ?? 'https://login.example.com'}):`,
  read: (text) => {
    const problem = findIssuerProblem(text)
    return problem === null ? { value: text } : { problem }
  },
})

export const audienceQuestion = (provider: Provider | undefined): Question<readonly string[]> => ({
  option: '--audience',
  hint: 'what `aud` of its access tokens has for your API',
  text: `The audience: ${provider?.audience ?? 'the identifier of your API'}:`,
  read: words,
})

export const CLIENTS: Question<readonly string[]> = {
  option: '--client',
  hint: 'for cognito: the ID of each app client that may call (or --audience, with resource binding)',
  text: 'The IDs of the app clients that may call:',
  read: words,
}

export const ORIGIN: Question<Origin> = {
  option: '--origin',
  hint: 'for cloudflare: the URL that the Worker sends requests to, or "sample"',
  text: 'The URL of the origin behind the Worker, or "sample" for a small Worker that answers:',
  standard: 'sample',
  isRequired: true,
  read: (text) => {
    if (text === 'sample') return { value: text }
    if (!URL.canParse(text)) return { problem: 'is a URL, or "sample"' }
    return { value: { url: text } }
  },
}
