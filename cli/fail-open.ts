// Settings of wrangler.toml (one environment, read as wrangler does) that let a request past the Worker or answer it
// before the Worker runs. The source that would be deployed is searched in fail-open-source.ts. MANUAL_CHECKS lists
// what only the dashboard shows; it is printed every time.
// https://developers.cloudflare.com/workers/cache/, /workers/static-assets/, /workers/configuration/

import type { ResolvedConfig } from '../shared/index.ts'
import { findUncoveredRules, patternsOf, type WranglerSettings } from './route-patterns.ts'

export type { WranglerSettings } from './route-patterns.ts'

interface FailOpenRow {
  readonly setting: string
  readonly why: string
  readonly remedy: string
  readonly found: (settings: WranglerSettings, config: ResolvedConfig | null) => boolean
}

const STRICTLY_PUBLIC = 'global_fetch_strictly_public'

const flagsOf = ({ compatibility_flags: names }: WranglerSettings): readonly unknown[] =>
  Array.isArray(names) ? names : []

const isSameZone = (config: ResolvedConfig | null): boolean => config?.origin?.sameZone === true

/** Whether the setting `cache` exists and is not turned off. */
const isCacheEnabled = (cache: unknown): boolean =>
  cache !== undefined && (cache as { enabled?: unknown } | null)?.enabled !== false

export const FAIL_OPEN_ROWS: readonly FailOpenRow[] = [
  {
    setting: 'cache',
    why: 'a cache in front of the Worker answers before anything is authorized',
    remedy: 'take it out',
    found: ({ cache }) => isCacheEnabled(cache),
  },
  {
    setting: 'exports',
    why: 'an entrypoint has a cache, which answers before anything is authorized',
    remedy: 'take its cache out',
    found: ({ exports }) =>
      Object.values((exports ?? {}) as Record<string, { cache?: unknown }>).some(({ cache }) =>
        isCacheEnabled(cache),
      ),
  },
  {
    setting: 'assets',
    why: 'static assets are served before the Worker runs',
    remedy: 'serve them from a Worker of their own',
    found: ({ assets }) => assets !== undefined,
  },
  {
    setting: 'site',
    why: 'static assets have no place beside an authorizer',
    remedy: 'serve them from a Worker of their own',
    found: ({ site }) => site !== undefined,
  },
  {
    setting: 'workers_dev',
    why: "the workers.dev address has none of the zone's settings",
    remedy: 'set workers_dev = false',
    found: ({ workers_dev: on }) => on !== false,
  },
  {
    setting: 'preview_urls',
    why: 'a preview address serves an old version of the rules',
    remedy: 'set preview_urls = false',
    found: ({ preview_urls: on }) => on === true,
  },
  {
    setting: 'routes: previews_enabled',
    why: 'a preview address serves an old version of the rules',
    remedy: 'take it out',
    found: (settings) => patternsOf(settings).some(({ hasPreviews }) => hasPreviews),
  },
  {
    setting: 'routes: pattern',
    why: 'begins with a scheme: the same request by the other one goes past the Worker',
    remedy: 'leave the scheme out',
    found: (settings) => patternsOf(settings).some(({ hasScheme }) => hasScheme),
  },
  {
    setting: 'routes: pattern',
    why: 'has part of a host only, and origin.sameZone reaches the same host: a path spelled in another way (//a, /%61) goes past the Worker',
    remedy: 'protect the whole host, as in api.example.com/*',
    found: (settings, config) =>
      isSameZone(config) && patternsOf(settings).some(({ coversHost }) => !coversHost),
  },
  {
    setting: `compatibility_flags: ${STRICTLY_PUBLIC}`,
    why: 'is missing: a fetch within the zone would go past Workers and the settings of the zone',
    remedy: 'add it',
    found: (settings, config) => !isSameZone(config) && !flagsOf(settings).includes(STRICTLY_PUBLIC),
  },
  {
    setting: `compatibility_flags: ${STRICTLY_PUBLIC}`,
    why: 'the Worker would call itself, because origin.sameZone is true',
    remedy: 'take it out',
    found: (settings, config) => isSameZone(config) && flagsOf(settings).includes(STRICTLY_PUBLIC),
  },
]

/**
 * Settings that could fail open, as `setting: why; remedy`. `config`: of the stage that is deployed there, or `null` if
 * it does not resolve.
 */
export const findFailOpen = (
  settings: WranglerSettings,
  config: ResolvedConfig | null,
): readonly string[] => [
  ...FAIL_OPEN_ROWS.filter(({ found }) => found(settings, config)).map(
    ({ setting, why, remedy }) => `${setting}: ${why}; ${remedy}`,
  ),
  ...findUncoveredRules(settings, config?.routes ?? []).map(
    (rule) =>
      `routes: no pattern covers ${rule}, so it goes past the Worker; widen a pattern to the whole host`,
  ),
]

/** The problem of an environment with an unknown stage, with which the Worker does not start. */
export function findWrongStage(stage: unknown, stages: readonly string[]): readonly string[] {
  const setting = 'vars: LANEKEEPER_STAGE'
  if (stages.length === 0)
    return stage === undefined || stage === ''
      ? []
      : [`${setting}: is ${JSON.stringify(stage)}, and the configuration has no stages; take it out`]
  if (stages.some((name) => name === stage)) return []
  const problem = stage === undefined ? 'is missing' : `is ${JSON.stringify(stage)}, which is no stage`
  return [`${setting}: ${problem}; the configuration has: ${stages.join(', ')}`]
}

/**
 * The problem of an environment whose `[build]` compiles another stage than the one that it runs, as an environment does
 * that inherits the command of the top level: the Worker does not start.
 */
export function findWrongBuild({ build }: WranglerSettings, stage: unknown): readonly string[] {
  const { command } = (build ?? {}) as { command?: unknown }
  const [, built] = /\blanekeeper\b.*\bbuild\b.*--stage[= ]+([\w-]+)/s.exec(String(command)) ?? []
  if (built === undefined || built === stage) return []
  const running = stage === undefined ? 'is missing' : `is ${JSON.stringify(stage)}`
  return [
    `build: command compiles the stage ${built}, and LANEKEEPER_STAGE ${running}; give the environment a [build] of its own`,
  ]
}

/** What a person has to check, because no file shows it. Printed with every check. */
export const MANUAL_CHECKS: readonly string[] = [
  'that each route fails closed once the daily limit is reached (Workers Routes, request limit failure mode)',
  'that no other route is more specific than those of wrangler.toml, and leads to another Worker or to none',
  'that no cache rule or page rule of the zone caches the answers of the Worker',
  'that the origin cannot be reached without the Worker',
]
