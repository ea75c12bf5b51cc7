// Compiles a configuration: resolves one stage for one edge, and writes it as a plan. `lanekeeper build` does it before
// a deployment; `createWorker` and `createHandler` do it when they start.

import { sha256 } from '@noble/hashes/sha2.js'
import { encode as toBase64url } from 'jose/base64url'
import type { Json } from '../plan/decode.ts'
import { nameOfRoute, USUAL_ROUTE, type PlannedRoute } from '../plan/fill.ts'
import {
  PLAN_VERSION,
  type EdgeName,
  type Plan,
  type PlannedBinding,
  type PlannedSecret,
} from '../plan/plan.ts'
import type { SlotContent } from '../plan/slots.ts'
import type { CoreConfig, LanekeeperConfig, ResolvedConfig, ResolvedRoute } from './config.ts'
import { SECTION_NAMES, type ResolvedEdgeConfig } from './edges/index.ts'
import { encode } from './encode.ts'
import { createOpenSettings, type OpenSetting, type OpenSettings } from './open-settings.ts'
import { toPlannedIssuers } from './planned-issuer.ts'
import { partsOf, type UsedPart } from './parts-of.ts'
import { resolveConfig, type ConfigEnvironment } from './resolve.ts'

/** What an edge needs of a configuration. */
export interface EdgeCompiler<Derived extends object = object> {
  readonly name: EdgeName
  /** The checks that the edge asks for. */
  readonly environment: ConfigEnvironment
  /** The sections that it reads. */
  readonly sections: readonly (keyof ResolvedEdgeConfig)[]
  /**
   * For an edge that decides about no request: all that its plan has of the configuration, and the section with the
   * secrets and bindings that it needs. None of its settings may be open: `compile` refuses them. Default: the edge
   * needs everything that a decision needs.
   */
  readonly only?: { readonly below: string; toPlanned(config: ResolvedConfig): object }
  /**
   * What it derives from the configuration besides, and its own parts.
   *
   * @throws {ConfigError} if the edge cannot do what the configuration says.
   */
  compile(
    config: ResolvedConfig,
    environment: ConfigEnvironment,
    secrets: readonly PlannedSecret[],
  ): { readonly derived: Derived; readonly parts: readonly UsedPart[] }
}

/** A configuration that was compiled for an edge. */
export interface Compiled<Derived extends object = object> {
  readonly config: ResolvedConfig
  readonly plan: Plan
  /** What the edge derived from the configuration. It is in the plan, too. */
  readonly derived: Derived
  /** The parts that the plan uses. */
  readonly parts: readonly UsedPart[]
  /** Settings whose values a build has left to the environment of the edge. In `config` they have placeholders. */
  readonly open: readonly OpenSetting[]
}

const CORE_MEMBERS = [
  'issuers',
  'routes',
  'resources',
  'identity',
  'revocation',
  'dpop',
  'mtls',
  'publicUrls',
  'log',
  'realm',
  'reportOnly',
  'limits',
] as const satisfies readonly (keyof CoreConfig)[]

/** Leaves out what `fill` adds. */
function toPlannedRoute(route: ResolvedRoute): PlannedRoute {
  const usual: Partial<ResolvedRoute> = { ...USUAL_ROUTE, name: nameOfRoute(route) }
  return Object.fromEntries(
    Object.entries(route).filter(
      ([name, value]) =>
        value !== usual[name as keyof ResolvedRoute] && !(name === 'resources' && value.length === 0),
    ),
  ) as unknown as PlannedRoute
}

const once = (parts: readonly UsedPart[]): readonly UsedPart[] =>
  parts.filter(({ name }, index) => parts.findIndex((other) => other.name === name) === index)

const HASH_BYTES = 9

const hashOf = (content: object): string =>
  toBase64url(sha256(new TextEncoder().encode(JSON.stringify(content))).subarray(0, HASH_BYTES))

interface PlanContent {
  readonly edge: EdgeName | null
  readonly stage: string
  readonly secrets: readonly PlannedSecret[]
  readonly bindings: readonly PlannedBinding[]
  readonly config: object
}

function toPlan({ edge, stage, secrets, bindings, config }: PlanContent): Plan {
  const encoded: { readonly config: Json; readonly shared: readonly Json[] } = encode(config)
  const hash = hashOf({ edge, stage, ...encoded })
  return { version: PLAN_VERSION, hash, edge, stage, secrets, bindings, ...encoded }
}

/** Leaves out what is not configured, so that a feature changes no plan of those who do not use it. */
const configured = (settings: object): object =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null))

/** The sections that are derived when the edge starts. Resources are derived from issuers. */
function slotsOf(open: OpenSettings, members: readonly (keyof ResolvedConfig)[]): SlotContent | null {
  const { issuers, resources, origin, publicUrls } = open.content
  const slots = {
    ...(open.isOpen('issuers') && { issuers }),
    ...((open.isOpen('issuers') || open.isOpen('resources')) && resources && { resources }),
    ...(open.isOpen('origin') && members.includes('origin') && { origin }),
    ...(open.isOpen('publicUrls') && { publicUrls }),
  } as SlotContent
  return Object.keys(slots).length === 0 ? null : slots
}

/** `aws.caches` is for the command line. */
function withoutCaches({ caches: _, ...aws }: ResolvedConfig['aws']): ResolvedConfig['aws'] {
  return aws
}

function pick(config: ResolvedConfig, members: readonly (keyof ResolvedConfig)[]): object {
  const planned = { ...config, aws: withoutCaches(config.aws) }
  return configured(Object.fromEntries(members.map((name) => [name, planned[name]])))
}

const toPlannedConfig = (
  config: ResolvedConfig,
  members: readonly (keyof ResolvedConfig)[],
  slots: SlotContent | null = null,
): object => ({
  ...pick(
    config,
    members.filter((name) => slots === null || !(name in slots)),
  ),
  ...(slots?.issuers === undefined
    ? { issuers: toPlannedIssuers(config.issuers, config.revocation != null) }
    : {}),
  routes: config.routes
    .map((route) => (slots?.resources === undefined ? route : { ...route, resources: [] }))
    .map(toPlannedRoute),
  ...(slots === null ? {} : { slots }),
})

const sectionOf = (path: string): string => /^\w+/.exec(path)?.[0] ?? ''

/** For an edge that decides about no request. */
const contentOnly = (
  { below, toPlanned }: NonNullable<EdgeCompiler['only']>,
  config: ResolvedConfig,
  { secrets, bindings }: Pick<PlanContent, 'secrets' | 'bindings'>,
): Omit<PlanContent, 'edge' | 'stage'> => ({
  secrets: secrets.filter(({ path }) => path.startsWith(below)),
  bindings: bindings.filter(({ path }) => path.startsWith(below)),
  config: { ...toPlanned(config), routes: [] },
})

/**
 * Compiles a stage for an edge. `environment.later` decides what is checked: with it the secrets and bindings are noted
 * in the plan and not looked for, and a variable that is missing leaves its setting open.
 *
 * @throws {ConfigError} with every problem and its path.
 */
export function compileFor<Derived extends object>(
  edge: EdgeCompiler<Derived>,
  given: LanekeeperConfig,
  environment: Pick<ConfigEnvironment, 'stage' | 'env' | 'authorizer' | 'secretKinds' | 'fitsContext'>,
  isBuild = false,
): Compiled<Derived> {
  const secrets: PlannedSecret[] = []
  const bindings: PlannedBinding[] = []
  const open = createOpenSettings()
  const later = {
    open,
    secret: (secret: PlannedSecret) => void secrets.push(secret),
    binding: (binding: PlannedBinding) => void bindings.push(binding),
  }
  const wanted = { ...edge.environment, ...environment, ...(isBuild ? { later } : {}) }
  const config = resolveConfig(given, wanted)
  const { derived, parts } = edge.compile(config, wanted, secrets)
  const members = [...CORE_MEMBERS, ...edge.sections]
  const { only } = edge
  const slots = only === undefined ? slotsOf(open, members) : null
  const left = open.settings.filter(({ path }) => slots !== null && sectionOf(path) in slots)
  const content =
    only === undefined
      ? {
          secrets,
          bindings,
          config: { ...toPlannedConfig(config, members, slots), ...configured(derived) },
        }
      : contentOnly(only, config, { secrets, bindings })
  const [named] = [...content.secrets, ...content.bindings]
  const ofEnvironment = named === undefined ? [] : [{ name: 'environment', because: named.path }]
  return {
    config,
    plan: toPlan({ edge: edge.name, stage: environment.stage ?? '', ...content }),
    derived,
    parts: once([...(only === undefined ? partsOf(config, left) : []), ...ofEnvironment, ...parts]),
    open: left,
  }
}

/** The plan of a resolved configuration for no edge in particular. */
export const planOf = (config: ResolvedConfig, stage = ''): Plan =>
  toPlan({
    edge: null,
    stage,
    secrets: [],
    bindings: [],
    config: toPlannedConfig(config, [...CORE_MEMBERS, ...SECTION_NAMES]),
  })
