// The sections of the configuration that one edge reads and the core does not: types, defaults and checks.

import type { AddProblem, JsonObject } from '../checks.ts'
import { ASSERTION_DEFAULTS } from './assertion.ts'
import { AWS, AWS_DEFAULTS, type AwsConfig, type ResolvedAws } from './aws.ts'
import { CORS, CORS_DEFAULTS, type CorsConfig, type ResolvedCors } from './cors.ts'
import { DIAGNOSTICS, type DiagnosticsConfig, type ResolvedDiagnostics } from './diagnostics.ts'
import { ORIGIN, ORIGIN_DEFAULTS, type OriginConfig, type ResolvedOrigin } from './origin.ts'
import type { CheckedSettings, EdgeEnvironment, Section } from './section.ts'
import { SERVER_TIMING, SERVER_TIMING_DEFAULTS } from './server-timing.ts'

/** The settings that one edge reads and the others do not. */
export interface EdgeConfig {
  /** CORS, for the Worker. Default: no CORS headers, and `OPTIONS` is a method like any other. */
  readonly cors?: CorsConfig
  /** Adds a `Server-Timing` header to responses of the Worker. Default false. */
  readonly serverTiming?: boolean
  /** To whom a response of the Worker says which configuration answered. Default: to nobody. */
  readonly diagnostics?: DiagnosticsConfig
  /** Where the Worker sends allowed requests. The Worker needs it; other edges ignore it. */
  readonly origin?: OriginConfig
  /** Settings of the Lambda authorizers. Default: those of `AwsAuthorizerConfig`. */
  readonly aws?: AwsConfig
}

/** The sections that a stage may replace, each as a whole. */
export const STAGED_SECTION_NAMES = [
  'origin',
  'aws',
  'cors',
  'diagnostics',
] as const satisfies readonly (keyof EdgeConfig)[]

export type StagedEdgeConfig = Pick<EdgeConfig, (typeof STAGED_SECTION_NAMES)[number]>

/** `EdgeConfig` with every default filled in; `null`: not configured. */
export interface ResolvedEdgeConfig {
  readonly cors: ResolvedCors | null
  readonly serverTiming: boolean
  readonly diagnostics: ResolvedDiagnostics | null
  readonly origin: ResolvedOrigin | null
  readonly aws: ResolvedAws
}

type SectionName = keyof ResolvedEdgeConfig

const SECTIONS: { readonly [Name in SectionName]: Section<ResolvedEdgeConfig[Name]> } = {
  origin: ORIGIN,
  aws: AWS,
  cors: CORS,
  serverTiming: SERVER_TIMING,
  diagnostics: DIAGNOSTICS,
}

export const EDGE_DEFAULTS = {
  ...AWS_DEFAULTS,
  ...ORIGIN_DEFAULTS,
  ...ASSERTION_DEFAULTS,
  headers: CORS_DEFAULTS.headers,
  ...SERVER_TIMING_DEFAULTS,
} as const

export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[]

export const checkSections = (
  given: JsonObject,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedEdgeConfig =>
  Object.fromEntries(
    SECTION_NAMES.map((name) => [name, SECTIONS[name].check(given[name], environment, addProblem)]),
  ) as unknown as ResolvedEdgeConfig

/** Checks each section against the rest of the configuration. */
export function checkSectionsTogether(
  config: CheckedSettings & ResolvedEdgeConfig,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): void {
  const checkOne = <Name extends SectionName>(name: Name) =>
    SECTIONS[name].checkTogether?.(config[name], config, environment, addProblem)
  for (const name of SECTION_NAMES) checkOne(name)
}
